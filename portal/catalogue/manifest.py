"""What the catalogue adds to the portal."""

from __future__ import annotations

from portal.catalogue.change_life import ChangeState
from portal.catalogue.documents import CHANGE, require_file_reader, require_reader
from portal.catalogue.find import find_products
from portal.catalogue.vocabulary import CatalogueAction, CatalogueRight, ProductState
from portal.catalogue.waiting import work
from portal.identity.rules import DEALER_ROLES, STAFF_ROLES, Role
from portal.kernel.errors import N_, Conflict
from portal.kernel.manifest import (
    Audience,
    Capability,
    Chapter,
    FileOwner,
    Finder,
    Job,
    Look,
    MenuEntry,
    Topic,
)

CHAPTER = Chapter("catalogue", N_("Catalogue, prices and stock"))

CAPABILITY = Capability(
    name="catalogue",
    models="portal.catalogue.models",
    pages={
        Audience.DEALERS: ("portal.blueprints.catalogue",),
        Audience.STAFF: (
            "backoffice.blueprints.products",
            "backoffice.blueprints.product_changes",
            "backoffice.blueprints.product_import",
            "backoffice.blueprints.substitutes",
        ),
    },
    resources=("portal.blueprints.api.products", "backoffice.api.products", "backoffice.api.substitutes"),
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
            "products.index",
            N_("Products"),
            "package",
            (CatalogueRight.EDIT,),
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
        CatalogueRight.EDIT: frozenset({Role.QUALITY}),
    },
    statuses={
        "product": {
            ProductState.ACTIVE: Look(N_("In the range"), "green", "circle-check"),
            ProductState.WITHDRAWN: Look(N_("No longer sold"), "red", "circle-x"),
        },
        "product change": {
            ChangeState.DRAFT: Look(N_("Draft"), "grey", "file-pencil"),
            ChangeState.SUBMITTED: Look(N_("Waits for approval"), "amber", "hourglass"),
            ChangeState.APPROVED: Look(N_("Approved"), "blue", "circle-check"),
            ChangeState.IN_FORCE: Look(N_("In force"), "green", "circle-check"),
            ChangeState.REJECTED: Look(N_("Rejected"), "red", "circle-x"),
        },
    },
    actions=CatalogueAction,
    topics={"product.change": Topic("jobs.catalogue.enter")},
    file_owners={CHANGE: FileOwner(require_reader, is_shared=True, require_file_reader=require_file_reader)},
    refusals={
        "uq_product_change_open": Conflict(
            "change_waits", N_("Somebody proposed a change of this product in the same moment.")
        ),
    },
    lists=("catalogue", "products", "product-changes", "substitutes"),
    work=work,
    help={Audience.STAFF: ("catalogue",)},
    finders=(Finder(Audience.DEALERS, N_("Products"), "package", (CatalogueRight.READ,), find_products),),
)
