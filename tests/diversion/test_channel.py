"""The simulated channel: every diverted sale that can be told, and nobody who is innocent.

The channel of the files is one of many: names, order and size change here, and reports are lost.
"""

from __future__ import annotations

import csv
import random
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from launch.bootstrap import ROOT
from portal.diversion.channel import (
    Channel,
    RecallScope,
    Replayed,
    Unreadable,
    read_channel,
    replay,
    write_replayed,
)
from portal.sellout.rules import Defect, MoveKind, Unit

FILES = Path(__file__).parent / "data" / "channel"


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def truth(name: str) -> list[dict[str, str]]:
    return rows(FILES / "truth" / name)


@pytest.fixture(scope="module")
def channel() -> Channel:
    return read_channel(FILES)


@pytest.fixture(scope="module")
def found(channel: Channel) -> Replayed:
    return replay(channel)


def accusations(found: Replayed) -> set[tuple[str, str]]:
    return {(scan, verdict.dealer) for scan, verdict in found.alerts if verdict.dealer}


def diverted(*, decidable: bool = False) -> set[tuple[str, str]]:
    return {
        (row["scan"], row["culprit"])
        for row in truth("scans.csv")
        if row["diverted"] == "1" and (row["decidable"] == "1" or not decidable)
    }


def defects(found: Replayed) -> list[tuple[str, str, str]]:
    return sorted((one.move.document, one.move.line, one.defect.value) for one in found.defects)


def test_every_diverted_sale_that_can_be_told_is_and_nobody_is_accused_wrongly(found: Replayed):
    assert accusations(found) == diverted(decidable=True)
    assert len(accusations(found)) == 40


def test_holders_of_every_recall_are_exact(found: Replayed):
    held = {(one.recall, one.place): one.held for one in found.holders}
    assert held == {(row["recall"], row["place"]): int(row["held"]) for row in truth("holders.csv")}


def test_every_defect_is_told(found: Replayed):
    wanted = sorted((row["document"], row["line"], row["kind"]) for row in truth("defects.csv"))
    assert defects(found) == wanted


@pytest.mark.parametrize("seed", range(5))
def test_the_order_in_which_reports_arrive_changes_nothing(channel: Channel, found: Replayed, seed: int):
    chance = random.Random(seed)
    moves, scans = list(channel.moves), list(channel.scans)
    chance.shuffle(moves)
    chance.shuffle(scans)
    again = replay(replace(channel, moves=tuple(moves), scans=tuple(scans)))
    assert sorted(again.alerts) == sorted(found.alerts)
    assert again.holders == found.holders
    assert defects(again) == defects(found)


@pytest.mark.parametrize("seed", range(20))
def test_reports_that_were_never_sent_accuse_nobody_who_is_innocent(channel: Channel, seed: int):
    chance = random.Random(seed)
    share = chance.choice([0.1, 0.5, 0.9, 1])
    kept = [one for one in channel.moves if one.kind is not MoveKind.SELL_OUT or chance.random() > share]
    accused = accusations(replay(replace(channel, moves=tuple(kept))))
    assert accused <= diverted()
    assert len(accused & diverted(decidable=True)) >= 38


def test_lines_that_are_told_again_and_again_change_nothing(channel: Channel, found: Replayed):
    again = replay(replace(channel, moves=channel.moves + channel.moves))
    assert (again.alerts, again.holders) == (found.alerts, found.holders)
    repeated = [one for one in again.defects if one.defect is Defect.REPEATED]
    assert len(repeated) == len(channel.moves) + 15


_MARKED = (
    "code",
    "dealer",
    "hospital",
    "sku",
    "document",
    "source",
    "target",
    "scan",
    "place",
    "recall",
    "group_code",
)


def _renamed(name: str, size: int) -> list[list[str]]:
    """Rows of a file for channels side by side: all that is coded but cities has the mark of its own."""
    marked = set(_MARKED)
    if name == "scans.csv":
        marked.remove("source")
    with (FILES / name).open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        head = list(reader.fieldnames or ())
        lines = list(reader)
    return [head] + [
        [f"{row[one]}~{mark}" if one in marked and row[one] else row[one] for one in head]
        for mark in range(size)
        for row in lines
    ]


def _channels(folder: Path, size: int) -> Path:
    shutil.copytree(FILES, folder, ignore=shutil.ignore_patterns("truth"))
    for path in folder.glob("*.csv"):
        if path.name != "cities.csv":
            with path.open("w", encoding="utf-8", newline="") as file:
                csv.writer(file).writerows(_renamed(path.name, size))
    return folder


def test_ten_channels_side_by_side_are_told_apart_by_the_command(tmp_path: Path, found: Replayed):
    out = tmp_path / "out"
    folder = _channels(tmp_path / "channels", 10)
    command = [sys.executable, "-m", "launch.production", "trace", "replay", folder, "--out", out]
    done = subprocess.run(
        [str(part) for part in command], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.startswith("400 sightings accuse somebody, 320 are watched; 250 lines")
    alerts = {(row["scan"], row["dealer"], row["level"]) for row in rows(out / "alerts.csv")}
    assert alerts == {
        (f"{scan}~{mark}", f"{verdict.dealer}~{mark}" if verdict.dealer else "", verdict.level.value)
        for scan, verdict in found.alerts
        for mark in range(10)
    }
    held = {(row["recall"], row["place"]): row["held"] for row in rows(out / "holders.csv")}
    assert held == {
        (f"{one.recall}~{mark}", f"{one.place}~{mark}"): str(one.held)
        for one in found.holders
        for mark in range(10)
    }


def test_a_range_of_serial_numbers_goes_by_their_length_first():
    scope = RecallScope("RC", "S", "L", "9", "11")
    assert [
        number for number in ("8", "9", "10", "11", "12", "100") if scope.has(Unit("S", "L", number))
    ] == [
        "9",
        "10",
        "11",
    ]
    assert RecallScope("RC", "S", "L", "", "").has(Unit("S", "L", ""))


def test_a_line_that_says_nothing_we_know_is_named(tmp_path: Path):
    folder = shutil.copytree(FILES, tmp_path / "channel")
    path = folder / "movements.csv"
    path.chmod(0o600)
    with path.open("a", encoding="utf-8") as file:
        file.write("X1,1,teleport,2026-01-05,2026-01-05,A,B,,W1,D1,1\n")
    with pytest.raises(Unreadable, match=r"movements\.csv, row 3229: 'teleport'"):
        read_channel(folder)
    path.write_text("document,line\n")
    with pytest.raises(Unreadable, match=r"movements\.csv has no column kind"):
        read_channel(folder)
    path.unlink()
    with pytest.raises(Unreadable, match=r"movements\.csv cannot be read"):
        read_channel(folder)


def test_what_follows_is_written_where_there_was_no_folder(tmp_path: Path, found: Replayed):
    write_replayed(found, tmp_path / "a" / "b")
    assert len(rows(tmp_path / "a" / "b" / "defects.csv")) == 25
