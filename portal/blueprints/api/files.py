"""Files: sent before the document that they belong to, handed out to whoever may read it."""

from __future__ import annotations

from typing import Any

from werkzeug.wrappers import Response

from portal.blueprints.api.schemas.files import (
    FileForm,
    PieceForm,
    RemovedFileShape,
    StoredFileShape,
    UploadBody,
    UploadShape,
)
from portal.files.manifest import CHAPTER
from portal.files.open_file import open_file
from portal.files.remove_draft import remove_draft
from portal.files.resume_upload import Upload, add_piece, begin_upload, upload_so_far
from portal.files.rules import PIECE_MAX, SIZE_MAX
from portal.files.upload_file import UploadedFile, upload_file
from portal.files.vocabulary import FileRight
from portal.kernel import clock
from portal.kernel.errors import N_
from portal.web.api.operations import BODY_MAX, FILE, operation
from portal.web.api.reading import uploaded_file, uploaded_name
from portal.web.attachment import send_attachment
from portal.web.request import current_actor, current_session, portal

WRITERS = (FileRight.WRITE, FileRight.DESK)


@operation(
    "POST",
    "/files",
    tag=CHAPTER,
    rights=WRITERS,
    body=FileForm,
    answers=StoredFileShape,
    status=201,
    creates=True,
    takes_file=True,
    form_max=SIZE_MAX + BODY_MAX,
    located="/files/{id}",
    summary=N_("Upload a file"),
    about=N_(
        "A PDF, a picture (JPEG, PNG, HEIC), an Office file without macros, a text or a CSV of at most "
        "30 MB; what it is, is found out from its bytes. Pictures lose place, maker and date. It is a draft, "
        "deleted after a week, until a document takes it."
    ),
)
def create(body: FileForm) -> dict[str, Any]:
    app = portal()
    file = upload_file(
        current_session(),
        actor=current_actor(),
        store=app.file_store,
        scan=app.scan_upload,
        name=uploaded_name(),
        content=uploaded_file() or b"",
        at=clock.now(),
    )
    return _shown(file)


@operation(
    "GET",
    "/files/<file_id>",
    tag=CHAPTER,
    media=FILE,
    summary=N_("A file"),
    about=N_("Its bytes, for whoever may read its document; a draft for those who may attach it."),
)
def show(file_id: str) -> Response:
    return send_attachment(
        open_file(current_session(), actor=current_actor(), store=portal().file_store, file_id=file_id)
    )


@operation(
    "DELETE",
    "/files/<file_id>",
    tag=CHAPTER,
    rights=WRITERS,
    answers=RemovedFileShape,
    conflicts=True,
    summary=N_("Remove an uploaded file"),
    about=N_("Only while it is a draft: what a document has stays with it."),
)
def remove(file_id: str) -> dict[str, Any]:
    remove_draft(current_session(), actor=current_actor(), file_id=file_id)
    return {"id": file_id}


@operation(
    "POST",
    "/uploads",
    tag=CHAPTER,
    rights=WRITERS,
    body=UploadBody,
    answers=UploadShape,
    status=201,
    creates=True,
    located="/uploads/{id}",
    summary=N_("Begin to upload a file in pieces"),
    about=N_(
        "For a bad line. It is forgotten a day later, and counts as a file that waits until it is whole."
    ),
)
def begin(body: UploadBody) -> dict[str, Any]:
    upload = begin_upload(
        current_session(), actor=current_actor(), name=body.name, size=body.size, at=clock.now()
    )
    return _upload_shown(upload)


@operation(
    "GET",
    "/uploads/<upload_id>",
    tag=CHAPTER,
    rights=WRITERS,
    answers=UploadShape,
    summary=N_("How far an upload has come"),
    about=N_("After a break: go on at `offset`."),
)
def so_far(upload_id: str) -> dict[str, Any]:
    return _upload_shown(upload_so_far(current_session(), actor=current_actor(), upload_id=upload_id))


@operation(
    "POST",
    "/uploads/<upload_id>/pieces",
    tag=CHAPTER,
    rights=WRITERS,
    body=PieceForm,
    answers=UploadShape,
    takes_file=True,
    form_max=PIECE_MAX + BODY_MAX,
    summary=N_("Send a piece of a file"),
    about=N_(
        "One that does not begin where the file ends so far changes nothing: the answer says where to go on. "
        "With the last piece the file is taken in, or refused, as by `POST /files`."
    ),
)
def piece(upload_id: str, body: PieceForm) -> dict[str, Any]:
    app = portal()
    upload = add_piece(
        current_session(),
        actor=current_actor(),
        store=app.file_store,
        scan=app.scan_upload,
        upload_id=upload_id,
        offset=int(body.offset),
        piece=uploaded_file() or b"",
        at=clock.now(),
    )
    return _upload_shown(upload)


def _shown(file: UploadedFile) -> dict[str, Any]:
    return {"id": file.id, "name": file.name, "size": file.size, "sha256": file.sha256}


def _upload_shown(upload: Upload) -> dict[str, Any]:
    file = upload.file and _shown(upload.file)
    return {
        "id": upload.id,
        "size": upload.size,
        "offset": upload.offset,
        "piece_max": PIECE_MAX,
        "file": file,
    }
