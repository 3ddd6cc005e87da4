"""The journal of headquarters: each filter, page by page, within the regions of whoever looks; its files."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text

from portal.kernel import clock
from portal.kernel.db import transaction
from portal.ledger import journal_queries
from portal.ledger.chart import CHART, chart_of
from portal.ledger.journal_export import lines_of, parts, vouchers
from portal.ledger.journal_queries import JournalFilter, journal, totals
from portal.ledger.kinds import Account
from portal.ledger.trial_balance import trial_balance
from tests import cast
from tests.ledger.acts import paid, reversed_
from tests.ledger.document_acts import held, opened, used, written_off
from tests.played import played

MONTH = clock.period_of(cast.TODAY)
SOUGHT = JournalFilter(MONTH, MONTH)


@played
def a_month(_given, database, _owner):
    """Every account that finance posts to, a reversal, and another dealer."""
    debts = [one.document_no for one in opened(database, ("OLD-1", "100.00"), ("OLD-2", "70.00"))]
    deposit = held(database, "80.00")
    used(database, deposit, (debts[0], "30.00"))
    written_off(database, (debts[1], "20.00"))
    reversed_(database, paid(database, "15.00").document_no)
    opened(database, ("OLD-1", "40.00"), dealer=cast.yuegang)
    return {"debt": debts[0], "deposit": deposit}


@pytest.fixture
def looking(a_month, database):
    with transaction(database.session_for(cast.hq_finance.actor())) as session:
        yield session


def all_of(session, sought=SOUGHT, limit=3):
    rows, cursor = [], None
    while True:
        page = journal(session, sought, limit=limit, cursor=cursor)
        rows += page.items
        cursor = page.next_cursor
        if cursor is None:
            return rows


def test_pages_together_are_every_line_once(looking):
    rows = all_of(looking)
    counted = looking.execute(text("SELECT count(*), sum(amount) FROM journal_line WHERE amount <> 0")).one()
    assert (len(rows), sum(row.amount for row in rows)) == (counted.count, 0)
    assert len({(row.id, row.account) for row in rows}) == len(rows)
    assert rows == list(journal(looking, SOUGHT, limit=200).items)


def test_each_filter_leaves_its_lines(looking, a_month):
    def kept(**said):
        return all_of(looking, replace(SOUGHT, **said))

    assert {row.account for row in kept(account="bad_debt")} == {"bad_debt"}
    assert {row.kind for row in kept(kind="reversal")} == {"reversal"}
    assert {row.dealer_code for row in kept(dealer_id=cast.yuegang.id)} == {"yuegang"}
    assert len(kept(document=a_month["deposit"])) == 2
    assert {abs(row.amount) for row in kept(least=Decimal(70), most=Decimal(80))} == {70, 80}
    assert kept(day_to=cast.TODAY - timedelta(days=1)) == []
    assert kept(first="2020-01", last="2020-02") == []
    assert len(kept(first="2020-01", last="2020-02", document=a_month["debt"])) == 2


def test_whoever_answers_for_a_region_sees_its_dealers_only(a_month, database):
    south = replace(cast.hq_finance, regions=cast.south_manager.regions)
    with transaction(database.session_for(south.actor())) as session:
        assert {row.dealer_code for row in all_of(session)} == {"yuegang"}
        assert [one.debit - one.credit for one in totals(session, SOUGHT)] == [40, -40]
        assert sum(row.closing for row in trial_balance(session, first=MONTH, last=MONTH)) == 0


def test_totals_are_those_of_the_lines_or_none_at_all(looking, monkeypatch):
    rows = all_of(looking)
    for one in totals(looking, SOUGHT):
        assert one.balance == sum(row.amount for row in rows if row.account == one.account)
    monkeypatch.setattr(journal_queries, "TOTALLED_MAX", len(rows) - 1)
    assert totals(looking, SOUGHT) is None


def test_the_trial_balance_continues_month_by_month(looking):
    now = {row.account: row for row in trial_balance(looking, first=MONTH, last=MONTH)}
    later = clock.next_period(MONTH)
    after = {row.account: row for row in trial_balance(looking, first=later, last=later)}
    assert sum(row.debit for row in now.values()) == sum(row.credit for row in now.values()) > 0
    assert {account: row.closing for account, row in now.items()} == {
        account: row.opening for account, row in after.items()
    }
    assert now["deposits_held"].closing == -50 and now["bad_debt"].closing == 20


def test_the_parts_of_a_month_are_its_vouchers_once_and_in_order(looking):
    [whole] = parts(looking, MONTH, entries_max=100)
    lines = list(lines_of(looking, MONTH, whole))
    some = parts(looking, MONTH, entries_max=3)
    assert len(some) > 1
    assert [line for part in some for line in lines_of(looking, MONTH, part)] == lines
    assert [*dict.fromkeys(line.voucher_no for line in lines)] == list(range(1, whole.entries + 1))
    assert len({line.voucher for line in lines}) == whole.entries
    assert sum(line.amount for line in lines) == 0
    assert parts(looking, "2020-01", entries_max=3) == []


@pytest.mark.parametrize("limit", [1, 3, 200])
def test_vouchers_page_by_page_are_those_of_the_file(looking, limit):
    [whole] = parts(looking, MONTH, entries_max=100)
    read, cursor = [], None
    while True:
        page = vouchers(looking, MONTH, limit=limit, cursor=cursor)
        assert len(page.items) <= limit
        read += [line for one in page.items for line in one.lines]
        if (cursor := page.next_cursor) is None:
            break
    assert read == list(lines_of(looking, MONTH, whole))
    assert vouchers(looking, "2020-01").items == ()


def test_a_chart_has_every_account_and_takes_the_companys_codes():
    assert set(CHART) == set(Account)
    assert chart_of({"bank": "100201"})[Account.BANK].code == "100201"
    with pytest.raises(ValueError, match="no_such"):
        chart_of({"no_such": "1"})
