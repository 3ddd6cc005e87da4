"""What the ledger adds to the portal: accounts, documents, payments, corrections."""

from __future__ import annotations

from portal.identity.rules import Role
from portal.kernel.errors import N_, Conflict
from portal.kernel.manifest import TOLD, Audience, Capability, Chapter, Finder, Job, Look, MenuEntry, Topic
from portal.ledger.find import find_documents
from portal.ledger.rules import CorrectionState
from portal.ledger.vocabulary import LedgerAction, LedgerRight
from portal.ledger.waiting import work

CHAPTER = Chapter("account", N_("Account and statements"))

CAPABILITY = Capability(
    name="ledger",
    models="portal.ledger.models",
    pages={Audience.STAFF: ("backoffice.blueprints.ledger", "backoffice.blueprints.corrections")},
    resources=("portal.blueprints.api.ledger", "backoffice.api.payments", "backoffice.api.corrections"),
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
    topics={"invoice.issued": TOLD, "payment.received": Topic("jobs.payments.received")},
    refusals={
        "TL001": Conflict("unbalanced_entry", N_("The journal entry does not balance; nothing was posted.")),
        "TL002": Conflict("immutable", N_("Posted documents are never changed; post a reversal instead.")),
        "TL005": Conflict("period_shut", N_("The period is not open; the document belongs in the next one.")),
        "TL011": Conflict(
            "over_allocated", N_("More would be settled than is owed or was paid. Look again and repeat.")
        ),
        "uq_correction_request_waiting": Conflict(
            "correction_waiting", N_("A correction of this document already waits for a decision.")
        ),
    },
    owned={"invoices": "invoice", "payments": "payment", "corrections": "correction"},
    work=work,
    lists=("account", "corrections"),
    finders=(
        Finder(Audience.STAFF, N_("Invoices and payments"), "cash", (LedgerRight.READ,), find_documents),
    ),
    help={Audience.STAFF: ("ledger",)},
)
