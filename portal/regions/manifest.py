"""What regions add to the portal: their table."""

from __future__ import annotations

from portal.kernel.manifest import Capability

CAPABILITY = Capability(name="regions", models="portal.regions.models")
