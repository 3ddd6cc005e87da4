"""What browsers and researchers look for at every site: whom to tell of a weakness, where a password is
changed, and where a browser tells what our pages may not load.
"""

from __future__ import annotations

from datetime import date, timedelta

import structlog
from flask import Blueprint, redirect, request, url_for
from redis.exceptions import RedisError
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from portal.kernel import clock
from portal.kernel.network import network_of
from portal.web.csp_reports import Violation, violations
from portal.web.request import Portal, portal

blueprint = Blueprint("well_known", __name__)

_REPORT_MAX = 16 * 1024
_REPORT_RATE = "30 per minute"  # from one network
_COUNTED_DAYS = 30
_KINDS_MAX = 500  # a day; what comes beyond is counted together


def init_app(app: Portal) -> None:
    """Browsers send reports with no token of ours."""
    app.extensions["csrf"].exempt(csp_reports)


@blueprint.get("/.well-known/security.txt")
def security() -> Response:
    """Whom to tell of a weakness (RFC 9116), where a contact is set."""
    settings = portal().settings
    if not settings.security_contacts:
        raise NotFound()
    lines = [
        *(f"Contact: {contact}" for contact in settings.security_contacts),
        f"Expires: {_first_of_month_in_half_a_year(clock.now().date())}T00:00:00Z",
        f"Preferred-Languages: {', '.join(settings.locales)}",
        f"Canonical: {settings.base_url}/.well-known/security.txt",
    ]
    if settings.security_policy:
        lines.append(f"Policy: {settings.security_policy}")
    response = Response("\n".join(lines) + "\n", mimetype="text/plain")
    response.headers["Cache-Control"] = "public, max-age=86400"
    return response


@blueprint.get("/.well-known/change-password")
def change_password() -> Response:
    """Where a password manager sends somebody who changes a password."""
    return redirect(url_for("account.profile", _anchor="password"))


@blueprint.post("/csp-reports")
def csp_reports() -> Response:
    """What a browser did not load: counted by kind and day, told in the log when it is new or doubles."""
    portal().limits.spend(_REPORT_RATE, "csp", network_of(request.remote_addr or ""))
    request.max_content_length = _REPORT_MAX
    day = clock.now().date()
    for violation in violations(request.get_data()):
        count = _count(violation, day)
        if count is None or count.bit_count() == 1:
            structlog.get_logger("portal").warning(
                "csp_violation",
                directive=violation.directive,
                blocked=violation.blocked,
                page=violation.page,
                today=count,
            )
    return Response(status=204)


def _count(violation: Violation, day: date) -> int | None:
    """How often that came today, None while nobody counts."""
    key = f"tonglu:csp:{day}"
    kind = f"{violation.directive} {violation.blocked} {violation.page}"
    valkey = portal().valkey
    try:
        if not valkey.hexists(key, kind) and int(valkey.hlen(key)) >= _KINDS_MAX:
            kind = "other"
        count = int(valkey.hincrby(key, kind, 1))
        valkey.expire(key, timedelta(days=_COUNTED_DAYS))
    except RedisError:
        return None
    return count


def _first_of_month_in_half_a_year(day: date) -> date:
    """So that the text changes once a month and is never about to run out."""
    months = day.year * 12 + day.month - 1 + 6
    return date(months // 12, months % 12 + 1, 1)
