"""Who gets no bytes has downloaded nothing."""

from __future__ import annotations

from flask import request
from werkzeug.wrappers import Response

from portal.web.request import current_session


def undo_unsent_download(response: Response) -> Response:
    """Take back what this request wrote about a file that its answer does not carry (304, HEAD).

    The audit says what was sent.
    """
    if response.status_code == 304 or request.method == "HEAD":
        current_session().rollback()
    return response
