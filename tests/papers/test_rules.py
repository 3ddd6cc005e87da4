"""The lives of papers and authorisations, their faults and remarks, and when something is renewed."""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.kernel.errors import Conflict
from portal.papers.credit_code import credit_code_faults
from portal.papers.fault_rules import (
    AuthorisationFacts,
    PaperFacts,
    Standing,
    authorisation_faults,
    end_faults,
    is_unusual_no,
    overlapping,
    paper_faults,
    remarks,
)
from portal.papers.rules import (
    AUTHORISATION_LIFE,
    PAPER_LIFE,
    REMINDED,
    AuthorisationAct,
    AuthorisationState,
    PaperAct,
    PaperState,
    authorisation_after,
    certificate_deadline,
    last_day_of_replaced,
    paper_after,
    renewal_window,
    stage,
)
from portal.workdays.rules import WorkCalendar

DOCUMENT = Path("docs/papers.md")
MIGRATION = Path("migrations/versions/0090_papers.py")
TODAY = date(2026, 11, 2)
CALENDAR = WorkCalendar(ZoneInfo("Asia/Shanghai"))
NO = "苏苏药监械经营许20260001号"


def standing(**said) -> Standing:
    usual = {
        "number": "ZZ-1",
        "kind": "licence",
        "paper_no": NO,
        "valid_from": date(2021, 12, 1),
        "valid_to": date(2026, 11, 30),
    }
    return Standing(**usual | said)


def facts(**said) -> PaperFacts:
    usual = {
        "kind": "licence",
        "paper_no": NO,
        "issuer": "苏州市市场监督管理局",
        "valid_from": date(2026, 12, 1),
        "valid_to": date(2031, 11, 30),
    }
    return PaperFacts(**usual | said)


def codes(faults) -> list[str]:
    return [one.code for one in faults]


def faults(one: PaperFacts, replaced: Standing | None = None) -> list[str]:
    return codes(paper_faults(one, replaced=replaced, categories={"P", "P07", "A02"}, today=TODAY))


def test_the_diagrams_of_the_document_are_the_lives():
    papers, authorisations = re.findall(
        r"```mermaid\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL
    )
    assert _ways(papers) == {(str(a), str(act), str(b)) for (a, act), b in PAPER_LIFE.items()}
    assert _ways(authorisations) == {(str(a), str(act), str(b)) for (a, act), b in AUTHORISATION_LIFE.items()}


def test_the_database_knows_the_same_ways():
    ways = set(re.findall(r"\('(\w+)', '(\w+)'\)", MIGRATION.read_text(encoding="utf-8")))
    lives = {(str(a), str(b)) for (a, _), b in [*PAPER_LIFE.items(), *AUTHORISATION_LIFE.items()]}
    assert lives <= ways and {way for way in ways if way[0] in ("filed", "proposed")} <= lives


def _ways(chart: str) -> set[tuple[str, str, str]]:
    return {(a, act, b) for a, b, act in re.findall(r"^ +(\w+) --> (\w+): (\w+)$", chart, re.MULTILINE)}


@pytest.mark.parametrize("act", PaperAct)
@pytest.mark.parametrize("state", PaperState)
def test_whatever_the_life_of_a_paper_does_not_have_is_refused(state, act):
    if (state, act) in PAPER_LIFE:
        assert paper_after(state, act) is PAPER_LIFE[state, act]
    else:
        with pytest.raises(Conflict):
            paper_after(state, act)


@pytest.mark.parametrize("act", AuthorisationAct)
@pytest.mark.parametrize("state", AuthorisationState)
def test_whatever_the_life_of_an_authorisation_does_not_have_is_refused(state, act):
    if (state, act) in AUTHORISATION_LIFE:
        assert authorisation_after(state, act) is AUTHORISATION_LIFE[state, act]
    else:
        with pytest.raises(Conflict):
            authorisation_after(state, act)


@pytest.mark.parametrize(
    ("kind", "paper_no", "odd"),
    [
        ("licence", "苏苏药监械经营许20260001号", False),
        ("licence", "京朝食药监械经营许20180123号", False),
        ("licence", "沪药监械经营许2026A0001", False),
        ("filing", "浙杭药监械经营备20230001号", False),
        ("licence", "浙杭药监械经营备20230001号", True),
        ("filing", "MD-4711", True),
        ("business_licence", "MD-4711", False),
    ],
)
def test_an_odd_number_is_noticed_and_never_refused(kind, paper_no, odd):
    assert is_unusual_no(kind, paper_no) is odd
    one = facts(kind=kind, paper_no=paper_no)
    assert "unusual_no" not in faults(one)
    assert ("unusual_no" in codes(remarks(one, [], CALENDAR))) is odd


def test_a_filing_needs_no_end_and_a_licence_does():
    assert faults(facts(kind="filing", valid_to=None)) == []
    assert faults(facts(valid_to=None)) == ["end_missing"]


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"kind": "passport"}, "kind"),
        ({"paper_no": ""}, "missing"),
        ({"paper_no": "x" * 61}, "too_long"),
        ({"issuer": ""}, "missing"),
        ({"valid_from": None}, "not_a_date"),
        ({"valid_to": date(2026, 12, 1)}, "ends_before"),
        ({"valid_from": date(2020, 1, 1), "valid_to": date(2026, 11, 1)}, "ended"),
        ({"valid_to": date(2099, 1, 1)}, "too_long"),
        ({"category_codes": ("P", "Z")}, "unknown_category"),
        ({"kind": "quality_agreement", "category_codes": ("P",)}, "categories"),
        ({"replaces": "ZZ-1"}, "replaces"),
        ({"kind": "renewal_receipt", "valid_to": None}, "replaces_missing"),
        ({"note": "x" * 501}, "too_long"),
    ],
)
def test_what_is_wrong_is_told_beside_its_field(said, code):
    assert faults(facts(**said)) == [code]


def test_a_renewal_begins_after_what_it_renews_began():
    assert faults(facts(replaces="ZZ-1"), standing()) == []
    assert faults(
        facts(replaces="ZZ-1", valid_from=date(2021, 12, 1), valid_to=date(2027, 1, 1)), standing()
    ) == ["begins_before"]
    assert faults(facts(replaces="ZZ-1"), standing(kind="filing")) == ["replaces"]


@pytest.mark.parametrize(("day", "wrong"), [(TODAY, []), (TODAY + timedelta(days=1), ["receipt_day"])])
def test_a_receipt_is_of_today_or_earlier(day, wrong):
    one = facts(kind="renewal_receipt", replaces="ZZ-1", valid_from=day, valid_to=None)
    assert faults(one, standing()) == wrong


def test_papers_that_run_at_one_time_are_told_unless_one_is_renewed():
    assert overlapping(facts(valid_from=date(2026, 11, 30)), [standing()]) == [standing()]
    assert overlapping(facts(valid_from=date(2026, 12, 1)), [standing()]) == []
    assert overlapping(facts(valid_from=date(2026, 11, 1), replaces="ZZ-1"), [standing()]) == []
    assert overlapping(facts(kind="filing"), [standing(valid_to=None)]) == []
    assert codes(remarks(facts(valid_from=date(2026, 11, 30)), [standing()], CALENDAR)) == ["overlap"]


def test_a_gap_and_an_application_outside_the_window_are_told():
    late = facts(replaces="ZZ-1", valid_from=date(2026, 12, 2))
    assert codes(remarks(late, [standing()], CALENDAR)) == ["gap"]
    receipt = facts(kind="renewal_receipt", replaces="ZZ-1", valid_from=date(2026, 11, 2), valid_to=None)
    assert codes(remarks(receipt, [standing()], CALENDAR)) == ["window"]


def test_a_licence_is_renewed_within_working_days_of_the_law():
    first, last = renewal_window(date(2026, 11, 30), CALENDAR)
    worked = [
        day
        for day in (first + timedelta(days=n) for n in range(200))
        if first <= day < date(2026, 11, 30) and CALENDAR.is_working(day)
    ]
    assert len(worked) == 90 and len([day for day in worked if day >= last]) == 30


@pytest.mark.parametrize(
    ("ends", "ask_by"),
    [
        (date(2026, 11, 30), date(2026, 5, 30)),
        (date(2027, 8, 31), date(2027, 2, 28)),
        (date(2027, 3, 15), date(2026, 9, 15)),
        (date(2027, 6, 30), date(2026, 12, 30)),
        (date(2027, 1, 31), date(2026, 7, 31)),
    ],
)
def test_a_certificate_is_renewed_six_months_before(ends, ask_by):
    assert certificate_deadline(ends) == ask_by


@given(st.integers(-400, 400))
def test_a_reminder_is_due_at_the_nearest_step_ahead(left):
    due = stage(left)
    assert (due is None) == (left < 0 or left > max(REMINDED))
    if due is not None:
        assert left <= due and not any(left <= step < due for step in REMINDED)


@given(st.dates(), st.none() | st.dates())
def test_what_is_renewed_never_counts_beside_its_renewal(begins, valid_to):
    if begins == date.min:
        return
    last = last_day_of_replaced(valid_to, begins)
    assert last < begins and (valid_to is None or last <= valid_to)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("91310115MA1H7N2K3B", []),
        ("91310115ma1h7n2k3b", []),
        ("91310115MA1H7N2K3C", ["credit_code"]),
        ("91110000600037341L", ["credit_code_other"]),
        ("", ["credit_code"]),
    ],
)
def test_the_credit_code_is_a_right_one_and_the_own(typed, code):
    assert codes(credit_code_faults(typed, "91310115MA1H7N2K3B")) == code


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({}, []),
        ({"region": "44"}, ["unknown_region"]),
        ({"category_codes": ("Z",)}, ["unknown_category"]),
        ({"hospitals": ("x" * 61,)}, ["hospitals"]),
        ({"valid_from": None}, ["not_a_date"]),
        ({"valid_to": TODAY - timedelta(days=1), "valid_from": date(2026, 1, 1)}, ["ended"]),
        ({"valid_to": TODAY}, ["ends_before"]),
    ],
)
def test_what_is_wrong_with_an_authorisation(said, code):
    usual = {"dealer": "D", "region": "32", "valid_from": TODAY, "valid_to": None}
    one = AuthorisationFacts(**usual | said)
    assert codes(authorisation_faults(one, regions={"32"}, categories={"P"}, today=TODAY)) == code


@pytest.mark.parametrize(("offset", "wrong"), [(-2, True), (-1, False), (0, False), (9, False), (10, True)])
def test_something_ends_early_from_now_on_and_before_its_own_end(offset, wrong):
    told = end_faults(TODAY + timedelta(days=offset), valid_to=TODAY + timedelta(days=10), today=TODAY)
    assert bool(told) is wrong
