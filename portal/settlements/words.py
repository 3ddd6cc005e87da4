"""Settlements in words."""

from __future__ import annotations

from collections.abc import Mapping

from portal.kernel.errors import N_
from portal.settlements.rules import SettlementKind

KINDS: Mapping[str, str] = {
    SettlementKind.PROVISIONAL: N_("Advance"),
    SettlementKind.FINAL: N_("Settlement"),
    SettlementKind.ADJUSTMENT: N_("Adjustment of a settled period"),
}
