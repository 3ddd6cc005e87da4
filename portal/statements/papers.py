"""A statement's paper as it is handed out: the PDF with its data inside, signed where a signer is given."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import structlog

from portal.statements.content import canonical
from portal.statements.document import StatementDocument
from portal.statements.pdf import render

if TYPE_CHECKING:
    from portal.statements.signing import PaperSigner

LOCALES = ("zh", "en")  # the first is made with the statement, the other when its month is closed

_log = structlog.get_logger("portal.statements")


@dataclass(frozen=True, slots=True)
class MadePaper:
    """The bytes of a paper with their hash; who signed them by which certificate, empty where nobody did."""

    content: bytes
    sha256: str
    signed_by: str = ""
    certificate: str = ""


def make_paper(document: StatementDocument, signer: PaperSigner | None, *, at: datetime) -> MadePaper:
    """The statement as PDF; without a signer equal statements give equal bytes.

    A signature that cannot be made is no reason for a statement not to be issued: it is issued unsigned, and
    whoever looks at it is told.
    """
    # Loading what writes signatures costs 28 MB, and most processes hand out what is kept.
    from portal.statements import signing

    stream = io.BytesIO()
    render(document, stream)
    name = f"{document.number}-v{document.version}" if document.version > 1 else document.number
    data = signing.Enclosure(f"{name}.json", canonical(document), document.number, document.issued_at)
    if signer is not None and signer.is_valid(at):
        try:
            content = signing.signed(stream.getvalue(), data, signer, reason=document.number)
        except Exception as error:
            _log.error("statement_unsigned", statement=document.number, exc_info=error)
        else:
            return MadePaper(content, _hash(content), signer.name, signer.certificate)
    content = signing.enclosed(stream.getvalue(), data)
    return MadePaper(content, _hash(content))


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
