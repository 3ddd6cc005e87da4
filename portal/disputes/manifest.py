"""What disputes add to the portal: what a dealer says against a statement, and how it is answered."""

from __future__ import annotations

from portal.disputes.locked import OWNER_KIND
from portal.disputes.read_files import require_reader
from portal.disputes.rules import DisputeState
from portal.disputes.vocabulary import ANSWERED, OPENED, SAID, DisputeAction
from portal.disputes.waiting import work
from portal.identity.rules import Role
from portal.kernel.errors import N_, Conflict
from portal.kernel.manifest import Audience, Capability, Chapter, Event, FileOwner, Job, Look, MenuEntry
from portal.ledger.vocabulary import LedgerRight

CHAPTER = Chapter("disputes", N_("Disputes"))

CAPABILITY = Capability(
    name="disputes",
    models="portal.disputes.models",
    pages={
        Audience.DEALERS: ("portal.blueprints.disputes", "portal.blueprints.adjustments"),
        Audience.STAFF: ("backoffice.blueprints.disputes", "backoffice.blueprints.adjustments"),
    },
    resources=("portal.blueprints.api.disputes", "backoffice.api.disputes"),
    chapters=(CHAPTER,),
    menu=(
        MenuEntry(
            Audience.STAFF,
            Job.MONEY,
            "disputes_desk.index",
            N_("Disputes"),
            "scale",
            (LedgerRight.READ, LedgerRight.POST),
        ),
    ),
    statuses={
        "dispute": {
            DisputeState.OPEN: Look(N_("Open"), "amber", "clock"),
            DisputeState.RESOLVED: Look(N_("Answered"), "green", "circle-check"),
            DisputeState.WITHDRAWN: Look(N_("Taken back"), "grey", "x"),
        },
    },
    actions=DisputeAction,
    tells={
        OPENED: Event(N_("Disputes to answer"), Audience.STAFF, frozenset({Role.HQ_FINANCE})),
        SAID: Event(N_("News of dealers on disputes"), Audience.STAFF, frozenset({Role.HQ_FINANCE})),
        ANSWERED: Event(N_("Answers to disputes"), Audience.DEALERS, frozenset({Role.DEALER_FINANCE})),
    },
    refusals={
        "uq_dispute_open": Conflict("statement_disputed", N_("This statement is disputed.")),
    },
    owned={"disputes": "dispute", "adjustments": "adjustment"},
    file_owners={OWNER_KIND: FileOwner(require_reader)},
    lists=("disputes", "disputes-desk"),
    work=work,
)
