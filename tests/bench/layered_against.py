#!/usr/bin/env python3
"""Layers of programs under one real supervisord, up and down: `holdfast run` against layered_script.py.

    tests/bench/layered_against.py HOLDFAST [LAYERS] [PROGRAMS]       10 layers of 100 programs

Both do the same to the same supervisord in the same run, in turns. holdfast's time begins when the spec with the
other `state` is renamed into place and ends when the last program says so, seen by one cheap read of the last
layer's programs. Its calls are counted by the proxy that it speaks through.
"""
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import xmlrpc.client

import layered_script

ROUNDS = 2
POLL = 0.2
DEADLINE = 300


def supervisord(folder, layers, programs):
    text = (f"[unix_http_server]\nfile={folder}/s.sock\nchmod=0700\n[supervisord]\nlogfile={folder}/s.log\nloglevel=warn\n"
            f"pidfile={folder}/s.pid\nchildlogdir={folder}\nminfds=8192\nnocleanup=true\n[rpcinterface:supervisor]\n"
            "supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface\n")
    for layer in range(layers):
        for number in range(programs):
            text += (f"[program:{layer}_{number:03d}]\ncommand=/bin/sleep 35001\nautostart=false\nautorestart=false\n"
                     "startsecs=0\nstdout_logfile=NONE\nstderr_logfile=NONE\n")
    (folder / "s.conf").write_text(text)
    with open(folder / "supervisord.out", "wb") as out:
        return subprocess.Popen([shutil.which("supervisord"), "-n", "-c", str(folder / "s.conf")], stdout=out,
                                stderr=out, start_new_session=True)


class Proxy(threading.Thread):
    """Passes bytes on and counts what is asked."""

    def __init__(self, listen, to):
        super().__init__(daemon=True)
        self.to, self.asked = str(to), []
        self.server = socket.socket(socket.AF_UNIX)
        self.server.bind(str(listen))
        self.server.listen(64)

    def run(self):
        while True:
            one, _ = self.server.accept()
            other = socket.socket(socket.AF_UNIX)
            other.connect(self.to)
            threading.Thread(target=self.copy, args=(one, other, True), daemon=True).start()
            threading.Thread(target=self.copy, args=(other, one, False), daemon=True).start()

    def copy(self, source, to, count):
        try:
            while data := source.recv(1 << 16):
                if count:
                    for _ in re.finditer(rb"POST ", data):
                        self.asked.append(time.monotonic())
                to.sendall(data)
            to.shutdown(socket.SHUT_WR)
        except OSError:
            pass


def spec(path, layers, programs, state):
    text = ("apiVersion: holdfast/v1\nkind: ServiceStack\nmetadata: {name: bench}\npolicy: {mode: act, interval: 30s}\nspec:\n"
            + ("  state: down\n  indefinite: true\n  reason: measured\n" if state == "down" else "") + "  layers:\n")
    for layer in range(layers):
        text += f"    - name: layer-{layer}\n      services:\n"
        for number in range(programs):
            text += (f"        - {{name: p{layer}-{number}, settle: 0s, onManualStop: heal, control: {{supervisord: {{socket: {path.parent.parent}/p.sock, "
                     f"program: \"{layer}_{number:03d}\"}}}}}}\n")
    new = path.with_name(".new")
    new.write_text(text)
    os.rename(new, path)


def wait_for(folder, layer, programs, wanted):
    """Until the last layer is there; seconds from now. One program is asked about until it is: supervisord does one thing at a time."""
    server = xmlrpc.client.ServerProxy("http://localhost", transport=layered_script.UnixTransport(f"{folder}/s.sock"))
    names = [f"{layer}_{number:03d}" for number in range(programs)]
    began = time.monotonic()
    while time.monotonic() - began < DEADLINE:
        if server.supervisor.getProcessInfo(names[-1]).get("statename") not in wanted:
            time.sleep(POLL)
            continue
        seen = server.system.multicall([{"methodName": "supervisor.getProcessInfo", "params": [name]} for name in names])
        if all(one.get("statename") in wanted for one in seen):
            return time.monotonic() - began
        time.sleep(POLL)
    return None


def script(folder, way, layers, programs):
    done = subprocess.run([sys.executable, layered_script.__file__, f"{folder}/s.sock", way, str(layers), str(programs)],
                          capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(done.stderr)
    took, calls = done.stdout.split()
    return float(took), int(calls)


def measure(holdfast, folder, layers, programs):
    proxy = Proxy(folder / "p.sock", folder / "s.sock")
    proxy.start()
    results = {}
    specs = folder / "specs"
    specs.mkdir()

    def keep(who, way, took, calls):
        print(f"  {who:9} {way:5} {took:8.2f} s  {calls:5d} calls", flush=True)
        if took < results.get((who, way), (1e9, 0))[0]:
            results[who, way] = took, calls

    for _ in range(ROUNDS):
        for way in ("up", "down"):
            keep("script", way, *script(folder, way, layers, programs))
        state = folder / "state"
        shutil.rmtree(state, ignore_errors=True)
        spec(specs / "bench.yaml", layers, programs, "down")
        checked = subprocess.run([holdfast, "validate", specs], capture_output=True, text=True)
        if checked.returncode != 0:
            sys.exit(f"holdfast refuses the spec:\n{checked.stderr[:2000]}{checked.stdout[:2000]}")
        with open(folder / "holdfast.log", "ab") as log:
            daemon = subprocess.Popen([holdfast, "run", "--specs", specs, "--state", state, "--listen", "", "--socket",
                                       folder / "h.sock"], stdout=log, stderr=log)
        try:
            time.sleep(5)  # it has looked, and found what is wanted
            for way, last, wanted in (("up", layers - 1, ("RUNNING",)), ("down", 0, ("STOPPED", "EXITED"))):
                proxy.asked.clear()
                spec(specs / "bench.yaml", layers, programs, way)
                took = wait_for(folder, last, programs, wanted)
                if took is None:
                    sys.exit(f"holdfast: not {way} after {DEADLINE} s; its log is\n" + (folder / "holdfast.log").read_text()[-3000:])
                keep("holdfast", way, took, len(proxy.asked))
                time.sleep(2)
        finally:
            daemon.terminate()
            daemon.wait()
    for way in ("up", "down"):
        ours, theirs = results["holdfast", way], results["script", way]
        print(f"{way}: holdfast / script = {ours[0] / theirs[0]:.2f} (reach 1.10), calls {ours[1]} against {theirs[1]}")


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("told to end"))  # what was started is ended, too
    if shutil.which("supervisord") is None:
        print("skipped: supervisord is not installed")
        return
    holdfast = pathlib.Path(sys.argv[1]).resolve()
    layers = int(sys.argv[2]) if len(sys.argv) > 2 else 10
    programs = int(sys.argv[3]) if len(sys.argv) > 3 else 100
    with tempfile.TemporaryDirectory(prefix="holdfast_layered_") as name:
        folder = pathlib.Path(name)
        process = supervisord(folder, layers, programs)
        try:
            while not (folder / "s.sock").exists() and process.poll() is None:
                time.sleep(0.1)
            time.sleep(1)
            print(f"{layers} layers of {programs} programs", flush=True)
            measure(holdfast, folder, layers, programs)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait()


main()
