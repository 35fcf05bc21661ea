"""docs/debian.md, followed from its first line to its last in a booted Debian 12."""

import re
from pathlib import Path

from machine import Failed, holds, until

PAGE = Path(__file__).resolve().parents[3] / "docs/debian.md"
# A reader has one of the two web servers, and the page both, on one port.
BEFORE = {"a2enmod": "systemctl stop nginx"}
WEB_SERVERS = ("systemctl restart nginx", "systemctl restart apache2")
# Cuts of an output that the page does not show: its first line is then `…` alone.
REST = "…"


def blocks(text):
    """Each block of commands, with the output that the page shows behind it, or none."""
    fences = re.findall(r"^```(\w+)\n(.*?)^```$", text, re.M | re.S)
    for place, (language, commands) in enumerate(fences):
        if language == "sh":
            following = fences[place + 1] if place + 1 < len(fences) else ("sh", "")
            yield commands, None if following[0] == "sh" else following[1]


def _is_as_shown(shown, seen):
    shown, seen = shown.strip().splitlines(), seen.strip().splitlines()
    if shown and shown[0] == REST:
        shown, seen = shown[1:], seen[-len(shown) + 1 :]
    patterns = [".*".join(re.escape(part) for part in line.split("…")) for line in shown]
    return len(shown) == len(seen) and all(map(re.fullmatch, patterns, seen))


def _has_the_clients_own_address(machine):
    """What the page promises of a web server in front, seen with a client of another address."""
    since = machine.cursor()
    machine.get("http://127.0.0.1/api.php?op=none&token=T", "--interface 127.0.0.2 --header 'Host: api.example.com'")
    until("the line of the request has the client's address", lambda: '"client":"127.0.0.2"' in machine.journal(since))


def every_command_of_the_page_works_and_shows_what_it_says(machine):
    followed = list(blocks(PAGE.read_text()))
    holds(len(followed) > 10, "the page has commands", len(followed))
    for commands, shown in followed:
        for word, before in BEFORE.items():
            if word in commands:
                machine.run(before)
        # As typed: each line counts, whatever comes behind it.
        done = machine.run(f"set -e; {commands}", may_fail=True)
        if done.returncode != 0:
            raise Failed(f"docs/debian.md: this fails: {commands}\n{done.stdout}{done.stderr}\n{machine.journal()[-1500:]}")
        holds(shown is None or _is_as_shown(shown, done.stdout), f"docs/debian.md shows what comes of: {commands}", done.stdout)
        if any(server in commands for server in WEB_SERVERS):
            _has_the_clients_own_address(machine)
    print(f"   {len(followed)} blocks of commands, {sum(shown is not None for _, shown in followed)} outputs as shown")


def nothing_of_the_package_is_left_after_its_last_line(machine):
    left = [path for path in machine.files() if "mesigate" in path and not path.startswith(("/etc/nginx", "/etc/apache2", "/var/lib/apache2"))]
    holds(not left, "no file is left", left)
