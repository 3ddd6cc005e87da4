"""What the kinds of entries are called."""

from __future__ import annotations

from portal.feed.rules import Digest, Kind
from portal.kernel.errors import N_

KINDS = {
    Kind.POLICY: N_("Policy"),
    Kind.PROMOTION: N_("Promotion"),
    Kind.NOTICE: N_("Notice"),
    Kind.TRAINING: N_("Training material"),
}

DIGESTS = {
    Digest.NONE: N_("Never"),
    Digest.DAILY: N_("Every day"),
    Digest.WEEKLY: N_("Every week"),
}
