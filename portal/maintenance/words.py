"""Words for what maintenance is made of, English, translated where they are shown."""

from __future__ import annotations

from portal.kernel.errors import N_
from portal.maintenance.rules import CountsFrom, Result, When

RESULTS = {
    Result.GOOD: N_("Good"),
    Result.FAULT: N_("Fault"),
    Result.NOT_APPLICABLE: N_("Not applicable"),
}
BASES = {
    CountsFrom.DONE: N_("when it was done"),
    CountsFrom.DUE: N_("when it was due"),
}
WHENS = {
    When.OVERDUE: N_("Overdue"),
    When.THIS_MONTH: N_("This month"),
    When.NEXT_MONTH: N_("Next month"),
    When.ALL: N_("All that is due"),
    When.DONE: N_("Done"),
}
