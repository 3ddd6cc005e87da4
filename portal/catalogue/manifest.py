"""What the catalogue adds to the portal."""

from __future__ import annotations

from portal.catalogue.find import find_products
from portal.catalogue.vocabulary import CatalogueAction, CatalogueRight, ProductState
from portal.identity.rules import DEALER_ROLES, STAFF_ROLES, Role
from portal.kernel.errors import N_
from portal.kernel.manifest import Audience, Capability, Chapter, Finder, Job, Look, MenuEntry

CHAPTER = Chapter("catalogue", N_("Catalogue, prices and stock"))

CAPABILITY = Capability(
    name="catalogue",
    models="portal.catalogue.models",
    pages={
        Audience.DEALERS: ("portal.blueprints.catalogue",),
        Audience.STAFF: ("backoffice.blueprints.substitutes",),
    },
    resources=("portal.blueprints.api.products", "backoffice.api.substitutes"),
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
        MenuEntry(
            Audience.STAFF,
            Job.DELIVERING,
            "substitutes.index",
            N_("Substitutes"),
            "arrows-exchange",
            (CatalogueRight.SUBSTITUTES,),
        ),
    ),
    rights={
        CatalogueRight.READ: DEALER_ROLES,
        CatalogueRight.HEADQUARTERS: STAFF_ROLES,
        CatalogueRight.SUBSTITUTES: frozenset({Role.CHANNEL_MANAGER, Role.ORDER_DESK}),
    },
    statuses={
        "product": {
            ProductState.ACTIVE: Look(N_("In the range"), "green", "circle-check"),
            ProductState.WITHDRAWN: Look(N_("No longer sold"), "red", "circle-x"),
        },
    },
    actions=CatalogueAction,
    lists=("catalogue", "substitutes"),
    finders=(Finder(Audience.DEALERS, N_("Products"), "package", (CatalogueRight.READ,), find_products),),
)
