"""What payments add to the portal: paying online, receipts, and headquarters' view of both."""

from __future__ import annotations

from datetime import timedelta

from portal.identity.rules import Role
from portal.kernel.errors import N_, Conflict
from portal.kernel.manifest import (
    TOLD,
    Audience,
    Capability,
    Chapter,
    DocumentAct,
    Emitted,
    Event,
    Finder,
    Job,
    Look,
    MenuEntry,
    Recurring,
    Topic,
)
from portal.ledger.rules import EntryKind
from portal.ledger.vocabulary import LedgerRight
from portal.payments.find import find_payments
from portal.payments.keep_event import HANDLE
from portal.payments.keys import takes_payments
from portal.payments.rules import DisputeState, EventState, PaymentState
from portal.payments.vocabulary import (
    DISPUTED,
    FAILED,
    REFUNDED,
    SUCCEEDED,
    WAITING,
    PaymentAction,
    PaymentRight,
)
from portal.payments.waiting import work
from portal.statements.vocabulary import StatementRight

CHAPTER = Chapter("payments", N_("Payments"))
_PAYERS = frozenset({Role.DEALER_FINANCE, Role.DEALER_OWNER})
_FINANCE = frozenset({Role.HQ_FINANCE})
_READERS = (LedgerRight.READ, LedgerRight.POST)
_ADDRESSES = ("/payments/{number}", "/hq/online-payments/{number}")

CAPABILITY = Capability(
    name="payments",
    models="portal.payments.models",
    pages={
        Audience.DEALERS: ("portal.blueprints.payments", "portal.blueprints.pay_online"),
        Audience.STAFF: ("backoffice.blueprints.online_payments", "backoffice.blueprints.stripe_events"),
        Audience.BEARERS: ("portal.blueprints.stripe_webhook",),
    },
    resources=("portal.blueprints.api.payments", "backoffice.api.online_payments"),
    chapters=(CHAPTER,),
    menu=(
        MenuEntry(
            Audience.DEALERS,
            Job.MONEY,
            "payments.index",
            N_("Payments"),
            "cash",
            (StatementRight.READ,),
        ),
        MenuEntry(
            Audience.STAFF,
            Job.MONEY,
            "online_payments.index",
            N_("Online payments"),
            "receipt",
            _READERS,
        ),
    ),
    rights={PaymentRight.CREATE: _PAYERS},
    document_acts=(
        *(
            DocumentAct(
                Audience.DEALERS,
                kind,
                "pay_online.new",
                N_("Pay"),
                "cash",
                (PaymentRight.CREATE,),
                argument="invoice",
                is_offered=takes_payments,
            )
            for kind in (EntryKind.INVOICE, EntryKind.SERVICE)
        ),
        DocumentAct(
            Audience.DEALERS,
            "account",
            "pay_online.new",
            N_("Pay"),
            "cash",
            (PaymentRight.CREATE,),
            is_offered=takes_payments,
        ),
    ),
    statuses={
        "online payment": {
            PaymentState.STARTING: Look(N_("Begun"), "grey", "clock"),
            PaymentState.OPEN: Look(N_("Waits to be paid"), "amber", "hourglass"),
            PaymentState.FAILED: Look(N_("Failed"), "red", "alert-triangle"),
            PaymentState.PROCESSING: Look(N_("Under way"), "blue", "clock"),
            PaymentState.CANCELLED: Look(N_("Cancelled"), "grey", "ban"),
            PaymentState.SUCCEEDED: Look(N_("Paid"), "green", "circle-check"),
            PaymentState.PARTLY_REFUNDED: Look(N_("Refunded in part"), "violet", "history"),
            PaymentState.REFUNDED: Look(N_("Refunded"), "grey", "history"),
            PaymentState.DISPUTED: Look(N_("Disputed by the payer's bank"), "amber", "scale"),
            PaymentState.LOST: Look(N_("Dispute lost"), "red", "circle-x"),
        },
        "card dispute": {
            DisputeState.OPEN: Look(N_("Open"), "amber", "clock"),
            DisputeState.WON: Look(N_("Won"), "green", "circle-check"),
            DisputeState.LOST: Look(N_("Dispute lost"), "red", "circle-x"),
        },
        "stripe event": {
            EventState.KEPT: Look(N_("Being handled"), "blue", "clock"),
            EventState.DONE: Look(N_("Handled"), "green", "circle-check"),
            EventState.IGNORED: Look(N_("Nothing to do"), "grey", "minus"),
            EventState.WAITING: Look(N_("To be looked at"), "amber", "hourglass"),
            EventState.ASIDE: Look(N_("Set aside"), "amber", "x"),
            EventState.CLOSED: Look(N_("Closed unbooked"), "grey", "ban"),
        },
    },
    actions=PaymentAction,
    tells={
        SUCCEEDED: Event(
            N_("Online payments that were booked"), Audience.DEALERS, frozenset({Role.DEALER_FINANCE})
        ),
        FAILED: Event(N_("Online payments that failed"), Audience.DEALERS, frozenset({Role.DEALER_FINANCE})),
        REFUNDED: Event(N_("Refunds of online payments"), Audience.DEALERS, frozenset({Role.DEALER_FINANCE})),
        DISPUTED: Event(N_("Online payments that a bank disputes"), Audience.STAFF, _FINANCE),
        WAITING: Event(N_("Events of Stripe that could not be booked"), Audience.STAFF, _FINANCE),
    },
    topics={
        HANDLE: Topic("jobs.payments.event_kept"),
        SUCCEEDED: TOLD,
        FAILED: TOLD,
        REFUNDED: TOLD,
    },
    emits={
        SUCCEEDED: Emitted(N_("An online payment was booked"), (StatementRight.READ,), _ADDRESSES),
        FAILED: Emitted(N_("An online payment failed"), (StatementRight.READ,), _ADDRESSES),
        REFUNDED: Emitted(N_("An online payment was refunded"), (StatementRight.READ,), _ADDRESSES),
    },
    schedule=(Recurring("jobs.payments.ask", every=timedelta(minutes=5), goes_out=True),),
    refusals={
        "uq_online_posting_dealer_id_kind_ref": Conflict(
            "already_posted", N_("This has been posted already.")
        ),
        "uq_online_payment_dealer_id_intent": Conflict(
            "other_payment", N_("This belongs to another payment.")
        ),
        "uq_online_payment_request": Conflict("payment_begun", N_("This payment has been begun already.")),
        "TL085": Conflict("stripe_stands", N_("What Stripe said never changes.")),
        "TL086": Conflict("payment_stands", N_("What was to be paid never changes.")),
        "TL087": Conflict("paid_stays_paid", N_("What was paid stays paid.")),
    },
    owned={"online-payments": "online payment"},
    lists=("payments", "online-payments", "stripe-events"),
    work=work,
    finders=(
        Finder(Audience.DEALERS, N_("Online payments"), "receipt", (PaymentRight.CREATE,), find_payments),
        Finder(Audience.STAFF, N_("Online payments"), "receipt", _READERS, find_payments),
    ),
    help={Audience.DEALERS: ("payments",), Audience.STAFF: ("payments",)},
)
