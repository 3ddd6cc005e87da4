"""A tax invoice finds its document, is compared with it, waits where it differs, and is taken back once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from portal.kernel import clock
from portal.kernel.db import transaction
from portal.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from portal.ledger.post_credit_note import Returned
from portal.tax_invoices import queries
from portal.tax_invoices.limits import limits_on, set_limits
from portal.tax_invoices.rules import Limits
from portal.tax_invoices.take_tax_invoice import take_tax_invoices
from tests import cast
from tests.ledger.acts import delivered, returned
from tests.races import failures, together
from tests.shipping.acts import audited
from tests.tax_invoices.acts import (
    SELLER,
    accepted,
    dearer,
    noted,
    number_of_platform,
    removed,
    taken,
    xml_of,
)

COLLEAGUE = cast.finance_colleague


@pytest.fixture
def invoice(given, database) -> str:
    """An invoice over two lines."""
    return delivered(given, database, {cast.gloves: 3, cast.syringe: 30}).invoice_number


def states(owner) -> list[tuple[str, str]]:
    rows = owner.execute(text("SELECT document_no, state FROM tax_invoice ORDER BY id"))
    return [(row.document_no, row.state) for row in rows]


def reds(refusal) -> set[str]:
    return {fault.code for fault in refusal.value.faults}


def test_what_agrees_is_attached_to_what_it_names_and_the_dealer_is_told(invoice, database, owner):
    content = xml_of(database, invoice, remark=f"合同 2026-7 单据 {invoice}")
    done = taken(database, content)
    assert (done.document, done.state, done.is_repeat) == (invoice, "attached", False)
    assert taken(database, content).is_repeat
    assert audited(owner, done.number) == ["tax_invoice:taken"]
    told = (
        owner.execute(text("SELECT payload FROM outbox WHERE topic = 'tax_invoice.issued'")).scalars().all()
    )
    assert [one["document"] for one in told] == [invoice]
    with transaction(database.session_for(cast.huadong.finance.actor())) as session:
        assert queries.content_of(session, done.number) == content


def test_without_a_remark_the_only_document_of_that_amount_is_meant(invoice, given, database):
    other = delivered(given, database, {cast.gloves: 4}).invoice_number
    assert taken(database, xml_of(database, other)).document == other
    twin = delivered(given, database, {cast.gloves: 3, cast.syringe: 30}).invoice_number
    content = xml_of(database, twin)
    with pytest.raises(Invalid) as refusal:
        taken(database, content)
    assert reds(refusal) == {"document_unclear"} and invoice in str(refusal.value.faults[0].params)
    assert taken(database, content, twin).document == twin
    with pytest.raises(Invalid) as refusal:
        taken(database, xml_of(database, invoice), "IN2611-NOWHERE00")
    assert reds(refusal) == {"unknown_document"}


def test_what_differs_waits_for_somebody_else(invoice, database, owner):
    number = taken(database, xml_of(database, invoice, change=dearer("0.07")), invoice).number
    assert states(owner) == [(invoice, "differs")]
    with pytest.raises(Forbidden, match="same_person"):
        accepted(database, number, by=cast.hq_finance)
    with pytest.raises(Invalid):
        accepted(database, number, by=COLLEAGUE, reason=" ")
    accepted(database, number, by=COLLEAGUE)
    assert states(owner) == [(invoice, "accepted")]
    with pytest.raises(Conflict, match="not_differing"):
        accepted(database, number, by=COLLEAGUE)
    assert audited(owner, number) == ["tax_invoice:taken", "tax_invoice:accepted"]


def test_what_is_accepted_is_the_file_that_was_looked_at(invoice, database):
    def look() -> str:
        with transaction(database.staff_session(COLLEAGUE.actor())) as session:
            return queries.tax_invoice_of(session, number).sha256

    number = taken(database, xml_of(database, invoice, change=dearer("0.07")), invoice).number
    seen = look()
    removed(database, number)
    taken(database, xml_of(database, invoice, number=number, change=dearer("900.00")), invoice)
    with pytest.raises(Conflict, match="tax_invoice_removed"):
        accepted(database, number, by=COLLEAGUE, sha256=seen)
    accepted(database, number, by=COLLEAGUE, sha256=look())


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda ours: replace(ours, buyer="91110000MA00000C0Z"), "wrong_buyer"),
        (lambda ours: replace(ours, seller="91110000MA00000C0Z"), "wrong_seller"),
    ],
)
def test_what_cannot_be_the_documents_is_refused_and_nothing_is_kept(invoice, database, owner, change, code):
    with pytest.raises(Invalid) as refusal:
        taken(database, xml_of(database, invoice, change=change), invoice)
    assert reds(refusal) == {code}
    assert states(owner) == []


def test_a_number_belongs_to_one_document_and_a_document_has_one_number(invoice, given, database):
    other = delivered(given, database, {cast.gloves: 3, cast.syringe: 30}).invoice_number
    content = xml_of(database, invoice)
    number = taken(database, content, invoice).number
    with pytest.raises(Conflict, match="number_reused"):
        taken(database, content, other)
    with pytest.raises(Conflict, match="tax_invoice_changed"):
        taken(database, xml_of(database, invoice, number=number, remark="x"), invoice)
    with pytest.raises(Conflict, match="has_tax_invoice"):
        taken(database, xml_of(database, invoice), invoice)
    removed(database, number)
    assert taken(database, content, other).document == other


def test_a_red_letter_takes_back_once_and_no_more_than_is_left(invoice, given, database, owner):
    blue = taken(database, xml_of(database, invoice), invoice).number
    note = returned(database, invoice, Returned(1, 1)).number
    red = taken(database, xml_of(database, note, blue=blue), note)
    assert red.state == "attached"
    left = owner.execute(
        text("SELECT sum(gross) FROM tax_invoice WHERE number = :a OR blue_no = :a"), {"a": blue}
    ).scalar_one()
    with transaction(database.staff_session(cast.hq_finance.actor())) as session:
        assert queries.tax_invoice_of(session, blue).left == left
    with pytest.raises(Conflict, match="has_red_letter"):
        removed(database, blue)
    removed(database, red.number)
    unnamed = taken(database, xml_of(database, note), note)
    assert unnamed.state == "differs"  # nobody says what it takes back


def test_of_several_files_each_is_taken_or_refused_by_itself(invoice, given, database):
    rivals = delivered(given, database, {cast.gloves: 5}, to=cast.yuegang).invoice_number
    own = xml_of(database, invoice, remark=invoice)
    files = [("c.xml", xml_of(database, rivals, remark=rivals)), ("a.xml", own), ("b.xml", b"<x"), ("d", own)]
    with transaction(database.session_for(cast.hq_finance.actor())) as session:
        done = take_tax_invoices(
            session, actor=cast.hq_finance.actor(), files=files, seller=SELLER, at=clock.now()
        )
    assert [one.name for one in done] == ["c.xml", "a.xml", "b.xml", "d"]
    assert [one.taken and one.taken.document for one in done] == [rivals, invoice, None, invoice]
    assert done[3].taken.is_repeat


def test_a_number_of_another_region_keeps_no_other_file_out(invoice, given, database):
    rivals = delivered(given, database, {cast.gloves: 5}, to=cast.yuegang).invoice_number
    number = taken(database, xml_of(database, rivals), rivals).number
    other = delivered(given, database, {cast.gloves: 4}).invoice_number
    clerk = replace(cast.hq_finance, regions=cast.east_manager.regions).actor()
    files = [
        ("a.xml", xml_of(database, invoice, number=number, remark=invoice)),
        ("b.xml", xml_of(database, other, remark=other)),
    ]
    with transaction(database.session_for(clerk)) as session:
        done = take_tax_invoices(session, actor=clerk, files=files, seller=SELLER, at=clock.now())
    assert done[0].refusal.code == "number_reused"
    assert done[1].taken.document == other


def test_what_stands_anew_stands_alone_at_its_document(invoice, given, database, owner):
    blue = taken(database, xml_of(database, invoice), invoice).number
    note = returned(database, invoice, Returned(1, 3), Returned(2, 30)).number
    red = taken(database, xml_of(database, note, blue=blue), note).number
    second = taken(database, xml_of(database, invoice), invoice).number
    with pytest.raises(Conflict, match="has_tax_invoice"):
        removed(database, red)
    removed(database, second)
    removed(database, red)
    assert states(owner) == [(invoice, "attached"), (note, "removed"), (invoice, "removed")]


def test_two_people_attach_one_number_and_one_document_at_once(invoice, given, database, owner):
    other = delivered(given, database, {cast.gloves: 3, cast.syringe: 30}).invoice_number
    content = xml_of(database, invoice)
    targets = [(content, invoice), (content, other), (xml_of(database, invoice), invoice)]
    outcomes = together(3, lambda place: taken(database, *targets[place]))
    assert {type(one) for one in failures(outcomes)} == {Conflict}
    kept = states(owner)
    assert len({document for document, _ in kept}) == len(kept) >= 1


def test_a_rival_and_another_region_find_nothing(invoice, database):
    number = taken(database, xml_of(database, invoice), invoice).number
    with transaction(database.session_for(cast.yuegang.finance.actor())) as session:
        with pytest.raises(NotFound):
            queries.content_of(session, number)
        assert queries.of_document(session, cast.huadong.id, invoice) is None


def test_the_signed_file_stands_also_against_plain_sql(invoice, database, owner):
    taken(database, xml_of(database, invoice), invoice)
    for statement in (
        "UPDATE tax_invoice SET content = ''",
        "UPDATE tax_invoice SET gross = gross + 1, net = net + 1",
        "DELETE FROM tax_invoice",
    ):
        with pytest.raises(DBAPIError), owner.begin_nested():
            owner.execute(text(statement))


def test_a_form_goes_the_platforms_way(invoice, database, owner):
    blue, form = taken(database, xml_of(database, invoice), invoice).number, number_of_platform(77_000)
    with pytest.raises(Invalid) as refusal:
        noted(
            database, "12", number_of_platform(1), "02", gross="5", asked_at=clock.now() + timedelta(days=1)
        )
    assert reds(refusal) == {"number", "unknown_blue", "amount", "in_future"}
    with pytest.raises(Invalid):
        noted(database, form, blue, "04")
    with pytest.raises(Invalid) as refusal:
        noted(database, form, blue, "02", gross="-99999999.00")
    assert reds(refusal) == {"beyond_blue"}
    noted(database, form, blue, "02")
    noted(database, form, blue, "02")
    with pytest.raises(Conflict, match="red_form_state"):
        noted(database, form, blue, "06")
    with pytest.raises(Conflict, match="red_form_differs"):
        noted(database, form, blue, "04", gross="-11.00")
    noted(database, form, blue, "04")
    noted(database, form, blue, "09")
    assert audited(owner, form) == ["red_form:noted", "red_form:moved", "red_form:moved"]


def test_limits_hold_from_their_day_on(invoice, database):
    def set_new(line: str, whole: str, day=cast.TODAY, by=cast.hq_finance):
        with transaction(database.session_for(by.actor())) as session:
            set_limits(
                session,
                actor=by.actor(),
                valid_from=day,
                per_line=Decimal(line),
                per_invoice=Decimal(whole),
                today=cast.TODAY,
                at=clock.now(),
            )

    with pytest.raises(Invalid) as refusal:
        set_new("11", "-1", cast.TODAY - timedelta(days=1))
    assert {fault.pointer for fault in refusal.value.faults} == {"/valid_from", "/per_line", "/per_invoice"}
    with pytest.raises(Forbidden, match="all_regions_needed"):
        set_new("10", "100", by=replace(cast.hq_finance, regions=cast.east_manager.regions))
    set_new("0.10", "2.00")
    with transaction(database.system_session()) as session:
        assert limits_on(session, cast.TODAY) == Limits(Decimal("0.10"), Decimal("2.00"))
        assert limits_on(session, cast.TODAY - timedelta(days=1)) == Limits()
    assert taken(database, xml_of(database, invoice, change=dearer("0.07")), invoice).state == "attached"


def test_what_has_no_tax_invoice_is_listed(invoice, database):
    def listed() -> list[str]:
        with transaction(database.staff_session(cast.hq_finance.actor())) as session:
            return [one.number for one in queries.missing(session, first=cast.TODAY, last=cast.TODAY)]

    assert listed() == [invoice]
    taken(database, xml_of(database, invoice), invoice)
    assert listed() == []
