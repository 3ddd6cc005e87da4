"""What both sides' pages of an uploaded ledger show, and what their forms say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from typing import Any

from flask import send_file, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.kernel import clock, typed
from portal.kernel.errors import DomainError, Fault
from portal.own_ledgers import queries
from portal.own_ledgers.answer_differences import answer_differences, side_of_actor
from portal.own_ledgers.difference_rules import Kind
from portal.own_ledgers.download_sheet import SheetFile, download_file, download_sheet
from portal.own_ledgers.queries import LedgerDetail, Shown
from portal.own_ledgers.rules import COMPARED, LedgerState, Side
from portal.own_ledgers.sheet import sheet_of
from portal.own_ledgers.sign_sheet import sign_sheet
from portal.own_ledgers.stored import amount_of, day_of_doc, faults_of_json
from portal.own_ledgers.words import ADVICE, BOOKS, KINDS, SIDES, VERDICTS
from portal.web import language
from portal.web.acting import acted
from portal.web.download_audit import undo_unsent_download
from portal.web.forms import Form, read_form, rows_of_form
from portal.web.presentation import in_full, in_words, labels
from portal.web.request import current_actor, current_session, portal, request
from portal.web.sent_once import Said

PAGE_ROWS = 50


class AnswerForm(Form):
    """What is said of the ticked differences."""

    answer: str
    said: str


class SignForm(Form):
    """Who signs, and what was looked at."""

    name: str
    sha256: str


def kind_of_address() -> Kind | None:
    """The class that the address names."""
    said = request.args.get("kind", "")
    return Kind(said) if said in list(Kind) else None


def result_context(found: LedgerDetail, address: str, may_answer: bool) -> dict[str, Any]:
    """Of a ledger that was compared: its differences of one class or all, a page of them.

    address: endpoint of the page.
    """
    if found.state not in COMPARED:
        return {"result": None}
    may_answer = may_answer and found.state == LedgerState.DONE
    session, actor, kind = current_session(), current_actor(), kind_of_address()
    page = queries.differences(
        session, of=found, kind=kind, limit=PAGE_ROWS, cursor=request.args.get("cursor")
    )
    groups = queries.by_kind(session, of=found, of_staff=actor.is_staff)
    side = side_of_actor(actor)
    signed = queries.signatures(session, of=found)
    unanswered = sum(one.unanswered for one in groups)
    may_sign = may_answer and actor.is_person and not any(one.side == side for one in signed)
    return {
        "result": found.result["proof"],
        "page": replace(page, items=tuple(_readable(one) for one in page.items)),
        "kind": kind,
        "tabs": _tabs(found, groups, kind, address),
        "groups": groups,
        "kinds": labels(KINDS),
        "advice": labels(ADVICE),
        "books_words": labels(BOOKS),
        "sides": labels(SIDES),
        "verdicts": labels(VERDICTS),
        "remarks": queries.remarks(session, of=found, nos=[one.no for one in page.items]),
        "signatures": signed,
        "own_side": str(side),
        "unanswered": unanswered,
        "may_answer": may_answer,
        "has_signed": any(one.side == side for one in signed),
        "may_sign": may_sign,
        "sha256": _hash_to_sign(found, side) if may_sign and not unanswered else "",
    }


def _readable(one: Shown) -> Shown:
    """With days and amounts as values."""
    ours, theirs = (
        [{**doc, "date": day_of_doc(doc), "amount": amount_of(doc)} for doc in docs]
        for docs in (one.ours, one.theirs)
    )
    return replace(one, ours=ours, theirs=theirs)


def _hash_to_sign(found: LedgerDetail, side: Side) -> str:
    return sheet_of(current_session(), found.number).hashes[side]


def _tabs(
    found: LedgerDetail, groups: list[queries.OfKind], kind: Kind | None, address: str
) -> list[tuple[str, str, bool, int | None]]:
    names = labels(KINDS)
    tabs: list[tuple[str, str, bool, int | None]] = [
        (url_for(address, number=found.number), gettext("All"), kind is None, found.difference_count)
    ]
    for one in groups:
        href = url_for(address, number=found.number, kind=str(one.kind))
        tabs.append((href, str(names[one.kind]), one.kind == kind, one.count))
    return tabs


def refusal_context(refusal: DomainError | None) -> dict[str, Any]:
    """What a refused form says on its page."""
    faults = list(refusal.faults) if refusal else []
    return {
        "refusal": refusal,
        "summary": [(_field(one.pointer), in_words(one)) for one in faults],
        "beside": lambda pointer: [in_full(one) for one in faults if one.pointer == pointer],
        "typed": request.form,
    }


def _field(pointer: str) -> str:
    return "field-" + pointer.strip("/").replace("/", "-")


def unread(found: LedgerDetail) -> list[Fault]:
    """What kept the file from being read."""
    return faults_of_json(found.error)


def answer(number: str, address: str, show: Callable[[DomainError], str]) -> str | Response:
    """Say something of the ticked differences, and show the ledger again."""

    def act() -> Said:
        form = read_form(AnswerForm)
        answer_differences(
            current_session(),
            actor=current_actor(),
            number=number,
            seen=_seen(),
            verdict=form.answer,
            said=form.said,
            at=clock.now(),
        )
        kind = kind_of_address()
        back = url_for(address, number=number, kind=kind and str(kind))
        return Said(gettext("Your answer has been kept."), back)

    return acted(act, shown=show, then=lambda said: said)


def sign(number: str, address: str, show: Callable[[DomainError], str]) -> str | Response:
    """Sign the sheet, and show the ledger again."""

    def act() -> Said:
        form = read_form(SignForm)
        sign_sheet(
            current_session(),
            actor=current_actor(),
            number=number,
            name=form.name,
            sha256=form.sha256,
            at=clock.now(),
        )
        return Said(gettext("The sheet has been signed."), url_for(address, number=number))

    return acted(act, shown=show, then=lambda said: said)


def _seen() -> list[tuple[int, int]]:
    """The ticked differences with the revisions that were looked at: ``12-1``."""
    seen = []
    for (value,) in rows_of_form("seen"):
        no, _, revision = value.partition("-")
        seen.append((typed.own_number(no) or 0, typed.own_number(revision) or 0))
    return seen


def send_sheet(number: str, form: str) -> Response:
    """The reconciliation sheet as a file. form: pdf or xlsx."""
    settings = portal().settings
    file = download_sheet(
        current_session(),
        actor=current_actor(),
        number=number,
        form=form,
        locale=language.current(),
        company=(settings.company_name_zh, settings.company_name_en),
        zone=settings.timezone,
    )
    return _sent(file)


def send_uploaded(number: str) -> Response:
    """The dealer's file as it was uploaded, to be saved and never to be shown."""
    return _sent(download_file(current_session(), actor=current_actor(), number=number))


def _sent(file: SheetFile) -> Response:
    answer = send_file(
        BytesIO(file.content), mimetype=file.media, as_attachment=True, download_name=file.filename
    )
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return undo_unsent_download(answer)
