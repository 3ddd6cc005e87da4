"""Addresses made from the one at hand."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from flask import request


def url_with(**changes: Any) -> str:
    """This page's address with some query arguments replaced; None or an empty string removes one."""
    arguments = request.args.to_dict(flat=False) | {name: [value] for name, value in changes.items()}
    kept = {name: [v for v in values if v not in (None, "")] for name, values in arguments.items()}
    query = urlencode({name: values for name, values in kept.items() if values}, doseq=True)
    path = request.script_root + request.path
    return f"{path}?{query}" if query else path


def page_address() -> str:
    """The page the visitor looks at, safe to ask for again.

    Not the address that a form or a fragment was sent to.
    """
    if request.method == "GET" and "HX-Request" not in request.headers:
        return url_with()
    start = request.script_root + "/"
    seen = request.referrer or ""
    return seen.removeprefix(request.host_url.rstrip("/")) if seen.startswith(request.host_url) else start
