"""What dealers' reports of goods add to the portal: the rules by which their lines are judged."""

from __future__ import annotations

from portal.kernel.manifest import Capability

CAPABILITY = Capability(name="sellout")
