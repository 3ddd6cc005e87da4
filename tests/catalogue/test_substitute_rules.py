"""What may be named as a substitute."""

from __future__ import annotations

import pytest

from portal.catalogue.substitute_rules import SUBSTITUTES_MAX, substitute_faults


def told(sku, wanted, known=("A", "B", "C")):
    return [(fault.pointer, fault.code) for fault in substitute_faults(sku, wanted, known)]


@pytest.mark.parametrize(
    ("wanted", "faults"),
    [
        ((), []),
        (("B", "C"), []),
        (("B", "A"), [("/substitutes/1", "same_product")]),
        (("B", "C", "B"), [("/substitutes/2", "named_twice")]),
        (("X", "B", "Y"), [("/substitutes/0", "unknown_sku"), ("/substitutes/2", "unknown_sku")]),
        (tuple(f"P{n}" for n in range(SUBSTITUTES_MAX + 1)), [("/substitutes", "too_many_substitutes")]),
    ],
)
def test_each_that_cannot_be_a_substitute_is_told_in_its_place(wanted, faults):
    assert told("A", wanted) == faults
