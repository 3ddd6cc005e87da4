"""ZIP archives as programs make them, and as nobody but an attacker does."""

from __future__ import annotations

from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

_ENTRY, _MEMBER = b"PK\x01\x02", b"PK\x03\x04"


def an_archive(**members: str | bytes) -> bytes:
    """A ZIP; ``__`` in a name is ``/``."""
    made = BytesIO()
    with ZipFile(made, "w", ZIP_DEFLATED) as archive:
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


def packed_by(archive: bytes, method: int) -> bytes:
    """The archive as it says how its last member is packed."""
    made = bytearray(archive)
    for begins, at in ((_ENTRY, 10), (_MEMBER, 8)):
        place = made.rindex(begins) + at
        made[place : place + 2] = method.to_bytes(2, "little")
    return bytes(made)
