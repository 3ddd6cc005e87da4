"""A repair from the request to the invoice in the books."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal as D

import pytest
from sqlalchemy import text

from portal.kernel.clock import period_of
from portal.kernel.db import transaction
from portal.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from portal.kernel.money import tax_within, to_fen
from portal.repairs.report_rules import Used
from portal.shipping.retire_expired_lots import retire_expired_lots
from portal.statements import queries
from tests import cast
from tests.builders import a_lot
from tests.checks.acts import found
from tests.repairs.acts import (
    LABOUR,
    NINE,
    TECHNICIAN,
    TRAVEL,
    UNTIL,
    a_part,
    a_report,
    a_request,
    accepted,
    cancelled,
    declined,
    filed,
    offered,
    repaired,
    tended,
    visited,
    withdrawn,
    written,
)
from tests.service import acts as service
from tests.service.acts import seen
from tests.statements.acts import LAST_DAY, closed, statement_row

RIVAL = cast.yuegang.service


def level(owner, product=cast.syringe):
    query = text(
        "SELECT on_hand, reserved FROM stock_level WHERE product_id = :product AND warehouse_id = :warehouse"
    )
    return tuple(owner.execute(query, {"product": product.id, "warehouse": cast.shanghai_warehouse.id}).one())


def ready(database, **more):
    """A request whose quote is accepted, with a visit; number and place of the visit."""
    number = a_request(database)
    accepted(database, number, offered(database, number, **more))
    return number, visited(database, number)


def test_a_repair_goes_from_the_request_to_the_invoice_in_the_books(database, owner):
    number = a_request(database)
    version = offered(database, number)
    assert seen(database, number).state == "waiting"
    quote = repaired(database, number, by=cast.huadong.service).offered
    part = quote.lines[2]
    labour, travel = to_fen(D("2.5") * D("199.99")), to_fen(37 * D("1.55"))
    gross = labour + travel + 2 * part.unit_price
    assert quote.gross == gross and part.sku == cast.syringe.sku
    before = level(owner)
    accepted(database, number, version)
    assert level(owner) == (before[0], before[1] + 2)
    assert seen(database, number).state == "in_progress" and not found(database)
    visit_no = visited(database, number)
    done = filed(database, number, visit_no, a_report(database))
    assert level(owner) == (before[0] - 2, before[1])
    of = repaired(database, number, by=cast.huadong.service)
    assert (of.state, of.invoice_no, of.invoice_gross) == ("done", done.invoice_no, gross)
    tax = tax_within(labour, D("0.06")) + tax_within(travel, D("0.13")) + part.tax
    entry = owner.execute(
        text("SELECT kind, receivable, reference, period FROM journal_entry WHERE document_no = :no"),
        {"no": done.invoice_no},
    ).one()
    assert tuple(entry) == ("service", gross, number, period_of(cast.TODAY)) and of.invoice_tax == tax
    assert seen(database, number).state == "resolved"
    [used] = of.visits[0].used
    assert (used.lot_no, used.quantity) == ("SY-EARLY", 2)
    assert not found(database)


def test_the_statement_of_the_month_has_the_invoice(database, owner):
    number, visit_no = ready(database)
    invoice = filed(database, number, visit_no, a_report(database), today=LAST_DAY).invoice_no
    of = repaired(database, number)
    closed(database)
    with transaction(database.session_for(cast.huadong.finance.actor())) as session:
        said = queries.document(session, number=statement_row(owner).number, locale="zh")
    [line] = [one for one in said.lines if one.document_no == invoice]
    assert (line.kind, line.date, line.debit, line.credit) == ("service", LAST_DAY, of.invoice_gross, 0)
    [due] = [one for one in said.due if one.document_no == invoice]
    assert (due.open_amount, due.due_date) == (of.invoice_gross, of.invoice_due_on)
    assert said.closing == said.opening + of.invoice_gross == of.invoice_open


def test_what_was_not_used_is_given_back_and_not_billed(database, owner):
    number, visit_no = ready(database)
    before = level(owner)
    used = (Used(cast.syringe.sku, "SY-EARLY", 1, (), "/used/0"),)
    filed(database, number, visit_no, a_report(database, used=used))
    of = repaired(database, number)
    assert level(owner) == (before[0] - 1, before[1] - 2)
    assert of.invoice_gross == of.accepted.gross - of.accepted.lines[2].unit_price
    assert not found(database)


def test_a_quote_is_decided_once_and_not_after_its_day(database):
    number = a_request(database)
    version = offered(database, number)
    with pytest.raises(Conflict) as expired:
        accepted(database, number, version, today=UNTIL + timedelta(days=1))
    assert expired.value.code == "quote_expired"
    with pytest.raises(Conflict) as changed:
        accepted(database, number, version, revision=1)
    assert changed.value.code == "edited_meanwhile"
    accepted(database, number, version, today=UNTIL)
    for again in (accepted, declined):
        with pytest.raises(Conflict) as twice:
            again(database, number, version)
        assert twice.value.code == "quote_accepted"
    with pytest.raises(Conflict):
        written(database, number)
    assert sum(one.reserved for one in repaired(database, number).parts) == 2 and not found(database)


def test_declined_withdrawn_and_expired_quotes_hold_nothing(database, owner):
    before, number = level(owner), a_request(database)
    first = offered(database, number)
    declined(database, number, first)
    assert (repaired(database, number).state, seen(database, number).state) == ("quoting", "in_progress")
    second = offered(database, number)
    third = offered(database, number, (LABOUR,))
    with pytest.raises(Conflict) as old:
        accepted(database, number, second)
    assert old.value.code == "quote_withdrawn"
    withdrawn(database, number)
    with pytest.raises(Conflict):
        accepted(database, number, third)
    last = offered(database, number)
    assert tended(database) == []
    assert tended(database, UNTIL + timedelta(days=1)) == [number]
    with pytest.raises(Conflict) as expired:
        accepted(database, number, last)
    assert expired.value.code == "quote_expired" and level(owner) == before


def test_a_dealer_sees_no_draft_and_a_rival_nothing(database):
    number = a_request(database)
    draft = written(database, number)
    assert repaired(database, number, by=cast.huadong.service).quotes == ()
    with pytest.raises(NotFound):
        accepted(database, number, draft)
    version = offered(database, number)
    for act in (accepted, declined):
        with pytest.raises(NotFound):
            act(database, number, version, by=RIVAL)
        with pytest.raises(Forbidden):
            act(database, number, version, by=cast.service_desk)


def test_every_fault_of_a_quote_is_told_at_once(database):
    number = a_request(database)
    lines = [
        LABOUR.__class__("labour", "", "", D(0), None, D("0.2"), "/lines/0"),
        a_part("NO-SUCH"),
        a_part(cast.unpriced_probe.sku, 1).__class__(
            "part", "", cast.unpriced_probe.sku, D("1.5"), None, None, "/lines/3"
        ),
    ]
    with pytest.raises(Invalid) as refusal:
        written(database, number, lines, until=cast.TODAY - timedelta(days=1), is_warranty=True)
    assert {one.pointer for one in refusal.value.faults} >= {
        "/valid_until",
        "/is_warranty",
        "/lines/0/text",
        "/lines/0/units",
        "/lines/0/unit_price",
        "/lines/0/tax_rate",
        "/lines/2/sku",
        "/lines/3/units",
    }


def test_parts_of_a_lot_that_leaves_the_sale_are_let_go(given, database, owner):
    """Else neither the lot could leave, nor the repair go on."""
    part, end = given.a_product(), cast.TODAY + timedelta(days=30)
    given.stock_of(part, cast.shanghai_warehouse, a_lot("OLD", 2, expires_on=end))
    number = a_request(database)
    accepted(database, number, offered(database, number, (LABOUR, a_part(part.sku, 2))))
    assert repaired(database, number).parts[0].reserved == 2
    assert tended(database, today=end - timedelta(days=2)) == []
    assert tended(database, today=end) == [number]
    of = repaired(database, number)
    assert of.short and of.parts[0].reserved == 0
    with transaction(database.system_session()) as session:
        retired = retire_expired_lots(session, today=end, at=cast.NOW)
    assert (retired.units, retired.postponed) == (2, 0) and not found(database)
    given.stock_of(part, cast.shanghai_warehouse, a_lot("NEW", 2))
    tended(database, today=end)
    assert repaired(database, number).parts[0].reserved == 2


def test_parts_give_way_in_whichever_warehouse_they_are_held(given, database, owner):
    """Others are looked for in another turn: in the same one an earlier warehouse would be locked late."""
    part, end = given.a_product(), cast.TODAY + timedelta(days=30)
    served = [cast.shanghai_warehouse, cast.guangzhou_warehouse]
    last = max(served, key=lambda one: one.id)
    owner.execute(
        text(
            "INSERT INTO warehouse_service (region_id, warehouse_id, rank)"
            " SELECT region_id, :last, 9 FROM warehouse_service WHERE warehouse_id <> :last"
            " ON CONFLICT DO NOTHING"
        ),
        {"last": last.id},
    )
    given.stock_of(part, last, a_lot("OLD", 2, expires_on=end))
    number = a_request(database)
    accepted(database, number, offered(database, number, (LABOUR, a_part(part.sku, 2))))
    assert repaired(database, number).warehouse == last.code
    assert tended(database, today=end) == [number]
    of = repaired(database, number)
    assert of.short and of.parts[0].reserved == 0
    assert [one.details.get("event") for one in seen(database, number).entries].count("parts_short") == 1
    tended(database, today=end)
    assert repaired(database, number).short, "nowhere is any"


def test_parts_that_are_short_are_told_and_held_when_they_come(database, owner):
    number = a_request(database)
    accepted(database, number, offered(database, number, (LABOUR, a_part(cast.last_suture.sku, 5))))
    of = repaired(database, number)
    assert of.short and of.parts[0].reserved == 0 and not found(database)
    tended(database)
    assert [one.details.get("event") for one in seen(database, number).entries].count("parts_short") == 1
    where = {"id": cast.last_suture.id}
    owner.execute(
        text("UPDATE stock_level SET on_hand = on_hand + 9 WHERE product_id = :id AND on_hand = 1"), where
    )
    tended(database)
    tended(database)
    of = repaired(database, number)
    assert not of.short and of.parts[0].reserved == 5
    cancelled(database, number)
    assert repaired(database, number).parts[0].reserved == 0


def test_a_request_that_is_taken_back_lets_its_parts_go(database, owner):
    before, number = level(owner), a_request(database)
    accepted(database, number, offered(database, number))
    service.cancelled(database, number)
    assert tended(database) == [number] and level(owner) == before
    assert repaired(database, number).state == "cancelled" and not found(database)


def test_under_warranty_nobody_is_asked_and_nothing_is_billed(database, owner):
    number = a_request(database)
    owner.execute(
        text("UPDATE service_request SET warranty_until = :day WHERE number = :number"),
        {"day": cast.TODAY, "number": number},
    )
    offered(database, number, is_warranty=True)
    of = repaired(database, number)
    assert (of.state, of.is_warranty, of.accepted.gross) == ("accepted", True, 0)
    assert of.parts[0].reserved == 2
    done = filed(database, number, visited(database, number), a_report(database))
    assert done.invoice_no is None and repaired(database, number).state == "done"
    assert seen(database, number).state == "resolved" and not found(database)


def test_a_report_that_a_phone_sends_twice_is_one(database):
    number, visit_no = ready(database)
    report = a_report(database)
    first = filed(database, number, visit_no, report)
    again = filed(database, number, visit_no, report)
    assert again == first and first.invoice_no
    with pytest.raises(Conflict) as other:
        filed(database, number, visit_no, a_report(database, findings="Nothing."))
    assert other.value.code == "key_reused"
    with pytest.raises(Conflict) as second:
        filed(database, number, visit_no, a_report(database, "phone-2"), by=cast.service_desk)
    assert second.value.code == "report_filed" and not found(database)


def test_nothing_is_repaired_before_a_quote_is_accepted(database):
    number = a_request(database)
    visit_no = visited(database, number)
    with pytest.raises(Conflict) as early:
        filed(database, number, visit_no, a_report(database, used=()))
    assert early.value.code == "not_accepted"
    filed(database, number, visit_no, a_report(database, used=(), result="not_tested"))
    of = repaired(database, number)
    assert (of.state, of.invoice_no) == ("quoting", None)


def test_a_failed_test_bills_nothing_and_another_visit_follows(database):
    number, visit_no = ready(database)
    used = (Used(cast.syringe.sku, "SY-EARLY", 1, (), "/used/0"),)
    done = filed(database, number, visit_no, a_report(database, result="failed", used=used))
    assert done.invoice_no is None
    second = visited(database, number, starts_at=NINE + timedelta(days=1))
    done = filed(database, number, second, a_report(database, "phone-2", used=used))
    of = repaired(database, number)
    assert done.invoice_no and of.invoice_gross == of.accepted.gross and not found(database)


def test_every_fault_of_a_report_is_told_at_once(database):
    number, visit_no = ready(database)
    used = (
        Used(cast.syringe.sku, "SY-EARLY", 3, (), "/used/0"),
        Used(cast.syringe.sku, "NO-LOT", 1, (), "/used/1"),
        Used(cast.syringe.sku, "SY-LATE", None, (), "/used/2"),
    )
    wrong = a_report(
        database, findings="", signed_name=" ", checks={}, used=used, signature="[[1]]", result="?"
    )
    with pytest.raises(Invalid) as refusal:
        filed(database, number, visit_no, wrong)
    told = {one.pointer for one in refusal.value.faults}
    assert told > {"/findings", "/signed_name", "/signature", "/result", "/used/0/quantity"}
    assert told > {"/used/1/lot", "/used/2/quantity"}
    assert any(one.startswith("/checks/") for one in told)


def test_no_technician_is_sent_to_two_places_at_once(database):
    one, other = a_request(database), a_request(database)
    visited(database, one)
    with pytest.raises(Conflict) as busy:
        visited(database, other, starts_at=NINE + timedelta(hours=1))
    assert busy.value.code == "technician_busy"
    visited(database, other, starts_at=NINE + timedelta(hours=2))
    visited(database, other, technician=cast.service_desk)
    assert TECHNICIAN.id != cast.service_desk.id


def test_only_a_request_for_a_repair_is_quoted(database):
    number = service.opened(database)
    with pytest.raises(Conflict) as refusal:
        written(database, number, (LABOUR, TRAVEL))
    assert refusal.value.code == "no_repair"


def test_a_colleague_files_no_report_of_anothers_visit(database):
    number, visit_no = ready(database)
    for stranger in (cast.quality, cast.south_technician):
        with pytest.raises((Forbidden, NotFound)) as refused:
            filed(database, number, visit_no, a_report(database), by=stranger)
    with pytest.raises(Forbidden) as refused:
        filed(database, number, visit_no, a_report(database), by=cast.quality)
    assert refused.value.code == "others_visit"
    assert filed(database, number, visit_no, a_report(database), by=cast.service_desk).invoice_no
