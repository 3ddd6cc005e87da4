"""Files: sent before the document that they belong to, handed out to whoever may read it."""

from __future__ import annotations

from typing import Any

from werkzeug.wrappers import Response

from portal.blueprints.api.schemas.files import FileForm, RemovedFileShape, StoredFileShape
from portal.files.manifest import CHAPTER
from portal.files.open_file import open_file
from portal.files.remove_draft import remove_draft
from portal.files.rules import SIZE_MAX
from portal.files.upload_file import upload_file
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
    return {"id": file.id, "name": file.name, "size": file.size, "sha256": file.sha256}


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
