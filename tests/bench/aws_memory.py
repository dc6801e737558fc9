#!/usr/bin/env python3
"""Memory of an alarm in the daemon itself: its resident bytes with many alarms, less those with few, by alarm and beyond
the specs' text. The account is served by a process of its own.

    tests/bench/aws_memory.py BUILD [FEW MANY]      2000 10000; BUILD has holdfast and holdfast-sandbox

The resident bytes are those two minutes after everything is as declared: by then what the first look at everything
took has been given back.
"""
import http.client
import json
import os
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


def put_alarms(port, alarms):
    """As the specs have them, so that nothing is ever written."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    for number in range(alarms):
        body = {"AlarmName": f"alarm-{number}", "Namespace": "AWS/ELB", "MetricName": "Latency",
                "Dimensions": [{"Name": "LoadBalancerName", "Value": f"lb-{number}"}], "Statistic": "Average",
                "Period": 300, "EvaluationPeriods": 2, "Threshold": 1,
                "ComparisonOperator": "GreaterThanOrEqualToThreshold",
                "AlarmActions": ["arn:aws:sns:us-east-1:123456789012:ops"]}
        now = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
        scope = f"AKIDSANDBOX/{now[:8]}/us-east-1/monitoring/aws4_request"
        connection.request("POST", "/", json.dumps(body), {
            "Content-Type": "application/x-amz-json-1.0", "X-Amz-Date": now,
            "X-Amz-Target": "GraniteServiceVersion20100801.PutMetricAlarm",
            "Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=00"})
        answer = connection.getresponse()
        if answer.read() and answer.status != 200:
            sys.exit(f"PutMetricAlarm: {answer.status}")


def wait_for(port):
    for _ in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    sys.exit("the account does not answer")


def spec(number):
    return f"""---
apiVersion: holdfast/v1
kind: CloudWatchAlarm
metadata: {{name: alarm-{number}}}
policy: {{mode: act, interval: 30s}}
spec:
  region: us-east-1
  name: alarm-{number}
  namespace: AWS/ELB
  metric: Latency
  dimensions: {{LoadBalancerName: lb-{number}}}
  statistic: Average
  period: 5m
  evaluationPeriods: 2
  threshold: 1
  comparison: GreaterThanOrEqualToThreshold
  actions: {{alarm: [{{arn: "arn:aws:sns:us-east-1:123456789012:ops"}}]}}
"""


def resident(pid):
    return int(pathlib.Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE")


def measure(build, alarms):
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="holdfast-bench-") as name:
        folder = pathlib.Path(name)
        (folder / "specs").mkdir()
        text = 0
        for first in range(0, alarms, 100):
            body = "".join(spec(i) for i in range(first, min(alarms, first + 100)))
            text += len(body)
            (folder / "specs" / f"alarms-{first}.yaml").write_text(body)
        (folder / "account.yaml").write_text(f'account:\n  listen: "127.0.0.1:{port}"\n  rates: none\n')
        env = dict(os.environ, AWS_ENDPOINT_URL=f"http://127.0.0.1:{port}", AWS_ACCESS_KEY_ID="AKIDSANDBOX",
                   AWS_SECRET_ACCESS_KEY="any")
        server = subprocess.Popen([build / "holdfast-sandbox", "serve", folder / "account.yaml"],
                                  stdout=subprocess.DEVNULL)
        daemon = None
        try:
            wait_for(port)
            put_alarms(port, alarms)
            daemon = subprocess.Popen([build / "holdfast", "run", "--specs", folder / "specs", "--state", folder / "state",
                                       "--socket", folder / "socket", "--listen", ""], env=env,
                                      stdout=subprocess.DEVNULL, stderr=(folder / "log").open("w"))
            while daemon.poll() is None and not (folder / "socket").exists():
                time.sleep(0.1)
            ask = [build / "holdfast", "wait", "--all", "--timeout", "10m", "--socket", folder / "socket"]
            if subprocess.run(ask, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode != 0:
                sys.exit((folder / "log").read_text()[-2000:])
            time.sleep(120)
            if "performing" in (folder / "log").read_text():
                sys.exit("something was written")
            return resident(daemon.pid), text
        finally:
            for process in (daemon, server):
                if process is not None and process.poll() is None:
                    process.terminate()
                    process.wait()


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    few, many = (int(sys.argv[2]), int(sys.argv[3])) if len(sys.argv) > 3 else (2_000, 10_000)
    low, low_text = measure(build, few)
    high, high_text = measure(build, many)
    print(f"{few} alarms: {low / 1e6:.1f} MB resident; {many}: {high / 1e6:.1f} MB")
    print(f"an alarm: {(high - low - (high_text - low_text)) / (many - few):.0f} bytes beyond its text "
          f"({(high_text - low_text) / (many - few):.0f})")


main()
