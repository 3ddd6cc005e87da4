"""The paper, in the language somebody asks for, of statements that have it and of those that do not yet."""

from __future__ import annotations

import hashlib
import io

import pytest
from pypdf import PdfReader
from sqlalchemy import text

from portal.kernel import clock
from portal.kernel.db import transaction
from portal.kernel.errors import Forbidden, NotFound
from portal.statements.document import InconsistentStatement
from portal.statements.ensure_pdf import ensure_pdf
from tests import cast
from tests.ledger.acts import no_books_yet, paid
from tests.races import failures, together
from tests.shipping.acts import audited
from tests.statements.acts import LAST_DAY, closed, statement_row
from tests.tampering import tampering


@pytest.fixture
def number(database, owner) -> str:
    no_books_yet(owner)
    paid(database, "10.00", on=LAST_DAY)
    closed(database)
    return statement_row(owner).number


def asked(database, number, locale="zh", by=cast.huadong.finance):
    with transaction(database.session_for(by.actor())) as session:
        return ensure_pdf(session, actor=by.actor(), number=number, locale=locale, at=clock.now())


def papers(owner) -> list[str]:
    return list(
        owner.execute(
            text("SELECT locale FROM statement_pdf WHERE dealer_id = :d ORDER BY locale"),
            {"d": cast.huadong.id},
        ).scalars()
    )


def test_the_paper_rendered_by_the_closing_is_handed_out(database, owner, number):
    paper = asked(database, number)
    assert paper.content.startswith(b"%PDF")
    assert paper.sha256 == hashlib.sha256(paper.content).hexdigest()
    assert paper.filename == f"{number}-zh.pdf"
    assert papers(owner) == ["zh"]


def test_english_is_rendered_when_somebody_asks_and_kept(database, owner, number):
    first, second = asked(database, number, "en"), asked(database, number, "en")
    assert first == second
    assert papers(owner) == ["en", "zh"]
    assert (
        "Statement of account".casefold()
        in PdfReader(io.BytesIO(first.content)).pages[0].extract_text().casefold()
    )


def test_a_language_it_is_not_printed_in_is_answered_in_chinese_and_keeps_nothing(database, owner, number):
    assert asked(database, number, "fr") == asked(database, number)
    assert papers(owner) == ["zh"]


def test_a_statement_without_paper_gets_the_same_one(database, owner, number):
    kept = asked(database, number)
    owner.execute(text("DELETE FROM statement_pdf"))
    assert asked(database, number) == kept


def test_many_who_ask_first_at_once_all_get_it(database, owner, number):
    outcomes = together(4, lambda _: asked(database, number, "en"))
    assert failures(outcomes) == []
    assert len({outcome.sha256 for outcome in outcomes}) == 1
    assert papers(owner) == ["en", "zh"]


def test_every_download_is_in_the_audit(database, owner, number):
    asked(database, number)
    asked(database, number, "en", by=cast.hq_finance)
    assert audited(owner, number) == ["statement:issued", "statement:downloaded", "statement:downloaded"]


@pytest.mark.parametrize("person", [cast.yuegang.finance, cast.yuegang.boss, cast.suzhou.finance])
def test_a_rivals_statement_does_not_exist(database, number, person):
    with pytest.raises(NotFound):
        asked(database, number, by=person)


@pytest.mark.parametrize("person", [cast.huadong.buyer, cast.huadong.service, cast.order_desk])
def test_who_has_no_right_to_statements_gets_none(database, number, person):
    with pytest.raises(Forbidden):
        asked(database, number, by=person)


def test_a_statement_that_the_ledger_contradicts_is_not_printed(database, owner, number):
    owner.execute(text("DELETE FROM statement_pdf"))
    with tampering(owner, "statement"):
        owner.execute(
            text(
                "UPDATE statement"
                " SET opening = opening + 1, closing = closing + 1, unallocated = unallocated + 1"
                " WHERE dealer_id = 101"
            )
        )
    with pytest.raises(InconsistentStatement):
        asked(database, number)
