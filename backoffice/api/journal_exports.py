"""A month of the journal for the finance system: voucher by voucher, or in files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from werkzeug.wrappers import Response

from backoffice.api.schemas.journal import JournalPartsShape, VoucherFileQuery, VoucherPage
from portal.kernel import clock
from portal.kernel.errors import N_, NotFound
from portal.ledger.chart import AccountName, chart_of
from portal.ledger.journal_export import Voucher, vouchers
from portal.ledger.kinds import Account
from portal.ledger.vocabulary import LedgerRight
from portal.web.api.fields import PageQuery
from portal.web.api.operations import FILE, HEADQUARTERS, operation
from portal.web.journal_file import kinds_in_chinese, parts_of, send_part, summary_of
from portal.web.request import current_session, portal

READERS = (LedgerRight.READ,)


@operation(
    "GET",
    "/hq/journal/exports/<period>",
    tag=HEADQUARTERS,
    rights=READERS,
    answers=JournalPartsShape,
    summary=N_("The files that a month of the journal comes in"),
    about=N_("A long month comes in several; no voucher is torn."),
)
def parts(period: str) -> dict[str, Any]:
    found = parts_of(_month(period))
    return {
        "period": period,
        "vouchers": sum(one.entries for one in found),
        "items": [{"part": one.number, "vouchers": one.entries} for one in found],
    }


@operation(
    "GET",
    "/hq/journal/exports/<period>/file",
    tag=HEADQUARTERS,
    rights=READERS,
    query=VoucherFileQuery,
    media=FILE,
    summary=N_("A file of a month for the finance system"),
    about=N_(
        "CSV or a workbook of vouchers, line by line, as the page of the journal gives it. Every file is "
        "written to the audit."
    ),
)
def file(period: str, query: VoucherFileQuery) -> Response:
    return send_part(_month(period), query.part, query.form)


@operation(
    "GET",
    "/hq/journal/exports/<period>/vouchers",
    tag=HEADQUARTERS,
    rights=READERS,
    query=PageQuery,
    answers=VoucherPage,
    summary=N_("The vouchers of a month for the finance system"),
    about=N_("The same as in the files, in the same order. Free deliveries, which move nothing, are none."),
)
def index(period: str, query: PageQuery) -> dict[str, Any]:
    page = vouchers(current_session(), _month(period), limit=query.limit, cursor=query.cursor)
    chart, words = chart_of(portal().settings.account_codes), kinds_in_chinese()
    return {"items": [_shown(one, chart, words) for one in page.items], "next_cursor": page.next_cursor}


def _month(period: str) -> str:
    """It, if it is one. Raises NotFound."""
    try:
        clock.first_day(period)
    except ValueError:
        raise NotFound() from None
    return period


def _shown(one: Voucher, chart: Mapping[Account, AccountName], words: dict[str, str]) -> dict[str, Any]:
    head = one.lines[0]
    return {
        "voucher": head.voucher,
        "voucher_no": head.voucher_no,
        "date": head.occurred_on,
        "period": head.period,
        "dealer": head.dealer_code,
        "dealer_name_zh": head.dealer_zh,
        "document": head.document_no,
        "summary": summary_of(head, words),
        "lines": [
            {
                "account": line.account,
                "account_code": chart[Account(line.account)].code,
                "account_name_zh": chart[Account(line.account)].zh,
                "account_name_en": chart[Account(line.account)].en,
                "debit": line.debit,
                "credit": line.credit,
            }
            for line in one.lines
        ],
    }
