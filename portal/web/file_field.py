"""The files of a form that has `ui.file_field`: sent ahead by its script, or with the form without one."""

from __future__ import annotations

from dataclasses import replace

from werkzeug.datastructures import FileStorage

from portal.files.upload_file import UploadedFile, upload_file
from portal.kernel import clock
from portal.kernel.errors import Fault, Invalid
from portal.web.forms import column_of_form
from portal.web.request import current_actor, current_session, portal, request

IDS, BYTES = "file_id", "files"
"""Fields of the form: ids of what was sent ahead (`takes_columns`), and files that come with it."""


def sent_files() -> list[str]:
    """Ids of the files of the form, for `attach_files`; those that come with it are taken in now.

    Raises Invalid with everything that is wrong with these, beside the field.
    """
    ids, faults = list(dict.fromkeys(column_of_form(IDS))), list[Fault]()
    for file in request.files.getlist(BYTES):
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
