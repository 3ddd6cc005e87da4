"""API clients of headquarters and of the dealers."""

from __future__ import annotations

from flask import Blueprint
from werkzeug.wrappers import Response

from portal.identity.vocabulary import IdentityRight
from portal.web.client_pages import ClientPages
from portal.web.forms import takes_columns
from portal.web.rendering import requires

blueprint = Blueprint("api_clients_desk", __name__, url_prefix="/hq/api-clients")

PAGES = ClientPages("api_clients_desk", "backoffice/base.html")


@blueprint.get("")
@requires(IdentityRight.ADMINISTER)
def index() -> str:
    """Every client."""
    return PAGES.index()


@blueprint.get("/new")
@requires(IdentityRight.ADMINISTER)
def new() -> str:
    """An empty form."""
    return PAGES.new()


@blueprint.post("")
@requires(IdentityRight.ADMINISTER)
@takes_columns("scope")
def create() -> str | Response:
    """Make one."""
    return PAGES.create()


@blueprint.get("/<client_id>")
@requires(IdentityRight.ADMINISTER)
def show(client_id: str) -> str:
    """One client."""
    return PAGES.show(client_id)


@blueprint.get("/<client_id>/edit")
@requires(IdentityRight.ADMINISTER)
def edit(client_id: str) -> str:
    """Its form."""
    return PAGES.edit(client_id)


@blueprint.post("/<client_id>")
@requires(IdentityRight.ADMINISTER)
@takes_columns("scope")
def change(client_id: str) -> str | Response:
    """Say it anew."""
    return PAGES.change(client_id)


@blueprint.post("/<client_id>/rotation")
@requires(IdentityRight.ADMINISTER)
def rotation(client_id: str) -> str | Response:
    """Another secret."""
    return PAGES.rotation(client_id)


@blueprint.post("/<client_id>/former-secret")
@requires(IdentityRight.ADMINISTER)
def end_former(client_id: str) -> Response:
    """The secret before is good no more."""
    return PAGES.end_former(client_id)


@blueprint.post("/<client_id>/revocation")
@requires(IdentityRight.ADMINISTER)
def revocation(client_id: str) -> Response:
    """It comes in no more."""
    return PAGES.revocation(client_id)
