"""A sheet is held against catalogue, prices, stock and law: every row is taken, merged or refused."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from portal.kernel.db import Database, transaction
from portal.kernel.errors import Forbidden, NotFound
from portal.orders.terms import OrderLimits, OrderTerms
from portal.ordersheets.check_sheet import CheckedRow, CheckedSheet, check_sheet
from portal.ordersheets.rules import read_text
from tests import cast
from tests.catalogue.acts import put_package

GLOVES = cast.gloves.udi_di
BUYER = cast.huadong.buyer


def check(
    database: Database, text: str, *, person=BUYER, dealer=cast.huadong, lines_max=1000
) -> CheckedSheet:
    with transaction(database.session_for(person.actor())) as session:
        return check_sheet(
            session,
            actor=person.actor(),
            dealer_id=dealer.id,
            sheet=read_text(text, rows_max=10_000),
            terms=OrderTerms(OrderLimits(lines_max=lines_max, quantity_max=1_000_000), "CNY", cast.ZONE),
        )


def only(database: Database, text: str) -> CheckedRow:
    [row] = check(database, text).rows
    return row


def codes(row: CheckedRow) -> list[str]:
    return [fault.code for fault in row.faults]


@pytest.mark.parametrize(
    "code",
    [
        "GLOVES",
        "gloves",
        "ＧＬＯＶＥＳ",
        "06901234510010",
        "6901234510010",
        "]C1010690123451001017991231",
        "(01)06901234510010(10)L1",
        "https://id.example/01/06901234510010/10/L1",
    ],
)
def test_a_product_is_meant_by_sku_gtin_or_barcode(database, code):
    row = only(database, f"{code}\t3")
    assert (row.sku, row.row.quantity, row.faults) == ("GLOVES", 3, ())
    assert row.line.price.unit_price * 3 == row.amount


def test_what_is_easily_mistaken_in_a_code_is_read_and_told(database):
    row = only(database, "G-10VES\t3")
    assert (row.sku, codes(row), [note.code for note in row.notes]) == ("GLOVES", [], ["read_as"])


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("NO-SUCH\t1", "unknown_sku"),
        ("06901234510011\t1", "wrong_check_digit"),
        ("WITHDRAWN\t1", "withdrawn"),
        ("UNPRICED\t1", "no_price"),
        ("SYRINGE\t15", "pack_multiple"),
        ("SOLD-OUT\t1", "stock_short"),
        ("LAPSED\t1", "registration"),
        ("GLOVES\t0", "quantity_not_positive"),
        ("GLOVES\t1,000,001", "quantity_too_large"),
        ("SYRINGE\t10箱", "unit_differs"),
    ],
)
def test_what_cannot_be_ordered_is_refused_with_a_reason(database, line, fault):
    row = only(database, line)
    assert codes(row)[0] == fault and all(one.message and one.fix for one in row.faults)


def test_a_unit_that_counts_the_same_is_none_to_speak_of(database):
    assert only(database, "SYRINGE\t10 pcs").faults == ()
    assert only(database, "GLOVES\t2盒").faults == ()


@pytest.mark.parametrize("code", ["GLOVEZ", "GLVES", "GOLVES", "GLOVESS"])
def test_the_nearest_sku_is_proposed(database, code):
    assert only(database, f"{code}\t1").proposals == ("GLOVES",)


def test_the_next_whole_pack_is_proposed(database):
    assert only(database, "SYRINGE\t15").fitting == 20


def test_rows_of_one_product_are_one_line_and_that_is_told(database):
    sheet = check(database, "SYRINGE\t15\nGLOVES\t1\n06901234510027\t5")
    assert [row.merged_into for row in sheet.rows] == [None, None, 1]
    assert [codes(row) for row in sheet.rows] == [[], [], []]  # 20 are two packs
    assert sheet.rows[0].line.demand.quantity == 20
    assert sheet.total == sheet.rows[0].amount + sheet.rows[1].amount
    assert sheet.rows[2].amount is None


def test_what_stands_against_a_line_stands_against_each_of_its_rows(database):
    sheet = check(database, "SYRINGE\t15\nSYRINGE\t3")
    assert [codes(row) for row in sheet.rows] == [["pack_multiple"], ["pack_multiple"]]
    assert [row.fitting for row in sheet.rows] == [None, None]


def test_beyond_the_most_lines_rows_are_refused_one_by_one(database):
    sheet = check(database, "GLOVES 1\nGAUZE 1\nSTENT 1\nGLOVES 1", lines_max=2)
    assert [codes(row) for row in sheet.rows] == [[], [], ["too_many_lines"], []]


def test_a_sheet_of_nothing_but_faults_is_answered(database):
    sheet = check(database, "NO-SUCH 1\n=1\t2")
    assert (len(sheet.accepted), len(sheet.refused), sheet.total) == (0, 2, 0)
    assert check(database, "").rows == ()


def test_prices_are_the_dealers_own(database):
    own = only(database, "GLOVES 1").amount
    [rivals] = check(database, "GLOVES 1", person=cast.yuegang.buyer, dealer=cast.yuegang).rows
    assert own != rivals.amount


def test_nobody_checks_for_another_dealer_or_without_the_right(database):
    with pytest.raises(NotFound):
        check(database, "GLOVES 1", dealer=cast.yuegang)
    with pytest.raises(Forbidden):
        check(database, "GLOVES 1", person=cast.huadong.finance)


def sheet_of_everything(skus: list[str], lines: int) -> str:
    """Good, doubled, unknown, nearly right, broken, barcoded and unreadable lines, in turn."""
    kinds = (
        "{sku}\t1",
        "{sku}\t1",
        "{sku}X\t1",
        "NO-{n}\t5",
        "SYRINGE\t15",
        "(01)06901234510010(10)L{n}\t1",
        "{sku}\tabc",
        "=1\t1",
    )
    return "\n".join(kinds[n % len(kinds)].format(sku=skus[n % len(skus)], n=n) for n in range(lines))


def test_500_lines_of_whatever_cost_a_fixed_number_of_statements(database, given, count_statements):
    skus = [given.a_product(price="1.00").sku for _ in range(60)]
    given.a_promotion(reward_percent=10, goods=[cast.gloves])
    costs = []
    for lines in (8, 500):
        with count_statements() as counted:
            sheet = check(database, sheet_of_everything(skus, lines))
        assert len(sheet.rows) == lines
        costs.append(len(counted))
    assert costs[0] == costs[1] <= 12, counted


def test_500_lines_are_read_in_an_instant():
    text = sheet_of_everything([f"TL-{n:05}" for n in range(60)], 10_000)
    began = datetime.now(UTC)
    assert len(read_text(text, rows_max=10_000).rows) == 10_000
    assert (datetime.now(UTC) - began).total_seconds() < 5


CASE = "16901234510000"


@pytest.mark.parametrize(
    ("text", "quantity"),
    [
        (f"{CASE}\t3", 60),
        (f"(01){CASE}(10)AB", 20),
        (f"{CASE}\t40 盒", 40),
        (f"{GLOVES}\t40", 40),
    ],
)
def test_the_number_of_a_case_counts_its_units_unless_a_unit_is_named(database, owner, text, quantity):
    put_package(owner, cast.gloves, "case", CASE, 20)
    row = only(database, text)
    assert (row.sku, row.row.quantity) == ("GLOVES", quantity), row.faults
    again = only(database, f"{row.row.code}\t{row.row.typed or row.row.quantity}")
    assert (again.sku, again.row.quantity) == ("GLOVES", quantity), "sent again, it says the same"
