"""What tax invoices add to the portal: what the tax platform issued, beside what we charged."""

from __future__ import annotations

from portal.identity.rules import Role
from portal.kernel.errors import N_, Conflict
from portal.kernel.manifest import (
    TOLD,
    Audience,
    Capability,
    Emitted,
    Event,
    Finder,
    Job,
    Look,
    MenuEntry,
)
from portal.ledger.vocabulary import LedgerRight
from portal.statements.vocabulary import StatementRight
from portal.tax_invoices.find import find_tax_invoices
from portal.tax_invoices.red_form_rules import RedFormState
from portal.tax_invoices.rules import State
from portal.tax_invoices.vocabulary import ISSUED, TaxInvoiceAction
from portal.tax_invoices.waiting import work

CAPABILITY = Capability(
    name="tax_invoices",
    models="portal.tax_invoices.models",
    pages={
        Audience.DEALERS: ("portal.blueprints.tax_invoices",),
        Audience.STAFF: ("backoffice.blueprints.tax_invoices", "backoffice.blueprints.tax_invoice_rules"),
    },
    resources=("portal.blueprints.api.tax_invoices", "backoffice.api.tax_invoices"),
    menu=(
        MenuEntry(
            Audience.STAFF,
            Job.MONEY,
            "tax_invoices_desk.index",
            N_("Tax invoices"),
            "receipt",
            (LedgerRight.READ, LedgerRight.POST, LedgerRight.APPROVE),
        ),
    ),
    statuses={
        "tax invoice": {
            State.ATTACHED: Look(N_("Agrees"), "green", "circle-check"),
            State.DIFFERS: Look(N_("Differs"), "amber", "alert-triangle"),
            State.ACCEPTED: Look(N_("Accepted"), "blue", "check"),
            State.REMOVED: Look(N_("Removed"), "grey", "x"),
        },
        "red form": {
            RedFormState.NEEDS_NONE: Look(N_("01 Needs no confirmation"), "green", "circle-check"),
            RedFormState.SELLER_ENTERED: Look(N_("02 Waits for the buyer"), "amber", "hourglass"),
            RedFormState.BUYER_ENTERED: Look(N_("03 Waits for us"), "amber", "hourglass"),
            RedFormState.CONFIRMED: Look(N_("04 Confirmed by both"), "green", "circle-check"),
            RedFormState.DENIED_BY_BUYER: Look(N_("05 Denied by the buyer"), "red", "circle-x"),
            RedFormState.DENIED_BY_SELLER: Look(N_("06 Denied by us"), "red", "circle-x"),
            RedFormState.EXPIRED: Look(N_("07 Void after 72 hours"), "grey", "clock"),
            RedFormState.TAKEN_BACK: Look(N_("08 Taken back"), "grey", "x"),
            RedFormState.CANCELLED: Look(N_("09 Cancelled after confirmation"), "grey", "x"),
        },
    },
    actions=TaxInvoiceAction,
    tells={
        ISSUED: Event(N_("Tax invoices"), Audience.DEALERS, frozenset({Role.DEALER_FINANCE})),
    },
    topics={ISSUED: TOLD},
    emits={
        ISSUED: Emitted(
            N_("A tax invoice was issued"),
            (StatementRight.READ,),
            ("/invoices/{document}/tax-invoice", "/hq/tax-invoices/{number}"),
        ),
    },
    refusals={
        "uq_tax_invoice_number": Conflict(
            "number_reused", N_("This tax invoice is attached to another document.")
        ),
        "TL105": Conflict("tax_invoice_stands", N_("What the tax platform signed never changes.")),
    },
    owned={"tax-invoices": "tax_invoice"},
    lists=("tax-invoices",),
    work=work,
    finders=(Finder(Audience.STAFF, N_("Tax invoices"), "receipt", (LedgerRight.READ,), find_tax_invoices),),
    help={Audience.STAFF: ("tax-invoices",)},
)
