"""What the company's own books add to the portal."""

from __future__ import annotations

from portal.kernel.manifest import Capability

CAPABILITY = Capability(name="company", models="portal.company.models")
