"""What repairs add to the portal: quotes, parts, visits and what is billed of them."""

from __future__ import annotations

from datetime import timedelta

from portal.kernel.errors import N_, Conflict
from portal.kernel.manifest import (
    TOLD,
    Audience,
    Capability,
    Emitted,
    Job,
    Look,
    MenuEntry,
    Personal,
    Recurring,
)
from portal.repairs.rules import QuoteState, RepairState, VisitState
from portal.repairs.vocabulary import RepairAction, RepairEvent
from portal.repairs.waiting import work
from portal.service.vocabulary import STAFF, ServiceRight

_DEALERS = (ServiceRight.READ, ServiceRight.WRITE)
_CALLS = ("/service-requests/{number}/repair", "/service-requests/{number}/repair")

CAPABILITY = Capability(
    name="repairs",
    models="portal.repairs.models",
    pages={
        Audience.DEALERS: ("portal.blueprints.repairs",),
        Audience.STAFF: ("backoffice.blueprints.repairs", "backoffice.blueprints.repair_visits"),
    },
    resources=("portal.blueprints.api.repairs", "backoffice.api.repairs"),
    menu=(
        MenuEntry(
            Audience.STAFF, Job.SERVICE, "repair_visits.day", N_("Visits of the day"), "calendar", STAFF
        ),
    ),
    statuses={
        "repair": {
            RepairState.QUOTING: Look(N_("Quote to be written"), "amber", "edit"),
            RepairState.OFFERED: Look(N_("Quote offered"), "violet", "clock"),
            RepairState.ACCEPTED: Look(N_("Being repaired"), "blue", "refresh"),
            RepairState.DONE: Look(N_("Repaired"), "green", "circle-check"),
            RepairState.CANCELLED: Look(N_("Cancelled"), "grey", "x"),
        },
        "repair quote": {
            QuoteState.DRAFT: Look(N_("Draft"), "grey", "edit"),
            QuoteState.OFFERED: Look(N_("Offered"), "violet", "clock"),
            QuoteState.ACCEPTED: Look(N_("Quote accepted"), "green", "circle-check"),
            QuoteState.DECLINED: Look(N_("Declined"), "red", "x"),
            QuoteState.EXPIRED: Look(N_("Expired"), "grey", "hourglass"),
            QuoteState.WITHDRAWN: Look(N_("Quote withdrawn"), "grey", "x"),
        },
        "repair visit": {
            VisitState.PLANNED: Look(N_("Planned"), "blue", "clock"),
            VisitState.REPORTED: Look(N_("Reported"), "green", "circle-check"),
            VisitState.CANCELLED: Look(N_("Called off"), "grey", "x"),
        },
    },
    actions=RepairAction,
    emits={
        RepairEvent.QUOTE_OFFERED: Emitted(N_("A quote of a repair was offered"), _DEALERS, _CALLS),
        RepairEvent.QUOTE_DECIDED: Emitted(N_("A quote was accepted or declined"), _DEALERS, _CALLS),
        RepairEvent.VISIT_PLANNED: Emitted(N_("A visit was planned"), _DEALERS, _CALLS),
        RepairEvent.VISIT_CANCELLED: Emitted(N_("A visit was called off"), _DEALERS, _CALLS),
        RepairEvent.VISIT_REPORTED: Emitted(N_("The report of a visit was filed"), _DEALERS, _CALLS),
        RepairEvent.INVOICED: Emitted(N_("A repair was invoiced"), _DEALERS, _CALLS),
    },
    topics=dict.fromkeys(RepairEvent, TOLD),
    schedule=(Recurring("jobs.repairs.tend", every=timedelta(minutes=10)),),
    refusals={
        "TL064": Conflict("quote_decided", N_("This quote was decided on already.")),
        "TL065": Conflict("repair_over", N_("This repair is over.")),
        "uq_service_invoice_source": Conflict("service_billed", N_("This repair is billed already.")),
        "uq_repair_report_client_key": Conflict(
            "key_reused", N_("Another report came with this key before; that one is kept.")
        ),
        "ex_repair_visit_technician": Conflict(
            "technician_busy",
            N_("This technician has another visit at that time."),
            fix=N_("Choose another time, or somebody else."),
        ),
    },
    work=work,
    help={Audience.STAFF: ("repairs",), Audience.DEALERS: ("repairs",)},
    personal=(
        Personal(
            "repair_visit",
            (
                "repair_id",
                "visit_no",
                "starts_at",
                "ends_at",
                "technician_label",
            ),
            "technician_id",
        ),
        Personal(
            "repair_visit",
            (
                "address",
                "contact",
                "phone",
            ),
        ),
        Personal(
            "repair_report",
            (
                "signed_name",
                "signature",
            ),
        ),
    ),
)
