"""What the cold chain adds to the portal: temperatures of cold goods on their way, and quality's decision."""

from __future__ import annotations

from portal.coldchain.rules import RecordState
from portal.coldchain.vocabulary import ColdChainAction, ColdChainRight
from portal.coldchain.waiting import work
from portal.identity.rules import Role
from portal.kernel.errors import N_, Conflict
from portal.kernel.manifest import Audience, Capability, Job, Look, MenuEntry
from portal.shipping.vocabulary import ShippingRight

CAPABILITY = Capability(
    name="coldchain",
    models="portal.coldchain.models",
    pages={
        Audience.STAFF: ("backoffice.blueprints.cold_chain", "backoffice.blueprints.cold_receipts"),
    },
    resources=("portal.blueprints.api.cold_records", "backoffice.api.cold_records"),
    menu=(
        MenuEntry(
            Audience.STAFF,
            Job.DELIVERING,
            "cold_chain.index",
            N_("Cold chain"),
            "temperature",
            (ShippingRight.SHIP, ColdChainRight.DECIDE),
        ),
    ),
    rights={ColdChainRight.DECIDE: frozenset({Role.QUALITY})},
    statuses={
        "cold record": {
            RecordState.OPEN: Look(N_("In transit"), "blue", "clock"),
            RecordState.WITHIN: Look(N_("Within the range"), "green", "circle-check"),
            RecordState.WAITING: Look(N_("In quarantine"), "red", "temperature"),
            RecordState.RELEASED: Look(N_("Released by quality"), "green", "shield-check"),
            RecordState.CONDEMNED: Look(N_("Condemned"), "red", "ban"),
        }
    },
    actions=ColdChainAction,
    refusals={
        "ck_cold_record_way": Conflict("clock", N_("The clock stands before the departure. Try again.")),
    },
    owned={"cold-chain": "shipment"},
    lists=("cold-chain", "cold-receipts"),
    work=work,
    help={Audience.STAFF: ("cold-chain",)},
)
