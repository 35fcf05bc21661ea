"""Requests counted: what a client sent and heard, beside what upstream did."""

from collections import Counter
from dataclasses import dataclass, field


# What the texts end with of requests that make a user.
USERS = ("-ana", "-bob")


@dataclass
class Tally:
    requests: int = 0
    lost: list = field(default_factory=list)
    doubled: list = field(default_factory=list)
    # Those that had no chance, since the test itself killed who was to answer them.
    killed: int = 0

    def add(self, other):
        self.requests += other.requests
        self.lost += other.lost
        self.doubled += other.doubled
        self.killed += other.killed

    def __str__(self):
        found = f"{self.requests} requests, {len(self.lost)} lost, {len(self.doubled)} doubled"
        return found + (f" ({self.killed} without an answer, since the test had killed a container)" if self.killed else "")


def tally(log, executed, was_killed=False):
    """`log` is a client's output and `executed` the texts of upstream's messages, one for each time that it did one.

    A request is lost if its client did not hear that it was done, or if it was told so and it was not done. Only a
    client that was killed itself may have requests without an end. Messages are counted; that a user is added is only
    answered.
    """
    sent, heard = [], {}
    for line in log.splitlines():
        mark, _, rest = line.partition(" ")
        if mark == ">":
            sent.append(rest)
        elif mark == "<":
            text, _, reason = rest.partition(" ")
            heard[text] = reason
    times = Counter(executed)
    found = Tally(len(sent))
    for text in sent:
        if text not in heard:
            if was_killed:
                found.killed += 1
            else:
                found.lost.append(f"{text}: no word of it")
        elif heard[text] != "ok":
            found.lost.append(f"{text}: {heard[text]}; done {times[text]} times")
        elif times[text] == 0 and not text.endswith(USERS):
            found.lost.append(f"{text}: said to be done, and was not")
        if times[text] > 1:
            found.doubled.append(f"{text}: done {times[text]} times")
    return found


def tokens(log):
    """The app tokens that a client has used."""
    return [line[2:] for line in log.splitlines() if line.startswith("@ ")]


def answered(log):
    """How many requests have been answered well so far."""
    return sum(line.startswith("< ") and line.endswith(" ok") for line in log.splitlines())
