"""What a rule says of the price, in words."""

from __future__ import annotations

from portal.kernel.errors import N_
from portal.pricing.rules import RuleKind

RULE_KINDS = {
    RuleKind.NET: N_("Net price, ¥"),
    RuleKind.PERCENT_OFF: N_("Discount, percent"),
    RuleKind.AMOUNT_OFF: N_("Amount off, ¥"),
}
