"""API clients of the dealer: its systems call the portal."""

from __future__ import annotations

from flask import Blueprint
from werkzeug.wrappers import Response

from portal.blueprints.frame import dealer_frame
from portal.identity.vocabulary import IdentityRight
from portal.web.client_pages import ClientPages
from portal.web.forms import takes_columns
from portal.web.rendering import requires

blueprint = Blueprint("api_clients", __name__, url_prefix="/api-clients")
blueprint.context_processor(dealer_frame)

PAGES = ClientPages("api_clients", "base.html")


@blueprint.get("")
@requires(IdentityRight.CLIENTS)
def index() -> str:
    """Every client."""
    return PAGES.index()


@blueprint.get("/new")
@requires(IdentityRight.CLIENTS)
def new() -> str:
    """An empty form."""
    return PAGES.new()


@blueprint.post("")
@requires(IdentityRight.CLIENTS)
@takes_columns("scope")
def create() -> str | Response:
    """Make one."""
    return PAGES.create()


@blueprint.get("/<client_id>")
@requires(IdentityRight.CLIENTS)
def show(client_id: str) -> str:
    """One client."""
    return PAGES.show(client_id)


@blueprint.get("/<client_id>/edit")
@requires(IdentityRight.CLIENTS)
def edit(client_id: str) -> str:
    """Its form."""
    return PAGES.edit(client_id)


@blueprint.post("/<client_id>")
@requires(IdentityRight.CLIENTS)
@takes_columns("scope")
def change(client_id: str) -> str | Response:
    """Say it anew."""
    return PAGES.change(client_id)


@blueprint.post("/<client_id>/rotation")
@requires(IdentityRight.CLIENTS)
def rotation(client_id: str) -> str | Response:
    """Another secret."""
    return PAGES.rotation(client_id)


@blueprint.post("/<client_id>/former-secret")
@requires(IdentityRight.CLIENTS)
def end_former(client_id: str) -> Response:
    """The secret before is good no more."""
    return PAGES.end_former(client_id)


@blueprint.post("/<client_id>/revocation")
@requires(IdentityRight.CLIENTS)
def revocation(client_id: str) -> Response:
    """It comes in no more."""
    return PAGES.revocation(client_id)
