"""What a case of these tests is: a function that says by its name what must be true, and fails by an AssertionError."""

import time

PATIENCE_SECONDS = 30

# In the order of the files that hold them.
ALL = []


def case(function):
    ALL.append(function)
    return function


def equal(what, seen, wanted):
    assert seen == wanted, f"{what}: {seen!r} instead of {wanted!r}"


def until(what, is_so, seconds=PATIENCE_SECONDS):
    """Asks again and again, and fails if it never is so. Gives what was true."""
    end = time.monotonic() + seconds
    while True:
        found = is_so()
        if found:
            return found
        assert time.monotonic() < end, f"it never was so that {what}"
        time.sleep(0.02)
