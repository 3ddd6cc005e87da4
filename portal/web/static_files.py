"""Files that browsers load, in the smallest form that is there.

`launch.precompress` leaves packed copies beside them.
"""

from __future__ import annotations

import mimetypes
from pathlib import Path

from flask import Response, request, send_from_directory

# By preference: what a browser may take, and the suffix of a copy that is packed so.
SUFFIXES = {"br": ".br", "gzip": ".gz"}


def accepted_encoding() -> str | None:
    """How the answer may be packed, brotli before gzip; None for not at all."""
    return next((name for name in SUFFIXES if request.accept_encodings[name] > 0), None)


def send_packed(folder: str, filename: str, max_age: int | None) -> Response:
    """A file of the folder, packed where the browser takes it so and a copy is there."""
    encoding = accepted_encoding()
    suffix = SUFFIXES[encoding] if encoding else ""
    packed = bool(suffix) and _is_current(Path(folder, filename), suffix)
    kind, _ = mimetypes.guess_type(filename)
    response = send_from_directory(
        folder, f"{filename}{suffix}" if packed else filename, mimetype=kind, max_age=max_age
    )
    response.vary.add("Accept-Encoding")
    if encoding and packed:
        response.content_encoding = encoding
    return response


def _is_current(path: Path, suffix: str) -> bool:
    """Whether there is a copy, and of the file as it is: a copy bears the time of what it was made from."""
    try:
        return path.with_name(path.name + suffix).stat().st_mtime_ns == path.stat().st_mtime_ns
    except (OSError, ValueError):
        return False
