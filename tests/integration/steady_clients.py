#!/usr/bin/env python3
"""One client that indexes and one that searches, for as long as they may: steady_clients.py REPORT ENDPOINT…

Each request goes to the next endpoint, and once more to another one when it fails. On SIGTERM both end, and REPORT
says how many documents were acknowledged, how many searches answered, how many requests needed their second try, and
which failed.
"""
import http.client
import itertools
import json
import os
import signal
import sys
import threading
import urllib.parse

REPORT, ENDPOINTS = sys.argv[1], [urllib.parse.urlsplit(url).netloc for url in sys.argv[2:]]
SECONDS = 40
PAUSE = 0.05
done = threading.Event()
lock = threading.Lock()
counts = {"indexed": 0, "searched": 0, "retried": 0, "failed": []}


def ask(endpoint, method, path, body):
    connection = http.client.HTTPConnection(endpoint, timeout=SECONDS)
    try:
        connection.request(method, path, json.dumps(body), {"Content-Type": "application/json"})
        answer = connection.getresponse()
        said = answer.read()
        if answer.status not in (200, 201):
            return f"{answer.status} {said[:200]!r}", None
        return None, json.loads(said)
    except (OSError, http.client.HTTPException, ValueError) as error:
        return f"{endpoint}: {error!r}", None
    finally:
        connection.close()


def is_whole(document):
    return document.get("_shards", {}).get("failed", 0) == 0 and not document.get("timed_out", False)


def client(what, requests, first):
    endpoints = itertools.cycle(ENDPOINTS[first:] + ENDPOINTS[:first])
    for method, path, body in requests:
        if done.is_set():
            return
        trouble, document = ask(next(endpoints), method, path, body)
        if trouble or (what == "searched" and not is_whole(document)):
            before = trouble or document
            trouble, document = ask(next(endpoints), method, path, body)
            with lock:
                counts["retried"] += 1
                if trouble or (what == "searched" and not is_whole(document)):
                    counts["failed"].append(f"{what}: {before}, then {trouble or document}")
        with lock:
            counts[what] += 1
        done.wait(PAUSE)


def documents():
    for number in itertools.count():
        yield "PUT", f"/web/_doc/steady-{number}", {"n": number}


def searches():
    while True:
        yield "POST", "/web/_search?allow_partial_search_results=false", {"size": 1, "query": {"match_all": {}}}


signal.signal(signal.SIGTERM, lambda *_: done.set())
threads = [threading.Thread(target=client, args=("indexed", documents(), 0)),
           threading.Thread(target=client, args=("searched", searches(), 1))]
for thread in threads:
    thread.start()
while not done.is_set():
    done.wait(1)
for thread in threads:
    thread.join()
with open(REPORT + ".part", "w", encoding="utf-8") as report:
    json.dump(counts, report)
os.rename(REPORT + ".part", REPORT)
