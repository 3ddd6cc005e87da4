"""The page of a month that is being closed: an empty list says whether anything is still to come."""

from __future__ import annotations

import pytest

from tests import cast
from tests.ledger.acts import no_books_yet, paid
from tests.statements.acts import LAST_DAY, LAST_MONTH, begun, closed, issued

PAGE = f"/hq/closes/{LAST_MONTH}"
AS_THEY_ARE_MADE = "Statements appear here as they are made."


@pytest.fixture
def finance(sign_in, owner, database):
    no_books_yet(owner)
    paid(database, "10.00", on=LAST_DAY)
    visitor = sign_in(cast.hq_finance)
    visitor.post("/locale/en")
    return visitor


def results(visitor, q="") -> str:
    """The list alone, as the page asks for it again."""
    return visitor.fragment(f"{PAGE}?q={q}", headers={"HX-Target": "results"}).get_data(as_text=True)


def asks_again(fragment: str) -> bool:
    return 'hx-trigger="every' in fragment


def test_while_none_is_made_yet_it_says_that_they_will_appear_and_asks_again(finance, database):
    begun(database)
    assert AS_THEY_ARE_MADE in results(finance) and asks_again(results(finance))
    searched = results(finance, q="huadong")
    assert AS_THEY_ARE_MADE in searched and "No match so far" in searched
    assert "q=huadong" in searched


def test_once_there_are_some_it_lists_them_and_stays_as_it_is(finance, database):
    begun(database)
    issued(database)
    assert "HUADONG" in results(finance).upper() and not asks_again(results(finance))


def test_after_the_close_nothing_more_is_promised(finance, database):
    closed(database)
    searched = results(finance, q="nobody of this name")
    assert "No match." in searched
    assert AS_THEY_ARE_MADE not in searched and not asks_again(searched)
