"""What WSGI (PEP 3333) is told of a request that came in as ASGI."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from io import SEEK_END, BytesIO
from typing import Any, BinaryIO
from urllib.parse import unquote_to_bytes

_BASE: Mapping[str, Any] = {
    "SCRIPT_NAME": "",
    "wsgi.version": (1, 0),
    "wsgi.url_scheme": "http",  # TLS ends at a proxy, which says so in a header
    "wsgi.errors": sys.stderr,
    "wsgi.multithread": True,
    "wsgi.multiprocess": True,
    "wsgi.run_once": False,
    "wsgi.input_terminated": True,  # the body is complete
}
_PLAIN = {b"content-type": "CONTENT_TYPE", b"content-length": "CONTENT_LENGTH"}


def environ_of(scope: Mapping[str, Any], body: bytes | BinaryIO) -> dict[str, Any]:
    """The environment of a request with a complete body.

    A header whose name holds an underscore is left out: it would pass for the one spelt with a hyphen, which
    a proxy in front may have checked or removed.
    """
    environ = dict(_BASE)
    environ["REQUEST_METHOD"] = scope["method"]
    environ["PATH_INFO"] = unquote_to_bytes(scope["raw_path"]).decode("latin-1")
    environ["QUERY_STRING"] = scope["query_string"].decode("latin-1")
    environ["SERVER_PROTOCOL"] = f"HTTP/{scope['http_version']}"
    environ["SERVER_NAME"], environ["SERVER_PORT"] = scope["server"][0], str(scope["server"][1])
    environ["REMOTE_ADDR"] = scope["client"][0]
    environ["wsgi.input"] = stream = BytesIO(body) if isinstance(body, bytes) else body
    for name, value in scope["headers"]:
        if b"_" in name or name == b"transfer-encoding":
            continue
        key = _PLAIN.get(name) or "HTTP_" + name.decode("latin-1").upper().replace("-", "_")
        text = value.decode("latin-1")
        if key in environ:
            text = f"{environ[key]}{'; ' if name == b'cookie' else ','}{text}"
        environ[key] = text
    if "CONTENT_LENGTH" not in environ and (size := stream.seek(0, SEEK_END)):
        environ["CONTENT_LENGTH"] = str(size)  # it came in chunks
        stream.seek(0)
    return environ
