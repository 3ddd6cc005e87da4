"""A virus scanner looks at what is uploaded: clamd, or any that speaks its INSTREAM command."""

from __future__ import annotations

import socket
import struct
from collections.abc import Callable, Iterator

from portal.files.rules import refuse
from portal.kernel.errors import N_, Unavailable

_CHUNK = 2**16
_SECONDS = 30.0
_ANSWER_MAX = 4096
_FOUND = b"FOUND"


def unscanned(_content: bytes) -> None:
    """Where no scanner is set, nothing is asked."""


def scanner_at(address: str) -> Callable[[bytes], None]:
    """What asks the scanner at ``host:port`` about bytes, or nothing where there is no address.

    It raises Invalid for what the scanner knows, and Unavailable when the scanner gives no clear answer: an
    upload that was not looked at is not taken.
    """
    if not address:
        return unscanned
    host, _, port = address.rpartition(":")
    if not host or not port.isdecimal():
        raise ValueError(f"the virus scanner's address is host:port, not {address!r}")

    def scan(content: bytes) -> None:
        try:
            answer = _ask(host.strip("[]"), int(port), content)
        except OSError as error:
            raise _away() from error
        if answer.endswith(_FOUND):
            message = N_("The virus scanner refuses this file.")
            raise refuse("virus", message, N_("Do not open it; ask whoever looks after your computer."))
        if answer != b"stream: OK":
            raise _away()

    return scan


def _ask(host: str, port: int, content: bytes) -> bytes:
    """One session: the command, the bytes in pieces each with its length, an empty piece, the answer."""
    with socket.create_connection((host, port), timeout=_SECONDS) as connection:
        connection.sendall(b"zINSTREAM\0")
        for piece in _pieces(content):
            connection.sendall(struct.pack(">I", len(piece)) + piece)
        connection.sendall(struct.pack(">I", 0))
        answer = b""
        while b"\0" not in answer and len(answer) < _ANSWER_MAX and (more := connection.recv(_ANSWER_MAX)):
            answer += more
    return answer.partition(b"\0")[0].strip()


def _pieces(content: bytes) -> Iterator[bytes]:
    return (content[at : at + _CHUNK] for at in range(0, len(content), _CHUNK))


def _away() -> Unavailable:
    message = N_("Files are not taken at present: the virus scanner does not answer.")
    return Unavailable("scanner_unavailable", message, fix=N_("Try again later."))
