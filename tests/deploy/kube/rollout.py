"""How a Deployment goes from old pods to new ones, and how many pods a budget lets go: plain rules, without pods."""

import math
from dataclasses import dataclass


def scaled(value, replicas, is_up):
    """A number of pods, or a share of the replicas such as "25%"."""
    if isinstance(value, str) and value.endswith("%"):
        exact = int(value[:-1]) * replicas / 100
        return math.ceil(exact) if is_up else math.floor(exact)
    return int(value)


@dataclass
class Counts:
    """Pods that are not being deleted: of the new template and of old ones, and how many of each are available."""

    new: int
    new_available: int
    old: int
    old_available: int


@dataclass
class Step:
    create: int
    delete_old: int
    delete_new: int = 0


def step(replicas, surge, unavailable, counts):
    """What the Deployment's controller does next."""
    total = counts.new + counts.old
    create = max(0, min(replicas + surge - total, replicas - counts.new))
    least = replicas - unavailable
    may_go = total - least - (counts.new - counts.new_available)
    sick = min(max(0, may_go), counts.old - counts.old_available)
    well = max(0, min(counts.new_available + counts.old_available - least, may_go - sick, counts.old_available))
    return Step(create, sick + well, max(0, counts.new - replicas))


def evictions_allowed(expected, healthy, *, max_unavailable=None, min_available=None):
    """How many of the pods that are ready may be evicted now, by a PodDisruptionBudget."""
    if max_unavailable is not None:
        desired = expected - scaled(max_unavailable, expected, is_up=True)
    else:
        desired = scaled(min_available, expected, is_up=True)
    return max(0, healthy - max(0, desired))
