"""ZIP archives as programs make them, and as nobody but an attacker does."""

from __future__ import annotations

from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

_ENTRY, _MEMBER = b"PK\x01\x02", b"PK\x03\x04"


def an_archive(method: int = ZIP_DEFLATED, /, **members: str | bytes) -> bytes:
    """A ZIP; ``__`` in a name is ``/``. method: how its members are packed."""
    made = BytesIO()
    with ZipFile(made, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/"), content)
    return made.getvalue()


def claiming(archive: bytes, size: int) -> bytes:
    """The archive as it says that its last member unpacks to so many bytes."""
    made = bytearray(archive)
    for begins, at in ((_ENTRY, 24), (_MEMBER, 22)):
        place = made.rindex(begins) + at
        made[place : place + 4] = size.to_bytes(4, "little")
    return bytes(made)
