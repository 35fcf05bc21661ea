"""A statement about a pod that must be true; what the pod did is told when it is not."""


class Untrue(Exception):
    """What was expected was not so."""


def expect(is_true, otherwise, pod=None):
    if not is_true:
        raise Untrue(otherwise + (f"\n{pod.describe()}" if pod else ""))
