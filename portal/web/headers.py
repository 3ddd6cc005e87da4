"""What every answer says to the browser beside its body: what may run, what may be kept, who may look."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from flask import Flask, Response, current_app, g, request

_PAGES = {
    "default-src": "'self'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",  # Tabler draws its chevrons and check marks from data: addresses
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}
_REPORTS = "/csp-reports"
_REPORTED = f"report-uri {_REPORTS}; report-to csp"
CONTENT_SECURITY_POLICY = "; ".join([*(f"{name} {sources}" for name, sources in _PAGES.items()), _REPORTED])
# A worker goes by the policy that it came with, not by its page's. So what decodes pictures may compile
# WebAssembly, and no page may.
_OF_WORKERS = {
    "js/scan_worker.js": "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'",
}
_ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": (
        "accelerometer=(), camera=(self), geolocation=(), gyroscope=(), microphone=(), payment=(), usb=()"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_SELF = "'self'"
_TWO_YEARS = 63_072_000
_NEVER_CHANGES = "public, max-age=31536000, immutable"
_NOTHING_KEPT = "no-store, private"


def allow_sources(**sources: str) -> None:
    """Let the page of this answer, and no other, load from elsewhere: ``script_src="https://…"``."""
    g.further_sources = {name.replace("_", "-"): found for name, found in sources.items()}


def _policy() -> str:
    further: dict[str, str] = g.get("further_sources", {})
    if not further:
        return CONTENT_SECURITY_POLICY
    wider = _PAGES | {name: f"{_PAGES.get(name, _SELF)} {found}" for name, found in further.items()}
    return "; ".join([*(f"{name} {sources}" for name, sources in wider.items()), _REPORTED])


def plain(*, secure: bool) -> dict[str, str]:
    """The headers of an answer of any kind."""
    return _ALWAYS | (
        {"Strict-Transport-Security": f"max-age={_TWO_YEARS}; includeSubDomains"} if secure else {}
    )


def init_app(app: Flask, *, secure: bool) -> None:
    """Set the headers of every answer and give static files an address that changes with their content."""
    fingerprints = _Fingerprints(Path(app.static_folder or ""))
    always = plain(secure=secure)

    @app.after_request
    def add_headers(response: Response) -> Response:
        response.headers.update(always)
        if response.mimetype == "text/html":
            response.headers["Content-Security-Policy"] = _policy()
            response.headers["Reporting-Endpoints"] = f'csp="{_REPORTS}"'
            response.headers["X-Frame-Options"] = "DENY"
        elif request.endpoint == "static" and request.view_args:
            policy = _OF_WORKERS.get(request.view_args.get("filename", ""))
            if policy:
                response.headers["Content-Security-Policy"] = policy
        _say_what_may_be_kept(response)
        return response

    @app.url_defaults
    def add_fingerprint(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint == "static" and "v" not in values:
            values["v"] = fingerprints.of(values.get("filename", ""))


def _say_what_may_be_kept(response: Response) -> None:
    """Pages are never kept: after a sign-out the back button must not show them.

    A view that knows better says so.

    What was made for somebody is never kept on the way there.
    """
    if request.endpoint == "static":
        if response.status_code == 200:
            response.headers["Cache-Control"] = _NEVER_CHANGES if "v" in request.args else "no-cache"
    elif "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = _NOTHING_KEPT
    elif "actor" in g and not response.cache_control.private:
        response.cache_control.private = True  # a file sent says only that it is to be asked for again


class _Fingerprints:
    """Hashes of static files.

    Read once by a process, since a release replaces files and processes together.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: dict[str, str | None] = {}

    def of(self, filename: str) -> str | None:
        """Twelve hex digits of the file's SHA-256, None if there is no such file."""
        if filename not in self._known or current_app.debug:
            path = self._folder / filename
            self._known[filename] = (
                hashlib.sha256(path.read_bytes()).hexdigest()[:12] if path.is_file() else None
            )
        return self._known[filename]
