#!/usr/bin/env python3
"""CPU of a table: sweeps and descriptions by holdfast's own code against a describe_table loop of boto3, both of the
same tables on the same server, which is a process of its own.

    tests/bench/aws_tables_against.py BUILD [TABLES]      10,000 tables; BUILD has aws_tables_bench, holdfast-sandbox

boto3 is taken from the python that runs this; where it has none, the comparison is left out and said so.
"""
import json
import pathlib
import socket
import subprocess
import sys
import tempfile
import time


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def scenario(address, tables):
    names = "".join(f"    - {{name: table-{100_000 + i}}}\n" for i in range(tables))
    return f'account:\n  listen: "{address}"\n  rates: none\n  tables:\n{names}'


def wait_for(port, server):
    for _ in range(600):
        if server.poll() is not None:
            sys.exit("the server has ended")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    sys.exit("the server does not answer")


def boto3_us(url, tables):
    try:
        import boto3
    except ImportError:
        return None
    client = boto3.client("dynamodb", endpoint_url=url, region_name="us-east-1",
                          aws_access_key_id="AKIDSANDBOX", aws_secret_access_key="any")
    client.describe_table(TableName="table-100000")  # its models are loaded
    began = time.process_time()
    for i in range(tables):
        client.describe_table(TableName=f"table-{100_000 + i}")
    return (time.process_time() - began) / tables * 1e6


def main():
    build, tables = pathlib.Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 10_000
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="holdfast-bench-") as directory:
        file = pathlib.Path(directory) / "account.yaml"
        file.write_text(scenario(f"127.0.0.1:{port}", tables))
        server = subprocess.Popen([build / "holdfast-sandbox", "serve", file], stdout=subprocess.DEVNULL)
        try:
            wait_for(port, server)
            url = f"http://127.0.0.1:{port}"
            said = subprocess.run([build / "aws_tables_bench", url, str(tables)], check=True,
                                  capture_output=True, text=True).stdout
            ours = json.loads(said)
            print(f"a sweep of {tables} tables: {ours['sweep_us']:.1f} us CPU a table "
                  f"({ours['worst_sweep_us']:.1f} the worst of ten)")
            print(f"a description:  {ours['describe_us']:.1f} us CPU")
            theirs = boto3_us(url, tables)
            if theirs is None:
                print("boto3 is not installed: not compared")
            else:
                print(f"the same by boto3: {theirs:.1f} us CPU, {theirs / ours['describe_us']:.1f} times as much")
        finally:
            server.terminate()
            server.wait()


main()
