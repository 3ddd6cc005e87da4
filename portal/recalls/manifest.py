"""What recalls add to the portal: scope, decision, every holder's answer, clocks and closing."""

from __future__ import annotations

from datetime import timedelta

from portal.identity.rules import Role
from portal.kernel.errors import N_, Conflict, Forbidden
from portal.kernel.manifest import (
    TOLD,
    Audience,
    Capability,
    Chapter,
    Emitted,
    Event,
    FileOwner,
    Job,
    Look,
    MenuEntry,
    Recurring,
)
from portal.nonconforming.vocabulary import QualityRight
from portal.recalls import vocabulary
from portal.recalls.read_files import OWNER_KIND, require_reader
from portal.recalls.rules import RecallState, ResponseState
from portal.recalls.vocabulary import RecallAction, RecallRight
from portal.recalls.waiting import work

CHAPTER = Chapter("recalls", N_("Recalls"))
_QUALITY = frozenset({Role.QUALITY})
_HOLDERS = frozenset({Role.DEALER_OWNER, Role.DEALER_BUYER, Role.DEALER_SERVICE})

CAPABILITY = Capability(
    name="recalls",
    models="portal.recalls.models",
    pages={
        Audience.DEALERS: ("portal.blueprints.recalls",),
        Audience.STAFF: (
            "backoffice.blueprints.recalls",
            "backoffice.blueprints.recall_drafts",
            "backoffice.blueprints.recall_papers",
        ),
    },
    resources=("portal.blueprints.api.recalls", "backoffice.api.recalls"),
    chapters=(CHAPTER,),
    menu=(
        MenuEntry(
            Audience.DEALERS,
            Job.SERVICE,
            "recalls.index",
            N_("Recalls"),
            "ban",
            (RecallRight.READ,),
        ),
        MenuEntry(
            Audience.STAFF,
            Job.SERVICE,
            "recalls_desk.index",
            N_("Recalls"),
            "alert-triangle",
            (RecallRight.DESK, QualityRight.DECIDE),
        ),
    ),
    rights={
        RecallRight.READ: _HOLDERS,
        RecallRight.ANSWER: _HOLDERS,
        RecallRight.DESK: frozenset({Role.QUALITY, Role.ORDER_DESK}),
    },
    statuses={
        "recall": {
            RecallState.DRAFT: Look(N_("Draft"), "grey", "edit"),
            RecallState.CONFIRMED: Look(N_("Waits for the decision"), "amber", "clock"),
            RecallState.RUNNING: Look(N_("Under way"), "red", "alert-triangle"),
            RecallState.CLOSED: Look(N_("Closed"), "green", "checks"),
            RecallState.WITHDRAWN: Look(N_("Withdrawn"), "grey", "x"),
        },
        "recall response": {
            ResponseState.NOTIFIED: Look(N_("To be answered"), "red", "clock"),
            ResponseState.READ: Look(N_("Read, to be answered"), "amber", "clock"),
            ResponseState.ANSWERED: Look(N_("Answered"), "green", "check"),
        },
    },
    actions=RecallAction,
    tells={
        vocabulary.TO_DECIDE: Event(
            N_("Recalls to decide on"), Audience.STAFF, _QUALITY, is_mandatory=True, is_urgent=True
        ),
        vocabulary.DECIDED: Event(
            N_("Recalls"), Audience.DEALERS, _HOLDERS, is_mandatory=True, is_urgent=True
        ),
        vocabulary.REMINDED: Event(
            N_("Recalls still to be answered"),
            Audience.DEALERS,
            _HOLDERS,
            is_mandatory=True,
            is_urgent=True,
        ),
        vocabulary.SILENT: Event(N_("Holders who do not answer a recall"), Audience.STAFF, _QUALITY),
    },
    topics={vocabulary.DECIDED: TOLD},
    emits={
        vocabulary.DECIDED: Emitted(
            N_("Goods that the dealer holds are recalled"),
            (RecallRight.READ,),
            ("/recalls/{number}", "/hq/recalls/{number}"),
        ),
    },
    schedule=(Recurring("jobs.recalls.remind", every=timedelta(minutes=15)),),
    refusals={
        "TL130": Conflict(
            "recall_over",
            N_("This recall is closed: nothing of it changes any more."),
            fix=N_("Tell headquarters what you found."),
        ),
        "TL131": Conflict(
            "scope_settled",
            N_("This scope is settled and does not change any more."),
            fix=N_("Make it wider as another version."),
        ),
        "ck_recall_other_person": Forbidden(
            "same_person",
            N_("You asked for this yourself. Another person decides on it."),
            fix=N_("Ask a colleague."),
        ),
    },
    owned={"recalls": "recall"},
    lists=("recalls", "recalls-desk"),
    file_owners={OWNER_KIND: FileOwner(require_reader)},
    work=work,
    help={Audience.STAFF: ("recalls",), Audience.DEALERS: ("recalls",)},
)
