"""What the ledger of the gateway in a machine says, and old calls for it to count."""

import json

from machine import until

FILE = "/var/lib/mesigate/ledger"
# Where systemd has it while nobody has the folder.
STORED = "/var/lib/private/mesigate/ledger"
SETTING = f'[ledger]\nfile = "{FILE}"\n'


def call(machine, times):
    """So many old calls of one client, whose token upstream takes: others are no clients."""
    for _ in range(times):
        machine.get("http://127.0.0.1:8080/api.php?op=useradd&token=sandbox&addr=ana&appid=com.example.app")


def _report(machine, *more):
    return json.loads(machine.run(f"mesigate report --format json {' '.join(more)}").stdout)


def calls(machine):
    """How many have come by the old door, of whomever."""
    return _report(machine)["old_calls"]


def clients(machine, *more):
    """Of each client, how often it has called by the old door."""
    return {client["client"]: client["old_calls"] for client in _report(machine, *more)["clients"]}


def kept(machine):
    """The same, by the file and not by the gateway."""
    return clients(machine, "--merge", FILE)


def is_there(machine):
    return machine.run(f"test -s {FILE}", may_fail=True).returncode == 0


def until_kept(machine):
    """What the gateway says, once the file says the same."""
    until("there is a file", lambda: is_there(machine))
    return until("the file has what the gateway says", lambda: (said := clients(machine)) == kept(machine) and said)
