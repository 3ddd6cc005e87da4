"""Templates compiled once a process.

Hundreds of tests make an application of their own, of the same templates; compiling the frame, its macros and
a page takes longer than all else of a first visit.
"""

from __future__ import annotations

from types import CodeType

from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache


class _Kept(BytecodeCache):
    """Code by a template's place and what is in it."""

    def __init__(self) -> None:
        self._code: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give a template its code, if it was compiled before as it is now."""
        bucket.code = self._code.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what was compiled."""
        assert bucket.code is not None
        self._code[bucket.key, bucket.checksum] = bucket.code


def keep() -> None:
    """Have every application of this process find templates compiled."""
    Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": _Kept()}
