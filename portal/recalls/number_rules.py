"""Numbers between two ends that are written alike: ``2405A05`` to ``2405A08``. Pure."""

from __future__ import annotations

import re

Ends = tuple[str, str]
"""First and last."""

RANGE_MAX = 2_000
_TAIL = re.compile(r"(.*?)([0-9]+)", re.DOTALL)


def between(first: str, last: str) -> list[str] | None:
    """Every number of a range, both ends included; None where they are not of one pattern, or too many."""
    low, high = _TAIL.fullmatch(first), _TAIL.fullmatch(last)
    if low is None or high is None or low[1] != high[1] or len(low[2]) != len(high[2]):
        return None
    begins, ends = int(low[2]), int(high[2])
    if not begins <= ends < begins + RANGE_MAX:
        return None
    return [f"{low[1]}{number:0{len(low[2])}}" for number in range(begins, ends + 1)]


def lies_between(number: str, ends: Ends) -> bool:
    """Whether a number is of the pattern of both ends and not outside of them; they may lie far apart."""
    found, low, high = (_TAIL.fullmatch(one) for one in (number, *ends))
    if found is None or low is None or high is None:
        return number in ends
    if not found[1] == low[1] == high[1] or not len(found[2]) == len(low[2]) == len(high[2]):
        return number in ends
    return int(low[2]) <= int(found[2]) <= int(high[2])
