"""The paper of an invoice, for both sides."""

from __future__ import annotations

from io import BytesIO

from flask import send_file
from werkzeug.wrappers import Response

from portal.kernel import clock
from portal.kernel.paper.kept import KeptPaper
from portal.statements.print_invoice import print_invoice
from portal.web import language
from portal.web.download_audit import undo_unsent_download
from portal.web.request import current_actor, current_session, portal


def invoice_pdf(number: str, locale: str) -> KeptPaper:
    """The invoice in a language, kept from the first time it is asked for."""
    settings = portal().settings
    return print_invoice(
        current_session(),
        actor=current_actor(),
        number=number,
        locale=locale,
        company=(settings.company_name_zh, settings.company_name_en),
        at=clock.now(),
    )


def send_invoice(number: str) -> Response:
    """The invoice as it is printed, in the visitor's language."""
    paper = invoice_pdf(number, language.current())
    return undo_unsent_download(
        send_file(
            BytesIO(paper.content),
            mimetype="application/pdf",
            download_name=paper.filename,
            etag=paper.sha256,
        )
    )
