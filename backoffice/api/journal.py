"""The journal of headquarters, its entries and the trial balance, for finance systems."""

from __future__ import annotations

from typing import Any

from werkzeug.wrappers import Response

from backoffice.api.schemas.journal import (
    JournalEntriesShape,
    JournalFileQuery,
    JournalPage,
    JournalQuery,
    JournalSought,
    JournalTotalsShape,
    TrialBalanceQuery,
    TrialBalanceShape,
)
from portal.kernel import clock
from portal.kernel.errors import N_
from portal.kernel.paging import Page
from portal.ledger.chart import AccountName, chart_of
from portal.ledger.journal_entry import entries_of
from portal.ledger.journal_queries import (
    JournalFilter,
    JournalRow,
    journal,
    require_span,
    totals,
)
from portal.ledger.kinds import Account
from portal.ledger.trial_balance import trial_balance
from portal.ledger.vocabulary import LedgerRight
from portal.web.api.buyer import named_dealer, now_and_today
from portal.web.api.operations import FILE, HEADQUARTERS, operation
from portal.web.journal_file import JOURNAL
from portal.web.listing.export import send_list
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
    page = journal(current_session(), _sought(query), limit=query.limit, cursor=query.cursor)
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
            "dealer_name_zh": row.dealer_zh,
            "dealer_name_en": row.dealer_en,
            "account": row.account,
            "account_code": chart[Account(row.account)].code,
            "account_name_zh": chart[Account(row.account)].zh,
            "account_name_en": chart[Account(row.account)].en,
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
    "/hq/journal/totals",
    tag=HEADQUARTERS,
    rights=READERS,
    query=JournalSought,
    answers=JournalTotalsShape,
    summary=N_("What lines of the journal come to, by account"),
    about=N_("With the filters of the list. Too many lines are not added up: `complete` says so."),
)
def sums(query: JournalSought) -> dict[str, Any]:
    found, chart = totals(current_session(), _sought(query)), _chart()
    items = [
        {
            "account": one.account,
            "account_code": chart[Account(one.account)].code,
            "debit": one.debit,
            "credit": one.credit,
            "balance": one.balance,
            "lines": one.lines,
        }
        for one in found or ()
    ]
    return {"complete": found is not None, "items": items}


@operation(
    "GET",
    "/hq/journal/file",
    tag=HEADQUARTERS,
    rights=READERS,
    query=JournalFileQuery,
    media=FILE,
    summary=N_("Lines of the journal as a file"),
    about=N_(
        "CSV or a workbook with every column, with the filters of the list, in the language of "
        "Accept-Language. A file has so many rows at most as the settings say, its last row tells if there "
        "are more. Every file is written to the audit."
    ),
)
def lines_as_file(query: JournalFileQuery) -> Response:
    sought, session = _sought(query), current_session()

    def fetch(cursor: str | None, limit: int) -> Page[JournalRow]:
        return journal(session, sought, cursor=cursor, limit=limit)

    return send_list(JOURNAL, fetch, query.form, dealer_id=sought.dealer_id)


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


def _sought(query: JournalSought) -> JournalFilter:
    """The filter. Raises Invalid for too many months, NotFound for an unknown dealer."""
    first, last = _months(query.first, query.last)
    require_span(first, last)
    asked = query.model_dump(include=set(JournalSought.model_fields) - {"first", "last", "dealer"})
    return JournalFilter(first=first, last=last, dealer_id=named_dealer(query.dealer), **asked)


def _months(first: str | None, last: str | None) -> tuple[str, str]:
    end = last or first or clock.period_of(now_and_today()[1])
    return first or end, end


def _chart() -> dict[Account, AccountName]:
    return chart_of(portal().settings.account_codes)
