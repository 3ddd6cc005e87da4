"""The paper of a dunning letter, for the pages of both sides."""

from __future__ import annotations

from io import BytesIO

from flask import send_file
from werkzeug.wrappers import Response

from portal.dunning.print_letter import download_letter
from portal.web.download_audit import undo_unsent_download
from portal.web.presentation import in_language
from portal.web.request import current_actor, current_session, request


def send_letter_paper(number: str) -> Response:
    """The PDF in the language asked for by the address, else in the visitor's."""
    locale = request.args.get("language", "") or in_language("zh", "en")
    paper = download_letter(current_session(), actor=current_actor(), number=number, locale=locale)
    return undo_unsent_download(
        send_file(
            BytesIO(paper.content),
            mimetype="application/pdf",
            download_name=paper.filename,
            etag=paper.sha256,
        )
    )
