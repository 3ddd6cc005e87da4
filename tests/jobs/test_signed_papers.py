"""Papers that workers sign: with the close, after it in the other language, and when somebody asks."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from jobs import clauses, mail, resources, statements
from portal.kernel import clock
from portal.kernel.db import transaction
from portal.kernel.outbox import Effect
from portal.statements.clause import set_clause
from tests import cast
from tests.ledger.acts import no_books_yet, paid
from tests.notifications.acts import rows
from tests.statements.acts import LAST_DAY, LAST_MONTH, begun, statement_row
from tests.statements.certificates import signer, validated


@pytest.fixture(autouse=True)
def closing(at_work, database, owner):
    """A closing of three dealers has begun; one of them has the clause; papers are signed."""
    at_work.setattr(resources, "signer", signer)
    no_books_yet(owner)
    paid(database, "10.00", on=LAST_DAY)
    actor = cast.hq_finance.actor()
    with transaction(database.session_for(actor)) as session:
        terms = {"is_active": True, "days": 10, "contract": "7.3", "revision": 0, "at": clock.now()}
        set_clause(session, actor=actor, code=cast.huadong.code, **terms)
    begun(database)


def papers(owner) -> list[tuple[str, str]]:
    rows = owner.execute(text("SELECT locale, signed_by FROM statement_pdf ORDER BY locale, statement_id"))
    return [(row.locale, row.signed_by) for row in rows]


def effect(topic: str, **payload: object) -> Effect:
    return Effect(1, topic, cast.huadong.id, payload, 0)


def test_the_close_signs_chinese_papers_and_what_follows_it_the_english_ones(owner):
    name = signer().name
    statements.close_batch(LAST_MONTH)
    assert papers(owner) == [("zh", name)] * 3
    asked = owner.execute(text("SELECT payload FROM outbox WHERE topic = 'statements.papers'")).scalar_one()
    statements.papers(Effect(1, "statements.papers", None, asked, 0))
    statements.papers(Effect(1, "statements.papers", None, asked, 0))
    assert papers(owner) == [("en", name)] * 3 + [("zh", name)] * 3
    contents = owner.execute(text("SELECT content FROM statement_pdf")).scalars()
    assert all(validated(bytes(content)).bottom_line for content in contents)


def test_a_paper_that_is_asked_for_is_made_once(owner):
    statements.close_batch(LAST_MONTH)
    number = statement_row(owner).number
    for _ in range(2):
        statements.paper(effect("statement.paper", number=number))
    assert papers(owner).count(("en", signer().name)) == 1


def test_without_a_certificate_every_statement_is_issued_unsigned(owner, at_work):
    at_work.setattr(resources, "signer", lambda: None)
    statements.close_batch(LAST_MONTH)
    assert papers(owner) == [("zh", "")] * 3
    statements.papers(Effect(1, "statements.papers", None, {"period": LAST_MONTH}, 0))
    assert papers(owner) == [("zh", "")] * 3, "the other language is made by who asks for it"


def test_the_clock_announces_and_confirms_by_the_clause(owner, at_work):
    statements.close_batch(LAST_MONTH)
    issued = statement_row(owner).issued_at
    for days, expected in ((4, 0), (5, 0), (9, 0), (10, 1), (11, 1)):
        at_work.setattr(clauses.clock, "now", lambda days=days: issued + timedelta(days=days))
        clauses.carry_out()
        query = "SELECT count(*) FROM statement_answer WHERE by_clause AND state = 'confirmed'"
        assert owner.execute(text(query)).scalar_one() == expected, days


def test_finance_is_told_once_of_a_month_that_is_over(owner, at_work):
    statements.close_batch(LAST_MONTH)
    at_work.setattr(clauses.clock, "now", lambda: cast.NOW + timedelta(days=40))
    clauses.propose()
    clauses.propose()
    assert owner.execute(text("SELECT count(*) FROM close_proposal")).scalar_one() == 1


def test_a_correction_is_told_to_the_dealer_with_papers_made(owner, database):
    statements.close_batch(LAST_MONTH)
    number = statement_row(owner).number
    mail.statement_corrected(effect("statement.corrected", number=number, version=2))
    assert rows(database, "SELECT event FROM notification") == [("statement.corrected",)]
    assert ("en", signer().name) in papers(owner)
