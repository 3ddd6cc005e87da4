"""What finding one's way adds to the portal: favourites, the search across capabilities, help."""

from __future__ import annotations

from portal.kernel.errors import N_, Conflict
from portal.kernel.manifest import Audience, Capability, Personal

_MEANWHILE = Conflict(
    "favourite_meanwhile", N_("Another page was marked at the same moment. Mark this one again.")
)

CAPABILITY = Capability(
    name="navigation",
    models="portal.navigation.models",
    pages={
        Audience.SIGNED_IN: (
            "portal.blueprints.search",
            "portal.blueprints.favourites",
            "portal.blueprints.help",
        )
    },
    refusals={"pk_user_favourite": _MEANWHILE, "uq_user_favourite_user_id_endpoint": _MEANWHILE},
    # The guides come first: every entry of the menu has its section there.
    help={
        Audience.DEALERS: ("guide-dealer", "glossary"),
        Audience.STAFF: ("guide-headquarters", "glossary"),
    },
    personal=(
        Personal(
            "user_favourite",
            (
                "place",
                "endpoint",
            ),
            "user_id",
        ),
    ),
)
