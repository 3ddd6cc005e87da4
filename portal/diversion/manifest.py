"""What goods in the wrong region add to the portal: the rules, and the command that measures them."""

from __future__ import annotations

from portal.kernel.manifest import Capability

CAPABILITY = Capability(name="diversion")
