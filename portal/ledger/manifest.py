"""What the ledger adds to the portal: accounts, documents, payments, corrections."""

from __future__ import annotations

from datetime import timedelta

from portal.identity.rules import Role
from portal.kernel.errors import N_, Conflict
from portal.kernel.manifest import (
    TOLD,
    Audience,
    Capability,
    Chapter,
    Emitted,
    Finder,
    Job,
    Look,
    MenuEntry,
    Recurring,
    Topic,
)
from portal.ledger.find import find_documents
from portal.ledger.rules import CorrectionState
from portal.ledger.vocabulary import LedgerAction, LedgerRight, LedgerTold
from portal.ledger.waiting import work
from portal.statements.vocabulary import StatementRight

CHAPTER = Chapter("account", N_("Account and statements"))
_DOCUMENT = ("/account-documents/{number}", "/hq/account-documents/{number}")
_EVENTS: dict[str, Emitted] = {
    LedgerTold.DEPOSIT_RECEIVED: Emitted(N_("A deposit is held"), (StatementRight.READ,), _DOCUMENT),
    LedgerTold.DEPOSIT_USED: Emitted(N_("A deposit paid debts"), (StatementRight.READ,), _DOCUMENT),
    LedgerTold.DEPOSIT_RETURNED: Emitted(N_("A deposit was paid back"), (StatementRight.READ,), _DOCUMENT),
    LedgerTold.DOCUMENT_POSTED: Emitted(
        N_("An opening balance, a write-off, a refund or interest was booked"),
        (StatementRight.READ,),
        _DOCUMENT,
    ),
    LedgerTold.REVERSED: Emitted(
        N_("A document was reversed"), (StatementRight.READ,), ("/ledger", "/hq/journal/entries/{number}")
    ),
}

CAPABILITY = Capability(
    name="ledger",
    models="portal.ledger.models",
    pages={
        Audience.DEALERS: ("portal.blueprints.account_documents",),
        Audience.STAFF: (
            "backoffice.blueprints.ledger",
            "backoffice.blueprints.corrections",
            "backoffice.blueprints.account_documents",
            "backoffice.blueprints.document_forms",
            "backoffice.blueprints.journal",
        ),
    },
    resources=(
        "portal.blueprints.api.ledger",
        "portal.blueprints.api.account_documents",
        "backoffice.api.payments",
        "backoffice.api.corrections",
        "backoffice.api.account_documents",
        "backoffice.api.journal",
        "backoffice.api.journal_exports",
    ),
    chapters=(CHAPTER,),
    menu=(
        MenuEntry(
            Audience.STAFF,
            Job.MONEY,
            "corrections.index",
            N_("Corrections"),
            "arrows-exchange",
            (LedgerRight.READ, LedgerRight.APPROVE),
        ),
        MenuEntry(
            Audience.STAFF,
            Job.MONEY,
            "account_documents.index",
            N_("Deposits, refunds and write-offs"),
            "cash",
            (LedgerRight.READ,),
        ),
        MenuEntry(Audience.STAFF, Job.MONEY, "journal.index", N_("Journal"), "receipt", (LedgerRight.READ,)),
        MenuEntry(
            Audience.DEALERS,
            Job.MONEY,
            "own_account_documents.index",
            N_("Deposits and refunds"),
            "cash",
            (StatementRight.READ,),
        ),
    ),
    rights={right: frozenset({Role.HQ_FINANCE}) for right in LedgerRight},
    statuses={
        "correction": {
            CorrectionState.WAITING: Look(N_("Waits for approval"), "amber", "hourglass"),
            CorrectionState.APPROVED: Look(N_("Approved"), "green", "circle-check"),
            CorrectionState.REJECTED: Look(N_("Rejected"), "grey", "circle-x"),
        },
    },
    actions=LedgerAction,
    topics={
        "invoice.issued": TOLD,
        "payment.received": Topic("jobs.payments.received"),
        **dict.fromkeys(LedgerTold, TOLD),
    },
    emits=_EVENTS,
    refusals={
        "TL001": Conflict("unbalanced_entry", N_("The journal entry does not balance; nothing was posted.")),
        "TL002": Conflict("immutable", N_("Posted documents are never changed; post a reversal instead.")),
        "TL005": Conflict("period_shut", N_("The period is not open; the document belongs in the next one.")),
        "TL100": Conflict("period_open", N_("The month is still open: documents may follow.")),
        "TL101": Conflict("snapshot_differs", N_("The open items of the account are not its balance.")),
        "TL011": Conflict(
            "over_allocated", N_("More would be settled than is owed or was paid. Look again and repeat.")
        ),
        "TL075": Conflict(
            "deposit_exceeded", N_("More would be taken of a deposit than is left. Look again and repeat.")
        ),
        "uq_correction_request_waiting": Conflict(
            "correction_waiting", N_("A correction of this document already waits for a decision.")
        ),
    },
    owned={
        "invoices": "invoice",
        "payments": "payment",
        "corrections": "correction",
        "account-documents": "account document",
        "deposits": "account document",
        "entries": "account document",
    },
    work=work,
    lists=("account", "corrections", "account-documents", "own-account-documents", "journal"),
    schedule=(Recurring("jobs.snapshots.sweep", every=timedelta(hours=1), patience=timedelta(minutes=30)),),
    finders=(
        Finder(Audience.STAFF, N_("Invoices and payments"), "cash", (LedgerRight.READ,), find_documents),
    ),
    help={Audience.STAFF: ("ledger",)},
)
