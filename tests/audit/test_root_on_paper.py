"""A statement carries the root of the audit as it was when it was issued, in every language."""

from __future__ import annotations

import io

from pypdf import PdfReader
from sqlalchemy import text

from portal.kernel import clock
from portal.kernel.db import transaction
from portal.statements.ensure_pdf import ensure_pdf
from tests import cast
from tests.audit.acts import sealed
from tests.ledger.acts import no_books_yet, paid
from tests.statements.acts import LAST_DAY, closed, statement_row


def paper(database, number, locale):
    by = cast.huadong.finance.actor()
    with transaction(database.session_for(by)) as session:
        content = ensure_pdf(session, actor=by, number=number, locale=locale, at=clock.now()).content
    return "".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)


def test_a_dealer_holds_what_was_sealed_when_the_statement_was_issued(database, owner, sign_in):
    no_books_yet(owner)
    paid(database, "10.00", on=LAST_DAY)
    root = sealed(database)[-1].digest()
    closed(database)
    number = statement_row(owner).number
    assert sealed(database)[-1].digest() != root
    assert root in paper(database, number, "zh")
    assert root in paper(database, number, "en")
    assert root in sign_in(cast.huadong.finance).get(f"/statements/{number}").get_data(as_text=True)


def test_a_statement_of_a_time_without_seals_says_nothing_of_them(database, owner):
    no_books_yet(owner)
    paid(database, "10.00", on=LAST_DAY)
    closed(database)
    assert "审计" not in paper(database, statement_row(owner).number, "zh")


def test_a_dealer_learns_the_root_and_nothing_else_of_the_seals(database):
    paid(database, "10.00")
    root = sealed(database)[-1].digest()
    with transaction(database.dealer_session(cast.huadong.buyer.actor())) as session:
        assert session.execute(text("SELECT audit_root()")).scalar() == root
        assert session.execute(text("SELECT count(*) FROM audit_batch")).scalar() == 0


def test_statements_of_before_are_read_as_they_were(database, owner):
    """Their snapshot has no such member."""
    no_books_yet(owner)
    paid(database, "10.00", on=LAST_DAY)
    sealed(database)
    closed(database)
    number = statement_row(owner).number
    owner.execute(text("ALTER TABLE statement DISABLE TRIGGER USER"))
    owner.execute(text("UPDATE statement SET snapshot = snapshot - 'audit_root'"))
    assert "Root of the audit" not in paper(database, number, "en")
