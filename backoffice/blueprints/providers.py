"""The company sign-ins of headquarters and of the dealers, for administrators."""

from __future__ import annotations

from flask import Blueprint
from werkzeug.wrappers import Response

from portal.identity.vocabulary import IdentityRight
from portal.web.forms import takes_columns
from portal.web.fresh_sign_in import fresh_sign_in
from portal.web.provider_pages import ProviderPages
from portal.web.rendering import requires

blueprint = Blueprint("hq_providers", __name__, url_prefix="/hq/company-sign-in")

PAGES = ProviderPages("hq_providers", "backoffice/base.html")


@blueprint.get("")
@requires(IdentityRight.ADMINISTER)
def index() -> str:
    """Every provider."""
    return PAGES.index()


@blueprint.get("/new")
@requires(IdentityRight.ADMINISTER)
def new() -> str:
    """An empty form."""
    return PAGES.new()


@blueprint.post("")
@requires(IdentityRight.ADMINISTER)
@fresh_sign_in
def create() -> str | Response:
    """Make one."""
    return PAGES.create()


@blueprint.get("/<handle>")
@requires(IdentityRight.ADMINISTER)
def show(handle: str) -> str:
    """One provider."""
    return PAGES.show(handle)


@blueprint.get("/<handle>/edit")
@requires(IdentityRight.ADMINISTER)
def edit(handle: str) -> str:
    """Its form."""
    return PAGES.edit(handle)


@blueprint.post("/<handle>")
@requires(IdentityRight.ADMINISTER)
@fresh_sign_in
def change(handle: str) -> str | Response:
    """Say it anew."""
    return PAGES.change(handle)


@blueprint.get("/<handle>/rules")
@requires(IdentityRight.ADMINISTER)
def rules(handle: str) -> str:
    """What claims give."""
    return PAGES.rules(handle)


@blueprint.post("/<handle>/rules")
@requires(IdentityRight.ADMINISTER)
@fresh_sign_in
@takes_columns("role-*")
def set_rules(handle: str) -> str | Response:
    """Keep what claims give."""
    return PAGES.set_rules(handle)


@blueprint.post("/<handle>/rules/trial")
@requires(IdentityRight.ADMINISTER)
@takes_columns("role-*")
def try_rules(handle: str) -> str | Response:
    """Try the rules on a sample."""
    return PAGES.try_rules(handle)


@blueprint.get("/<handle>/trial")
@requires(IdentityRight.ADMINISTER)
def trial(handle: str) -> Response:
    """Try to sign in by it."""
    return PAGES.trial(handle)


@blueprint.post("/<handle>/on")
@requires(IdentityRight.ADMINISTER)
@fresh_sign_in
def switch_on(handle: str) -> str | Response:
    """People come in by it."""
    return PAGES.switch_on(handle)


@blueprint.post("/<handle>/off")
@requires(IdentityRight.ADMINISTER)
@fresh_sign_in
def switch_off(handle: str) -> str | Response:
    """Nobody comes in by it."""
    return PAGES.switch_off(handle)


@blueprint.post("/<handle>/removal")
@requires(IdentityRight.ADMINISTER)
@fresh_sign_in
def removal(handle: str) -> str | Response:
    """It is gone."""
    return PAGES.remove(handle)


@blueprint.post("/<handle>/people/<person>/removal")
@requires(IdentityRight.ADMINISTER)
@fresh_sign_in
def unlink(handle: str, person: str) -> str | Response:
    """Somebody comes in by it no more."""
    return PAGES.unlink(handle, person)
