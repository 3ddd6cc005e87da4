"""Which schemas a release takes."""

from __future__ import annotations

from pathlib import Path

import pytest

from portal.kernel.schema import SchemaRange, schema_range


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


@pytest.mark.parametrize(("done_without", "oldest"), [((), "0003"), (("0003",), "0002"), (("0002",), "0003")])
def test_what_a_release_can_do_without_widens_its_range_at_the_end_only(
    tmp_path: Path, done_without: tuple[str, ...], oldest: str
):
    versions = tmp_path / "versions"
    versions.mkdir()
    for revision, before in [("0001", None), ("0002", "0001"), ("0003", "0002")]:
        lines = [f"revision = {revision!r}", f"down_revision = {before!r}"]
        if revision in done_without:
            lines.append('SERVES_WITHOUT = "an index"')
        (versions / f"{revision}_step.py").write_text("\n".join(lines))
    assert schema_range(tmp_path) == SchemaRange(oldest, "0003")
