"""What the audit adds to the portal: its table."""

from __future__ import annotations

from portal.kernel.manifest import Capability

CAPABILITY = Capability(name="audit", models="portal.audit.models")
