"""What dealers' reports of goods add to the portal: sales to hospitals, use, returns, line by line."""

from __future__ import annotations

from datetime import timedelta

from portal.identity.rules import Role
from portal.kernel.errors import N_, Conflict
from portal.kernel.manifest import Audience, Capability, Look, Recurring
from portal.sellout.decide_rules import LineState
from portal.sellout.vocabulary import SellOutAction, SellOutRight

CAPABILITY = Capability(
    name="sellout",
    models="portal.sellout.models",
    pages={Audience.DEALERS: ("portal.blueprints.sell_out",)},
    resources=("portal.blueprints.api.sell_out",),
    rights={
        SellOutRight.WRITE: frozenset({Role.DEALER_BUYER, Role.DEALER_SERVICE, Role.DEALER_OWNER}),
    },
    statuses={
        "sell-out": {
            LineState.ACCEPTED: Look(N_("Accepted"), "green", "circle-check"),
            LineState.WAITING: Look(N_("Waiting for goods"), "amber", "clock"),
            LineState.REFUSED: Look(N_("Refused"), "red", "circle-x"),
            LineState.REVERSED: Look(N_("Reversed"), "grey", "history"),
        },
    },
    actions=SellOutAction,
    schedule=(Recurring("jobs.sellout.decide", every=timedelta(minutes=10)),),
    refusals={
        "uq_sell_out_line_counted": Conflict(
            "repeated",
            N_("This line of this document has been told already."),
            fix=N_("Nothing needs to be done; it counts once."),
        ),
    },
    owned={"sell-out": "sell-out report", "sell-out-reports": "sell-out report"},
    lists=("sell-out",),
    help={Audience.DEALERS: ("sell-out",), Audience.STAFF: ("sell-out",)},
)
