#!/usr/bin/env python3
"""A small HTTP worker: /health says that it is well, / counts visits in Redis. Usage: worker.py HOST PORT"""
import http.server
import socket
import socketserver
import sys

REDIS = ("127.0.0.1", 7639)


def visits():
    with socket.create_connection(REDIS, timeout=1) as redis:
        redis.settimeout(1)
        redis.sendall(b"INCR visits\r\n")
        return redis.recv(64).decode().strip().lstrip(":")


class Worker(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        status, body = 200, "well\n"
        if self.path != "/health":
            try:
                body = f"visit {visits()} at {self.server.server_address[0]}\n"
            except OSError as error:
                status, body = 503, f"no Redis: {error}\n"
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_):
        pass


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True
    allow_reuse_address = True


Server((sys.argv[1], int(sys.argv[2])), Worker).serve_forever()
