"""What credit adds to the portal: limits and terms with their approval, exposure, the stop list."""

from __future__ import annotations

from datetime import timedelta

from portal.credit.rules import Standing
from portal.credit.vocabulary import CHANGED, STOP_ENDED, STOPPED, WAITING, CreditAction
from portal.credit.waiting import work
from portal.identity.rules import Role
from portal.kernel.errors import N_, Conflict
from portal.kernel.manifest import (
    TOLD,
    Audience,
    Capability,
    Chapter,
    Emitted,
    Event,
    Job,
    Look,
    MenuEntry,
    Recurring,
    Topic,
)
from portal.ledger.vocabulary import LedgerRight
from portal.statements.vocabulary import StatementRight

CHAPTER = Chapter("credit", N_("Credit and demands"))
READERS = (LedgerRight.READ, LedgerRight.POST)

CAPABILITY = Capability(
    name="credit",
    models="portal.credit.models",
    pages={
        Audience.DEALERS: ("portal.blueprints.credit",),
        Audience.STAFF: (
            "backoffice.blueprints.credit_limits",
            "backoffice.blueprints.exposure",
            "backoffice.blueprints.stops",
        ),
    },
    resources=("portal.blueprints.api.credit", "backoffice.api.credit_limits", "backoffice.api.stops"),
    chapters=(CHAPTER,),
    menu=(
        MenuEntry(
            Audience.DEALERS,
            Job.MONEY,
            "credit.index",
            N_("Credit limit and terms"),
            "cash",
            (StatementRight.READ,),
        ),
        MenuEntry(Audience.STAFF, Job.MONEY, "exposure.index", N_("Exposure"), "chart-bar", READERS),
        MenuEntry(
            Audience.STAFF,
            Job.MONEY,
            "credit_limits.index",
            N_("Credit limits"),
            "adjustments-horizontal",
            READERS,
        ),
        MenuEntry(Audience.STAFF, Job.MONEY, "stops.index", N_("Stop list"), "player-pause", READERS),
    ),
    statuses={
        "credit change": {
            Standing.DRAFT: Look(N_("Sent back"), "grey", "circle-x"),
            Standing.SUBMITTED: Look(N_("To be approved"), "amber", "hourglass"),
            Standing.APPROVED: Look(N_("Approved, not begun"), "blue", "calendar-check"),
            Standing.PUBLISHED: Look(N_("Decided"), "green", "circle-check"),
            Standing.WITHDRAWN: Look(N_("Withdrawn"), "grey", "x"),
            Standing.ENDED: Look(N_("Ended"), "grey", "check"),
        },
        "stop": {
            "stands": Look(N_("New orders are held"), "red", "player-pause"),
            "ended": Look(N_("Ended"), "grey", "check"),
        },
    },
    actions=CreditAction,
    topics={
        CHANGED: Topic("jobs.credit.changed"),
        STOPPED: TOLD,
        STOP_ENDED: Topic("jobs.credit.stop_ended"),
    },
    schedule=(Recurring("jobs.credit.turn", every=timedelta(minutes=10)),),
    emits={
        CHANGED: Emitted(
            N_("Another credit limit or other terms are in force"),
            (StatementRight.READ,),
            ("/credit", "/hq/credit-limits/{number}"),
        ),
        STOPPED: Emitted(
            N_("New orders of a dealer are held"), (StatementRight.READ,), ("/credit", "/hq/stops/{number}")
        ),
        STOP_ENDED: Emitted(
            N_("The stop of a dealer has ended"), (StatementRight.READ,), ("/credit", "/hq/stops/{number}")
        ),
    },
    tells={
        CHANGED: Event(N_("Credit limit and terms"), Audience.DEALERS, frozenset({Role.DEALER_FINANCE})),
        STOPPED: Event(
            N_("New orders are held"),
            Audience.DEALERS,
            frozenset({Role.DEALER_FINANCE, Role.DEALER_OWNER}),
            is_mandatory=True,
        ),
        STOP_ENDED: Event(
            N_("Orders go on"), Audience.DEALERS, frozenset({Role.DEALER_FINANCE, Role.DEALER_OWNER})
        ),
        WAITING: Event(
            N_("Credit limits and terms to decide on"), Audience.STAFF, frozenset({Role.HQ_FINANCE})
        ),
    },
    refusals={
        "TL092": Conflict(
            "not_agreed", N_("Limits and terms change only as two people agreed, and for a reason.")
        ),
        "uq_dealer_stop_standing": Conflict(
            "already_stopped", N_("This dealer is on the stop list already.")
        ),
    },
    owned={"credit-limits": "credit change", "stops": "stop"},
    lists=("credit-limits", "exposure", "stops"),
    work=work,
    help={Audience.STAFF: ("credit",)},
)
