"""The files of a form that has `ui.file_field`: sent ahead by its script, or with the form without one."""

from __future__ import annotations

from dataclasses import replace

from flask import Response, jsonify
from werkzeug.datastructures import FileStorage

from portal.files.resume_upload import Upload, abandon_upload, add_piece, begin_upload
from portal.files.upload_file import UploadedFile, upload_file
from portal.kernel import clock, typed
from portal.kernel.errors import Fault, Invalid
from portal.web.forms import column_of_form
from portal.web.request import current_actor, current_session, keep_on_refusal, portal, request

IDS, BYTES = "file_id", "files"
"""Fields of the form: ids of what was sent ahead (`takes_columns`), and files that come with it."""
FORM_MAX = 2**16
"""Bytes of a form around one file."""


def ids_of(field: str) -> str:
    """The field of ids where a form has several for files: `ui.file_field` with this name."""
    return f"{field}_id"


def sent_ahead(ids: str = IDS) -> list[str]:
    """Ids of the files of the form that were sent before it."""
    return list(dict.fromkeys(column_of_form(ids)))


def sent_files(field: str | None = None) -> list[str]:
    """Ids of the files of the form, for `attach_files`; those that come with it are taken in now.

    field: which of the form's fields for files, None for the only one.

    Raises Invalid with everything that is wrong with these, beside the field.
    """
    ids, faults = sent_ahead(ids_of(field) if field else IDS), list[Fault]()
    for file in request.files.getlist(f"{field}_{BYTES}" if field else BYTES):
        if not file.filename:
            continue  # the field was left empty
        try:
            ids.append(take_in(file).id)
        except Invalid as refusal:
            faults += refusal.faults
    if faults:
        raise Invalid(faults=faults)
    return ids


def sent_file(field: str) -> str:
    """Id of the one file of another field, taken in now; empty where the field was left so.

    Raises Invalid with what is wrong with it, at the field's name.
    """
    file = request.files.get(field)
    if file is None or not file.filename:
        return ""
    try:
        return take_in(file).id
    except Invalid as refusal:
        raise Invalid(faults=[replace(fault, pointer=f"/{field}") for fault in refusal.faults]) from None


def take_in(file: FileStorage | None) -> UploadedFile:
    """Take one file of the request in. Raises Invalid with what is wrong with it."""
    app = portal()
    return upload_file(
        current_session(),
        actor=current_actor(),
        store=app.file_store,
        scan=app.scan_upload,
        name=file.filename or "" if file else "",
        content=file.read() if file else b"",
        at=clock.now(),
    )


def begin_in_pieces() -> Upload:
    """Begin the upload that the form announces: ``name`` and ``size``. Raises Invalid."""
    size = typed.own_number(request.form.get("size")) or 0
    name = request.form.get("name", "")
    return begin_upload(current_session(), actor=current_actor(), name=name, size=size, at=clock.now())


def take_piece(upload_id: str) -> Upload:
    """Take the next piece of an upload: ``files``, from ``offset`` on.

    Raises Invalid with what is wrong with the whole; the upload is forgotten then.
    """
    app, session, sent = portal(), current_session(), request.files.get(BYTES)
    try:
        return add_piece(
            session,
            actor=current_actor(),
            store=app.file_store,
            scan=app.scan_upload,
            upload_id=upload_id,
            offset=typed.own_number(request.form.get("offset")) or 0,
            piece=sent.read() if sent else b"",
            at=clock.now(),
        )
    except Invalid:
        session.rollback()
        abandon_upload(session, actor=current_actor(), upload_id=upload_id)
        keep_on_refusal()
        raise


def so_far(upload: Upload) -> Response:
    """Where to go on, for the script."""
    return jsonify(id=upload.id, offset=upload.offset, whole=upload.file is not None)
