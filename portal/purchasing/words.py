"""The words of purchasing that are no states."""

from __future__ import annotations

from portal.kernel.errors import N_
from portal.purchasing.rules import RecurringAct

ACTS = {
    RecurringAct.DRAFT: N_("make a draft that somebody orders"),
    RecurringAct.PLACE: N_("place the order"),
}
