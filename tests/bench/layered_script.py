#!/usr/bin/env python3
"""Layers of programs of one supervisord, up or down by hand: what `holdfast` is measured against.

    layered_script.py SOCKET up|down LAYERS PROGRAMS

Programs are named LAYER_NUMBER ("3_017"). A layer is begun only when the one before it is proven: one multicall
asks all of it, then one multicall reads all of it until every program says so. Prints seconds and calls.
"""
import http.client
import socket
import sys
import time
import xmlrpc.client

POLL = 0.05
DEADLINE = 300


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost")
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(self.path)


class UnixTransport(xmlrpc.client.Transport):
    def __init__(self, path):
        super().__init__()
        self.path = path

    def make_connection(self, host):
        if self._connection[1] is None:
            self._connection = host, UnixConnection(self.path)
        return self._connection[1]


def main():
    path, way, layers, programs = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    server = xmlrpc.client.ServerProxy("http://localhost", transport=UnixTransport(path))
    act, wanted = {"up": ("supervisor.startProcess", ("RUNNING",)), "down": ("supervisor.stopProcess", ("STOPPED", "EXITED"))}[way]
    order = range(layers) if way == "up" else reversed(range(layers))
    calls, began = 0, time.monotonic()
    for layer in order:
        names = [f"{layer}_{number:03d}" for number in range(programs)]
        server.system.multicall([{"methodName": act, "params": [name, False]} for name in names])
        calls += 1
        while True:
            seen = server.system.multicall([{"methodName": "supervisor.getProcessInfo", "params": [name]} for name in names])
            calls += 1
            if all(one.get("statename") in wanted for one in seen):
                break
            if time.monotonic() - began > DEADLINE:
                sys.exit(f"layer {layer} is not {way} after {DEADLINE} s")
            time.sleep(POLL)
    print(f"{time.monotonic() - began:.3f} {calls}")


if __name__ == "__main__":
    main()
