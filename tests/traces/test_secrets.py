"""No byte that reaches a collector is of a query, a body, a token, a message or a user's address."""

import json
import urllib.parse

from world import World

# What a caller may send anywhere: words that no other part of this test has.
TOKEN, KEY, ADDRESS, MESSAGE, OTHER = "sandboxMARKtoken", "MARKkeyMARKkeyMARKkey", "MARKaddress", "MARKmessage", "MARKother"


def query(**parameters):
    return urllib.parse.urlencode(parameters)


def calls():
    """Requests of all kinds, with a mark wherever a caller may put one."""
    good = query(op="useradd", token=TOKEN, addr=ADDRESS, appid=OTHER)
    yield {"target": f"/api.php?{good}"}
    yield {"target": f"/api.php?{good}", "headers": [("Authorization", f"Bearer {KEY}"), ("Cookie", f"a={OTHER}")]}
    yield {"target": f"/api.php?{good}", "headers": [("User-Agent", OTHER), ("Referer", f"http://x/?token={TOKEN}")]}
    yield {"target": f"/api.php?{good}", "headers": [("X-Request-Id", OTHER), ("X-Forwarded-For", OTHER)]}
    yield {"target": f"/api.php?{good}", "headers": [("traceparent", OTHER), ("tracestate", f"a={OTHER}")]}
    yield {"target": f"/api.php?{good}", "headers": [("baggage", f"token={TOKEN}")]}
    yield {"target": "/api.php?" + query(op="message", token=TOKEN, to=ADDRESS, message=MESSAGE, **{"from": ADDRESS})}
    yield {"target": "/api.php?" + query(op="groupgetmembers", token=TOKEN, gid="7")}
    yield {"target": "/api.php?" + query(op="useradd", token=KEY, addr=ADDRESS)}
    yield {"target": "/api.php?" + query(op=OTHER, token=TOKEN)}
    yield {"target": "/api.php?" + query(op=OTHER.lower(), token=TOKEN)}
    yield {"target": f"/api.php/{TOKEN}/{ADDRESS}"}
    yield {"target": f"/{TOKEN}?{good}"}
    yield {"target": f"/api.php?{good}#{MESSAGE}"}
    yield {"target": f"/api.php?{good}", "method": OTHER}
    yield {"target": f"/api.php?{good}", "headers": [("Content-Type", OTHER)]}
    for form in ["application/x-www-form-urlencoded", "text/plain"]:
        yield {"target": "/api.php", "method": "POST", "body": good.encode(), "headers": [("Content-Type", form)]}
    for user in [{"address": ADDRESS}, {"address": [ADDRESS]}, MESSAGE]:
        body = json.dumps({"op": "useradd", "token": TOKEN, "user": user, OTHER: MESSAGE, "id": OTHER}).encode()
        yield {"target": "/backend/", "method": "POST", "body": body, "headers": [("Content-Type", "application/json")]}
    yield {"target": "/backend/", "method": "POST", "body": b'{"op":"' + MESSAGE.encode(), "headers": []}


class Secrets(World):
    def test_nothing_that_is_marked_reaches_a_collector(self):
        for more in ["", '[[app]]\nname = "shop"\nkeys = [{ env = "KEY" }]\ntoken = { env = "TOKEN" }']:
            collector = self.collector()
            gateway = self.gateway(
                collector, trace='errors = true\nslow = "1ms"', more=more, variables={"KEY": KEY, "TOKEN": TOKEN})
            asked = list(calls())
            for call in asked:
                gateway.get(**call)
            for kind in ["502", "html", "reset"]:
                self.sandbox.fault(kind)
                gateway.get(asked[0]["target"])
            gateway.end()
            servers = [span for span in collector.spans() if span.kind == "SERVER"]
            self.assertGreaterEqual(len(servers), len(asked), "all of them are told of")
            for path, headers, body in collector.posts:
                for text in [path.encode(), str(headers).encode(), body]:
                    self.assertNotIn(b"mark", text.lower())
