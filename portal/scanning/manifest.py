"""What scanning adds to the portal: a page, a call and a finder that say what the code on a package says."""

from __future__ import annotations

from portal.catalogue.vocabulary import CatalogueRight
from portal.kernel.errors import N_
from portal.kernel.manifest import Audience, Capability, Finder, Job, MenuEntry
from portal.scanning.find import find_scanned

CAPABILITY = Capability(
    name="scanning",
    pages={
        Audience.DEALERS: ("portal.blueprints.scanning",),
        Audience.STAFF: ("backoffice.blueprints.scanning",),
    },
    resources=("portal.blueprints.api.scan",),
    menu=(
        MenuEntry(
            Audience.STAFF,
            Job.DELIVERING,
            "hq_scanning.index",
            N_("Scan a code"),
            "barcode",
            (CatalogueRight.HEADQUARTERS,),
        ),
    ),
    finders=(
        Finder(Audience.DEALERS, N_("Scanned code"), "barcode", (CatalogueRight.READ,), find_scanned),
        Finder(Audience.STAFF, N_("Scanned code"), "barcode", (CatalogueRight.HEADQUARTERS,), find_scanned),
    ),
)
