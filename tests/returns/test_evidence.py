"""Cold goods come back with a logger's file of their temperatures since the sale, or by quality's word."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from portal.files.store import store_at
from portal.kernel.errors import Conflict, Forbidden, Invalid
from tests import cast
from tests.builders import a_lot
from tests.coldchain.acts import made_cold
from tests.files.acts import a_pdf, a_picture, upload
from tests.ledger.acts import delivered
from tests.returns.acts import (
    accepted,
    approved,
    asked,
    rejected,
    requested,
    temperature_record,
)

BUYER, RIVAL = cast.huadong.buyer, cast.yuegang.buyer
HOURS = 6
LATER = cast.NOW + timedelta(hours=HOURS)
LOGS = Path(__file__).parents[1] / "coldchain" / "data"


@pytest.fixture
def product(given):
    one = given.a_product()
    given.stock_of(one, cast.shanghai_warehouse, a_lot("A", 50))
    return one


@pytest.fixture
def parcel(given, database, owner, product) -> str:
    """Units of cold goods that left at the cast's moment, beside some that are not cold."""
    other = given.a_product()
    given.stock_of(other, cast.shanghai_warehouse, a_lot("W", 50))
    number = delivered(given, database, {product: 10, other: 5}).shipment_number
    made_cold(owner, product)
    return number


def log(usual: str = "5.0", *others: tuple[int, str], hours: float = HOURS) -> bytes:
    """A logger's file every five minutes since the goods left."""
    told, start = dict(others), cast.NOW.astimezone(cast.ZONE)
    rows = [
        f"{(start + timedelta(minutes=minute)):%Y-%m-%d %H:%M:%S},{told.get(minute, usual)}"
        for minute in range(0, int(hours * 60) + 1, 5)
    ]
    return "\n".join(["Time,Temperature °C", *rows]).encode()


@pytest.fixture
def with_record(database, tmp_path, product, parcel):
    """``with_record(content)``: the return asked for with a temperature record."""

    def ask(content: bytes, name: str = "log.csv", **how) -> str:
        file = upload(database, store_at(tmp_path.as_uri()), BUYER.actor(), name, content).id
        read = temperature_record(tmp_path, file)
        how = {"files": [file], "temperatures": read, "at": LATER} | how
        return requested(database, parcel, asked(product, 2), **how).number

    return ask


def evidence(owner, number) -> tuple[str, list[str]]:
    row = owner.execute(
        text("SELECT evidence, evidence_findings FROM return_request WHERE number = :n"), {"n": number}
    ).one()
    return row.evidence, [one["kind"] for one in row.evidence_findings]


@pytest.mark.parametrize("hours", [HOURS, HOURS - 3])
def test_a_logger_that_stayed_within_the_range_lets_them_come(database, owner, with_record, hours):
    number = with_record(log(hours=hours))
    assert evidence(owner, number) == ("sound", [])
    approved(database, number)


@pytest.mark.parametrize(
    ("content", "kinds"),
    [
        (log("5.0", *((minute, "19.5") for minute in range(60, 180, 5))), ["too_warm"]),
        (log("5.0", *((minute, "-3.0") for minute in range(60, 180, 5))), ["too_cold"]),
        (b"\n".join(log().splitlines()[:1] + log().splitlines()[20:]), ["not_covered"]),
    ],
    ids=["warm", "frozen", "late"],
)
def test_an_excursion_or_what_nobody_measured_waits_for_quality(
    database, owner, api, with_record, content, kinds
):
    number = with_record(content)
    assert evidence(owner, number) == ("doubtful", kinds)
    told = api(cast.huadong.system).get(f"/returns/{number}").json["temperatures"]
    assert (told["verdict"], [one["kind"] for one in told["findings"]]) == ("doubtful", kinds)
    with pytest.raises(Conflict) as refusal:
        approved(database, number)
    assert refusal.value.code == "temperatures_doubtful"
    accepted(database, number)
    approved(database, number)
    kept = owner.execute(
        text("SELECT evidence, evidence_reason, evidence_by_label FROM return_request")
    ).one()
    assert tuple(kept) == ("accepted", "maker's data", cast.quality.actor().label)


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.jpg", a_picture()), ("a.pdf", a_pdf()), ("notes.txt", b"kept in the fridge all the time")],
)
def test_a_file_that_is_no_loggers_waits_for_quality(database, owner, with_record, name, content):
    number = with_record(content, name)
    assert evidence(owner, number) == ("doubtful", [])
    with pytest.raises(Conflict):
        approved(database, number)


def test_a_real_loggers_file_of_another_time_proves_nothing(owner, with_record):
    number = with_record((LOGS / "tandd_1.csv").read_bytes())
    assert evidence(owner, number) == ("doubtful", ["not_covered"])


def test_quality_may_reject_what_is_in_doubt_and_nothing_else(database, owner, with_record):
    doubtful, sound = with_record(a_picture(), "a.jpg"), with_record(log())
    rejected(database, doubtful, by=cast.quality, reason="nobody knows how warm it was")
    with pytest.raises(Forbidden):
        rejected(database, sound, by=cast.quality, reason="no")


@pytest.mark.parametrize(
    ("by", "reason", "error"),
    [
        (cast.order_desk, "fine", Forbidden),
        (cast.quality, "  ", Invalid),
        (cast.quality, "x" * 501, Invalid),
    ],
)
def test_only_quality_accepts_and_says_why(database, with_record, by, reason, error):
    number = with_record(a_picture(), "a.jpg")
    with pytest.raises(error):
        accepted(database, number, by=by, reason=reason)


def test_what_is_not_in_doubt_is_not_accepted(database, with_record):
    with pytest.raises(Conflict):
        accepted(database, with_record(log()))


def test_the_record_is_one_of_the_files_and_of_nobody_else(database, tmp_path, product, parcel, with_record):
    with pytest.raises(Invalid) as refusal:
        with_record(log(), files=[])
    assert [fault.pointer for fault in refusal.value.faults] == ["/temperature_file"]
    theirs = upload(database, store_at(tmp_path.as_uri()), RIVAL.actor(), "log.csv", log()).id
    with pytest.raises(Invalid) as refusal:
        with_record(log(), files=[theirs], temperatures=temperature_record(tmp_path, theirs))
    assert [fault.pointer for fault in refusal.value.faults] == ["/temperature_file"]


def test_goods_that_are_not_cold_need_no_record(given, database, owner):
    product = given.a_product()
    given.stock_of(product, cast.shanghai_warehouse, a_lot("A", 5))
    parcel = delivered(given, database, {product: 2}).shipment_number
    assert evidence(owner, requested(database, parcel, asked(product, 1)).number) == ("not_needed", [])
