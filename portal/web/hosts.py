"""The names under which the portal answers: that of its base address, and those it is told of beside it.

Who asks for another name is sent away with 421 before anything is looked up, so that no page, link or cookie
is ever made for a name that somebody invented. What redirects say is a path; the name in the request is never
repeated.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from flask import Flask, Response, redirect, request

from config import Settings
from portal.kernel.errors import N_, DomainError

# What a Host header may look like (RFC 9110): nothing that other programs would read as a user, a path or a
# second name.
_HOST = re.compile(r"(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::[0-9]{1,5})?", re.IGNORECASE | re.ASCII)
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class Misdirected(DomainError):
    """Asked for under a name that is not the portal's."""

    code = "unknown_host"
    message = N_("The portal does not answer under this name. Its address is %(address)s.")


def init_app(app: Flask, settings: Settings) -> None:
    """Check the name of every request, and keep it out of redirects."""
    names = known_names(settings)

    @app.before_request
    def check() -> None:
        if name_of(request.host) not in names:
            raise Misdirected(address=settings.base_url)

    @app.after_request
    def keep_to_paths(response: Response) -> Response:
        """The router answers a missing slash with the name as it was sent.

        Views send people to paths and configured addresses.
        """
        if request.routing_exception is not None and (response.location or "").startswith(request.host_url):
            response.location = "/" + response.location.removeprefix(request.host_url)
            response.set_data(
                redirect(response.location, response.status_code).get_data()
            )  # it has a link to the same place
        return response


def known_names(settings: Settings) -> frozenset[str]:
    """In lower case, without ports. A portal of this machine is known under every name of it."""
    own = urlsplit(settings.base_url).hostname or ""
    return frozenset(name.lower() for name in (own, *settings.hosts)) | (
        _LOOPBACK if own in _LOOPBACK else frozenset()
    )


def name_of(host: str) -> str:
    """The name in a Host header, without port and brackets, in lower case; empty for what is none."""
    found = _HOST.fullmatch(host)
    return (found[1] or found[2]).lower() if found else ""
