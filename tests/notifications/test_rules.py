"""When somebody is told: quiet hours, digests, settings; texts of every event; reports of mail servers."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.kernel.registry import registry
from portal.notifications import rules, texts
from portal.notifications.bounces import read_report
from portal.notifications.rules import Choice, Quiet, Setting, quiet_until
from portal.orders.models import SalesOrder  # noqa: F401 - the capabilities are installed

SHANGHAI = ZoneInfo("Asia/Shanghai")
times = st.times().map(lambda one: one.replace(microsecond=0))
zones = st.sampled_from(["Asia/Shanghai", "Europe/Berlin", "America/New_York", "UTC", "Asia/Kathmandu"])


@pytest.mark.parametrize(
    ("at", "until"),
    [
        ("2026-11-28T21:59", None),
        ("2026-11-28T22:00", "2026-11-29T07:30"),
        ("2026-11-28T23:59", "2026-11-29T07:30"),
        ("2026-11-29T00:00", "2026-11-29T07:30"),
        ("2026-11-29T07:29", "2026-11-29T07:30"),
        ("2026-11-29T07:30", None),
        ("2026-12-31T22:00", "2027-01-01T07:30"),
    ],
)
def test_quiet_hours_span_midnight(at, until):
    quiet = Quiet(time(22), time(7, 30), "Asia/Shanghai")
    moment = datetime.fromisoformat(at).replace(tzinfo=SHANGHAI)
    expected = until and datetime.fromisoformat(until).replace(tzinfo=SHANGHAI)
    assert quiet_until(moment.astimezone(UTC), quiet) == expected


def test_quiet_hours_within_a_day_and_none():
    quiet = Quiet(time(12), time(14), "Asia/Shanghai")
    noon = datetime(2026, 11, 28, 12, 30, tzinfo=SHANGHAI)
    assert quiet_until(noon, quiet) == noon.replace(hour=14, minute=0)
    assert quiet_until(noon, None) is None
    assert quiet_until(noon, Quiet(time(12), time(12), "Asia/Shanghai")) is None


@given(st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)), times, times, zones)
def test_quiet_hours_end_within_a_day_and_later_than_they_are_asked(at, begins, ends, zone):
    until = quiet_until(at, Quiet(begins, ends, zone))
    assert until is None or timedelta() < until - at <= timedelta(hours=25)


def test_what_is_mandatory_is_told_in_both_ways_whatever_was_chosen():
    usual = {"usual": "digest", "is_mandatory": False}
    assert rules.chosen(None, **usual) == Choice(True, "digest")
    assert rules.chosen(Choice(False, "none"), **usual) == Choice(False, "none")
    mandatory = usual | {"is_mandatory": True}
    assert rules.chosen(Choice(False, "none", True), **mandatory) == Choice(True, "at_once", True)


@pytest.mark.parametrize(
    ("setting", "pointers"),
    [
        (Setting("Asia/Shanghai"), []),
        (Setting("Nowhere"), ["/zone"]),
        (Setting("UTC", "hourly", 24), ["/digest_every", "/digest_hour"]),
        (Setting("UTC", quiet_from=time(1)), ["/quiet_until"]),
        (Setting("UTC", quiet_until=time(1)), ["/quiet_from"]),
        (Setting("UTC", quiet_from=time(1), quiet_until=time(1)), ["/quiet_until"]),
        (Setting("UTC", mobile="12"), ["/mobile"]),
        (Setting("UTC", mobile="+8613800000000"), []),
    ],
)
def test_every_fault_of_a_setting_is_beside_its_field(setting, pointers):
    assert [fault.pointer for fault in rules.setting_faults(setting)] == pointers


@given(st.text(max_size=30))
def test_no_text_breaks_the_reading_of_times_and_numbers(typed):
    faults = []
    moment = rules.clock_time(typed, "/x", faults)
    assert moment is None or isinstance(moment, time)
    assert rules.plain_mobile(typed) == rules.plain_mobile(rules.plain_mobile(typed))


@pytest.mark.parametrize(("typed", "moment"), [("7:05", time(7, 5)), ("２３：59", time(23, 59)), ("", None)])
def test_a_time_of_day_is_read_as_people_type_it(typed, moment):
    faults = []
    assert rules.clock_time(typed, "/x", faults) == moment and faults == []


FACTS = {
    "number": "N-1", "purchase_order_no": "P", "lines": 1, "total": "1.00", "currency": "CNY", "held": False,
    "reserved": 1, "waiting": 1, "promised_on": "2026-12-01", "units": 1, "carrier": "SF", "tracking_no": "1",
    "period": "2026-10", "closing": "1.00", "overdue": "1.00", "order": "SO", "state": "approved",
    "note": "n", "credit_note": "C", "by": "B",
    "reason": "r\n\nx: y", "template": "T", "due_on": "2026-12-01",
    "document": "D", "faults": [("Enter a name.", {})], "shipment": "SH", "cases": [("DC", "Notice")],
    "kind": "Notice", "outcome": None, "asked": "1.00", "approved": None, "paid_no": None, "dealer_zh": "华",
    "dealer_en": "E", "decide_by": None, "title": "t", "planned": "1.00", "title_zh": "题\r\nBcc: x",
    "severity": "High", "harm": "h", "due_at": "2026-12-01 10:00",
    "subject": "S", "clock": "c", "stage": "s", "name": "ERP", "host": "erp.example",
    "statement": "ST", "amount": "1.00", "failed": False, "differences": 3, "accepted": 2, "disputed": 1,
    "before": "1.00", "after": "2.00", "until": "2026-12-31", "level": 1, "pay_by": "2026-12-01", "debts": 2,
    "last": False, "sha256": "0" * 64, "letters": 3,
    "payment_no": "PY", "failure": "card_declined",
    "version": 2, "contract": "C 7.3", "days": 30, "on": "2026-12-01",
    "paper_no": "A-1", "valid_to": "2026-12-01", "days_left": 30, "window": "",
    "is_drill": False, "title_en": "Title", "demanded": True, "name_zh": "政策", "name_en": "Policy",
}  # fmt: skip


@pytest.mark.parametrize("event", sorted(registry().events))
@pytest.mark.parametrize("language", texts.LANGUAGES)
def test_every_event_has_its_text_in_every_language(event, language):
    said = texts.said(event, language, FACTS)
    assert said.subject and said.sentence and said.facts
    assert "\n" not in said.subject + said.sentence and "\r" not in said.subject
    assert all(label and value and "\n" not in value for label, value in said.facts)
    assert all(" " not in label for label, _ in said.facts) or language == "en"


def test_there_is_no_text_of_an_event_that_nobody_declares():
    folder = rules.__file__.replace("rules.py", "texts")
    for language in texts.LANGUAGES:
        names = {path.stem for path in (Path(folder) / language).glob("*.txt")}
        assert names == set(registry().events)


REPORT = """From: MAILER-DAEMON@mx.example
To: portal@example.com
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="B"

--B
Content-Type: text/plain

I'm sorry to have to inform you that your message could not be delivered.

--B
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; Buyer@Dealer.example
Action: failed
Status: {status}
Diagnostic-Code: smtp; 550 {status} no such user

--B
Content-Type: {kind}

Message-ID: <{letter}@example.com>
Subject: x

{body}
--B--
"""


def report(letter: str, status: str = "5.1.1", kind: str = "text/rfc822-headers", body: str = "") -> str:
    return REPORT.format(letter=letter, status=status, kind=kind, body=body)


@pytest.mark.parametrize("kind", ["text/rfc822-headers", "message/rfc822"])
def test_a_report_names_the_letter_the_address_and_why(kind):
    [bounce] = read_report(report("abcdefgh1234", kind=kind, body="hello"))
    assert (bounce.letter, bounce.address, bounce.status) == ("abcdefgh1234", "buyer@dealer.example", "5.1.1")
    assert bounce.is_final and "no such user" in bounce.reason


@pytest.mark.parametrize(
    ("status", "is_final"),
    [
        ("5.1.1", True),
        ("5.2.1", True),
        ("5.1.10", True),
        ("5.2.2", False),
        ("4.4.1", False),
        ("5.7.1", False),
    ],
)
def test_only_an_address_that_takes_no_mail_at_all_is_given_up(status, is_final):
    [bounce] = read_report(report("abcdefgh1234", status))
    assert bounce.is_final is is_final


@given(st.text(max_size=500))
def test_no_text_breaks_the_reading_of_reports(raw):
    assert read_report(raw) == [] or raw
    read_report(REPORT[:400] + raw)
