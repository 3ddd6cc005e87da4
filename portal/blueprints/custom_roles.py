"""Roles that the dealer composes itself, for its owners."""

from __future__ import annotations

from flask import Blueprint
from werkzeug.wrappers import Response

from portal.blueprints.frame import dealer_frame
from portal.identity.vocabulary import IdentityRight
from portal.web.custom_role_pages import CustomRolePages
from portal.web.forms import takes_columns
from portal.web.fresh_sign_in import fresh_sign_in
from portal.web.rendering import requires

blueprint = Blueprint("custom_roles", __name__, url_prefix="/settings/roles")
blueprint.context_processor(dealer_frame)

PAGES = CustomRolePages("custom_roles", "people", "base.html")


@blueprint.get("")
@requires(IdentityRight.PEOPLE)
def index() -> str:
    """The dealer's own roles, and who has which right."""
    return PAGES.index()


@blueprint.get("/new")
@requires(IdentityRight.PEOPLE)
def new() -> str:
    """An empty form."""
    return PAGES.new()


@blueprint.post("")
@requires(IdentityRight.PEOPLE)
@fresh_sign_in
@takes_columns("right", "told_as")
def create() -> str | Response:
    """Compose one."""
    return PAGES.create()


@blueprint.get("/<role_code>")
@requires(IdentityRight.PEOPLE)
def show(role_code: str) -> str:
    """One of them."""
    return PAGES.show(role_code)


@blueprint.post("/<role_code>")
@requires(IdentityRight.PEOPLE)
@fresh_sign_in
@takes_columns("right", "told_as")
def change(role_code: str) -> str | Response:
    """Say it anew."""
    return PAGES.change(role_code)


@blueprint.post("/<role_code>/deletion")
@requires(IdentityRight.PEOPLE)
@fresh_sign_in
def deletion(role_code: str) -> str | Response:
    """Give it up."""
    return PAGES.deletion(role_code)
