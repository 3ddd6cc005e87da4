"""Photos that somebody at the door takes while signing, and sees again afterwards.

The link says whose shipment it is; only while it is open does it take anything in.
"""

from __future__ import annotations

from flask import Blueprint, Response, make_response
from flask.blueprints import BlueprintSetupState
from werkzeug.wrappers import Response as Answer

from portal.blueprints.delivery_link import keep_out_of_search_engines, opened
from portal.deliveries.links import require_open, state_of
from portal.deliveries.rules import LinkState
from portal.files.attach import uploaded_files
from portal.files.preview_file import open_preview
from portal.files.remove_draft import remove_draft
from portal.files.resume_upload import upload_so_far
from portal.files.rules import PIECE_MAX, SIZE_MAX
from portal.kernel import clock
from portal.kernel.errors import Invalid, NotFound
from portal.web import file_field
from portal.web.attachment import send_picture
from portal.web.file_field import FORM_MAX, take_in
from portal.web.presentation import in_full, macros
from portal.web.request import current_actor, current_session, portal, request

blueprint = Blueprint("delivery_photos", __name__, url_prefix="/d/<token>/files")
blueprint.after_request(keep_out_of_search_engines)


@blueprint.record_once
def _need_no_token_of_a_session(setup: BlueprintSetupState) -> None:
    """The link is the proof, and no cookie: a foreign page that knew it could open it itself."""
    setup.app.extensions["csrf"].exempt(blueprint)


@blueprint.post("")
def create(token: str) -> Answer:
    """Take one photo in; answered with its line in the form, or with what is wrong with it.

    What strangers may send is small until the link has proven who sends: only then is the body read.
    """
    _prove(token, SIZE_MAX, counts=True)
    file = request.files.get("files")
    try:
        taken = take_in(file)
    except Invalid as refusal:
        return _refused(file.filename or "" if file else "", refusal)
    return _taken(token, taken.id)


@blueprint.post("/uploads")
def begin(token: str) -> Answer:
    """Begin a photo that comes in pieces, over a line that may break."""
    _prove(token, 0, counts=True)
    try:
        return make_response(file_field.so_far(file_field.begin_in_pieces()), 201)
    except Invalid as refusal:
        return _refused(request.form.get("name", ""), refusal)


@blueprint.get("/uploads/<upload_id>")
def so_far(token: str, upload_id: str) -> Answer:
    """Where to go on with it."""
    _prove(token, 0)
    upload = upload_so_far(current_session(), actor=current_actor(), upload_id=upload_id)
    return file_field.so_far(upload)


@blueprint.post("/uploads/<upload_id>")
def piece(token: str, upload_id: str) -> Answer:
    """Take a piece; the last one is answered as `create` answers, with 201."""
    _prove(token, PIECE_MAX)
    try:
        upload = file_field.take_piece(upload_id)
    except Invalid as refusal:
        return _refused(request.form.get("name", ""), refusal)
    return _taken(token, upload.file.id) if upload.file else file_field.so_far(upload)


def _prove(token: str, size: int, *, counts: bool = False) -> None:
    """Go on as whoever holds an open link, with a body of so many bytes beside its form.

    Raises Conflict for one that is not open, NotFound, TooManyRequests for one photo more than it may.
    """
    claim = opened(token)
    require_open(current_session(), claim, at=clock.now())
    if counts:
        portal().limits.spend(portal().settings.delivery_photo_rate, "delivery photos", claim.shipment_number)
    request.max_content_length = size + FORM_MAX


def _taken(token: str, file_id: str) -> Answer:
    [row] = uploaded_files(current_session(), actor=current_actor(), ids=[file_id])
    return make_response(macros().uploaded_file(row, token=token, is_fresh=True), 201)


def _refused(name: str, refusal: Invalid) -> Answer:
    return make_response(macros().refused_file(name, [in_full(fault) for fault in refusal.faults]), 422)


@blueprint.post("/<file_id>/removal")
def removal(token: str, file_id: str) -> Answer:
    """Take a photo back before signing."""
    claim = opened(token)
    require_open(current_session(), claim, at=clock.now())
    remove_draft(current_session(), actor=current_actor(), file_id=file_id)
    return make_response("", 200)


@blueprint.get("/<file_id>/preview")
def preview(token: str, file_id: str) -> Response | Answer:
    """A small picture of it, while the link shows anything."""
    claim = opened(token)
    if state_of(current_session(), claim, at=clock.now()) not in (LinkState.OPEN, LinkState.USED):
        raise NotFound()
    return send_picture(
        open_preview(current_session(), actor=current_actor(), store=portal().file_store, file_id=file_id)
    )
