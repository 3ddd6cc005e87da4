"""Prices in words."""

from __future__ import annotations

from portal.kernel.errors import N_
from portal.pricing.life import BelowFloor, PolicyKind
from portal.pricing.rules import BreaksAre, RuleKind

RULE_KINDS = {
    RuleKind.NET: N_("Net price, ¥"),
    RuleKind.PERCENT_OFF: N_("Discount, percent"),
    RuleKind.AMOUNT_OFF: N_("Amount off, ¥"),
}

BREAKS = {BreaksAre.ALL_UNITS: N_("All units"), BreaksAre.INCREMENTAL: N_("Each band")}
KINDS = {PolicyKind.POLICY: N_("Policy"), PolicyKind.CONTRACT: N_("Contract")}
FLOORS = {
    BelowFloor.REFUSE: N_("Refused when it is submitted"),
    BelowFloor.CLAMP: N_("Lifted to the floor"),
}
