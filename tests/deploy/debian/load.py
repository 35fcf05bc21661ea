#!/usr/bin/env python3
"""Old clients that go on asking, each on connections as the gateway offers them, and count what became of each request.

load.py PORT CLIENTS     until its standard input ends; then one line of JSON

`answered` had an answer of the API. `refused` found nobody at the port: nothing was sent, the client knows it, and
tries again. `lost` was sent on a connection that the gateway had accepted, and was not answered: none may be.
"""

import http.client
import json
import sys
import threading
import time

PATIENCE_SECONDS = 30
PACE_SECONDS = 0.002

counts = {"answered": 0, "refused": 0, "lost": 0}
reasons = set()
lock = threading.Lock()
is_ended = threading.Event()


def count(what, reason=None):
    with lock:
        counts[what] += 1
        if reason:
            reasons.add(reason)


def connect(port):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)
    try:
        connection.connect()
    except ConnectionRefusedError:
        count("refused")
        time.sleep(0.02)
        return None
    return connection


def ask(connection):
    """Whether the connection may be used again."""
    connection.request("GET", "/api.php?op=userdel&token=sandbox&uid=1")
    answer = connection.getresponse()
    if json.loads(answer.read()).get("op") != "userdel":
        raise ValueError("an answer to something else")
    count("answered")
    return not answer.will_close


def go_on(port):
    connection, is_new = None, True
    while not is_ended.is_set():
        if connection is None:
            connection, is_new = connect(port), True
        if connection is None:
            continue
        try:
            is_kept = ask(connection)
        except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError) as error:
            # A connection that has rested may end at any time, and HTTP lets a client ask again on another.
            count("lost", repr(error)) if is_new else None
            is_kept = False
        except Exception as error:
            count("lost", repr(error))
            is_kept = False
        is_new = False
        if not is_kept:
            connection.close()
            connection = None
        time.sleep(PACE_SECONDS)


def main():
    port, clients = int(sys.argv[1]), int(sys.argv[2])
    threads = [threading.Thread(target=go_on, args=(port,), daemon=True) for _ in range(clients)]
    for thread in threads:
        thread.start()
    sys.stdin.read()
    is_ended.set()
    for thread in threads:
        thread.join(PATIENCE_SECONDS + 1)
    print(json.dumps({**counts, "reasons": sorted(reasons)}))


main()
