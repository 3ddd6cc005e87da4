"""What the behaviours of a capture are called."""

from __future__ import annotations

from portal.epcis.rules import Behaviour
from portal.kernel.errors import N_

BEHAVIOURS: dict[Behaviour, str] = {
    Behaviour.ROLLBACK: N_("All events or none"),
    Behaviour.PROCEED: N_("Events without faults"),
}
