"""Who acts in whose name at headquarters."""

from __future__ import annotations

from typing import Any

from portal.blueprints.api import standing_in as calls
from portal.blueprints.api.schemas.standing_in import DelegationsShape
from portal.identity.vocabulary import IdentityRight
from portal.kernel.errors import N_
from portal.web.api.operations import HEADQUARTERS, operation


@operation(
    "GET",
    "/hq/delegations",
    tag=HEADQUARTERS,
    rights=(IdentityRight.ADMINISTER,),
    answers=DelegationsShape,
    summary=N_("Delegations at headquarters"),
    about=N_("Who lets whom act in their name, and when. They are given in person, on the pages."),
)
def index() -> dict[str, Any]:
    return calls.shown_delegations()
