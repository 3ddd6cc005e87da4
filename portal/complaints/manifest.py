"""What complaints add to the portal: triage, adverse events with the regulator's clock, reports."""

from __future__ import annotations

from datetime import timedelta

from portal.complaints import vocabulary
from portal.complaints.rules import ComplaintState, EventState
from portal.complaints.vocabulary import READERS, ComplaintAction
from portal.complaints.waiting import work
from portal.identity.rules import Role
from portal.kernel.errors import N_, Conflict, Forbidden
from portal.kernel.manifest import Audience, Capability, Event, Job, Look, MenuEntry, Recurring, Topic
from portal.nonconforming.vocabulary import QualityRight
from portal.service import told

_QUALITY = frozenset({Role.QUALITY})

CAPABILITY = Capability(
    name="complaints",
    models="portal.complaints.models",
    pages={
        Audience.STAFF: (
            "backoffice.blueprints.complaints",
            "backoffice.blueprints.adverse_events",
            "backoffice.blueprints.complaint_lots",
        )
    },
    resources=("backoffice.api.complaints",),
    menu=(
        MenuEntry(Audience.STAFF, Job.SERVICE, "complaints.index", N_("Complaints"), "hand-stop", READERS),
        MenuEntry(
            Audience.STAFF,
            Job.SERVICE,
            "adverse_events.index",
            N_("Adverse events"),
            "alert-triangle",
            READERS,
        ),
        MenuEntry(
            Audience.STAFF,
            Job.SERVICE,
            "complaint_lots.index",
            N_("Complaints by lot"),
            "chart-bar",
            READERS,
        ),
        MenuEntry(
            Audience.STAFF,
            Job.SERVICE,
            "complaint_lots.terms",
            N_("Terms of reports"),
            "clock",
            (QualityRight.DECIDE,),
        ),
    ),
    statuses={
        "complaint": {
            ComplaintState.NEW: Look(N_("Not triaged"), "amber", "inbox"),
            ComplaintState.PROPOSED: Look(N_("Triage proposed"), "violet", "hourglass"),
            ComplaintState.TRIAGED: Look(N_("Being looked into"), "blue", "refresh"),
            ComplaintState.CLOSED: Look(N_("Closed"), "green", "checks"),
        },
        "adverse event": {
            EventState.OPEN: Look(N_("To be reported"), "red", "alert-triangle"),
            EventState.SUBMITTED: Look(N_("Submitted"), "blue", "send"),
            EventState.CLOSED: Look(N_("Closed"), "green", "checks"),
            EventState.DISMISSED: Look(N_("No adverse event"), "grey", "x"),
        },
    },
    actions=ComplaintAction,
    tells={
        vocabulary.EVENT_OPENED: Event(
            N_("Adverse events"), Audience.STAFF, _QUALITY, is_mandatory=True, is_urgent=True
        ),
        vocabulary.EVENT_WARNED: Event(
            N_("Adverse events whose time runs out"),
            Audience.STAFF,
            _QUALITY,
            is_mandatory=True,
            is_urgent=True,
        ),
    },
    topics={
        told.HARMED: Topic("jobs.complaints.harmed"),
        vocabulary.EVENT_OPENED: Topic("jobs.complaints.event_opened"),
        vocabulary.EVENT_WARNED: Topic("jobs.complaints.event_warned"),
        vocabulary.REPORT_SUBMITTED: Topic("jobs.complaints.report_submitted"),
    },
    schedule=(Recurring("jobs.complaints.warn", every=timedelta(minutes=5)),),
    refusals={
        "TL067": Conflict(
            "event_over",
            N_("This adverse event is over: nothing of it changes any more."),
            fix=N_("Look at it again: somebody may have acted on it."),
        ),
        "ck_adverse_submission_another_submits": Forbidden(
            "same_person",
            N_("You asked for this yourself. Another person decides on it."),
            fix=N_("Ask a colleague."),
        ),
    },
    owned={"complaints": "complaint", "adverse-events": "complaint"},
    lists=("complaints", "adverse-events"),
    work=work,
    help={Audience.STAFF: ("complaints",)},
)
