"""What insight adds to the portal: the overviews."""

from __future__ import annotations

from portal.dealers.vocabulary import DealerRight
from portal.kernel.errors import N_
from portal.kernel.manifest import Audience, Capability, Job, MenuEntry
from portal.orders.vocabulary import OrderRight

CAPABILITY = Capability(
    name="insight",
    pages={
        Audience.DEALERS: ("portal.blueprints.dashboard",),
        Audience.STAFF: ("backoffice.blueprints.overview",),
    },
    menu=(
        MenuEntry(
            Audience.DEALERS,
            Job.TODAY,
            "dashboard.index",
            N_("Overview"),
            "layout-dashboard",
            (OrderRight.READ,),
        ),
        MenuEntry(
            Audience.STAFF,
            Job.TODAY,
            "backoffice.index",
            N_("Overview"),
            "layout-dashboard",
            (DealerRight.HEADQUARTERS,),
        ),
    ),
)
