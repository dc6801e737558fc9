#!/usr/bin/env python3
"""Does the five things of the quick start itself and checks that each went as it should, in the right order.

Usage: try.py REPOSITORY DIRECTORY BINARY real|sandbox    (called by ./quickstart --try)
"""
import datetime
import http.client
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import time
import xmlrpc.client

REPOSITORY, DIRECTORY, BINARY, DAEMONS = sys.argv[1:5]
SPECS = pathlib.Path(DIRECTORY, "specs")
STACK = "ServiceStack/quickstart"
WORKERS = [f"web:web_127.0.0.{n}" for n in (31, 32, 33)]
UP_ORDER = [["redis"], WORKERS, ["nginx"]]


class UnixTransport(xmlrpc.client.Transport):
    def make_connection(self, _):
        class Connection(http.client.HTTPConnection):
            def connect(self):
                self.sock = socket.socket(socket.AF_UNIX)
                self.sock.connect(f"{DIRECTORY}/supervisor.sock")
        return Connection("localhost")


def supervisor():
    return xmlrpc.client.ServerProxy("http://localhost/RPC2", transport=UnixTransport()).supervisor


def process(name):
    return supervisor().getProcessInfo(name)


def signal_to(name, number):
    """What kill -STOP and kill -9 do to a process; simulated ones have no number that kill knows."""
    if DAEMONS == "real":
        os.kill(process(name)["pid"], number)
        return
    verb = {signal.SIGSTOP: "hang", signal.SIGKILL: "kill"}[number]
    subprocess.run([f"{BINARY}-sandbox", "ctl", "--socket", f"{DIRECTORY}/sandbox.sock", verb, name], check=True, stdout=subprocess.DEVNULL)


def holdfast(*words, allowed=(0,)):
    run = subprocess.run([BINARY, *words], capture_output=True, text=True)
    if run.returncode not in allowed:
        raise Failed(f"holdfast {' '.join(words)} ended with {run.returncode}: {run.stdout}{run.stderr}")
    return run.stdout


class Failed(Exception):
    pass


def resource(name=STACK):
    rows = json.loads(holdfast("status", name, "-o", "json", allowed=(0, 3)))["resources"]
    return rows[0]


def condition(name, kind="Ready"):
    return next(c for c in resource(name)["conditions"] if c["type"] == kind)


def history(since):
    """Entries of the stack after this id, oldest first."""
    entries = json.loads(holdfast("history", STACK, "-o", "json"))["entries"]
    return sorted((e for e in entries if e["id"] > since), key=lambda e: e["id"])


def last_id():
    return max([e["id"] for e in json.loads(holdfast("history", STACK, "-o", "json"))["entries"]], default=0)


def until(what, test, seconds=60):
    end = time.monotonic() + seconds
    seen = None
    while time.monotonic() < end:
        try:
            seen = test()
        except (OSError, Failed, StopIteration, json.JSONDecodeError) as error:
            seen = error
        else:
            if seen:
                return seen
        time.sleep(0.2)
    raise Failed(f"waited {seconds} s for: {what}\n{holdfast('why', STACK, allowed=(0, 1, 3, 4, 7))}")


def all_ready():
    return all(condition(name)["status"] == "True" for name in (STACK, "ServiceStack/bell"))


def settled():
    return all_ready() and condition(STACK, "Reconciling")["status"] == "False"


def expect(truth, sentence):
    if not truth:
        raise Failed(sentence)
    print(f"    ok: {sentence}")


def now(seconds=0):
    return (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")


def put(name, text):
    """Whole or not at all, as an editor should save."""
    new = SPECS / f".{name}.new"
    new.write_text(text)
    os.replace(new, SPECS / name)


def restore(name="site.yaml"):
    put(name, pathlib.Path(REPOSITORY, "examples/quickstart/specs", name).read_text())


def a_zombie():
    print("(a) a zombie: Redis is frozen, and still accepts connections")
    before, mark = {w: process(w)["start"] for w in WORKERS + ["nginx"]}, last_id()
    old = process("redis")
    signal_to("redis", signal.SIGSTOP)
    socket.create_connection(("127.0.0.1", 7639), timeout=1).close()
    until("a new Redis that answers", lambda: process("redis")["statename"] == "RUNNING" and process("redis")["pid"] != old["pid"] and settled(), 90)
    entries = history(mark)
    verbs = [e["action"] for e in entries if "redis" in (e.get("target") or e["line"])]
    print("      " + ", ".join(f"{e['action']} {e.get('target', '')} ({e['outcome']})" for e in entries))
    expect(verbs and "start" in verbs[-1], "it ended with a start of Redis, after what ended the frozen one")
    expect(any("stop" in v or "kill" in v for v in verbs[:-1]), "the frozen one was ended before")
    expect(all(process(w)["start"] == s for w, s in before.items()), "the workers and nginx above were left alone")
    expect(any("witness" in (e["why"] or "").lower() or "zombie" in (e["why"] or "").lower() for e in entries), "history says why")


def b_murder():
    print("(b) the controller is murdered in the middle of an ordered restart")
    mark = last_id()
    before = {w: process(w)["start"] for w in WORKERS}
    template = pathlib.Path(REPOSITORY, "examples/quickstart/restart-web.yaml.in").read_text()
    time.sleep(1.1)  # the workers were started before this second
    put("restart.yaml", template.replace("@NOW@", now()))
    until("the first worker being restarted", lambda: any("stop" in e["action"] for e in history(mark)), 30)
    pid = int(pathlib.Path(DIRECTORY, "holdfast.pid").read_text())
    os.kill(pid, signal.SIGKILL)
    time.sleep(1)
    subprocess.run([f"{REPOSITORY}/quickstart"], check=True, stdout=subprocess.DEVNULL)
    until("the operation to succeed", lambda: condition("Operation/restart-web")["reason"] == "Succeeded", 90)
    until("all ready", settled)
    entries = history(mark)
    for worker in WORKERS:
        host = worker.rsplit("_", 1)[1]
        stops = [e for e in entries if "stop" in e["action"] and e.get("target") == f"web@{host}" and e["outcome"] != "refused"]
        expect(len(stops) == 1 and process(worker)["start"] != before[worker], f"web@{host} was restarted once")
    expect(process("nginx")["statename"] == "RUNNING", "nginx above was left running")
    (SPECS / "restart.yaml").unlink()


def c_wheel():
    print("(c) a person stops a worker by hand")
    worker = WORKERS[1]
    mark = last_id()
    supervisor().stopProcess(worker)
    wait = until("the hold on the board", lambda: next((w for w in resource()["waitingOn"] if w["on"] == "hold"), None), 20)
    print(f"      {wait['name']}: {wait['detail']} (since {wait['since']}, until {wait['until']})")
    expect(wait["until"] and wait["since"], "it is held with its age and its end")
    expect(not [e for e in history(mark) if "start" in e["action"]], "nobody started it again at once")
    expect(condition(STACK)["status"] == "True", "the stack is Ready meanwhile: a majority of the workers serves")
    until("the worker to be started after the hold", lambda: process(worker)["statename"] == "RUNNING" and settled(), 60)
    expect(any("start" in e["action"] for e in history(mark)), "after the hold it was released and started")


def stop_times():
    return {n: process(n)["stop"] for layer in UP_ORDER for n in layer}


def start_times():
    return {n: process(n)["start"] for layer in UP_ORDER for n in layer}


def ordered(times, layers):
    return all(max(times[n] for n in lower) <= min(times[n] for n in upper) for lower, upper in zip(layers, layers[1:]))


def d_outage():
    print("(d) a planned outage")
    text = pathlib.Path(REPOSITORY, "examples/quickstart/specs/site.yaml").read_text()
    end = now(30)
    put("site.yaml", text.replace("  state: up\n", f"  state: down\n  downtime: {{reason: \"try it\", until: \"{end}\"}}\n"))
    names = [n for layer in UP_ORDER for n in layer]
    until("everything to be down", lambda: all(process(n)["pid"] == 0 for n in names), 40)
    expect(ordered(stop_times(), UP_ORDER[::-1]), "it went down from the top: nginx, workers, Redis")
    expect(now() < end, f"before the outage's end at {end}")
    until("everything to be up again by itself", lambda: all(process(n)["pid"] != 0 for n in names) and condition(STACK)["status"] == "True", 90)
    expect(ordered(start_times(), UP_ORDER), "it came up from the bottom: Redis, workers, nginx")
    expect(now() >= end, "not before the outage's end")
    restore()
    until("all ready", settled)
    # And once more, reversed in the middle by an edit.
    put("site.yaml", text.replace("  state: up\n", f"  state: down\n  downtime: {{reason: \"try it\", until: \"{now(300)}\"}}\n"))
    redis = process("redis")["start"]
    until("nginx to be down", lambda: process("nginx")["pid"] == 0, 30)
    restore()
    until("all ready", settled, 90)
    expect(process("redis")["start"] == redis or process("redis")["statename"] == "RUNNING", "an edit in the middle reversed it from where it stood")


def e_nonsense():
    print("(e) nonsense in the spec")
    text = pathlib.Path(REPOSITORY, "examples/quickstart/specs/site.yaml").read_text()
    put("site.yaml", text.replace("majority", "majorty"))
    said = holdfast("validate", str(SPECS), allowed=(1,))
    expect("^" in said and "majority" in said and "site.yaml:" in said, "validate shows file, line, caret and what was meant")
    until("the resource to say that its file is broken", lambda: next((w for w in resource()["waitingOn"] if w["on"] == "spec"), None), 20)
    signal_to("bell", signal.SIGKILL)
    until("the other stack to go on", lambda: process("bell")["statename"] == "RUNNING", 40)
    expect(True, "the other stack's worker was killed and healed meanwhile")
    signal_to(WORKERS[0], signal.SIGKILL)
    until("the last good version to stay in force", lambda: process(WORKERS[0])["statename"] == "RUNNING", 40)
    expect(True, "the last good version stays in force: its worker was healed too")
    restore()
    until("all ready", lambda: settled() and not [w for w in resource()["waitingOn"] if w["on"] == "spec"], 40)


def main():
    try:
        until("all ready", settled, 90)
        for step in (a_zombie, b_murder, c_wheel, d_outage, e_nonsense):
            step()
    except (Failed, subprocess.CalledProcessError) as failure:
        print(f"  FAILED: {failure}", file=sys.stderr)
        return 1
    finally:
        restore()
    print("All five went as they should." if DAEMONS == "real" else "All five went as they should, with simulated daemons.")
    return 0


sys.exit(main())
