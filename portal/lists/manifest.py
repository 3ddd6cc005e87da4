"""What lists add to the portal: the audit of their export, and the views that people keep of them."""

from __future__ import annotations

from portal.kernel.errors import Conflict
from portal.kernel.manifest import Audience, Capability, Personal
from portal.lists.vocabulary import MEANWHILE, ListAction

_MEANWHILE = Conflict("view_meanwhile", MEANWHILE)

CAPABILITY = Capability(
    name="lists",
    models="portal.lists.models",
    pages={Audience.SIGNED_IN: ("portal.blueprints.views",)},
    actions=ListAction,
    refusals={"pk_saved_view": _MEANWHILE, "uq_saved_view_user_id_listing_name": _MEANWHILE},
    personal=(
        Personal(
            "saved_view",
            (
                "listing",
                "name",
                "query",
            ),
            "user_id",
        ),
    ),
)
