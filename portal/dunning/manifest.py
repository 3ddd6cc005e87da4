"""What dunning adds to the portal: runs that propose letters, the letters, and how debts are demanded."""

from __future__ import annotations

from datetime import timedelta

from portal.dunning.rules import LetterState, RunState
from portal.dunning.vocabulary import SEND, SENT, TO_REVIEW, DunningAction
from portal.dunning.waiting import work
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
    Recurring,
    Topic,
)
from portal.ledger.vocabulary import LedgerRight
from portal.statements.vocabulary import StatementRight

READERS = (LedgerRight.READ, LedgerRight.POST)

CAPABILITY = Capability(
    name="dunning",
    models="portal.dunning.models",
    pages={
        Audience.DEALERS: ("portal.blueprints.dunning_letters",),
        Audience.STAFF: (
            "backoffice.blueprints.dunning",
            "backoffice.blueprints.dunning_letters",
            "backoffice.blueprints.dunning_policy",
        ),
    },
    resources=("portal.blueprints.api.dunning", "backoffice.api.dunning"),
    menu=(
        MenuEntry(
            Audience.DEALERS,
            Job.MONEY,
            "dunning_letters.index",
            N_("Demands for payment"),
            "mail",
            (StatementRight.READ,),
        ),
        MenuEntry(Audience.STAFF, Job.MONEY, "dunning.index", N_("Dunning"), "mail", READERS),
    ),
    statuses={
        "dunning run": {
            RunState.PROPOSED: Look(N_("To be reviewed"), "amber", "hourglass"),
            RunState.RELEASED: Look(N_("Released"), "green", "circle-check"),
            RunState.DISCARDED: Look(N_("Discarded"), "grey", "x"),
        },
        "dunning letter": {
            LetterState.PROPOSED: Look(N_("To be released"), "amber", "hourglass"),
            LetterState.RELEASED: Look(N_("Being sent"), "blue", "send"),
            LetterState.SENT: Look(N_("Sent"), "green", "circle-check"),
            LetterState.LEFT_OUT: Look(N_("Not sent"), "grey", "x"),
            LetterState.SETTLED: Look(N_("Paid before it was sent"), "grey", "check"),
        },
    },
    actions=DunningAction,
    topics={SENT: TOLD, SEND: Topic("jobs.dunning.send")},
    schedule=(Recurring("jobs.dunning.propose", every=timedelta(hours=1)),),
    emits={
        SENT: Emitted(
            N_("A demand for payment was sent"),
            (StatementRight.READ,),
            ("/dunning-letters/{number}", "/dunning-letters/{number}"),
        ),
    },
    tells={
        SENT: Event(
            N_("Demands for payment"),
            Audience.DEALERS,
            frozenset({Role.DEALER_FINANCE}),
            is_mandatory=True,
        ),
        TO_REVIEW: Event(
            N_("Runs of dunning letters to review"), Audience.STAFF, frozenset({Role.HQ_FINANCE})
        ),
    },
    refusals={
        "TL090": Conflict("letter_decided", N_("A letter that was decided on never changes.")),
        "TL091": Conflict("letter_sent", N_("What a letter demanded never changes.")),
        "pk_dunning_reached": Conflict(
            "already_demanded", N_("This debt was demanded at this level already.")
        ),
        "uq_dunning_run_waiting": Conflict("run_waits", N_("A run waits for its review already.")),
    },
    owned={"dunning-letters": "dunning letter"},
    lists=("dunning-letters", "dunning-letters-desk", "dunning-runs"),
    work=work,
)
