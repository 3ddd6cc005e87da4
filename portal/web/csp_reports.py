"""What browsers tell of contents that our pages may not load: which rule, from where, on which kind of page.

Nothing else is read out of a report: addresses hold numbers of documents and what somebody looked for. A
report is a stranger's word.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import orjson
from flask import current_app
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

OF_ONE_REQUEST = 10
_DIRECTIVES = frozenset(
    f"{name}-src{part}"
    for name in ("default", "script", "style", "img", "font", "connect", "object", "media", "frame", "worker")
    for part in ("", "-elem", "-attr")
) | frozenset({"base-uri", "form-action", "frame-ancestors", "manifest-src", "child-src"})
_WORDS = frozenset({"inline", "eval", "wasm-eval", "self", "data", "blob", "about", "filesystem"})
_HOST_MAX = 253


@dataclass(frozen=True, slots=True)
class Violation:
    """blocked: an origin or a word of the standard. page: endpoint of the view, empty for none of ours."""

    directive: str
    blocked: str
    page: str


def violations(body: bytes) -> list[Violation]:
    """What a report tells, in the form of report-uri or of the Reporting API; nothing for rubbish."""
    try:
        read = orjson.loads(body)
    except orjson.JSONDecodeError:
        return []
    reports = read if isinstance(read, list) else [read]
    found = []
    for report in reports[:OF_ONE_REQUEST]:
        if not isinstance(report, dict):
            continue
        if isinstance(one := report.get("csp-report"), dict):
            found.append(_violation(one, "effective-directive", "blocked-uri", "document-uri"))
        elif report.get("type") == "csp-violation" and isinstance(one := report.get("body"), dict):
            found.append(_violation(one, "effectiveDirective", "blockedURL", "documentURL"))
    return found


def _violation(told: dict[str, Any], directive: str, blocked: str, page: str) -> Violation:
    named = told.get(directive) or told.get("violated-directive")
    rule = named.split(" ")[0] if isinstance(named, str) else ""
    return Violation(
        rule if rule in _DIRECTIVES else "other", _origin(told.get(blocked)), _page(told.get(page))
    )


def _origin(address: object) -> str:
    if not isinstance(address, str) or not address.isascii() or not address.isprintable():
        return "other"
    if address in _WORDS:
        return address
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return "other"
    if parts.scheme in _WORDS:
        return parts.scheme
    if parts.scheme not in ("http", "https", "ws", "wss") or not 1 <= len(host) <= _HOST_MAX:
        return "other"
    return f"{parts.scheme}://{host}" + (f":{port}" if port else "")


def _page(address: object) -> str:
    """The endpoint behind an address, whatever it is about."""
    try:
        path = urlsplit(address).path if isinstance(address, str) else ""
        endpoint: str = current_app.url_map.bind("").match(path or "/", method="GET")[0]
    except (HTTPException, RequestRedirect, ValueError):
        return ""
    return endpoint
