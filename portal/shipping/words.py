"""Levels of packaging in words."""

from __future__ import annotations

from portal.kernel.errors import N_
from portal.shipping.packing_rules import PackageKind

PACKAGE_KINDS = {
    PackageKind.EACH: N_("Single unit"),
    PackageKind.INNER: N_("Inner box"),
    PackageKind.CASE: N_("Case"),
    PackageKind.PALLET: N_("Pallet"),
}
