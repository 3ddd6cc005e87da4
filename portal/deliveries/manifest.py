"""What deliveries add to the portal: proof of delivery, and cases about what differs."""

from __future__ import annotations

from portal.deliveries.photos import CASE, PROOF, require_case_reader, require_proof_reader
from portal.deliveries.rules import CaseState
from portal.deliveries.vocabulary import DeliveryAction, DeliveryRight
from portal.deliveries.waiting import work
from portal.identity.rules import Role
from portal.kernel.errors import N_
from portal.kernel.manifest import (
    Audience,
    Capability,
    Event,
    FileOwner,
    Job,
    Look,
    MenuEntry,
    Personal,
    Topic,
)

CAPABILITY = Capability(
    name="deliveries",
    models="portal.deliveries.models",
    pages={
        Audience.EVERYBODY: ("portal.blueprints.delivery_link", "portal.blueprints.delivery_photos"),
        Audience.DEALERS: ("portal.blueprints.deliveries",),
        Audience.STAFF: ("backoffice.blueprints.delivery_cases", "backoffice.blueprints.deliveries"),
    },
    menu=(
        MenuEntry(
            Audience.STAFF,
            Job.DELIVERING,
            "delivery_cases.index",
            N_("Delivery cases"),
            "alert-triangle",
            (DeliveryRight.DESK,),
        ),
    ),
    rights={DeliveryRight.DESK: frozenset({Role.ORDER_DESK, Role.QUALITY})},
    statuses={
        "delivery case": {
            CaseState.OPEN: Look(N_("To be looked into"), "amber", "alert-circle"),
            CaseState.IN_REVIEW: Look(N_("In review"), "blue", "search"),
            CaseState.SETTLED: Look(N_("Handled"), "green", "circle-check"),
            CaseState.REJECTED: Look(N_("Rejected"), "grey", "circle-x"),
        },
    },
    actions=DeliveryAction,
    tells={
        "delivery_case.opened": Event(
            N_("Differences reported"), Audience.DEALERS, frozenset({Role.DEALER_BUYER})
        ),
        "delivery_case.decided": Event(
            N_("Differences decided"), Audience.DEALERS, frozenset({Role.DEALER_BUYER})
        ),
    },
    topics={
        "delivery_case.opened": Topic("jobs.deliveries.cases_opened"),
        "delivery_case.decided": Topic("jobs.deliveries.case_decided"),
    },
    owned={"cases": "delivery_case", "delivery-cases": "delivery_case"},
    file_owners={PROOF: FileOwner(require_proof_reader), CASE: FileOwner(require_case_reader)},
    work=work,
    lists=("delivery-cases", "hq-delivery-cases"),
    help={Audience.DEALERS: ("deliveries",), Audience.STAFF: ("deliveries",)},
    personal=(
        Personal(
            "delivery_proof",
            (
                "signed_name",
                "address",
                "signature",
            ),
        ),
    ),
)
