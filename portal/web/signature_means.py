"""What makes a signature of a page or call reliable, as it is seen here: kept beside it."""

from __future__ import annotations

from portal.web.request import current_actor, request

_AGENT_MAX = 200  # characters


def means_of_request() -> dict[str, str]:
    """How the signer came in, from which address and with which program."""
    actor = current_actor()
    return {
        "signed_in_as": actor.key,
        "by": "call" if request.blueprint == "api" else "page",
        "address": request.remote_addr or "",
        "agent": request.headers.get("User-Agent", "")[:_AGENT_MAX],
    }
