"""Every unit lies in exactly one package; a package's number has the right check digit."""

from __future__ import annotations

import pytest
from biip.sscc import Sscc
from hypothesis import given
from hypothesis import strategies as some

from portal.shipping.packing_rules import PackageKind, PackageWanted, packing_faults, split_evenly, sscc

PARCEL = {(1, "A"): 3, (2, "B"): 2}


def a_package(units, weight=None, pointer="/packages/1") -> PackageWanted:
    return PackageWanted(PackageKind.CASE, weight, units, pointer)


def codes(packages) -> set[str]:
    return {fault.code for fault in packing_faults(PARCEL, packages)}


def test_a_parcel_whose_units_all_lie_somewhere_once_is_packed():
    assert packing_faults(PARCEL, [a_package({(1, "A"): 3}), a_package({(2, "B"): 2}, 1)]) == []


@pytest.mark.parametrize(
    ("packages", "expected"),
    [
        ([], {"packages"}),
        ([a_package(PARCEL)] * 201, {"packages"}),
        ([a_package({(1, "A"): 3})], {"packed_otherwise"}),
        ([a_package({(1, "A"): 4, (2, "B"): 2})], {"packed_otherwise"}),
        ([a_package({**PARCEL, (3, "C"): 1})], {"packed_otherwise"}),
        ([a_package(PARCEL), a_package({(1, "A"): 0})], {"package_empty"}),
        ([a_package({(1, "A"): 4, (2, "B"): 2}), a_package({(1, "A"): -1})], {"quantity_negative"}),
        ([a_package(PARCEL, 0)], {"weight"}),
        ([a_package(PARCEL, 2_000_001)], {"weight"}),
    ],
)
def test_what_does_not_add_up_is_told(packages, expected):
    assert codes(packages) == expected


@given(
    some.dictionaries(some.tuples(some.integers(1, 9), some.just("L")), some.integers(1, 40)),
    some.integers(1, 9),
)
def test_a_proposal_has_every_unit_once(parcel, packages):
    boxes = split_evenly(parcel, packages)
    assert len(boxes) == packages
    assert {key: sum(box.get(key, 0) for box in boxes) for key in parcel} == parcel
    sizes = [sum(box.values()) for box in boxes]
    assert max(sizes) - min(sizes) <= 1


@pytest.mark.parametrize(
    ("parcel", "packages", "boxes"),
    [
        ({(1, "A"): 5, (2, "B"): 2}, 2, [{(1, "A"): 4}, {(1, "A"): 1, (2, "B"): 2}]),
        ({(1, "A"): 1}, 3, [{(1, "A"): 1}, {}, {}]),
        ({(1, "A"): 10**12, (2, "B"): 10**12}, 2, [{(1, "A"): 10**12}, {(2, "B"): 10**12}]),
        ({}, 2, [{}, {}]),
    ],
)
def test_a_proposal_goes_through_the_units_in_their_order(parcel, packages, boxes):
    assert split_evenly(parcel, packages) == boxes


@pytest.mark.parametrize("prefix", ["6901234", "690123456789", "0614"])
@pytest.mark.parametrize("serial", [1, 42, 10**9 + 7])
def test_a_package_number_is_one_of_gs1(prefix, serial):
    number = sscc(prefix, serial)
    assert Sscc.parse(number).value == number and number.startswith(f"0{prefix}")


def test_package_numbers_differ_until_their_digits_are_used_up():
    assert len({sscc("6901234", serial) for serial in range(1, 500)}) == 499
    assert sscc("690123456789", 10_000) == sscc("690123456789", 0)
