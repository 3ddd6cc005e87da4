"""Uploaded files: taken in while a form is filled in, and handed out."""

from __future__ import annotations

from flask import Blueprint, make_response
from werkzeug.wrappers import Response

from portal.blueprints.frame import dealer_frame
from portal.catalogue.vocabulary import DocumentKind
from portal.files.attach import uploaded_files
from portal.files.open_file import open_file
from portal.files.preview_file import open_preview
from portal.files.remove_draft import remove_draft
from portal.files.resume_upload import upload_so_far
from portal.kernel.errors import Invalid
from portal.web import file_field
from portal.web.attachment import send_attachment, send_picture, send_view
from portal.web.file_field import take_in
from portal.web.presentation import in_full, macros
from portal.web.request import current_actor, current_session, portal, request

FIELD_NAMES = frozenset(DocumentKind)
"""Names of fields for files, where a form has several."""
blueprint = Blueprint("files", __name__, url_prefix="/files")
blueprint.context_processor(dealer_frame)


@blueprint.post("")
def create() -> Response:
    """Take one file in; answered with its line in the list of the form, or with what is wrong with it."""
    file = request.files.get("files")
    try:
        taken = take_in(file)
    except Invalid as refusal:
        return _refused(file.filename or "" if file else "", refusal)
    return _taken(taken.id)


@blueprint.post("/uploads")
def begin() -> Response:
    """Begin a file that comes in pieces, over a line that may break."""
    try:
        return make_response(file_field.so_far(file_field.begin_in_pieces()), 201)
    except Invalid as refusal:
        return _refused(request.form.get("name", ""), refusal)


@blueprint.get("/uploads/<upload_id>")
def so_far(upload_id: str) -> Response:
    """Where to go on with it."""
    upload = upload_so_far(current_session(), actor=current_actor(), upload_id=upload_id)
    return file_field.so_far(upload)


@blueprint.post("/uploads/<upload_id>")
def piece(upload_id: str) -> Response:
    """Take a piece; the last one is answered as `create` answers, with 201."""
    try:
        upload = file_field.take_piece(upload_id)
    except Invalid as refusal:
        return _refused(request.form.get("name", ""), refusal)
    return _taken(upload.file.id) if upload.file else file_field.so_far(upload)


def _taken(file_id: str) -> Response:
    [row] = uploaded_files(current_session(), actor=current_actor(), ids=[file_id])
    said = request.form.get("field", "")
    field = said if said in FIELD_NAMES else "file"
    return make_response(macros().uploaded_file(row, field=field, is_fresh=True), 201)


def _refused(name: str, refusal: Invalid) -> Response:
    return make_response(macros().refused_file(name, [in_full(fault) for fault in refusal.faults]), 422)


@blueprint.post("/<file_id>/removal")
def removal(file_id: str) -> Response:
    """Take a file back that is in no document yet."""
    remove_draft(current_session(), actor=current_actor(), file_id=file_id)
    return make_response("", 200)


@blueprint.get("/<file_id>")
def show(file_id: str) -> Response:
    """A file, to be saved."""
    return send_attachment(
        open_file(current_session(), actor=current_actor(), store=portal().file_store, file_id=file_id)
    )


@blueprint.get("/<file_id>/view")
def view(file_id: str) -> Response:
    """A picture or a PDF, to be looked at beside the figures it proves; anything else is saved."""
    return send_view(
        open_file(current_session(), actor=current_actor(), store=portal().file_store, file_id=file_id)
    )


@blueprint.get("/<file_id>/preview")
def preview(file_id: str) -> Response:
    """A small picture of it."""
    return send_picture(
        open_preview(current_session(), actor=current_actor(), store=portal().file_store, file_id=file_id)
    )
