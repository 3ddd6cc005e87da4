"""Our warehouses as people choose one in a form or a filter."""

from __future__ import annotations

from portal.stock.warehouses import warehouses
from portal.web.presentation import in_language
from portal.web.request import current_session


def warehouse_options(first: str) -> list[tuple[str, str]]:
    """Code and name of each, behind an entry for none of them."""
    known = warehouses(current_session())
    return [("", first), *((one.code, in_language(one.name_zh, one.name_en)) for one in known)]
