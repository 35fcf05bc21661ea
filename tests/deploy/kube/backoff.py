"""When a container that has ended may start again: at once, then after 10 s, 20 s, 40 s … up to five minutes."""

FIRST_SECONDS = 10
LONGEST_SECONDS = 300
FORGOTTEN_AFTER_SECONDS = 2 * LONGEST_SECONDS


class BackOff:
    def __init__(self):
        self._wait, self._counted_at = 0, None

    def left(self, ended_at, now):
        """Seconds until it may start again; 0 for now."""
        if self._counted_at is not None and ended_at - self._counted_at > FORGOTTEN_AFTER_SECONDS:
            self._wait, self._counted_at = 0, None
        return max(0, ended_at + self._wait - now)

    def restarted(self, now):
        self._wait = min(self._wait * 2 or FIRST_SECONDS, LONGEST_SECONDS)
        self._counted_at = now
