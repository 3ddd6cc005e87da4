"""Whether a statement is genuine: for anybody who holds the paper, without signing in.

The answer says whether it was issued so and still stands, and compares a PDF by its fingerprint; it shows no
figure and no full name of anybody, and keeps nothing of what was sent.
"""

from __future__ import annotations

import hashlib
import re
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response, make_response, render_template
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response as Answer

from portal.kernel.errors import N_, Fault
from portal.kernel.network import network_of
from portal.statements.verification import Genuineness, KeptPaper, Verified, read_code, verify_statement
from portal.web import language
from portal.web.forms import Form, read_form
from portal.web.presentation import in_full
from portal.web.request import act_by_link, current_session, portal, request

blueprint = Blueprint("verify", __name__, url_prefix="/verify")

FILE_MAX = 16 * 2**20  # bytes; a statement of eighty pages has one
_CHUNK = 2**16
_SHA256 = re.compile(r"[0-9a-f]{64}")


class CompareForm(Form):
    """The fingerprint of a PDF, where it is typed and not taken from the file."""

    sha256: str


@blueprint.after_request
def keep_out_of_search_engines(response: Response) -> Response:
    """Nobody lists statements."""
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


@blueprint.get("/<token>")
def show(token: str) -> Answer:
    """What is known of the statement with this code."""
    return _page(_verified(token))


@blueprint.post("/<token>")
def compare(token: str) -> Answer:
    """Whether a PDF is byte for byte one that was issued."""
    request.max_content_length = FILE_MAX + _CHUNK
    found = _verified(token)
    file, typed = request.files.get("file"), _plain(read_form(CompareForm).sha256)
    if file is not None and file.filename:
        return _compared(found, _fingerprint(file))
    if not _SHA256.fullmatch(typed):
        message, fix = N_("This is no PDF and no fingerprint."), N_("Choose the file, or enter 64 digits.")
        fault = Fault("/sha256", "sha256", message, fix)
        return _page(found, HTTPStatus.UNPROCESSABLE_ENTITY, errors=[in_full(fault)], typed=typed[:128])
    return _compared(found, typed)


def _verified(token: str) -> Verified:
    """What a code says. A forged one is looked up like a true one, and answered like one that is unknown."""
    network = network_of(request.remote_addr or "")
    portal().limits.spend(portal().settings.verification_rate, "verification", network)
    claim = read_code(portal().sealer, token)
    act_by_link(claim.actor(language.current()))
    return verify_statement(current_session(), claim)


def _plain(said: str) -> str:
    return re.sub(r"[\s:]", "", said).lower()


def _fingerprint(file: FileStorage) -> str:
    digest = hashlib.sha256()
    while chunk := file.stream.read(_CHUNK):
        digest.update(chunk)
    return digest.hexdigest()


def _compared(found: Verified, sha256: str) -> Answer:
    paper: KeptPaper | None = found.paper_of(sha256)
    return _page(found, compared=sha256, paper=paper)


def _page(found: Verified, status: int = HTTPStatus.OK, **more: Any) -> Answer:
    context: dict[str, Any] = {"compared": "", "paper": None, "errors": [], "typed": "", **more}
    page = render_template("statements/verify.html", found=found, states=Genuineness, **context)
    return make_response(page, status)
