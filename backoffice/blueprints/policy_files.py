"""Files of a price policy: attached to its draft, taken off it, taken away."""

from __future__ import annotations

from flask import Blueprint
from flask_babel import gettext
from werkzeug.wrappers import Response

from backoffice.blueprints import policy_form, policy_page
from portal.kernel import clock
from portal.pricing.policy_files import attach_file, attached_file, detach_file
from portal.pricing.vocabulary import PriceRight
from portal.web.attachment import send_attachment
from portal.web.forms import Form, OwnNumber, read_form
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session, request

blueprint = Blueprint("policy_files", __name__, url_prefix="/hq/policies")


class PlaceForm(Form):
    """Which file shall go."""

    place: OwnNumber


@blueprint.post("/<int:policy_id>/files")
@requires(PriceRight.POLICIES)
def attach(policy_id: int) -> str | Response:
    """Add a file."""
    file = request.files.get("file")
    name, content = (file.filename or "", file.read()) if file else ("", b"")
    return policy_page.act(
        policy_id,
        gettext("The file has been attached."),
        lambda: attach_file(
            current_session(),
            actor=current_actor(),
            policy_id=policy_id,
            revision=policy_form.revision(),
            name=name,
            content=content,
        ),
    )


@blueprint.post("/<int:policy_id>/files/removal")
@requires(PriceRight.POLICIES)
def detach(policy_id: int) -> str | Response:
    """Take a file off."""
    return policy_page.act(
        policy_id,
        gettext("The file has been removed."),
        lambda: detach_file(
            current_session(),
            actor=current_actor(),
            policy_id=policy_id,
            revision=policy_form.revision(),
            place=read_form(PlaceForm).place,
        ),
    )


@blueprint.get("/<int:policy_id>/files/<int:place>")
@requires(PriceRight.POLICIES, PriceRight.APPROVE)
def attachment(policy_id: int, place: int) -> Response:
    """A file, to be saved."""
    return send_attachment(
        attached_file(
            current_session(), actor=current_actor(), policy_id=policy_id, place=place, at=clock.now()
        )
    )
