"""What service adds to the portal: what dealers ask for, who serves it, and by when."""

from __future__ import annotations

from datetime import timedelta

from portal.identity.rules import DEALER_ROLES, Role
from portal.kernel.errors import N_, Conflict
from portal.kernel.manifest import (
    TOLD,
    Audience,
    Capability,
    Chapter,
    Emitted,
    Event,
    FileOwner,
    Finder,
    Job,
    Look,
    MenuEntry,
    Personal,
    Recurring,
    Topic,
)
from portal.service import told
from portal.service.entries import NOTE_KIND, OWNER_KIND
from portal.service.find import find_requests
from portal.service.read_files import require_note_reader, require_reader
from portal.service.rules import RequestState
from portal.service.vocabulary import STAFF, ServiceAction, ServiceEvent, ServiceRight
from portal.service.waiting import work

CHAPTER = Chapter("service", N_("Service"))
_SERVING = frozenset({Role.SERVICE_DESK, Role.TECHNICIAN, Role.QUALITY})
_DEALERS = (ServiceRight.READ, ServiceRight.WRITE)
_CALLS = ("/service-requests/{number}", "/service-requests/{number}")

CAPABILITY = Capability(
    name="service",
    models="portal.service.models",
    pages={
        Audience.DEALERS: ("portal.blueprints.service", "portal.blueprints.request_device"),
        Audience.STAFF: ("backoffice.blueprints.service", "backoffice.blueprints.service_rules"),
    },
    resources=("portal.blueprints.api.service", "backoffice.api.service"),
    chapters=(CHAPTER,),
    menu=(
        MenuEntry(Audience.DEALERS, Job.SERVICE, "service.index", N_("Service requests"), "phone", _DEALERS),
        MenuEntry(Audience.STAFF, Job.SERVICE, "service_desk.index", N_("Service requests"), "phone", STAFF),
        MenuEntry(
            Audience.STAFF,
            Job.SERVICE,
            "service_rules.teams",
            N_("Service teams"),
            "users",
            (ServiceRight.RULES,),
        ),
        MenuEntry(
            Audience.STAFF,
            Job.SERVICE,
            "service_rules.targets",
            N_("Service targets"),
            "clock",
            (ServiceRight.RULES,),
        ),
        MenuEntry(
            Audience.STAFF,
            Job.SERVICE,
            "service_rules.report",
            N_("Service report"),
            "chart-bar",
            (ServiceRight.DESK, ServiceRight.RULES),
        ),
    ),
    rights={
        ServiceRight.READ: DEALER_ROLES,
        ServiceRight.WRITE: DEALER_ROLES,
        ServiceRight.DESK: frozenset({Role.SERVICE_DESK}),
        ServiceRight.WORK: frozenset({Role.TECHNICIAN, Role.QUALITY}),
        ServiceRight.RULES: frozenset({Role.SERVICE_DESK}),
    },
    statuses={
        "service request": {
            RequestState.NEW: Look(N_("Just asked"), "amber", "inbox"),
            RequestState.ASSIGNED: Look(N_("Assigned"), "blue", "user-circle"),
            RequestState.IN_PROGRESS: Look(N_("In progress"), "blue", "refresh"),
            RequestState.WAITING: Look(N_("Waiting for the dealer"), "violet", "clock"),
            RequestState.RESOLVED: Look(N_("Resolved"), "green", "circle-check"),
            RequestState.CLOSED: Look(N_("Closed"), "green", "checks"),
            RequestState.CANCELLED: Look(N_("Taken back"), "grey", "x"),
            RequestState.MERGED: Look(N_("Merged"), "grey", "copy"),
        },
    },
    actions=ServiceAction,
    tells={
        told.ANSWERED: Event(N_("Answers to service requests"), Audience.DEALERS, DEALER_ROLES),
        told.ASSIGNED: Event(N_("Service requests given to me"), Audience.STAFF, _SERVING),
        told.SAID: Event(N_("News of dealers on service requests"), Audience.STAFF, _SERVING),
        told.ESCALATED: Event(N_("Service requests whose time runs out"), Audience.STAFF, _SERVING),
    },
    emits={
        ServiceEvent.OPENED: Emitted(N_("A service request was opened"), _DEALERS, _CALLS),
        ServiceEvent.ANSWERED: Emitted(N_("A service request was answered"), _DEALERS, _CALLS),
        ServiceEvent.CHANGED: Emitted(N_("A service request has another state"), _DEALERS, _CALLS),
        ServiceEvent.RESOLVED: Emitted(N_("A service request was resolved"), _DEALERS, _CALLS),
    },
    topics={
        **dict.fromkeys(ServiceEvent, TOLD),
        told.OPENED: Topic("jobs.service.opened"),
        told.ASSIGNED: Topic("jobs.service.assigned"),
        told.ANSWERED: Topic("jobs.service.answered"),
        told.SAID: Topic("jobs.service.said"),
        told.ESCALATED: Topic("jobs.service.escalated"),
    },
    schedule=(
        Recurring("jobs.service.escalate", every=timedelta(minutes=5)),
        Recurring("jobs.service.close_resolved", every=timedelta(hours=1)),
    ),
    refusals={
        "TL056": Conflict("request_over", N_("This request is over."), fix=N_("Open a new one.")),
        "TL066": Conflict(
            "held_by_quality",
            N_("This is a complaint: only quality brings it to an end, by closing it."),
            fix=N_("Write what is new to its conversation; quality reads it."),
        ),
        "TL057": Conflict("rated", N_("This request is rated already.")),
    },
    owned={"service-requests": "service request"},
    lists=("service-requests", "service-queue", "service-report"),
    work=work,
    finders=(
        Finder(Audience.DEALERS, N_("Service requests"), "phone", _DEALERS, find_requests),
        Finder(Audience.STAFF, N_("Service requests"), "phone", STAFF, find_requests),
    ),
    file_owners={OWNER_KIND: FileOwner(require_reader), NOTE_KIND: FileOwner(require_note_reader)},
    help={Audience.STAFF: ("service",), Audience.DEALERS: ("service",)},
    personal=(
        Personal(
            "service_duty",
            (
                "team_id",
                "place",
                "kind",
                "category",
                "region",
            ),
            "user_id",
        ),
        Personal(
            "service_team",
            (
                "name_zh",
                "name_en",
            ),
            "lead_id",
        ),
        Personal(
            "service_request",
            (
                "number",
                "asked_at",
            ),
            "assignee_id",
        ),
        Personal(
            "service_request",
            (
                "number",
                "asked_at",
            ),
            "lead_id",
        ),
        Personal("service_request", ("contact",)),
    ),
)
