"""The journal for finance systems: the same lines, sums and files as the page has."""

from __future__ import annotations

import csv
import io
from decimal import Decimal

import pytest

from portal.kernel import clock
from portal.ledger.vocabulary import LedgerRight
from tests import cast
from tests.api.contract import faults, kept, refused
from tests.ledger.acts import paid, reversed_
from tests.ledger.document_acts import held, opened, used, written_off
from tests.played import played

MONTH = clock.period_of(cast.TODAY)


@played
def a_month(_given, database, _owner):
    """Every account that finance posts to, a reversal, and another dealer."""
    debts = [one.document_no for one in opened(database, ("OLD-1", "100.00"), ("OLD-2", "70.00"))]
    used(database, held(database, "80.00"), (debts[0], "30.00"))
    written_off(database, (debts[1], "20.00"))
    reversed_(database, paid(database, "15.00").document_no)
    opened(database, ("OLD-1", "40.00"), dealer=cast.yuegang)


@pytest.fixture
def reader(a_month, system):
    return system(LedgerRight.READ)


def table(answer):
    assert answer.status_code == 200 and answer.mimetype == "text/csv", answer.get_data(as_text=True)
    return list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))


@pytest.mark.parametrize(
    "sought", ["", "?account=deposits_held", "?kind=opening&dealer=yuegang", "?least=70.00"]
)
def test_sums_and_file_are_those_of_the_list(reader, sought):
    rows = kept(reader.get(f"/hq/journal{sought}"))["items"]
    totals = kept(reader.get(f"/hq/journal/totals{sought}"))
    assert rows and totals["complete"] and sum(one["lines"] for one in totals["items"]) == len(rows)
    for one in totals["items"]:
        mine = [row for row in rows if row["account"] == one["account"]]
        assert Decimal(one["debit"]) == sum(Decimal(row["debit"] or 0) for row in mine)
        assert Decimal(one["credit"]) == sum(Decimal(row["credit"] or 0) for row in mine)
    english = {"Accept-Language": "en", "Accept": "text/csv"}
    in_file = table(reader.get(f"/hq/journal/file{sought}", headers=english))
    assert [row["Document"] for row in in_file] == [row["document"] for row in rows]
    assert [row["Dealer code"] for row in in_file] == [row["dealer"] for row in rows]


def test_vouchers_are_those_of_the_file(reader):
    path = f"/hq/journal/exports/{MONTH}"
    known = kept(reader.get(path))
    assert known["items"] == [{"part": 1, "vouchers": known["vouchers"]}]
    read, address = [], f"{path}/vouchers?limit=2"
    while address:
        page = kept(reader.get(address))
        read += page["items"]
        cursor = page["next_cursor"]
        address = cursor and f"{path}/vouchers?limit=2&cursor={cursor}"
    assert [one["voucher_no"] for one in read] == list(range(1, known["vouchers"] + 1))
    in_file = table(reader.get(f"{path}/file", headers={"Accept-Language": "en"}))
    lines = [(one, line) for one in read for line in one["lines"]]
    assert [row["Voucher"] for row in in_file] == [one["voucher"] for one, _ in lines]
    assert [row["Account code"] for row in in_file] == [line["account_code"] for _, line in lines]
    assert [row["Summary"] for row in in_file] == [one["summary"] for one, _ in lines]
    assert all(
        sum(Decimal(a["debit"] or 0) - Decimal(a["credit"] or 0) for a in one["lines"]) == 0 for one in read
    )


def test_what_there_is_not_is_told(reader, huadong):
    path = f"/hq/journal/exports/{MONTH}"
    refused(reader.get(f"{path}/file?part=2"), 404)
    refused(reader.get("/hq/journal/exports/soon"), 404)
    assert faults(reader.get(f"{path}/file?part=x&form=pdf")) == {
        "/part": "not_whole",
        "/form": "unknown_value",
    }
    assert faults(reader.get("/hq/journal/totals?first=2020-01&last=2026-10")) == {"/last": "too_many_months"}
    refused(reader.get("/hq/journal/file?dealer=nobody"), 404)
    for address in (path, f"{path}/file", f"{path}/vouchers", "/hq/journal/file", "/hq/journal/totals"):
        refused(huadong.get(address), 403)


def test_a_page_asks_one_statement(reader, count_statements):
    for address in ("/hq/journal/totals", f"/hq/journal/exports/{MONTH}/vouchers"):
        with count_statements() as counted:
            kept(reader.get(address))
        assert len(counted) <= 2, str(counted)
