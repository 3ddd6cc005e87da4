"""Fewer bytes on the way: answers are packed as they are made.

A page holds a secret (the token against forged forms) beside words that a link can choose (a search). Whoever
watches the length of many such answers could guess the secret letter by letter (BREACH). So a page is packed
only for a request of which the browser says that no other site had a hand in it. A call carries its token in
a header that no other site can send.
"""

from __future__ import annotations

import gzip

import brotli
from flask import Flask, Response, request

from portal.web.static_files import accepted_encoding

_SMALL = 1024  # bytes; packing less spares no packet
_BROTLI_QUALITY = 4  # 65 kB in a millisecond
_GZIP_LEVEL = 5
_WORTH_IT = frozenset({"text/html", "application/json", "application/problem+json", "text/csv"})
_OURS = frozenset({"same-origin", "none"})  # a link or form of the portal itself; the address bar


def init_app(app: Flask) -> None:
    """Pack answers. Register it first, so that it comes after everything that still changes an answer."""

    @app.after_request
    def pack(response: Response) -> Response:
        if (
            response.mimetype not in _WORTH_IT
            or response.direct_passthrough
            or response.is_streamed
            or response.content_encoding
        ):
            return response
        response.vary.add("Accept-Encoding")
        encoding = accepted_encoding()
        if (
            encoding
            and len(response.get_data()) >= _SMALL
            and (response.mimetype != "text/html" or _asked_for_by_us(response))
        ):
            _pack(response, encoding)
        return response


def _asked_for_by_us(response: Response) -> bool:
    """Whether no other site had a hand in this request.

    A browser that does not tell gets its page unpacked.
    """
    response.vary.add("Sec-Fetch-Site")
    return request.headers.get("Sec-Fetch-Site") in _OURS


def _pack(response: Response, encoding: str) -> None:
    data = response.get_data()
    response.set_data(
        brotli.compress(data, quality=_BROTLI_QUALITY)
        if encoding == "br"
        else gzip.compress(data, _GZIP_LEVEL, mtime=0)
    )
    response.content_encoding = encoding
    etag, _ = response.get_etag()
    if etag:
        response.set_etag(etag, weak=True)  # the same content in other bytes
