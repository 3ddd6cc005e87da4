"""Tax invoices: taken in, looked at, accepted, removed; red-letter confirmation forms."""

from __future__ import annotations

from typing import Any

from werkzeug.wrappers import Response

from backoffice.api.schemas.tax_invoices import (
    RedFormBody,
    RedFormList,
    TaxInvoiceBody,
    TaxInvoiceDetailShape,
    TaxInvoicePage,
    TaxInvoicesQuery,
    TaxReasonBody,
)
from portal.kernel import clock, money
from portal.kernel.errors import N_
from portal.ledger.vocabulary import LedgerRight
from portal.tax_invoices import queries
from portal.tax_invoices.decide import accept_tax_invoice, remove_tax_invoice
from portal.tax_invoices.queries import TaxInvoiceDetail, TaxInvoiceRow
from portal.tax_invoices.read_rules import SIZE_MAX
from portal.tax_invoices.red_form_rules import RedFormState
from portal.tax_invoices.red_forms import note_red_form
from portal.tax_invoices.take_tax_invoice import take_tax_invoice
from portal.web.api.operations import BODY_MAX, FILE, HEADQUARTERS, operation
from portal.web.api.reading import uploaded_file
from portal.web.request import current_actor, current_session, portal

READERS = (LedgerRight.READ, LedgerRight.POST, LedgerRight.APPROVE)
POSTERS = (LedgerRight.POST,)


@operation(
    "POST",
    "/hq/tax-invoices",
    tag=HEADQUARTERS,
    rights=POSTERS,
    body=TaxInvoiceBody,
    answers=TaxInvoiceDetailShape,
    status=201,
    creates=True,
    conflicts=True,
    takes_file=True,
    form_max=SIZE_MAX + BODY_MAX,
    located="/hq/tax-invoices/{number}",
    summary=N_("Take in a tax invoice"),
    about=N_(
        "The XML of the tax platform, held against the document that is named, that its remark names or that "
        "alone comes to its amount. What differs waits for another person; what cannot belong together is "
        "refused with the reason. The same file again changes nothing."
    ),
)
def create(body: TaxInvoiceBody) -> dict[str, Any]:
    content = uploaded_file()
    taken = take_tax_invoice(
        current_session(),
        actor=current_actor(),
        content=body.text.encode() if content is None else content,
        seller=portal().settings.company_credit_code,
        document=body.document,
        at=clock.now(),
    )
    return _detail(taken.number, is_repeat=taken.is_repeat)


@operation(
    "GET",
    "/hq/tax-invoices",
    tag=HEADQUARTERS,
    rights=READERS,
    query=TaxInvoicesQuery,
    answers=TaxInvoicePage,
    summary=N_("Tax invoices, the latest first"),
    about=N_("Of one state or of one document where it is named."),
)
def index(query: TaxInvoicesQuery) -> dict[str, Any]:
    page = queries.tax_invoices(
        current_session(),
        state=query.state or "",
        document=query.document,
        limit=query.limit,
        cursor=query.cursor,
    )
    return {"items": [_row(one) for one in page.items], "next_cursor": page.next_cursor}


@operation(
    "GET",
    "/hq/tax-invoices/<number>",
    tag=HEADQUARTERS,
    rights=READERS,
    answers=TaxInvoiceDetailShape,
    summary=N_("One tax invoice with what was found"),
    about=N_("As it was compared when it was taken in."),
)
def show(number: str) -> dict[str, Any]:
    return _detail(number)


@operation(
    "GET",
    "/hq/tax-invoices/<number>.xml",
    tag=HEADQUARTERS,
    rights=READERS,
    media=FILE,
    summary=N_("A tax invoice as its XML"),
    about=N_("Byte for byte as the tax platform signed it."),
)
def xml(number: str) -> Response:
    content = queries.content_of(current_session(), number)
    headers = {"Content-Disposition": f'attachment; filename="{number}.xml"'}
    return Response(content, mimetype=FILE, headers=headers)


@operation(
    "POST",
    "/hq/tax-invoices/<number>/acceptance",
    tag=HEADQUARTERS,
    rights=(LedgerRight.APPROVE,),
    body=TaxReasonBody,
    answers=TaxInvoiceDetailShape,
    creates=True,
    conflicts=True,
    summary=N_("Let a tax invoice stand although it differs"),
    about=N_("By another person than took it in."),
)
def accept(number: str, body: TaxReasonBody) -> dict[str, Any]:
    accept_tax_invoice(
        current_session(), actor=current_actor(), number=number, reason=body.reason, at=clock.now()
    )
    return _detail(number)


@operation(
    "POST",
    "/hq/tax-invoices/<number>/removal",
    tag=HEADQUARTERS,
    rights=POSTERS,
    body=TaxReasonBody,
    answers=TaxInvoiceDetailShape,
    creates=True,
    conflicts=True,
    summary=N_("Take a tax invoice off its document"),
    about=N_("It stays on record; its number is free again."),
)
def remove(number: str, body: TaxReasonBody) -> dict[str, Any]:
    remove_tax_invoice(
        current_session(), actor=current_actor(), number=number, reason=body.reason, at=clock.now()
    )
    return _detail(number)


@operation(
    "POST",
    "/hq/tax-invoices/<number>/red-forms",
    tag=HEADQUARTERS,
    rights=POSTERS,
    body=RedFormBody,
    answers=RedFormList,
    status=201,
    creates=True,
    conflicts=True,
    located="/hq/tax-invoices/{number}",
    summary=N_("Note a red-letter confirmation form"),
    about=N_("Or where one stands now, by its state from 01 to 09. The same again changes nothing."),
)
def red_form(number: str, body: RedFormBody) -> dict[str, Any]:
    session = current_session()
    found = queries.tax_invoice_of(session, number)
    note_red_form(
        session,
        actor=current_actor(),
        number=body.number,
        blue=number,
        gross=body.gross,
        state=RedFormState(body.state),
        asked_at=body.asked_at,
        at=clock.now(),
    )
    return {
        "number": number,
        "items": [
            {
                "number": one.number,
                "takes_back": one.blue_no,
                "gross": money.as_text(one.gross),
                "state": one.state,
                "asked_at": one.asked_at,
                "moved_at": one.moved_at,
            }
            for one in queries.forms_of(session, found.dealer_id, number)
        ],
    }


def _row(one: TaxInvoiceRow | TaxInvoiceDetail) -> dict[str, Any]:
    return {
        "number": one.number,
        "document": one.document,
        "dealer": one.dealer_code,
        "issued_on": one.issued_on.isoformat(),
        "net": money.as_text(one.net),
        "tax": money.as_text(one.tax),
        "gross": money.as_text(one.gross),
        "state": one.state,
        "verdict": one.verdict,
        "taken_at": one.taken_at,
    }


def _detail(number: str, *, is_repeat: bool = False) -> dict[str, Any]:
    found = queries.tax_invoice_of(current_session(), number)
    return {
        **_row(found),
        "takes_back": found.blue_no or None,
        "left": money.as_text(found.left),
        "repeated": is_repeat,
        "differences": [
            {
                "kind": one["kind"],
                "lines": one.get("lines", []),
                "amount": one.get("amount"),
                "ours": one.get("ours"),
                "theirs": one.get("theirs") or one.get("name"),
            }
            for one in found.differences
        ],
    }
