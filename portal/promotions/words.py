"""The words for kinds of promotions."""

from __future__ import annotations

from portal.kernel.errors import N_
from portal.promotions.rules import Kind

KINDS = {
    Kind.PERCENT_OFF: N_("Percentage off"),
    Kind.AMOUNT_OFF: N_("Amount off each unit"),
    Kind.GIFT: N_("Gift with purchase"),
    Kind.BUNDLE: N_("Bundle"),
    Kind.CUMULATIVE: N_("Cumulative purchases"),
    Kind.ORDER_AMOUNT_OFF: N_("Off the order"),
}
