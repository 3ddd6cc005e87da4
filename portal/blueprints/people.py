"""The people of the dealer, for its owners."""

from __future__ import annotations

from flask import Blueprint
from werkzeug.wrappers import Response

from portal.blueprints.frame import dealer_frame
from portal.identity.vocabulary import IdentityRight
from portal.web.forms import takes_columns
from portal.web.fresh_sign_in import fresh_sign_in
from portal.web.people_pages import PeoplePages
from portal.web.rendering import requires

blueprint = Blueprint("people", __name__, url_prefix="/settings/people")
blueprint.context_processor(dealer_frame)

PAGES = PeoplePages("people", "base.html")


@blueprint.get("")
@requires(IdentityRight.PEOPLE)
def index() -> str:
    """People by name, and who was invited."""
    return PAGES.index()


@blueprint.get("/new")
@requires(IdentityRight.PEOPLE)
def new() -> str:
    """An empty form."""
    return PAGES.new()


@blueprint.post("")
@requires(IdentityRight.PEOPLE)
@fresh_sign_in
@takes_columns("role", "region")
def invite() -> str | Response:
    """Invite somebody."""
    return PAGES.invite()


@blueprint.post("/invitations/<invitation>/letter")
@requires(IdentityRight.PEOPLE)
def letter(invitation: str) -> Response:
    """Send the letter again."""
    return PAGES.send_again(invitation)


@blueprint.post("/invitations/<invitation>/revocation")
@requires(IdentityRight.PEOPLE)
def revocation(invitation: str) -> Response:
    """Take an invitation back."""
    return PAGES.revoke(invitation)


@blueprint.get("/<person>")
@requires(IdentityRight.PEOPLE)
def show(person: str) -> str:
    """One person."""
    return PAGES.show(person)


@blueprint.post("/<person>/roles")
@requires(IdentityRight.PEOPLE)
@fresh_sign_in
@takes_columns("role", "region")
def roles(person: str) -> str | Response:
    """Give and take roles."""
    return PAGES.roles(person)


@blueprint.post("/<person>/deactivation")
@requires(IdentityRight.PEOPLE)
@fresh_sign_in
def deactivation(person: str) -> str | Response:
    """Let somebody in no more."""
    return PAGES.deactivation(person)


@blueprint.post("/<person>/reactivation")
@requires(IdentityRight.PEOPLE)
@fresh_sign_in
def reactivation(person: str) -> str | Response:
    """Let somebody in again."""
    return PAGES.reactivation(person)
