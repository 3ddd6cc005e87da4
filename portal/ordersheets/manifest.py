"""What order sheets add to the portal: the quick order."""

from __future__ import annotations

from portal.kernel.errors import N_
from portal.kernel.manifest import Audience, Capability, Job, MenuEntry
from portal.orders.vocabulary import OrderRight

CAPABILITY = Capability(
    name="ordersheets",
    pages={Audience.DEALERS: ("portal.blueprints.quick_order",)},
    resources=("portal.blueprints.api.order_sheets",),
    menu=(
        MenuEntry(
            Audience.DEALERS,
            Job.ORDERING,
            "quick_order.index",
            N_("Quick order"),
            "bolt",
            (OrderRight.WRITE,),
        ),
    ),
    help={Audience.DEALERS: ("quick-order",)},
)
