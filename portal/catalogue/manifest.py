"""What the catalogue adds to the portal."""

from __future__ import annotations

from portal.catalogue.vocabulary import CatalogueRight, ProductState
from portal.identity.rules import DEALER_ROLES, STAFF_ROLES
from portal.kernel.errors import N_
from portal.kernel.manifest import Audience, Capability, Chapter, Job, Look, MenuEntry

CHAPTER = Chapter("catalogue", N_("Catalogue, prices and stock"))

CAPABILITY = Capability(
    name="catalogue",
    models="portal.catalogue.models",
    pages={Audience.DEALERS: ("portal.blueprints.catalogue",)},
    resources=("portal.blueprints.api.products",),
    chapters=(CHAPTER,),
    menu=(
        MenuEntry(
            Audience.DEALERS,
            Job.ORDERING,
            "catalogue.index",
            N_("Catalogue"),
            "search",
            (CatalogueRight.READ,),
        ),
    ),
    rights={CatalogueRight.READ: DEALER_ROLES, CatalogueRight.HEADQUARTERS: STAFF_ROLES},
    statuses={
        "product": {
            ProductState.ACTIVE: Look(N_("In the range"), "green", "circle-check"),
            ProductState.WITHDRAWN: Look(N_("No longer sold"), "red", "circle-x"),
        },
    },
    lists=("catalogue",),
)
