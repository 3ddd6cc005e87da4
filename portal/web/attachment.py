"""Files that somebody uploaded, handed out so that no browser takes them for a page of the portal."""

from __future__ import annotations

from io import BytesIO
from typing import Protocol

from flask import send_file
from werkzeug.wrappers import Response

from portal.files.content_rules import JPEG, PDF, PNG

_SANDBOX = "default-src 'none'; sandbox"
_WITHIN_OURS = "default-src 'none'; style-src 'unsafe-inline'; object-src 'self'; frame-ancestors 'self'"
_SHOWN = frozenset({PDF, JPEG, PNG})


class Attached(Protocol):
    """A file with its bytes."""

    @property
    def name(self) -> str: ...

    @property
    def media_type(self) -> str: ...

    @property
    def sha256(self) -> str: ...

    @property
    def content(self) -> bytes: ...


def send_attachment(file: Attached) -> Response:
    """The bytes to be saved, never to be shown."""
    answer = send_file(
        BytesIO(file.content),
        mimetype=file.media_type,
        as_attachment=True,
        download_name=file.name,
        etag=file.sha256,
    )
    answer.direct_passthrough = False  # the API makes a tag of the bytes, which are all here
    answer.headers["Content-Security-Policy"] = _SANDBOX
    return answer


def send_view(file: Attached) -> Response:
    """A picture or a PDF to be looked at, within the portal's own pages only; anything else to be saved.

    What the file is, its bytes said when it was taken in. No sandbox: no browser shows a PDF within one.
    """
    if file.media_type not in _SHOWN:
        return send_attachment(file)
    answer = send_file(
        BytesIO(file.content), mimetype=file.media_type, download_name=file.name, etag=file.sha256
    )
    answer.direct_passthrough = False
    answer.headers["Content-Security-Policy"] = _WITHIN_OURS
    return answer


def send_picture(content: bytes) -> Response:
    """A JPEG that the portal made itself, to be shown within its pages."""
    answer = send_file(BytesIO(content), mimetype="image/jpeg", max_age=0)
    answer.direct_passthrough = False
    answer.headers["Content-Security-Policy"] = _SANDBOX
    return answer
