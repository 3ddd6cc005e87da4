"""What levels of packaging, relations of products, origins and sources of changes are called."""

from __future__ import annotations

from portal.catalogue.vocabulary import ChangeSource, DocumentKind, Origin, PackageLevel, Relation
from portal.kernel.errors import N_

PACKAGES = {
    PackageLevel.INNER: N_("Inner pack"),
    PackageLevel.CASE: N_("Case"),
    PackageLevel.PALLET: N_("Pallet"),
}

RELATIONS = {
    Relation.ACCESSORY: N_("Accessories"),
    Relation.SPARE_PART: N_("Spare parts"),
}

ORIGINS = {Origin.DOMESTIC: N_("Domestic"), Origin.IMPORTED: N_("Imported")}

SOURCES = {
    ChangeSource.PAGE: N_("Entered here"),
    ChangeSource.API: N_("By a program"),
    ChangeSource.SHEET: N_("Excel or CSV"),
    ChangeSource.EUDAMED: N_("EUDAMED"),
    ChangeSource.GUDID: N_("GUDID"),
}

CLASSES = {1: N_("Class I"), 2: N_("Class II"), 3: N_("Class III")}
DOCUMENTS = {
    DocumentKind.PICTURE: N_("Pictures"),
    DocumentKind.CERTIFICATE: N_("Registration certificate"),
    DocumentKind.MANUAL: N_("Instructions for use"),
    DocumentKind.BROCHURE: N_("Brochures"),
}
