"""Streams that are packed and sealed: nobody reads, changes, shortens or swaps them unnoticed.

A file is a mark, a salt, and chunks under AES-256-GCM. Its key is derived (HKDF) from the key of the backups
and the salt; a chunk's nonce is its number and whether it is the last (as STREAM of Hoang, Reyhanitabar,
Rogaway and Vizár has it), and each is bound to the name of what it is part of.
"""

from __future__ import annotations

import os
import secrets
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from launch.refusal import Refusal

_MARK = b"TONGLU-BACKUP-1\n"
_SALT_BYTES = 32
_CHUNK = 2**20
_TAG_BYTES = 16
_PACKED_HARD = 1  # a backup is bound by this, and three times as hard makes it a tenth smaller


class Broken(Exception):
    """Not what was sealed under this key and name, or not all of it."""


def make_key(path: Path) -> None:
    """Write a new key for its owner alone. Raises Refusal where there is one."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise Refusal(f"{path} cannot be made: {error.strerror}") from error
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_hex(32) + "\n")


def read_key(path: Path) -> bytes:
    """The key of the backups. Raises Refusal for none, or one that others may read."""
    try:
        if path.stat().st_mode & 0o077:
            raise Refusal(f"{path} can be read by others: chmod 600 {path}")
        key = bytes.fromhex(path.read_text().strip())
    except OSError as error:
        raise Refusal(f"{path} cannot be read: {error.strerror}") from error
    except ValueError:
        key = b""
    if len(key) != 32:
        raise Refusal(f"{path} holds no key of backups; bin/portal backup key FILE makes one")
    return key


class Sealing:
    """A file that is written; complete once `close` returns."""

    def __init__(self, file: BinaryIO, key: bytes, name: str) -> None:
        salt = secrets.token_bytes(_SALT_BYTES)
        self._file, self._cipher, self._name = file, _cipher(key, salt), name.encode()
        self._packer = zlib.compressobj(_PACKED_HARD)
        self._held = bytearray()
        self._number = 0
        file.write(_MARK + salt)

    def write(self, data: bytes) -> int:
        """Take some more."""
        self._held += self._packer.compress(data)
        while len(self._held) > _CHUNK:  # one byte more: the last chunk is known by its end
            self._seal(bytes(self._held[:_CHUNK]), is_last=False)
            del self._held[:_CHUNK]
        return len(data)

    def close(self) -> None:
        """Write the rest and the end."""
        self._held += self._packer.flush()
        while len(self._held) > _CHUNK:
            self._seal(bytes(self._held[:_CHUNK]), is_last=False)
            del self._held[:_CHUNK]
        self._seal(bytes(self._held), is_last=True)

    def _seal(self, chunk: bytes, *, is_last: bool) -> None:
        self._file.write(self._cipher.encrypt(_nonce(self._number, is_last=is_last), chunk, self._name))
        self._number += 1


class Opened:
    """A sealed file that is read. Raises Broken from any read."""

    def __init__(self, path: Path, key: bytes, name: str) -> None:
        self._file = path.open("rb")
        if self._file.read(len(_MARK)) != _MARK:
            raise Broken(f"{path}: not sealed by this program")
        self._path, self._name = path, name.encode()
        self._cipher = _cipher(key, self._file.read(_SALT_BYTES))
        self._unpacker = zlib.decompressobj()
        self._held = bytearray()
        self._number = 0
        self._ahead = self._file.read(_CHUNK + _TAG_BYTES)
        self._ended = False

    def read(self, size: int = -1) -> bytes:
        """Some more of what was sealed, all that is left for a negative size."""
        while not self._ended and (size < 0 or len(self._held) < size):
            self._open_next()
        count = len(self._held) if size < 0 else size
        taken = bytes(self._held[:count])
        del self._held[:count]
        return taken

    def pieces(self) -> Iterator[bytes]:
        """All of it, piece by piece."""
        while piece := self.read(_CHUNK):
            yield piece

    def _open_next(self) -> None:
        chunk, self._ahead = self._ahead, self._file.read(_CHUNK + _TAG_BYTES)
        is_last = not self._ahead
        try:
            packed = self._cipher.decrypt(_nonce(self._number, is_last=is_last), chunk, self._name)
            self._held += self._unpacker.decompress(packed)
        except (InvalidTag, zlib.error) as error:
            raise Broken(
                f"{self._path}: changed, cut short, out of place or of another key (chunk {self._number})"
            ) from error
        self._number += 1
        self._ended = is_last

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()


@contextmanager
def sealing(path: Path, key: bytes, name: str) -> Iterator[Sealing]:
    """Write a sealed file: whole and on the disk when the block ends well, else not there at all."""
    half = path.with_name(f".half-{secrets.token_hex(4)}-{path.name}")
    try:
        with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            sealed = Sealing(file, key, name)
            yield sealed
            sealed.close()
            file.flush()
            os.fsync(file.fileno())
        half.replace(path)
        sync(path.parent)
    finally:
        half.unlink(missing_ok=True)


def sync(folder: Path) -> None:
    """Have the names in a folder on the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _nonce(number: int, *, is_last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([is_last])


def _cipher(key: bytes, salt: bytes) -> AESGCM:
    return AESGCM(HKDF(SHA256(), length=32, salt=salt, info=b"tonglu backup").derive(key))
