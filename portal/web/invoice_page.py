"""The paper of an invoice and of a note that adjusts one, for both sides."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from flask import send_file
from werkzeug.wrappers import Response

from portal.kernel import clock
from portal.kernel.paper.kept import KeptPaper
from portal.statements.print_invoice import print_adjustment, print_invoice
from portal.web import language
from portal.web.download_audit import undo_unsent_download
from portal.web.request import current_actor, current_session, portal


def invoice_pdf(number: str, locale: str) -> KeptPaper:
    """The invoice in a language, kept from the first time it is asked for."""
    return print_invoice(current_session(), number=number, locale=locale, **_around())


def adjustment_pdf(number: str, locale: str) -> KeptPaper:
    """The note in a language, kept from the first time it is asked for."""
    return print_adjustment(current_session(), number=number, locale=locale, **_around())


def send_invoice(number: str) -> Response:
    """The invoice as it is printed, in the visitor's language."""
    return _sent(invoice_pdf(number, language.current()))


def send_adjustment(number: str) -> Response:
    """The note as it is printed, in the visitor's language."""
    return _sent(adjustment_pdf(number, language.current()))


def _around() -> dict[str, Any]:
    settings = portal().settings
    company = settings.company_name_zh, settings.company_name_en
    return {"actor": current_actor(), "company": company, "at": clock.now()}


def _sent(paper: KeptPaper) -> Response:
    return undo_unsent_download(
        send_file(
            BytesIO(paper.content),
            mimetype="application/pdf",
            download_name=paper.filename,
            etag=paper.sha256,
        )
    )
