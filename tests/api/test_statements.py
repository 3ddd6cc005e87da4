"""Lists that headquarters narrows to a dealer, and a ledger that says which statement has what."""

from __future__ import annotations

from decimal import Decimal

import pytest

from portal.kernel import clock
from tests import cast
from tests.ledger.acts import no_books_yet, paid
from tests.statements.acts import LAST_DAY, LAST_MONTH, THIS_MONTH, closed


@pytest.fixture
def late(database, owner, given):
    """Last month is closed; what came after it of last month's date counts in this one."""
    no_books_yet(owner)
    for dealer in cast.dealers:
        given.an_order({cast.gloves: 1}, by=dealer.buyer)
        paid(database, "10.00", on=LAST_DAY, dealer=dealer)
    closed(database)
    paid(database, "3.00", on=LAST_DAY, reference="late")
    paid(database, "4.00")
    closed(database, THIS_MONTH, today=clock.first_day(clock.next_period(THIS_MONTH)))


def items(answer) -> list[dict]:
    assert answer.status_code == 200, answer.json
    return answer.json["items"]


@pytest.mark.usefixtures("late")
@pytest.mark.parametrize(
    "path", ["/statements", "/orders", f"/statements?period={LAST_MONTH}", "/orders?status=confirmed"]
)
def test_headquarters_lists_one_dealers_or_all(hq, path):
    of_all = items(hq.get(path))
    joint = "&" if "?" in path else "?"
    for dealer in cast.dealers:
        its_own = items(hq.get(f"{path}{joint}dealer={dealer.code}"))
        assert its_own == [item for item in of_all if item["dealer"] == dealer.code] != []
    unknown = hq.get(f"{path}{joint}dealer=NOBODY")
    assert (unknown.status_code, unknown.json["code"]) == (404, "not_found")


@pytest.mark.usefixtures("late")
@pytest.mark.parametrize("path", ["/statements", "/orders"])
def test_a_dealer_names_itself_or_nobody(huadong, path):
    assert items(huadong.get(f"{path}?dealer=huadong")) == items(huadong.get(path)) != []
    assert huadong.get(f"{path}?dealer=yuegang").status_code == 404


@pytest.mark.usefixtures("late")
@pytest.mark.parametrize("period", [LAST_MONTH, THIS_MONTH])
def test_the_ledger_of_a_period_is_the_statements_lines(huadong, period):
    (head,) = items(huadong.get(f"/statements?period={period}"))
    lines = huadong.get(f"/statements/{head['number']}").json["lines"]
    entries = items(huadong.get(f"/ledger?period={period}"))
    assert [(e["occurred_on"], e["document_no"], e["late"]) for e in entries] == [
        (x["date"], x["document_no"], x["late"]) for x in lines
    ]
    assert [Decimal(e["amount"]) for e in entries] == [
        Decimal(x["debit"]) - Decimal(x["credit"]) for x in lines
    ]


@pytest.mark.usefixtures("late")
def test_the_ledger_by_date_says_which_lines_count_elsewhere(huadong):
    entries = items(huadong.get(f"/ledger?from={LAST_DAY}&to={LAST_DAY}"))
    assert [(entry["reference"], entry["period"], entry["late"]) for entry in entries] == [
        ("", LAST_MONTH, False),
        ("late", THIS_MONTH, True),
    ]
    both = items(huadong.get(f"/ledger?from={LAST_DAY}&to={LAST_DAY}&period={THIS_MONTH}"))
    assert [entry["reference"] for entry in both] == ["late"]


@pytest.mark.parametrize("month", ["1998-01", "2001-12"])
def test_a_month_that_never_was_in_the_books_is_not_called_closed(hq, database, owner, month):
    no_books_yet(owner)
    paid(database, "1.00", on=LAST_DAY)
    closed(database)
    refused = hq.post("/hq/period-closes", {"period": month})
    assert (refused.status_code, refused.json["code"]) == (409, "nothing_posted")
    assert hq.post("/hq/period-closes", {"period": LAST_MONTH}).json["code"] == "already_closed"
