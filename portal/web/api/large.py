"""Addresses to which more is posted than the server holds in memory."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from portal.epcis.rules import SIZE_MAX
from portal.web.api.operations import PREFIX

LARGE: Mapping[str, int] = MappingProxyType({f"{PREFIX}/epcis/capture": SIZE_MAX})
"""Each with the most bytes of a body; such a body lies on disk while it is read."""
