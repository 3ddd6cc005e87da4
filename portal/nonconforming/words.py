"""What people read for the kinds of non-conforming goods, in English; translated where it is shown."""

from __future__ import annotations

from collections.abc import Mapping

from portal.kernel.errors import N_
from portal.nonconforming.rules import Decision, Source

SOURCE_LABELS: Mapping[Source, str] = {
    Source.INSPECTION: N_("Incoming inspection"),
    Source.RETURN: N_("Return"),
    Source.COLD_CHAIN: N_("Cold chain"),
    Source.TRANSFER: N_("Transfer"),
    Source.COUNT: N_("Stock count"),
    Source.EXPIRY: N_("Check of expiry dates"),
    Source.BY_HAND: N_("Found in the warehouse"),
}

DECISION_LABELS: Mapping[Decision, str] = {
    Decision.RELEASE: N_("Release for sale"),
    Decision.SEND_BACK: N_("Back to the supplier"),
    Decision.DESTROY: N_("Destroy"),
}
