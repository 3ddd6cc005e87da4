"""A statement on screen.

The kinds of its documents in words, and what a page shows of it beside the document.
"""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from typing import Any

from flask import send_file
from flask_babel import lazy_gettext as _
from werkzeug.wrappers import Response

from portal.kernel import clock, typed
from portal.kernel.errors import N_, NotFound, Unavailable
from portal.statements.answers import AnswerShown
from portal.statements.clause import clause_of_statement
from portal.statements.company import Issuer
from portal.statements.document import EntryKind, StatementDocument
from portal.statements.ensure_pdf import Paper, PaperShown, ask_paper, ensure_pdf, paper_shown
from portal.statements.line_filter_rules import filtered
from portal.statements.pdf.capitals import in_capitals
from portal.statements.rules import StatementState
from portal.statements.verification import Verifier
from portal.statements.versions import corrections_of
from portal.web import language
from portal.web.download_audit import undo_unsent_download
from portal.web.request import current_actor, current_session, own_transaction, portal, request
from portal.web.statement_filter import asked_lines

KINDS = {
    EntryKind.OPENING: _("Opening entry"),
    EntryKind.INVOICE: _("Invoice"),
    EntryKind.CREDIT_NOTE: _("Credit note"),
    EntryKind.PAYMENT: _("Payment"),
    EntryKind.REFUND: _("Refund"),
    EntryKind.REVERSAL: _("Reversal"),
    EntryKind.REBATE: _("Rebate"),
    EntryKind.SERVICE: _("Service invoice"),
    EntryKind.DEPOSIT: _("Deposit"),
    EntryKind.DEPOSIT_USE: _("Deposit applied"),
    EntryKind.DEPOSIT_RETURN: _("Deposit paid back"),
    EntryKind.WRITE_OFF: _("Write-off"),
    EntryKind.INTEREST: _("Interest"),
}


def shown(document: StatementDocument) -> dict[str, Any]:
    """Context of `statements/_document.html`."""
    in_words = document.closing > 0 and document.currency == "CNY" and language.current() == "zh"
    asked, met = asked_lines(), {line.kind for line in document.lines}
    return {
        "document": document,
        "kinds": KINDS,
        "in_capitals": in_capitals(document.closing) if in_words else "",
        "asked": asked,
        "found": filtered(document.lines, asked.wanted),
        "kinds_met": [(str(kind), word) for kind, word in KINDS.items() if kind in met],
        "number": document.number,
        "named_version": version_of_address(),
    }


def version_of_address() -> int | None:
    """The version that an address names; None is the current one. Raises NotFound for one that is none."""
    said = request.args.get("version", "")
    if not said:
        return None
    version = typed.own_number(said)
    if version is None or not 1 <= version < 1000:
        raise NotFound()
    return version


def paper_of(number: str, locale: str, version: int | None) -> Paper:
    """The paper of a statement. Raises Unavailable while a worker signs it, and asks one to."""
    paper = ensure_pdf(
        current_session(),
        actor=current_actor(),
        number=number,
        locale=locale,
        at=clock.now(),
        version=version,
        is_signing=_is_signing(),
        verify=_verifier(),
    )
    if paper is None:
        _ask(number)
        message, fix = (
            N_("The PDF is being signed."),
            N_("Ask again in a few seconds; it is kept from then on."),
        )
        raise Unavailable("paper_being_signed", message, fix=fix)
    return paper


def paper_sent(number: str) -> Response:
    """The paper in the visitor's language as a file."""
    paper = paper_of(number, language.current(), version_of_address())
    return undo_unsent_download(
        send_file(
            BytesIO(paper.content),
            mimetype="application/pdf",
            download_name=paper.filename,
            etag=paper.sha256,
        )
    )


def paper_state(number: str, version: int | None) -> PaperShown | None:
    """What the page says of the paper in the visitor's language; None where it is made when it is asked for.

    A worker is asked for one that is missing, so that it is there when somebody wants it.
    """
    found = paper_shown(current_session(), number=number, locale=language.current(), version=version)
    if found.is_made:
        return found
    if not _is_signing():
        return None
    _ask(number)
    return found


def _is_signing() -> bool:
    return bool(portal().settings.signing_certificate)


def _ask(number: str) -> None:
    with own_transaction() as session:
        ask_paper(session, number=number)


def current_issuer() -> Issuer:
    """The company on statements that are issued by a request, and where they are verified."""
    return replace(Issuer.of(portal().settings), verify=_verifier())


def verify_address(document: StatementDocument, answer: AnswerShown) -> str:
    """Where a statement is verified; those that were issued without an address have one too."""
    return document.verify_url or _verifier()(answer.dealer_id, document.number, document.version)


def _verifier() -> Verifier:
    return Verifier(portal().settings.base_url, portal().sealer)


def versions_shown(document: StatementDocument, answer: AnswerShown) -> dict[str, Any]:
    """What a page says of other versions, and of the day on which a clause confirms this one."""
    session, number = current_session(), document.number
    made = corrections_of(session, number) if answer.current > 1 else []
    is_open = not answer.is_superseded and answer.state in (StatementState.ISSUED, StatementState.RESOLVED)
    return {
        "verify_url": verify_address(document, answer),
        "versions": [one for one in made if one.version],
        "clause_at": clause_of_statement(session, number=number) if is_open else None,
    }
