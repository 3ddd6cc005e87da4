"""Words for what budgets and activities are made of, English, translated where they are shown."""

from __future__ import annotations

from portal.budgets.rules import ActivityKind, BudgetKind
from portal.kernel.errors import N_

ACTIVITY_KINDS = {
    ActivityKind.PROMOTION: N_("Promotion"),
    ActivityKind.MARKETING: N_("Marketing"),
    ActivityKind.SAMPLES: N_("Samples"),
    ActivityKind.TENDER: N_("Tender support"),
}
BUDGET_KINDS = {
    BudgetKind.PROMOTION: N_("Promotion"),
    BudgetKind.MARKETING: N_("Marketing"),
    BudgetKind.SAMPLES: N_("Samples"),
    BudgetKind.TENDER: N_("Tender support"),
    BudgetKind.PRICE_PROTECTION: N_("Price protection"),
    BudgetKind.PROGRAMME: N_("Rebate programme"),
}
