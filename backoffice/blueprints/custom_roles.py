"""Roles that headquarters composes itself, for administrators."""

from __future__ import annotations

from flask import Blueprint
from werkzeug.wrappers import Response

from portal.identity.vocabulary import IdentityRight
from portal.web.custom_role_pages import CustomRolePages
from portal.web.forms import takes_columns
from portal.web.fresh_sign_in import fresh_sign_in
from portal.web.rendering import requires

blueprint = Blueprint("hq_roles", __name__, url_prefix="/hq/roles")

PAGES = CustomRolePages("hq_roles", "hq_people", "backoffice/base.html")


@blueprint.get("")
@requires(IdentityRight.ADMINISTER)
def index() -> str:
    """Headquarters' own roles, and who has which right."""
    return PAGES.index()


@blueprint.get("/new")
@requires(IdentityRight.ADMINISTER)
def new() -> str:
    """An empty form."""
    return PAGES.new()


@blueprint.post("")
@requires(IdentityRight.ADMINISTER)
@fresh_sign_in
@takes_columns("right", "told_as")
def create() -> str | Response:
    """Compose one."""
    return PAGES.create()


@blueprint.get("/<role_code>")
@requires(IdentityRight.ADMINISTER)
def show(role_code: str) -> str:
    """One of them."""
    return PAGES.show(role_code)


@blueprint.post("/<role_code>")
@requires(IdentityRight.ADMINISTER)
@fresh_sign_in
@takes_columns("right", "told_as")
def change(role_code: str) -> str | Response:
    """Say it anew."""
    return PAGES.change(role_code)


@blueprint.post("/<role_code>/deletion")
@requires(IdentityRight.ADMINISTER)
@fresh_sign_in
def deletion(role_code: str) -> str | Response:
    """Give it up."""
    return PAGES.deletion(role_code)
