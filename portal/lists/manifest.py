"""What lists add to the portal: the audit of their export."""

from __future__ import annotations

from portal.kernel.manifest import Capability
from portal.lists.vocabulary import ListAction

CAPABILITY = Capability(name="lists", actions=ListAction)
