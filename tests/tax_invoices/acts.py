"""Tax invoices as the tax platform would write them for a document, and acts on them by people."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import count

from config import Settings
from demo.loading.tax_invoice_xml import tax_invoice_xml
from portal.kernel import clock
from portal.kernel.db import Database, transaction
from portal.tax_invoices.decide import accept_tax_invoice, remove_tax_invoice
from portal.tax_invoices.our_document import charged, lines_of
from portal.tax_invoices.red_form_rules import RedFormState
from portal.tax_invoices.red_forms import note_red_form
from portal.tax_invoices.rules import OurDocument
from portal.tax_invoices.take_tax_invoice import Taken, take_tax_invoice
from tests import cast
from tests.roles import Person, System

SELLER = str(Settings.model_fields["company_credit_code"].default)
FINANCE: Person | System = cast.hq_finance
_NUMBERS = count(1)

Change = Callable[[OurDocument], OurDocument]


def number_of_platform(nth: int) -> str:
    """A number of 20 digits."""
    return f"2631200000{nth:010d}"


def xml_of(
    database: Database,
    document: str,
    *,
    number: str = "",
    blue: str = "",
    remark: str = "",
    change: Change | None = None,
) -> bytes:
    """The XML of a tax invoice that says what a document says, or what `change` makes of it."""
    with transaction(database.system_session()) as session:
        head = charged(session, document)
        ours = lines_of(session, head, seller=SELLER)
    ours = change(ours) if change else ours
    number = number or number_of_platform(next(_NUMBERS))
    return tax_invoice_xml(ours, number=number, issued_on=cast.TODAY, blue=blue, remark=remark)


def dearer(by: str) -> Change:
    """Its first line says more than ours."""

    def change(ours: OurDocument) -> OurDocument:
        first = ours.lines[0]
        return replace(ours, lines=(replace(first, amount=first.amount + Decimal(by)), *ours.lines[1:]))

    return change


def taken(database: Database, content: bytes, document: str = "", *, by: Person | System = FINANCE) -> Taken:
    """Somebody of finance takes it in."""
    with transaction(database.session_for(by.actor())) as session:
        return take_tax_invoice(
            session, actor=by.actor(), content=content, seller=SELLER, document=document, at=clock.now()
        )


def a_tax_invoice(database: Database, document: str) -> str:
    """Number of a tax invoice that agrees with a document."""
    return taken(database, xml_of(database, document), document).number


def accepted(
    database: Database,
    number: str,
    *,
    by: Person | System,
    reason: str = "agreed",
    sha256: str | None = None,
) -> None:
    """Somebody lets it stand."""
    with transaction(database.session_for(by.actor())) as session:
        accept_tax_invoice(
            session, actor=by.actor(), number=number, reason=reason, at=clock.now(), sha256=sha256
        )


def removed(
    database: Database, number: str, *, by: Person | System = FINANCE, reason: str = "wrong document"
) -> None:
    """Somebody takes it off its document."""
    with transaction(database.session_for(by.actor())) as session:
        remove_tax_invoice(session, actor=by.actor(), number=number, reason=reason, at=clock.now())


def noted(
    database: Database,
    number: str,
    blue: str,
    state: str,
    *,
    gross: str = "-10.00",
    asked_at: datetime | None = None,
) -> None:
    """Somebody notes where a red-letter confirmation form stands."""
    with transaction(database.session_for(FINANCE.actor())) as session:
        note_red_form(
            session,
            actor=FINANCE.actor(),
            number=number,
            blue=blue,
            gross=Decimal(gross),
            state=RedFormState(state),
            asked_at=asked_at or clock.now() - timedelta(hours=1),
            at=clock.now(),
        )
