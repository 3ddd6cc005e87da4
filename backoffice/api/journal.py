"""The journal of headquarters, its entries and the trial balance, for finance systems."""

from __future__ import annotations

from typing import Any

from backoffice.api.schemas.journal import (
    JournalEntriesShape,
    JournalPage,
    JournalQuery,
    TrialBalanceQuery,
    TrialBalanceShape,
)
from portal.kernel import clock
from portal.kernel.errors import N_
from portal.ledger.chart import AccountName, chart_of
from portal.ledger.journal_entry import entries_of
from portal.ledger.journal_queries import JournalFilter, journal, require_span
from portal.ledger.kinds import Account
from portal.ledger.trial_balance import trial_balance
from portal.ledger.vocabulary import LedgerRight
from portal.web.api.buyer import named_dealer, now_and_today
from portal.web.api.operations import HEADQUARTERS, operation
from portal.web.request import current_session, portal

READERS = (LedgerRight.READ,)


@operation(
    "GET",
    "/hq/journal",
    tag=HEADQUARTERS,
    rights=READERS,
    query=JournalQuery,
    answers=JournalPage,
    summary=N_("Lines of the journal, the latest first"),
    about=N_("Of at most twelve months at once; of one document all of them."),
)
def lines(query: JournalQuery) -> dict[str, Any]:
    first, last = _months(query.first, query.last)
    require_span(first, last)
    sought = JournalFilter(
        first=first,
        last=last,
        dealer_id=named_dealer(query.dealer),
        **query.model_dump(exclude={"first", "last", "dealer", "limit", "cursor"}),
    )
    page = journal(current_session(), sought, limit=query.limit, cursor=query.cursor)
    chart = _chart()
    items = [
        {
            "document": row.document_no,
            "kind": row.kind,
            "is_reversal": row.is_reversal,
            "occurred_on": row.occurred_on,
            "period": row.period,
            "late": row.late,
            "dealer": row.dealer_code,
            "account": row.account,
            "account_code": chart[Account(row.account)].code,
            "debit": row.debit,
            "credit": row.credit,
            "reference": row.reference,
            "posted_at": row.posted_at,
        }
        for row in page.items
    ]
    return {"items": items, "next_cursor": page.next_cursor}


@operation(
    "GET",
    "/hq/journal/entries/<number>",
    tag=HEADQUARTERS,
    rights=READERS,
    answers=JournalEntriesShape,
    summary=N_("A document in the journal, line by line"),
    about=N_("Its entry, and the one that reversed it."),
)
def entry(number: str) -> dict[str, Any]:
    chart = _chart()
    return {
        "items": [
            {
                "document": one.document_no,
                "kind": one.kind,
                "is_reversal": one.is_reversal,
                "occurred_on": one.occurred_on,
                "due_on": one.due_on,
                "period": one.period,
                "late": one.late,
                "dealer": one.dealer_code,
                "reference": one.reference,
                "posted_at": one.posted_at,
                "lines": [
                    {
                        "account": line.account,
                        "account_code": chart[Account(line.account)].code,
                        "debit": line.debit,
                        "credit": line.credit,
                    }
                    for line in one.lines
                ],
            }
            for one in entries_of(current_session(), number)
        ]
    }


@operation(
    "GET",
    "/hq/trial-balance",
    tag=HEADQUARTERS,
    rights=READERS,
    query=TrialBalanceQuery,
    answers=TrialBalanceShape,
    summary=N_("Every account over some months: opening, debit, credit, closing"),
    about=N_("Debits equal credits. Of one dealer, or of all that are in scope."),
)
def balance(query: TrialBalanceQuery) -> dict[str, Any]:
    first, last = _months(query.first, query.last)
    require_span(first, last, months_max=None)
    rows = trial_balance(current_session(), first=first, last=last, dealer_id=named_dealer(query.dealer))
    chart = _chart()
    items = [
        {
            "account": row.account,
            "account_code": chart[Account(row.account)].code,
            "name_zh": chart[Account(row.account)].zh,
            "name_en": chart[Account(row.account)].en,
            "opening": row.opening,
            "debit": row.debit,
            "credit": row.credit,
            "closing": row.closing,
        }
        for row in rows
    ]
    return {"first": first, "last": last, "items": items}


def _months(first: str | None, last: str | None) -> tuple[str, str]:
    end = last or first or clock.period_of(now_and_today()[1])
    return first or end, end


def _chart() -> dict[Account, AccountName]:
    return chart_of(portal().settings.account_codes)
