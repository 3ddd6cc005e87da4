"""What dealers' own ledgers add to the portal: uploaded, compared with ours, answered and signed."""

from __future__ import annotations

from datetime import timedelta

from portal.identity.rules import Role
from portal.kernel.errors import N_, Conflict
from portal.kernel.manifest import (
    TOLD,
    Audience,
    Capability,
    Emitted,
    Event,
    Job,
    Look,
    MenuEntry,
    Personal,
    Recurring,
    Topic,
)
from portal.ledger.vocabulary import LedgerRight
from portal.own_ledgers.rules import Answer, LedgerState
from portal.own_ledgers.upload_ledger import TOPIC
from portal.own_ledgers.vocabulary import DEALER_SIGNED, OwnLedgerAction, OwnLedgerRight, OwnLedgerTold
from portal.own_ledgers.waiting import work
from portal.statements.vocabulary import StatementRight

_READ = (StatementRight.READ,)
_CALLS = ("/own-ledger/{number}", "/own-ledger/{number}")
_FINANCE = frozenset({Role.DEALER_FINANCE, Role.DEALER_OWNER})

CAPABILITY = Capability(
    name="own_ledgers",
    models="portal.own_ledgers.models",
    pages={
        Audience.DEALERS: ("portal.blueprints.own_ledgers",),
        Audience.STAFF: ("backoffice.blueprints.own_ledgers",),
    },
    resources=("portal.blueprints.api.own_ledgers",),
    menu=(
        MenuEntry(
            Audience.DEALERS,
            Job.MONEY,
            "own_ledgers.index",
            N_("Own ledger"),
            "arrows-exchange",
            (StatementRight.READ,),
        ),
        MenuEntry(
            Audience.STAFF,
            Job.MONEY,
            "own_ledgers_desk.index",
            N_("Dealers' ledgers"),
            "file-text",
            (LedgerRight.READ,),
        ),
    ),
    rights={OwnLedgerRight.COMPARE: frozenset({Role.DEALER_FINANCE, Role.DEALER_OWNER})},
    statuses={
        "own_ledger": {
            LedgerState.DRAFT: Look(N_("Not compared yet"), "grey", "clock"),
            LedgerState.RUNNING: Look(N_("Being compared"), "amber", "hourglass"),
            LedgerState.DONE: Look(N_("Compared"), "green", "circle-check"),
            LedgerState.FAILED: Look(N_("Could not be read"), "red", "circle-x"),
            LedgerState.SUPERSEDED: Look(N_("Replaced by a newer one"), "grey", "history"),
            LedgerState.DISCARDED: Look(N_("Discarded"), "grey", "trash"),
        },
        "ledger_answer": {
            Answer.OPEN: Look(N_("No answer yet"), "grey", "clock"),
            Answer.ACCEPTED: Look(N_("Accepted"), "green", "circle-check"),
            Answer.DISPUTED: Look(N_("Disputed"), "red", "alert-triangle"),
        },
    },
    actions=OwnLedgerAction,
    topics={TOPIC: Topic("jobs.own_ledgers.ask"), **dict.fromkeys(OwnLedgerTold, TOLD)},
    emits={
        OwnLedgerTold.COMPARED: Emitted(N_("A dealer's ledger was compared, or could not be"), _READ, _CALLS),
        OwnLedgerTold.ANSWERED: Emitted(
            N_("Headquarters answered every difference of a ledger"), _READ, _CALLS
        ),
        OwnLedgerTold.SIGNED: Emitted(N_("A side signed a reconciliation sheet"), _READ, _CALLS),
    },
    tells={
        OwnLedgerTold.COMPARED: Event(N_("Own ledgers compared"), Audience.DEALERS, _FINANCE),
        OwnLedgerTold.ANSWERED: Event(N_("Answers to differences of ledgers"), Audience.DEALERS, _FINANCE),
        OwnLedgerTold.SIGNED: Event(N_("Sheets that headquarters signed"), Audience.DEALERS, _FINANCE),
        DEALER_SIGNED: Event(N_("Sheets that dealers signed"), Audience.STAFF, frozenset({Role.HQ_FINANCE})),
    },
    schedule=(
        Recurring("jobs.own_ledgers.take_up", every=timedelta(seconds=30)),
        Recurring("jobs.own_ledgers.forget", every=timedelta(days=1)),
    ),
    refusals={
        "TL095": Conflict("ledger_over", N_("This ledger has been discarded.")),
        "TL072": Conflict("signed_already", N_("Your side has signed the sheet; its answers stay.")),
        "pk_own_ledger_signature": Conflict("signed_already", N_("Your side has signed this sheet already.")),
    },
    owned={"own-ledger": "own ledger", "own-ledgers": "own ledger"},
    lists=("own-ledgers", "own-ledgers-desk"),
    work=work,
    help={Audience.DEALERS: ("own-ledger",), Audience.STAFF: ("own-ledger",)},
    personal=(Personal("own_ledger_signature", ("name",)),),
)
