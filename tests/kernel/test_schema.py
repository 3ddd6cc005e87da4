"""Which schemas a release takes."""

from __future__ import annotations

import pytest

from portal.kernel.schema import SchemaRange


@pytest.mark.parametrize(
    ("found", "oldest_release", "fits"),
    [
        ("0093", None, False),
        ("0094", None, True),
        ("0095", None, True),
        ("0096", "0095", True),
        ("0097", "0094", True),
        ("0097", "0096", False),
        ("0097", None, False),
        (None, None, False),
    ],
)
def test_a_release_takes_its_range_and_what_later_ones_left_for_it(found, oldest_release, fits):
    assert (SchemaRange("0094", "0095").fault(found, oldest_release) is None) is fits
