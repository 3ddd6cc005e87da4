"""The filter of lists by the regions that an employee answers for."""

from __future__ import annotations

from flask_babel import gettext

from portal.dealers.queries import regions_in_scope
from portal.web.presentation import in_language
from portal.web.request import current_actor, current_session


def region_options() -> list[tuple[str, str]]:
    """Id and name of each region, behind an entry for all of them."""
    named = [
        (str(region.id), in_language(region.name_zh, region.name_en))
        for region in regions_in_scope(current_session(), current_actor())
    ]
    return [("", gettext("All regions")), *named]
