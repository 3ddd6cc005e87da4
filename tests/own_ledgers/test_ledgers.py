"""An uploaded ledger from its file to two signatures, on the database as the role that serves."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from threading import Thread

import pytest
from pypdf import PdfReader
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from portal.kernel.db import transaction
from portal.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from portal.own_ledgers.answer_differences import answer_differences
from portal.own_ledgers.ask_match import Reading
from portal.own_ledgers.discard_ledger import discard_ledger
from portal.own_ledgers.download_sheet import download_file, download_sheet
from portal.own_ledgers.layout_rules import Books, Field
from portal.own_ledgers.rules import Side
from tests import cast
from tests.ledger.acts import delivered, paid
from tests.own_ledgers.acts import (
    COLUMNS,
    a_compared_ledger,
    a_file,
    answered,
    asked,
    compared,
    differences,
    looked_at,
    sheet,
    signed,
    uploaded,
)
from tests.races import together, until_somebody_waits_for_a_row


@pytest.fixture
def books(given, database):
    """An invoice and a payment of Huadong, as the dealer's lines."""
    invoice = delivered(given, database, {cast.gloves: 3}).invoice_number
    payment = paid(database, "120.00").document_no
    with transaction(database.session_for(cast.hq_finance.actor())) as session:
        rows = session.execute(
            text("SELECT document_no, occurred_on, receivable FROM journal_entry WHERE dealer_id = :d"),
            {"d": cast.huadong.id},
        ).all()
    amounts = {row.document_no: str(row.receivable) for row in rows}
    return [(cast.TODAY, invoice, amounts[invoice]), (cast.TODAY, payment, amounts[payment])]


def test_books_that_agree_are_matched_whoever_view_they_are_in(database, books):
    theirs = compared(database, uploaded(database, a_file(books)))
    assert (theirs.state, theirs.matched, theirs.difference_count) == ("done", 2, 0)
    assert theirs.found_books == "theirs" and theirs.difference == 0
    heads = ("日期", "摘要", "单号", "贷方", "借方")
    ours = compared(database, uploaded(database, a_file(books, heads)))
    assert (ours.found_books, ours.matched, ours.difference_count) == ("ours", 2, 0)
    assert ours.result["proof"]["is_certain"]


def test_what_differs_is_kept_with_both_documents_and_explains_the_sums(database, books):
    (day, invoice, amount), payment = books
    more = str(Decimal(amount) + Decimal("8.80"))
    lines = [(day, invoice, more), payment, payment, (day, "FK-000001", "-7.00")]
    found = compared(database, uploaded(database, a_file(lines)))
    shown = differences(database, found.number)
    assert [str(one.kind) for one in shown] == ["missing_here", "amount", "duplicate"]
    assert shown[1].ours[0]["document"] == invoice and shown[1].ours[0]["kind"] == "invoice"
    assert shown[1].theirs[0] | {"row": "2"} == shown[1].theirs[0]
    assert shown[1].amount == Decimal("8.80")
    assert sum(one.amount for one in shown) == found.difference == found.theirs_sum - found.ours_sum


def test_thousands_of_differences_are_kept_every_one(database, owner):
    lines = [(cast.TODAY, f"FK-{place:06}", f"{place}.00") for place in range(1, 2_502)]
    found = compared(database, uploaded(database, a_file(lines)))
    kept = owner.execute(text("SELECT count(*), sum(amount) FROM own_ledger_difference")).one()
    assert tuple(kept) == (found.difference_count, found.difference) == (2_501, sum(range(1, 2_502)))


def test_a_month_is_compared_alone(database, books):
    period = f"{cast.TODAY - timedelta(days=70):%Y-%m}"
    found = compared(database, uploaded(database, a_file(books), period=period))
    assert (found.matched, found.difference_count, found.ours_sum) == (0, 0, 0)


def test_a_rival_and_its_headquarters_region_find_nothing(database):
    number = a_compared_ledger(database, cast.huadong)
    with pytest.raises(NotFound):
        looked_at(database, number, by=cast.yuegang.finance)
    for act in (answered, signed):
        with pytest.raises(NotFound):
            act(database, number, *(["accepted"] if act is answered else []), by=cast.yuegang.finance)
    assert looked_at(database, number, by=cast.hq_finance).number == number


def test_columns_are_corrected_and_remembered_for_the_next_file(database, books):
    heads = ("甲", "乙", "丙", "丁", "戊")
    with pytest.raises(Invalid) as refusal:
        uploaded(database, a_file(books, heads))
    assert refusal.value.faults[0].code == "columns_unrecognised"
    number = uploaded(database, a_file(books, heads), starts=False)
    asked(database, number, Reading(COLUMNS, head_at=1))
    assert compared(database, number).matched == 2
    heads = ("日期", "贷方", "单号", "借方", "金额X")
    number = uploaded(database, a_file(books, heads), starts=False)
    asked(database, number, Reading(COLUMNS))
    compared(database, number)
    again = looked_at(database, uploaded(database, a_file(books, heads), starts=False))
    assert again.layout["columns"] == {str(name): place for name, place in COLUMNS.items()}


def test_every_fault_of_a_reading_is_told_at_once(database):
    number = uploaded(database, a_file([]), starts=False)
    reading = Reading(
        {Field.DAY: 1, Field.DEBIT: 1, Field.CREDIT: 99}, first_day=cast.TODAY, last_day=None, head_at=9999
    )
    with pytest.raises(Invalid) as refusal:
        asked(database, number, reading)
    assert {one.pointer for one in refusal.value.faults} == {
        "/columns/debit",
        "/columns/credit",
        "/head_at",
        "/last_day",
    }


def test_somebody_said_whose_view_it_is(database, books):
    number = uploaded(database, a_file(books), starts=False)
    asked(database, number, Reading(COLUMNS, Books.OURS))
    found = compared(database, number)
    assert found.found_books == "ours" and {str(one.kind) for one in differences(database, number)} == {
        "sign"
    }


def test_rows_that_cannot_be_read_fail_with_their_places_unless_they_are_left_out(database, books):
    content = a_file(books) + "2026-02-30,X,Y,,1\n".encode("gbk")
    number = uploaded(database, content)
    failed = compared(database, number)
    assert failed.state == "failed" and failed.error and failed.error[0]["pointer"] == "/rows/4"
    asked(database, number, Reading(COLUMNS, skip_unread=True), revision=failed.revision)
    done = compared(database, number)
    assert (done.state, done.matched, done.result["proof"]["unread"]) == ("done", 2, 1)


def test_a_job_that_comes_twice_finds_nothing_to_do(database):
    number = a_compared_ledger(database, cast.huadong)
    before = looked_at(database, number)
    assert compared(database, number) == before


def test_both_sides_answer_and_sign_and_nothing_of_it_changes_any_more(database, owner):
    number = a_compared_ledger(database, cast.huadong)
    with pytest.raises(Conflict) as early:
        signed(database, number)
    assert early.value.code == "unanswered"
    for verdict, said in (("disputed", " "), ("note", ""), ("maybe", "x"), ("accepted", "x" * 1001)):
        with pytest.raises(Invalid):
            answered(database, number, verdict, said=said)
    answered(database, number, "accepted")
    answered(database, number, "disputed", by=cast.hq_finance, said="没有这张发票")
    stale = sheet(database, number).hashes[Side.DEALER]
    answered(database, number, "disputed", said="单据已寄出")
    with pytest.raises(Conflict) as changed:
        signed(database, number, sha256=stale)
    assert changed.value.code == "changed_meanwhile"
    signed(database, number)
    signed(database, number, by=cast.hq_finance, name="王五")
    for act in (signed, answered):
        with pytest.raises(Conflict) as twice:
            act(database, number, *(["accepted"] if act is answered else []))
        assert twice.value.code == "signed_already"
    answered(database, number, "note", said="下月补票")
    kept = sheet(database, number)
    assert [(one.side, one.name) for one in kept.signatures] == [("dealer", "李四"), ("headquarters", "王五")]
    assert all(one.sha256 == kept.hashes[Side(one.side)] for one in kept.signatures)
    with pytest.raises(Exception, match=r"signed answer"):
        owner.execute(text("UPDATE own_ledger_difference SET dealer_answer = 'accepted'"))


def test_who_has_to_go_on_is_told(database, owner):
    number = a_compared_ledger(database, cast.huadong)
    answered(database, number, "accepted")
    answered(database, number, "note", by=cast.hq_finance, said="再看")
    answered(database, number, "accepted", by=cast.hq_finance)
    signed(database, number)
    signed(database, number, by=cast.hq_finance)
    told = owner.execute(
        text("SELECT topic, payload FROM outbox WHERE topic LIKE 'own_ledger.%' ORDER BY id")
    )
    assert [(row.topic, row.payload.get("side")) for row in told][1:] == [
        ("own_ledger.compared", None),
        ("own_ledger.answered", None),
        ("own_ledger.signed", "dealer"),
        ("own_ledger.signed", "headquarters"),
    ]
    people = owner.execute(text("SELECT payload FROM outbox WHERE payload ? 'event' ORDER BY id")).scalars()
    assert [(one["event"], one["path"]) for one in people] == [
        ("own_ledger.compared", f"/own-ledger/{number}"),
        ("own_ledger.answered", f"/own-ledger/{number}"),
        ("own_ledger.dealer_signed", f"/hq/own-ledgers/{number}"),
        ("own_ledger.signed", f"/own-ledger/{number}"),
    ]


def test_a_difference_that_somebody_else_answered_meanwhile_is_looked_at_again(database):
    number = a_compared_ledger(database, cast.huadong)
    [one] = differences(database, number)
    answered(database, number, "accepted", by=cast.hq_finance)
    for seen in ([(one.no, one.revision)], [(99, 1)]):
        with pytest.raises(Conflict) as refusal:
            answered(database, number, "accepted", seen=seen)
        assert refusal.value.code == "changed_meanwhile"


def test_what_is_answered_while_somebody_waits_to_compare_anew_stays(database, owner):
    number = a_compared_ledger(database, cast.huadong)
    revision, refused = looked_at(database, number).revision, list[str]()

    def compare_anew() -> None:
        try:
            asked(database, number, Reading({Field.DAY: 0, Field.DEBIT: 3, Field.CREDIT: 4}), revision)
        except Conflict as refusal:
            refused.append(refusal.code)

    waiting, desk = Thread(target=compare_anew), cast.hq_finance.actor()
    [one] = differences(database, number)
    with transaction(database.session_for(desk)) as session:
        said = {"verdict": "accepted", "said": "", "at": cast.NOW}
        answer_differences(session, actor=desk, number=number, seen=[(one.no, one.revision)], **said)
        waiting.start()
        until_somebody_waits_for_a_row(owner)
    waiting.join()
    assert refused == ["answered"]
    assert differences(database, number)[0].staff_answer == "accepted"


def test_an_answer_is_to_what_was_seen_and_to_no_later_comparison(database):
    number = a_compared_ledger(database, cast.huadong)
    [one] = differences(database, number)
    revision = looked_at(database, number).revision
    asked(database, number, Reading({Field.DAY: 0, Field.DEBIT: 3, Field.CREDIT: 4}), revision)
    assert differences(database, number) == [], "of the earlier comparison nothing stays"
    compared(database, number)
    with pytest.raises(Conflict, match="changed_meanwhile"):
        answered(database, number, "accepted", seen=[(one.no, one.revision)])
    [again] = differences(database, number)
    with pytest.raises(Conflict, match="changed_meanwhile"):
        answered(database, number, "accepted", seen=[(1, again.revision), (1, one.revision)])


def test_finance_of_another_region_finds_no_ledger(database):
    number = a_compared_ledger(database, cast.huadong)
    south = replace(cast.hq_finance, regions=(cast.south,))
    for act in (looked_at, sheet):
        with pytest.raises(NotFound):
            act(database, number, by=south)
    with pytest.raises(NotFound):
        answered(database, number, "accepted", by=south, seen=[(1, 1)])


def test_not_even_the_owner_changes_what_was_signed(database, owner):
    number = a_compared_ledger(database, cast.huadong)
    answered(database, number, "accepted")
    signed(database, number)
    for change in (
        "UPDATE own_ledger SET ours_sum = 0",
        "UPDATE own_ledger_difference SET dealer_answer = 'disputed'",
        "DELETE FROM own_ledger_difference",
        "INSERT INTO own_ledger_difference SELECT dealer_id, ledger_id, 99, class, ours, theirs, amount,"
        " confidence, dealer_answer, staff_answer, revision FROM own_ledger_difference",
    ):
        with pytest.raises(DBAPIError), owner.engine.begin() as connection:
            connection.execute(text(change))


def test_of_two_who_sign_at_once_one_signs(database):
    number = a_compared_ledger(database, cast.huadong)
    answered(database, number, "accepted")
    outcomes = together(2, lambda _: signed(database, number))
    assert sorted(type(one).__name__ for one in outcomes) == ["Conflict", "NoneType"]


def test_an_answered_ledger_is_not_compared_anew_and_a_program_does_not_sign(database):
    number = a_compared_ledger(database, cast.huadong)
    answered(database, number, "accepted", by=cast.huadong.system)
    with pytest.raises(Conflict):
        asked(database, number, Reading(COLUMNS), revision=2)
    with pytest.raises(Forbidden):
        signed(database, number, by=cast.huadong.system)
    with pytest.raises(Forbidden):
        uploaded(database, a_file([]), by=cast.huadong.buyer)


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_the_sheet_is_a_paper_and_a_workbook_with_both_sums_and_the_hash(database, locale):
    number = a_compared_ledger(database, cast.huadong)
    answered(database, number, "accepted")
    signed(database, number)
    files = {}
    for form in ("pdf", "xlsx"):
        actor = cast.huadong.finance.actor()
        with transaction(database.session_for(actor)) as session:
            files[form] = download_sheet(
                session,
                actor=actor,
                number=number,
                form=form,
                locale=locale,
                company=("通路", "Tonglu"),
                zone=cast.ZONE,
            ).content
    signature = sheet(database, number).signatures[0]
    paper = "".join(page.extract_text() for page in PdfReader(io.BytesIO(files["pdf"])).pages)
    assert signature.sha256[:20] in paper.replace("\n", "") and "12.00" in paper and "李四" in paper
    with zipfile.ZipFile(io.BytesIO(files["xlsx"])) as book:
        texts = book.read("xl/sharedStrings.xml").decode()
    assert signature.sha256 in texts and f"FK-{cast.huadong.code}" in texts


def test_a_ledger_that_nobody_signed_is_discarded_with_its_file(database, books):
    number = a_compared_ledger(database, cast.huadong)
    answered(database, number, "disputed", said="没有这张发票")
    for by in (cast.huadong.buyer, cast.hq_finance):
        with pytest.raises(Forbidden):
            discarded(database, number, by=by)
    with pytest.raises(NotFound):
        discarded(database, number, by=cast.yuegang.finance)
    with pytest.raises(Conflict):
        discarded(database, number, revision=1)
    for _ in range(2):
        discarded(database, number)
    over = looked_at(database, number)
    assert over.state == "discarded" and over.discarded_by_label and over.superseded_by is None
    for act in (
        lambda: answered(database, number, "accepted"),
        lambda: signed(database, number, sha256="0" * 64),
        lambda: asked(database, number, Reading(COLUMNS), revision=over.revision),
        lambda: downloaded(database, number),
    ):
        with pytest.raises(Conflict) as refusal:
            act()
        assert refusal.value.code == "ledger_over"


def test_a_signed_ledger_is_neither_discarded_nor_replaced(database, books):
    first = compared(database, uploaded(database, a_file(books))).number
    signed(database, first)
    with pytest.raises(Conflict) as refusal:
        discarded(database, first)
    assert refusal.value.code == "signed_already"
    second = compared(database, uploaded(database, a_file(books))).number
    assert [looked_at(database, one).state for one in (first, second)] == ["done", "done"]


def test_a_newer_ledger_of_the_same_days_takes_the_place_of_what_nobody_signed(database, books):
    first, other, second = (
        compared(database, uploaded(database, a_file(lines))).number
        for lines in (books, [(cast.TODAY - timedelta(days=70), "FK-1", "1.00")], books[:1])
    )
    assert [looked_at(database, one).state for one in (first, other, second)] == [
        "superseded",
        "done",
        "done",
    ]
    old = looked_at(database, first)
    assert old.superseded_by == second and sheet(database, first).matched == 2
    for act in (
        lambda: answered(database, first, "accepted", seen=[(1, 1)]),
        lambda: signed(database, first),
        lambda: asked(database, first, Reading(COLUMNS), revision=old.revision),
    ):
        with pytest.raises(Conflict) as refusal:
            act()
        assert refusal.value.code == "superseded"
    discarded(database, first)


def test_the_file_of_a_ledger_never_becomes_another(database, owner):
    a_compared_ledger(database, cast.huadong)
    with pytest.raises(DBAPIError, match="never becomes another"):
        owner.execute(text("UPDATE own_ledger SET content = 'another'"))


def test_columns_are_remembered_when_they_have_worked_with_whose_view_it_was(database, books):
    heads = ("日期", "甲", "单号", "借方", "贷方")
    number = uploaded(database, a_file(books, heads), starts=False)
    asked(database, number, Reading(COLUMNS | {Field.DAY: 1}, Books.OURS))
    assert compared(database, number).state == "failed"
    again = looked_at(database, uploaded(database, a_file(books, heads), starts=False))
    assert again.layout["columns"]["day"] == 0 and again.books is None
    asked(database, again.number, Reading(COLUMNS, Books.OURS), revision=again.revision)
    compared(database, again.number)
    third = compared(database, uploaded(database, a_file(books, heads)))
    assert (third.books, third.found_books) == ("ours", "ours")


def discarded(database, number: str, *, by=cast.huadong.finance, revision: int | None = None) -> None:
    """Somebody takes it away again."""
    seen = revision or looked_at(database, number).revision
    with transaction(database.session_for(by.actor())) as session:
        discard_ledger(session, actor=by.actor(), number=number, revision=seen, at=cast.NOW)


def downloaded(database, number: str) -> None:
    """Huadong's finance asks for its file."""
    actor = cast.huadong.finance.actor()
    with transaction(database.session_for(actor)) as session:
        download_file(session, actor=actor, number=number)
