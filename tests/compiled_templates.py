"""Templates compiled once a run.

Hundreds of tests make an application of their own, of the same templates; compiling the frame, its macros and
a page takes longer than all else of a first visit. Processes of one run find in a folder what another has
compiled. The next run begins anew: what a filter makes of a constant is compiled in.
"""

from __future__ import annotations

import os
import tempfile
from types import CodeType

from flask import Flask
from jinja2.bccache import Bucket, FileSystemBytecodeCache

_FOLDER = "TONGLU_TEST_TEMPLATES"  # told by the process that starts the others, which removes it in the end


class _Kept(FileSystemBytecodeCache):
    """Code by a template's place and what is in it."""

    def __init__(self, folder: str) -> None:
        super().__init__(folder)
        self._code: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give a template its code, if it was compiled before as it is now."""
        if known := self._code.get((bucket.key, bucket.checksum)):
            bucket.code = known
            return
        super().load_bytecode(bucket)
        if bucket.code is not None:
            self._code[bucket.key, bucket.checksum] = bucket.code

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what was compiled."""
        assert bucket.code is not None
        self._code[bucket.key, bucket.checksum] = bucket.code
        super().dump_bytecode(bucket)


_own: list[tempfile.TemporaryDirectory[str]] = []  # until this process ends


def keep() -> None:
    """Have every application of this process find templates compiled."""
    if _FOLDER not in os.environ:
        _own.append(tempfile.TemporaryDirectory(prefix="tonglu-templates-"))
        os.environ[_FOLDER] = _own[0].name
    Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": _Kept(os.environ[_FOLDER])}
