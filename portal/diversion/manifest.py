"""What goods in the wrong region add to the portal: unexplained quantities, and the rules of who is asked."""

from __future__ import annotations

from portal.kernel.manifest import Audience, Capability

CAPABILITY = Capability(
    name="diversion",
    pages={Audience.STAFF: ("backoffice.blueprints.unexplained",)},
    lists=("unexplained",),
    help={Audience.STAFF: ("diversion",)},
)
