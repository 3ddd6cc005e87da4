"""What is kept with a statement: it gives back the document that was issued, and statements from before
had it added.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from hypothesis import given as example
from hypothesis import strategies as st
from sqlalchemy import text

from portal.kernel import clock
from portal.ledger.post_credit_note import Returned
from portal.statements.document import Ageing, DueItem, StatementDocument
from portal.statements.snapshot import Figures, freeze, thaw
from tests import cast
from tests.architecture import tree
from tests.ledger.acts import delivered, no_books_yet, paid, returned, reversed_
from tests.statements.acts import LAST_DAY, LAST_MONTH, closed, statement_row
from tests.statements.samples import LONG_DEALER, statement

EARLIER = clock.previous_period(LAST_MONTH)


def thawed(document: StatementDocument, snapshot: dict, locale: str) -> StatementDocument:
    figures = Figures(
        document.number,
        document.period,
        document.currency,
        document.opening,
        document.closing,
        document.ageing,
    )
    return thaw(json.loads(json.dumps(snapshot)), figures, document.lines, locale=locale)


@pytest.mark.parametrize("locale", ["zh", "en"])
@pytest.mark.parametrize(
    "document", [statement(12, due=True), statement(0), statement(3, dealer=LONG_DEALER, due=True)]
)
def test_a_frozen_statement_thaws_to_the_same_in_any_language(document, locale):
    assert thawed(document, freeze(document), locale) == replace(document, locale=locale)


@example(
    st.decimals(min_value=0, max_value=Decimal("99999999999999.99"), places=2),
    st.dates(date(1970, 1, 1), date(2999, 12, 31)),
)
def test_no_amount_and_no_day_is_lost(amount, day):
    item = DueItem("IN", day, day, amount)
    document = replace(statement(0), due=(item,), ageing=Ageing(current=amount))
    assert thawed(document, freeze(document), "zh").due == (item,)


@pytest.mark.parametrize("version", [0, 2, "1"])
def test_a_snapshot_of_a_version_not_known_here_is_not_guessed(version):
    with pytest.raises(ValueError, match="snapshot of version"):
        thawed(statement(), freeze(statement()) | {"version": version}, "zh")


def test_statements_from_before_are_given_what_they_would_have_kept(given, database, owner):
    """The migration reads the ledger in SQL: open invoices must come out as the rules settled them."""
    no_books_yet(owner)
    first = delivered(given, database, {cast.gloves: 4}, on=clock.last_day(EARLIER))
    delivered(given, database, {cast.gloves: 1}, to=cast.yuegang, on=clock.last_day(EARLIER))
    closed(database, EARLIER)
    delivered(given, database, {cast.syringe: 20}, on=LAST_DAY - timedelta(days=3))
    delivered(given, database, {cast.gloves: 2}, on=LAST_DAY)
    returned(database, first.invoice_number, Returned(1, 1), on=LAST_DAY)
    paid(database, "12.34", on=LAST_DAY)
    slip = paid(database, "55.00", on=LAST_DAY)
    reversed_(database, slip.document_no, on=LAST_DAY)
    paid(database, "500.00", dealer=cast.yuegang, on=LAST_DAY)
    closed(database, LAST_MONTH)
    kept = snapshots(owner)
    assert len(kept) == 2 * len(cast.dealers)
    assert len(kept[statement_row(owner).number]["due"]) == 3

    migration = ScriptDirectory.from_config(Config(tree.ROOT / "alembic.ini")).get_revision("0010").module
    with owner.engine.begin() as connection:
        connection.execute(text("ALTER TABLE statement DISABLE TRIGGER USER"))
        connection.execute(text("UPDATE statement SET snapshot = jsonb_build_object('version', 0)"))
        connection.execute(text("SET LOCAL TIME ZONE 'Asia/Shanghai'"))
        connection.execute(migration.backfill_of_statements())
        connection.execute(text("ALTER TABLE statement ENABLE TRIGGER USER"))
    assert {number: told(snapshot) for number, snapshot in snapshots(owner).items()} == {
        n: told(s) for n, s in kept.items()
    }


def snapshots(owner) -> dict[str, dict]:
    return dict(owner.execute(text("SELECT number, snapshot FROM statement")).all())


def told(snapshot: dict) -> StatementDocument:
    return thawed(statement(0), snapshot, "zh")
