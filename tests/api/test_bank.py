"""Statements of the bank through the API: taken in once, matched, and matches taken back."""

from __future__ import annotations

import io
from datetime import UTC, datetime, time

import pytest

from portal.bank.reference import reference_of
from tests import cast
from tests.api.contract import faults, kept, refused
from tests.bank.acts import booked, mt940, payments
from tests.bank.test_camt import STATEMENT, entry, payment
from tests.ledger.acts import balance, delivered

PATH = "/hq/bank-statements"


@pytest.fixture
def erp(api):
    return api(cast.erp)


def send(caller, content: bytes, name="bank.sta", **typed):
    form = {"file": (io.BytesIO(content), name)} | typed
    return caller.request("POST", PATH, data=form)


def test_a_statement_is_taken_in_and_its_bookings_are_told(erp, owner):
    content = mt940(booked("80.00", told=reference_of("huadong")), booked("7.00", party="某公司"))
    taken = kept(send(erp, content))
    counts = (taken["bookings"], taken["new"], taken["matched"], taken["waiting"])
    assert counts == (2, 2, 1, 1)
    assert taken["account"] == "6222 0000 0000 0000"
    again = kept(send(erp, content))
    assert (again["id"], again["repeated"]) == (taken["id"], True)
    first, second = kept(erp.get(f"{PATH}/{taken['id']}/bookings"))["items"]
    assert (first["n"], first["state"], first["dealer"], first["amount"]) == (
        1,
        "matched",
        "huadong",
        "80.00",
    )
    assert (second["state"], second["proposals"]) == ("waiting", [])
    assert kept(erp.get(f"{PATH}/{taken['id']}"))["waiting"] == 1
    assert len(payments(owner)) == 1


def test_a_camt_of_another_encoding_is_read_as_a_file_and_as_text(erp):
    """What came as text is read, whatever it says; the moment of its booking is of the day here."""
    moment = datetime.combine(cast.TODAY, time(0, 30), cast.ZONE).astimezone(UTC).isoformat()
    when = f"<BookgDt><DtTm>{moment}</DtTm></BookgDt>"
    said = STATEMENT.replace('encoding="UTF-8"', 'encoding="GBK"').format(
        opening="100.00",
        closing="105.00",
        entries=entry("5.00", details=payment("5.00", "某公司"), when=when),
        version="08",
    )
    for taken in (kept(send(erp, said.encode("gbk"))), kept(erp.post(PATH, {"text": said}))):
        [row] = kept(erp.get(f"{PATH}/{taken['id']}/bookings"))["items"]
        assert (row["party"], row["booked_on"]) == ("某公司", str(cast.TODAY))
    fault = faults(send(erp, said.encode()), 422)
    assert list(fault.values()) == ["encoding_wrong"], fault


def test_a_booking_is_matched_with_invoices_and_the_match_taken_back(erp, given, database, owner):
    done = delivered(given, database, {cast.gloves: 10})
    taken = kept(send(erp, mt940(booked("50.00", party="某公司"))))
    booking = f"{PATH}/{taken['id']}/bookings/1"
    row = kept(erp.post(f"{booking}/match", {"invoices": [done.invoice_number]}, key="once"))
    assert (row["state"], row["invoices"], row["matched_as"]) == ("matched", [done.invoice_number], "posted")
    again = erp.post(f"{booking}/match", {"invoices": [done.invoice_number]}, key="once")
    assert again.headers["Idempotency-Replayed"] == "true"
    assert balance(owner) == done.gross - 50
    refused(erp.post(f"{booking}/match", {"dealer": "yuegang"}), 409, "already_matched")
    row = kept(erp.post(f"{booking}/unmatch"))
    assert (row["state"], row["payment"]) == ("waiting", None)
    assert balance(owner) == done.gross
    refused(erp.post(f"{booking}/unmatch", {"reason": "again"}), 409, "not_matched")


def test_every_fault_of_a_file_names_its_line(erp):
    content = mt940(booked("80.00")).replace(b"1080,00", b"1081,00")
    assert faults(send(erp, content), 422) == {"/file/6": "balance_differs"}
    assert faults(send(erp, b""), 422) == {"/file": "empty"}
    assert faults(erp.post(PATH, {"text": "no statement"}), 422) == {"/file": "no_heads"}


def test_an_extract_is_a_conflict_until_it_is_confirmed(erp):
    content = "交易日期,摘要,金额\n2026-11-20,货款,5.00".encode("gbk")
    assert faults(send(erp, content, "a.csv"), 422) == {"/account": "account_missing"}
    assert faults(send(erp, content, "a.csv", account="62"), 409) == {"/file/2": "no_balance"}
    taken = kept(send(erp, content, "a.csv", account="62", confirm_extract="true"))
    assert taken["extract"] is True


def test_a_doubtful_payment_is_a_conflict_until_it_is_confirmed(erp):
    content = mt940(booked("300000.00", told=reference_of("huadong")), opening="0.00")
    taken = kept(send(erp, content))
    booking = f"{PATH}/{taken['id']}/bookings/1"
    [row] = kept(erp.get(f"{PATH}/{taken['id']}/bookings"))["items"]
    assert [one["reason"] for one in row["proposals"]] == ["reference"]
    assert faults(erp.post(f"{booking}/match"), 409) == {"/confirm_amount": "unusual_amount"}
    assert kept(erp.post(f"{booking}/match", {"confirm_amount": True}))["state"] == "matched"


@pytest.mark.parametrize("n", ["0", "2", "x", "99999999999999999999", "1%00"])
def test_a_booking_that_is_not_there_is_not_found(erp, n):
    taken = kept(send(erp, mt940(booked("7.00"))))
    assert erp.post(f"{PATH}/{taken['id']}/bookings/{n}/match", {"dealer": "huadong"}).status_code == 404
