"""The people of headquarters and of every dealer, for administrators."""

from __future__ import annotations

from flask import Blueprint
from werkzeug.wrappers import Response

from portal.identity.vocabulary import IdentityRight
from portal.web.forms import takes_columns
from portal.web.fresh_sign_in import fresh_sign_in
from portal.web.people_pages import PeoplePages
from portal.web.rendering import requires

blueprint = Blueprint("hq_people", __name__, url_prefix="/hq/people")

PAGES = PeoplePages("hq_people", "backoffice/base.html")


@blueprint.get("")
@requires(IdentityRight.ADMINISTER)
def index() -> str:
    """People by name, and who was invited."""
    return PAGES.index()


@blueprint.get("/new")
@requires(IdentityRight.ADMINISTER)
def new() -> str:
    """An empty form."""
    return PAGES.new()


@blueprint.post("")
@requires(IdentityRight.ADMINISTER)
@fresh_sign_in
@takes_columns("role", "region")
def invite() -> str | Response:
    """Invite somebody."""
    return PAGES.invite()


@blueprint.post("/invitations/<invitation>/letter")
@requires(IdentityRight.ADMINISTER)
def letter(invitation: str) -> Response:
    """Send the letter again."""
    return PAGES.send_again(invitation)


@blueprint.post("/invitations/<invitation>/revocation")
@requires(IdentityRight.ADMINISTER)
def revocation(invitation: str) -> Response:
    """Take an invitation back."""
    return PAGES.revoke(invitation)


@blueprint.get("/<person>")
@requires(IdentityRight.ADMINISTER)
def show(person: str) -> str:
    """One person."""
    return PAGES.show(person)


@blueprint.post("/<person>/roles")
@requires(IdentityRight.ADMINISTER)
@fresh_sign_in
@takes_columns("role", "region")
def roles(person: str) -> str | Response:
    """Give and take roles."""
    return PAGES.roles(person)


@blueprint.post("/<person>/regions")
@requires(IdentityRight.ADMINISTER)
@fresh_sign_in
def regions(person: str) -> str | Response:
    """Let somebody answer for a region from a day on."""
    return PAGES.give_region(person)


@blueprint.post("/<person>/regions/end")
@requires(IdentityRight.ADMINISTER)
@fresh_sign_in
def regions_end(person: str) -> str | Response:
    """Let somebody answer for a region no more from a day on."""
    return PAGES.end_region(person)


@blueprint.post("/<person>/deactivation")
@requires(IdentityRight.ADMINISTER)
@fresh_sign_in
def deactivation(person: str) -> str | Response:
    """Let somebody in no more."""
    return PAGES.deactivation(person)


@blueprint.post("/<person>/reactivation")
@requires(IdentityRight.ADMINISTER)
@fresh_sign_in
def reactivation(person: str) -> str | Response:
    """Let somebody in again."""
    return PAGES.reactivation(person)


@blueprint.post("/<person>/factors")
@requires(IdentityRight.ADMINISTER)
@fresh_sign_in
def factors(person: str) -> str | Response:
    """Let somebody who lost the second factor sign in without."""
    return PAGES.without_factors(person)
