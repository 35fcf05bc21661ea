"""Kubernetes' quantities: 100m, 32Mi, 1.5."""

import math
import re
from fractions import Fraction

SUFFIXES = {"": Fraction(1), "m": Fraction(1, 1000)}
SUFFIXES |= {letter: Fraction(1000 ** at) for at, letter in enumerate("kMGTPE", 1)}
SUFFIXES |= {letter + "i": Fraction(1024 ** at) for at, letter in enumerate("KMGTPE", 1)}


def parsed(text):
    found = re.fullmatch(r"([0-9.]+)([A-Za-z]*)", str(text))
    if found is None or found[2] not in SUFFIXES:
        raise ValueError(f"{text} is no quantity")
    return Fraction(found[1]) * SUFFIXES[found[2]]


def divided(text, divisor):
    """As the downward API has it: rounded up."""
    by = parsed(divisor) or 1
    return math.ceil(parsed(text) / by)
