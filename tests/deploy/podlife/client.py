"""An old program in its container: it sends messages, each with a text of its own, and retries nothing.

Its standard output says `> TEXT` before each request and `< TEXT ok` or `< TEXT REASON` after it, and `@ TOKEN` when it
begins to use an app token: the sandbox shows the last thousand messages of each, so after some hundred comes another.
SIGTERM lets it work on for a while, as programs do that have something to finish, and then ends it with 0.

    URL        the gateway's, to the end of the path      TOKEN      what all its app tokens begin with
    NAME       what all its texts begin with              THREADS    how many requests at once
    PACE       seconds between two of a thread            WORKS_ON   seconds after SIGTERM, or "for ever"
    REQUESTS   ends by itself after so many of a thread; 0: not
    PER_TOKEN  messages of a thread for each token; 0: TOKEN itself is the only one
"""

import http.client
import json
import os
import signal
import sys
import threading
import time
import urllib.parse

URL = urllib.parse.urlsplit(os.environ["URL"])
NAME, TOKEN = os.environ["NAME"], os.environ["TOKEN"]
THREADS, PACE, REQUESTS = int(os.environ["THREADS"]), float(os.environ["PACE"]), int(os.environ["REQUESTS"])
WORKS_ON, PER_TOKEN = os.environ["WORKS_ON"], int(os.environ["PER_TOKEN"])
PATIENCE_SECONDS = 30

ending = threading.Event()


def say(line):
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def ask(connection, token, operation, **parameters):
    """What the API answered: None if it did what was asked, or a reason."""
    query = urllib.parse.urlencode({"op": operation, "token": token, **parameters})
    connection.request("GET", f"{URL.path}?{query}")
    answer = connection.getresponse()
    body = answer.read()
    try:
        if answer.status == 200 and json.loads(body).get("result") is True:
            return None
    except ValueError:
        pass
    return f"HTTP {answer.status} {body[:200]!r}"


def connection():
    return http.client.HTTPConnection(URL.hostname, URL.port, timeout=PATIENCE_SECONDS)


def tell(kept, token, text, operation, **parameters):
    """One request. Whoever keeps its connection opens a new one only when the last answer has ended it."""
    say(f"> {text}")
    try:
        reason = ask(kept, token, operation, **parameters)
    except (OSError, http.client.HTTPException) as error:
        kept.close()
        reason = repr(error)
    say(f"< {text} {reason or 'ok'}")


def begin(kept, token, text):
    """The two users between whom messages go."""
    say(f"@ {token}")
    for address in ("ana", "bob"):
        tell(kept, token, f"{text}-{address}", "useradd", addr=address, appid="com.example.app")


def work(number):
    """Every second thread keeps its connection; the others open one for each request, as most old programs do."""
    kept, count, token = connection(), 0, TOKEN
    while not ending.is_set() and (REQUESTS == 0 or count < REQUESTS):
        text = f"{NAME}-{number}-{count}"
        if count == 0 or (PER_TOKEN and count % PER_TOKEN == 0):
            token = f"{TOKEN}-{number}-{count}" if PER_TOKEN else TOKEN
            begin(kept, token, text)
        tell(kept, token, text, "message", **{"from": "ana", "to": "bob", "message": text, "type": 0})
        if number % 2 == 0:
            kept.close()
        count += 1
        ending.wait(PACE)


def told_to_end(*_):
    say("- told to end")
    if WORKS_ON != "for ever":
        timer = threading.Timer(float(WORKS_ON), ending.set)
        timer.daemon = True
        timer.start()


def main():
    signal.signal(signal.SIGTERM, told_to_end)
    threads = [threading.Thread(target=work, args=[number]) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        time.sleep(0.01)
    say("- ended")


main()
