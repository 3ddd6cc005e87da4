"""What the kinds of entries are called."""

from __future__ import annotations

from portal.feed.rules import Kind
from portal.kernel.errors import N_

KINDS = {
    Kind.POLICY: N_("Policy"),
    Kind.PROMOTION: N_("Promotion"),
    Kind.NOTICE: N_("Notice"),
    Kind.TRAINING: N_("Training material"),
}
