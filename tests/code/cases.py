"""What is asked: a story in which every operation and every parameter of the table comes, with nasty texts."""

from urllib.parse import quote_from_bytes

# Characters with a meaning in one language or another, and those that nobody sees.
MARKS = (
    "\"double\" 'single' `back` \\ \\\\ \\n \\u0041 $x ${x} {$x} #{x} $(id) %s %d 50% {{x}} «payload» "
    "</script> <!-- --> ?> <?php /* */ // # -- ; & | ! ~ ^ @ * = + , . : ( ) [ ] <b>"
)
HIDDEN = "a\tb\r\nc\u00a0d\u00ade\u200bf\u200eg\u2028h\u2029i\u202e\u05d0\u05d1\u202cj\u2066k\u2069l\ufeffm\u007fn\u0085o"
WORLD = "Zoë ñ 漢字 עברית العربية 🎉 👨\u200d👩\u200d👧 \U000e0041 \uffff e\u0301"
CONTROLS = "".join(map(chr, range(1, 32)))
LONG = "long \U0001F600 'é\\\" " * 6000

# The operation, then its parameters; what has no value of its own in the story is left out by the old door.
DONE = [
    ("useradd", {"addr": "ana", "appid": "com.example.app", "name": MARKS, "active": "1", "groups": "5", "flag": "0x20",
                 "otp": "007", "restrictions": "3", "expiry": "9000", "session": "1"}),
    ("useradd", {"address": "ben", "appid": "5", "name": HIDDEN, "active": "TRUE", "flags": "010", "groups": "no number"}),
    ("useradd", {"addr": "O'Brien \"x\" \\ $HOME", "appid": WORLD, "name": "", "id": "7"}),
    ("userset", {"uid": "101", "flag": "0X1f", "active": "false"}),
    ("userset", {"addr": "ben", "remove": "1"}),
    ("userset", {"addr": "ana", "active": "1"}),
    ("useradd", {"addr": "ben", "appid": "5", "name": WORLD}),
    ("deltoken", {"uid": "102"}),
    ("deltoken", {"address": "O'Brien \"x\" \\ $HOME"}),
    ("groupadd", {"gid": "0", "name": MARKS, "flag": "0x1", "expiry": "90000", "expiryext": "8000", "active": "1",
                  "m": " ana , ben,,ana ", "cs": "1", "cr": "0", "canpub": "true", "cansub": "false", "canlist": "1"}),
    ("groupadd", {"name": "second", "duration": "70000", "start": "0", "flags": "0"}),
    ("groupset", {"gid": "97001", "name": HIDDEN, "flag": "0x22", "expiry": "50000", "expiryext": "7000", "active": "1",
                  "m": "ben", "cs": "0", "cr": "1", "canpub": "0", "cansub": "1", "canlist": "0"}),
    ("groupset", {"gid": "0x17ae9", "type": "3", "m": "ana", "cs": "0", "cr": "1"}),
    ("groupeditmembers", {"gid": "97002", "m": "ana,O'Brien \"x\" \\ $HOME", "cs": "1", "cr": "0", "canpub": "1",
                          "cansub": "0", "canlist": "1"}),
    ("groupeditmembers", {"gid": "97002", "type": "4", "m": "ana", "cs": "0", "cr": "0"}),
    ("groupeditmembers", {"gid": "97001", "m": "ben", "delete": "1", "cs": "1"}),
    ("groupgetmembers", {"gid": "97002", "count": "100000"}),
    ("getmembers", {"gid": "97001"}),
    ("message", {"from": "ana", "to": "ben,ana", "type": "5", "expiry": "40000", "when": "0", "flag": "0x3", "forced": "1",
                 "title": MARKS, "url": "https://x.example/?a=1&b='2'", "msg": "  " + MARKS + HIDDEN + WORLD + " ",
                 "channel": "1"}),
    ("message", {"from": "ana", "gid": "97002", "message": CONTROLS}),
    ("message", {"from": "ana", "to": "ben", "gid": "0", "msg": "'"}),
    ("message", {"from": "ana", "to": "ben", "msg": "\\"}),
    ("message", {"from": "ana", "to": "ben", "msg": LONG}),
    ("message", {"from": "ana", "to": "ben", "type": "9007199254740993", "msg": "beyond what a float holds"}),
    ("message", {"from": "ana", "to": "ben", "expiry": "9223372036854775807", "msg": "the most"}),
    ("message", {"from": "ana", "to": "ben", "type": "5", "msg": "\U0001F389"}),
    ("otp", {"addr": "+1 555", "tries": "4", "expiry": "30000", "reuse": "1"}),
]

# What the API refuses.
REFUSED = [
    ("message", {"from": "ana", "to": "ben", "type": "-9223372036854775808", "msg": "the least, which the API refuses"}),
    ("userdel", {"uid": "424242"}),
    ("groupdel", {"gid": "424242"}),
    ("message", {"from": "nobody", "to": "ben", "msg": "x"}),
]

ENDED = [
    ("groupdel", {"gid": "97002"}),
    ("deluser", {"addr": "ben"}),
    ("userdel", {"uid": "101"}),
]

STORY = DONE + REFUSED + ENDED

# Shapes, for programs whose values are variables: how they are asked of the old door, and how they stand in the program.
# Under another form of the JSON side too, in which a number's bits are divided.
SHAPES = [
    ("", "useradd", {"addr": "ana", "appid": "1"}),
    ("", "useradd", {"addr": "cleo", "appid": "0123", "name": "C 'l' \"e\" \\o", "active": " tRuE ", "flag": "0x1F",
                     "expiry": "0009000"}),
    ("", "groupadd", {"name": "g", "m": " cleo ,, ana,", "cs": "0", "cr": "1", "flag": "010", "active": "1"}),
    ("group.permissions", "groupadd", {"name": "bits", "flag": "0x40312"}),
    ("group.delete", "groupeditmembers", {"gid": "97001", "m": "cleo", "delete": "true"}),
    ("", "message", {"from": "cleo", "to": "cleo", "type": "0x10", "msg": "100% `x` 🎉"}),
    ("", "userdel", {"uid": "0102"}),
]


# Requests that are JSON already, of which the program sends each value as it is. The languages of the second column
# cannot hold the number exactly, as docs/code.md says.
JSON = [
    ('{"op":"uacset","token":"SECRET","uac":{"a":[],"b":{},"c":[1,[2,{"d":null}],true,"x"],"e":false,"f":""}}', ()),
    ('{"op":"x","token":"SECRET","n":[0,-1,1.5,1e3,0.1,-2.25e-7,9223372036854775807,-9223372036854775808]}', ()),
    ('{"op":"x","token":"SECRET","n":18446744073709551615}', ("php", "laravel", "dart")),
    ('{"op":"x","token":"SECRET","__proto__":{"0":1},"constructor":"y","z":{"0":"a","1":[]},"y":{"9":0},"a b":1,"a\'b":2,"$c":3,"":4,"if":5}', ()),
    ('{"op":"x","id":"\\u0000\\ud83c\\udf89\\u202e\\/","\\u2028${k}\\"":"no token"}', ()),
]


def query(op, parameters, token="T"):
    """The old request; our own quoting, which loses no character."""
    pairs = {"op": op, "token": token, **parameters}
    return "&".join(f"{name}={quote_from_bytes(value.encode())}" for name, value in pairs.items())


def uncovered(operations):
    """Operations, and parameters with a place in the JSON, that the story never comes to."""
    told = {}
    for op, parameters in STORY:
        told.setdefault(op, set()).update(parameters)
    missing = []
    for operation in operations:
        names = [operation["name"], *operation["aliases"]]
        seen = set().union(*(told.get(name, set()) for name in names))
        if not any(name in told for name in names):
            missing.append(operation["name"])
        for param in operation["params"]:
            if param["to"] and not seen & {param["name"], *param["aliases"]}:
                missing.append(f"{operation['name']}.{param['name']}")
    return missing
