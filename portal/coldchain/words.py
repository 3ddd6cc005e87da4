"""The words for the ways cold goods travel and for what speaks against a transport."""

from __future__ import annotations

from portal.coldchain.rules import FindingKind, Transport
from portal.kernel.errors import N_

TRANSPORTS = {
    Transport.REFRIGERATED_VAN: N_("Refrigerated van"),
    Transport.COOL_BOX: N_("Active cool box"),
    Transport.PASSIVE_BOX: N_("Insulated box with ice packs"),
}
FINDINGS = {
    FindingKind.TOO_WARM: N_("Too warm"),
    FindingKind.TOO_COLD: N_("Too cold"),
    FindingKind.HOLE: N_("Readings are missing"),
    FindingKind.INTERVAL: N_("Measured too seldom"),
    FindingKind.NOT_COVERED: N_("Not measured"),
}
