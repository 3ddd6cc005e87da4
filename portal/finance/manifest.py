"""What the finance pages add to the portal: two cockpits, and ageing at any day."""

from __future__ import annotations

from portal.kernel.errors import N_
from portal.kernel.manifest import Audience, Capability, Job, MenuEntry
from portal.ledger.vocabulary import LedgerRight
from portal.statements.vocabulary import StatementRight

CAPABILITY = Capability(
    name="finance",
    pages={
        Audience.DEALERS: ("portal.blueprints.finance",),
        Audience.STAFF: ("backoffice.blueprints.finance", "backoffice.blueprints.ageing"),
    },
    resources=("backoffice.api.ageing",),
    menu=(
        MenuEntry(
            Audience.DEALERS, Job.MONEY, "finance.index", N_("Finances"), "cash", (StatementRight.READ,)
        ),
        MenuEntry(
            Audience.STAFF, Job.MONEY, "finance_desk.index", N_("Finances"), "cash", (LedgerRight.READ,)
        ),
        MenuEntry(Audience.STAFF, Job.MONEY, "ageing.index", N_("Ageing"), "chart-bar", (LedgerRight.READ,)),
    ),
    owned={"ageing": "dealer"},
    lists=("ageing",),
    help={Audience.STAFF: ("ageing",)},
)
