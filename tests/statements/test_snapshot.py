"""What is kept with a statement: it gives back the document that was issued, and statements from before
had it added.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given as example
from hypothesis import strategies as st

from portal.kernel import clock
from portal.statements.document import Ageing, DueItem, StatementDocument
from portal.statements.snapshot import Figures, freeze, thaw
from tests.statements.acts import LAST_MONTH
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
