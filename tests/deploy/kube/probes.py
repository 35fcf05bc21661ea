"""Probes: how often they ask, and how many answers of one kind in a row change the verdict."""

import asyncio

from .handlers import perform

DEFAULTS = {"initialDelaySeconds": 0, "periodSeconds": 10, "timeoutSeconds": 1, "successThreshold": 1}
DEFAULTS |= {"failureThreshold": 3}


class Verdict:
    """What a row of answers amounts to. It stands until as many answers of the other kind came in a row."""

    def __init__(self, probe, initially):
        self._needed = {True: probe["successThreshold"], False: probe["failureThreshold"]}
        self.is_good = initially
        self._kind, self._row = None, 0

    def hear(self, is_good):
        """Takes an answer; says whether enough of its kind came in a row for it to be the verdict."""
        self._row = self._row + 1 if self._kind == is_good else 1
        self._kind = is_good
        if self._row < self._needed[is_good]:
            return False
        self.is_good = is_good
        return True


async def watch(probe, target, initially, told):
    """Asks for ever; `told(is_good, why)` hears each answer that counts, from the first time it does."""
    probe = DEFAULTS | probe
    verdict = Verdict(probe, initially)
    await asyncio.sleep(probe["initialDelaySeconds"])
    loop = asyncio.get_running_loop()
    next_at = loop.time()
    while True:
        fault = await _ask(probe, target)
        if verdict.hear(fault is None):
            told(verdict.is_good, fault)
        next_at = max(next_at + probe["periodSeconds"], loop.time())
        await asyncio.sleep(next_at - loop.time())


async def _ask(probe, target):
    try:
        async with asyncio.timeout(probe["timeoutSeconds"]):
            return await perform(probe, target)
    except TimeoutError:
        return f"no answer within {probe['timeoutSeconds']} s"
