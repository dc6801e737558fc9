#!/usr/bin/env python3
"""Memory of an alarm in the daemon itself: its resident bytes with many alarms, less those with few, by alarm and beyond
the specs' text. The account is served by a process of its own.

    tests/bench/aws_memory.py BUILD [FEW MANY]      1000 10000; BUILD has holdfast and holdfast-sandbox
"""
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import time

SECONDS_TO_SETTLE = 600


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def alarm(number):
    return (f"    - {{name: alarm-{number}, namespace: AWS/ELB, metric: Latency, dimensions: {{LoadBalancerName: "
            f"lb-{number}}}, threshold: 1, actions: [\"arn:aws:sns:us-east-1:123456789012:ops\"]}}\n")


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
        (folder / "account.yaml").write_text(f'account:\n  listen: "127.0.0.1:{port}"\n  rates: none\n  alarms:\n' +
                                            "".join(alarm(i) for i in range(alarms)))
        env = dict(os.environ, AWS_ENDPOINT_URL=f"http://127.0.0.1:{port}", AWS_ACCESS_KEY_ID="AKIDSANDBOX",
                   AWS_SECRET_ACCESS_KEY="any")
        server = subprocess.Popen([build / "holdfast-sandbox", "serve", folder / "account.yaml"],
                                  stdout=subprocess.DEVNULL)
        daemon = None
        try:
            daemon = subprocess.Popen([build / "holdfast", "run", "--specs", folder / "specs", "--state", folder / "state",
                                       "--socket", folder / "socket", "--listen", ""], env=env,
                                      stdout=subprocess.DEVNULL, stderr=(folder / "log").open("w"))
            seen, end = [], time.time() + SECONDS_TO_SETTLE
            while time.time() < end and (len(seen) < 4 or max(seen[-4:]) - min(seen[-4:]) > 0.01 * seen[-1]):
                time.sleep(20)
                if daemon.poll() is not None:
                    sys.exit((folder / "log").read_text()[-2000:])
                seen.append(resident(daemon.pid))
            return seen[-1], text
        finally:
            for process in (daemon, server):
                if process is not None and process.poll() is None:
                    process.terminate()
                    process.wait()


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    few, many = (int(sys.argv[2]), int(sys.argv[3])) if len(sys.argv) > 3 else (1_000, 10_000)
    low, low_text = measure(build, few)
    high, high_text = measure(build, many)
    print(f"{few} alarms: {low / 1e6:.1f} MB resident; {many}: {high / 1e6:.1f} MB")
    print(f"an alarm: {(high - low - (high_text - low_text)) / (many - few):.0f} bytes beyond its text "
          f"({(high_text - low_text) / (many - few):.0f})")


main()
