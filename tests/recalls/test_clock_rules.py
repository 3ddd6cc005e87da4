"""The worked examples of clocks, records of recalls and effectiveness; and the life of a recall."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import yaml

from portal.kernel.errors import Conflict
from portal.recalls.clock_rules import clocks, recall_kept_until, reminders
from portal.recalls.rules import (
    TRANSITIONS,
    Answer,
    Held,
    RecallAct,
    RecallState,
    after,
    answer_faults,
    effectiveness,
)
from portal.workdays.rules import WorkCalendar

ROOT = Path(__file__).parents[2]
CASES = yaml.safe_load((Path(__file__).parent / "data" / "recall_retention.yaml").read_text(encoding="utf-8"))
SHANGHAI = ZoneInfo("Asia/Shanghai")


def days_of(month: int, first: int, last: int) -> list[date]:
    return [date(2026, month, day) for day in range(first, last + 1)]


FREE = [
    *days_of(1, 1, 3), *days_of(2, 15, 23), *days_of(4, 4, 6), *days_of(5, 1, 5), *days_of(6, 19, 21),
    *days_of(9, 25, 27), *days_of(10, 1, 7),
]  # fmt: skip
WORKED = [date(2026, *day) for day in ((1, 4), (2, 14), (2, 28), (5, 9), (9, 20), (10, 10))]
CALENDAR = WorkCalendar(
    SHANGHAI, days=dict.fromkeys(FREE, False) | dict.fromkeys(WORKED, True), years=frozenset({2025, 2026})
)


def cases(kind: str, **given: object) -> list:
    return [
        pytest.param(case["given"], case["expected"], id=case["id"])
        for case in CASES["cases"]
        if case["kind"] == kind and given.items() <= case["given"].items()
    ]


@pytest.mark.parametrize(("given", "expected"), cases("clocks"))
def test_the_clocks_run_as_the_calendar_says(given, expected):
    found = clocks(
        level=given["level"],
        decided_at=given["decided_at"],
        ended_on=given.get("ended_on"),
        calendar=CALENDAR,
    )
    assert (found.notices_by, found.report_by, found.summary_by) == (
        expected["notices_by"],
        expected["report_and_plan_by"],
        expected.get("summary_by"),
    )
    assert list(found.missing) == ([expected["calendar_missing"]] if "calendar_missing" in expected else [])


@pytest.mark.parametrize(("given", "expected"), cases("retention", record="recall"))
def test_the_record_of_a_recall_is_kept_for_the_longest_of_its_reasons(given, expected):
    until = recall_kept_until(
        device_class=given["class"],
        lapses=given["certificate_lapses"],
        closed_on=given["closed_on"],
        expiries=given["lot_expiries"],
    )
    assert until == expected["keep_until"]


@pytest.mark.parametrize(
    ("device_class", "lapses", "until"),
    [
        (1, date(2030, 1, 1), date(2029, 2, 28)),
        (3, None, date(2029, 2, 28)),
        (2, date(2026, 5, 1), date(2031, 5, 1)),
    ],
)
def test_a_record_without_expiry_is_kept_from_the_closing_or_the_lapse(device_class, lapses, until):
    closed = date(2024, 2, 29)
    assert until == recall_kept_until(device_class=device_class, lapses=lapses, closed_on=closed, expiries=())


@pytest.mark.parametrize(("given", "expected"), cases("effectiveness"))
def test_how_far_a_recall_has_got(given, expected):
    found = effectiveness(
        Held(
            one["place"],
            one["held"],
            Answer(one["found"], one["used"], 0, one["returned"], one["destroyed"])
            if one.get("answered", True)
            else None,
        )
        for one in given["holders"]
    )
    assert (found.accounted, found.of) == (expected["accounted"], expected["of"])
    assert (str(found.percent), list(found.open)) == (expected["percent"], expected["open"])
    assert f"{found.answers}/{found.holders}" == expected["answers"]


def test_who_says_of_more_than_it_held_accounts_for_no_others_units():
    found = effectiveness([Held("D1", 5, Answer(found=9)), Held("D2", 5, None)])
    assert (found.accounted, found.percent, found.open) == (5, Decimal("50.0"), ("D2",))


def test_reminders_come_at_half_at_four_fifths_and_at_the_end():
    moments = [datetime(2026, 3, 2, hour, tzinfo=UTC) for hour in (0, 10, 5, 8)]
    assert reminders(moments[0], moments[1]) == (moments[2], moments[3], moments[1])


@pytest.mark.parametrize("state", RecallState)
@pytest.mark.parametrize("act", RecallAct)
def test_a_recall_moves_only_as_its_life_allows(state, act):
    if (state, act) in TRANSITIONS:
        assert after(state, act) is TRANSITIONS[state, act]
    else:
        with pytest.raises(Conflict):
            after(state, act)


@pytest.mark.parametrize(
    ("answer", "witness", "photos", "codes"),
    [
        (Answer(found=5), "", 0, set()),
        (Answer(found=3, used=2), "", 0, set()),
        (Answer(found=6), "", 0, {"more_than_held"}),
        (Answer(passed_on=2), "", 0, {"passed_to_missing"}),
        (Answer(found=-1), "", 0, {"quantity_out_of_range"}),
        (Answer(destroyed=5), "", 0, {"witness_missing", "photo_missing"}),
        (Answer(destroyed=5), "Li Na", 1, set()),
    ],
)
def test_an_answer_adds_up_and_destruction_is_seen(answer, witness, photos, codes):
    faults = answer_faults(answer, held=5, passed_to="", witness=witness, photos=photos, note="")
    assert {fault.code for fault in faults} == codes


def test_the_diagram_is_the_code():
    text = (ROOT / "docs" / "recalls.md").read_text(encoding="utf-8")
    [chart] = re.findall(r"```mermaid\n(.*?)```", text, re.DOTALL)
    drawn = set(re.findall(r"^ +(\w+) --> (\w+): (\w+)", chart, re.MULTILINE))
    assert drawn == {(str(start), str(end), str(act)) for (start, act), end in TRANSITIONS.items()}
