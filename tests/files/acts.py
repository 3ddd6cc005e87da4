"""Files for tests, and what people do with them."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO
from pathlib import Path

from PIL import Image
from sqlalchemy.orm import Session

from portal.files.attach import attach_files
from portal.files.preview_file import make_preview
from portal.files.resume_upload import begin_upload
from portal.files.rules import Owner
from portal.files.scan import unscanned
from portal.files.store import FileStore
from portal.files.upload_file import UploadedFile, upload_file
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.db import Database, transaction
from portal.kernel.errors import NotFound
from portal.kernel.manifest import Capability, FileOwner
from tests.archives import an_archive

SAMPLES = Path(__file__).parent / "samples"


def sample(name: str) -> bytes:
    """A file of the folder beside this one."""
    return (SAMPLES / name).read_bytes()


def a_pdf(text: str = "one") -> bytes:
    """The least that is a PDF."""
    return f"%PDF-1.4\n% {text}\nstartxref\n0\n%%EOF\n".encode()


def a_picture(kind: str = "JPEG", size: tuple[int, int] = (64, 48), **saved: object) -> bytes:
    """A picture with a red left and a blue right half."""
    picture = Image.new("RGB", size, "blue")
    picture.paste("red", (0, 0, size[0] // 2, size[1]))
    made = BytesIO()
    picture.save(made, kind, **saved)
    return made.getvalue()


def a_png_of(width: int, height: int) -> bytes:
    """A PNG of that many pixels in a few bytes: what it says is in its head."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes(100_000), 9)
    parts = chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


def a_workbook(**members: str | bytes) -> bytes:
    """The least that is an Excel workbook, with further parts."""
    return an_archive(**{"[Content_Types].xml": "<Types/>", "xl__workbook.xml": "<workbook/>"} | members)


def upload(
    database: Database,
    store: FileStore,
    actor: Actor,
    name: str = "a.pdf",
    content: bytes | None = None,
    **others: object,
) -> UploadedFile:
    """Upload a file as somebody, committed."""
    with transaction(database.session_for(actor)) as session:
        return uploaded(session, store, actor, name, content, **others)


def upload_photo(database: Database, store: FileStore, actor: Actor) -> str:
    """Upload a picture as somebody and have its small one made; its id."""
    file = upload(database, store, actor, "a.jpg", a_picture())
    make_preview(store, file_id=file.id, media_type=file.media_type)
    return file.id


def begun(database: Database, actor: Actor, name: str = "a.pdf", size: int = 9, **others: object) -> str:
    """Begin a file that comes in pieces; the id of the upload."""
    with transaction(database.session_for(actor)) as session:
        given = {"at": clock.now()} | others
        return begin_upload(session, actor=actor, name=name, size=size, **given).id


def uploaded(
    session: Session,
    store: FileStore,
    actor: Actor,
    name: str = "a.pdf",
    content: bytes | None = None,
    **others: object,
) -> UploadedFile:
    """The same in a transaction of the test's."""
    given = {"scan": unscanned, "at": clock.now()} | others
    content = a_pdf() if content is None else content
    return upload_file(session, actor=actor, store=store, name=name, content=content, **given)


def _require_reader(session: Session, actor: Actor, number: str) -> None:
    if number.startswith("SECRET"):
        raise NotFound()


DOCUMENTS = Capability(
    name="documents",
    file_owners={
        "letter": FileOwner(_require_reader),
        "poster": FileOwner(_require_reader, is_shared=True),
    },
)
"""A capability whose documents have files: a dealer's, and one for everybody."""


def attach(database: Database, actor: Actor, ids: list[str], owner: Owner) -> list[str]:
    """Give files to a document, committed; their names."""
    with transaction(database.session_for(actor)) as session:
        return [file.name for file in attach_files(session, actor=actor, ids=ids, owner=owner)]
