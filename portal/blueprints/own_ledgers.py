"""The dealer's own ledger: uploaded, its columns corrected, compared with ours, answered and signed."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, make_response, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.blueprints.frame import dealer_frame
from portal.kernel import clock, typed
from portal.kernel.errors import N_, DomainError, Fault, Invalid
from portal.kernel.paging import Page
from portal.kernel.spreadsheet import column_name
from portal.own_ledgers import queries
from portal.own_ledgers.ask_match import Reading, ask_match
from portal.own_ledgers.discard_ledger import discard_ledger
from portal.own_ledgers.layout_rules import Books
from portal.own_ledgers.layout_rules import Field as LedgerField
from portal.own_ledgers.queries import LedgerDetail, LedgerRow
from portal.own_ledgers.rules import LedgerState
from portal.own_ledgers.sheets import SIZE_MAX
from portal.own_ledgers.upload_ledger import upload_ledger
from portal.own_ledgers.vocabulary import OwnLedgerRight
from portal.own_ledgers.words import BOOKS, FIELDS
from portal.statements.vocabulary import StatementRight
from portal.web import own_ledger_page
from portal.web.acting import acted
from portal.web.forms import DayIfAny, Flag, Form, OwnNumber, read_form, takes_columns
from portal.web.listing.declaration import Column, Kind, Listing
from portal.web.listing.page import show_list
from portal.web.presentation import in_full
from portal.web.rendering import render_page, requires, wants_block
from portal.web.request import current_actor, current_session, portal, request
from portal.web.sent_once import Said

blueprint = Blueprint("own_ledgers", __name__, url_prefix="/own-ledger")
blueprint.context_processor(dealer_frame)

OWN_LEDGERS = Listing(
    "own-ledgers",
    N_("Own ledgers"),
    (
        Column("number", N_("Ledger"), Kind.CODE, width="c-15"),
        Column("state", N_("Status"), Kind.STATUS, status="own_ledger", width="c-12", css="cell-corner"),
        Column("filename", N_("File"), css="cell-wide"),
        Column("first_day", N_("First day"), Kind.DATE, width="c-10"),
        Column("last_day", N_("Last day"), Kind.DATE, width="c-10"),
        Column("difference_count", N_("Differences"), Kind.QUANTITY, width="c-10"),
        Column("unanswered", N_("Without your answer"), Kind.QUANTITY, width="c-10"),
        Column("difference", N_("Theirs less ours"), Kind.MONEY, width="c-12"),
        Column("matched", N_("Agreed"), Kind.QUANTITY, shown=False, width="c-10"),
        Column("uploaded_at", N_("Uploaded at"), Kind.MOMENT, shown=False, width="c-15"),
        Column("uploaded_by_label", N_("Uploaded by"), shown=False),
    ),
)


_TO_COMPARE = (LedgerState.DRAFT, LedgerState.DONE, LedgerState.FAILED)


class MatchForm(Form):
    """How the file is to be read. The columns are fields of their own, ``column-day`` and so on."""

    books: str
    first_day: DayIfAny
    last_day: DayIfAny
    head_at: str
    skip_unread: Flag
    revision: OwnNumber


class DiscardForm(Form):
    """What was looked at."""

    revision: OwnNumber


@blueprint.get("")
@requires(StatementRight.READ)
@takes_columns("column")
def index() -> str | Response:
    """The dealer's ledgers, the latest first, and a form for another."""
    return _index()


def _index(refusal: DomainError | None = None) -> str | Response:
    def fetch(cursor: str | None, limit: int) -> Page[LedgerRow]:
        return queries.ledgers(current_session(), actor=current_actor(), cursor=cursor, limit=limit)

    def count() -> int:
        return queries.count_ledgers(current_session())

    def around() -> dict[str, Any]:
        faults = list(refusal.faults) if refusal else []
        return {
            "may_compare": current_actor().may(OwnLedgerRight.COMPARE),
            "file_faults": [in_full(one) for one in faults if one.pointer == "/file"]
            or ([in_full(refusal)] if refusal and not faults else []),
            "period_faults": [in_full(one) for one in faults if one.pointer == "/period"],
            "period": request.form.get("period", ""),
            "size_max": SIZE_MAX // 2**20,
        }

    return show_list(OWN_LEDGERS, fetch, "own_ledgers/index.html", page_only=around, count=count)


@blueprint.post("")
@requires(OwnLedgerRight.COMPARE)
def upload() -> str | Response:
    """Keep a file and show how it would be read."""
    request.max_content_length = SIZE_MAX + 2**20
    sent, at = request.files.get("file"), clock.now()

    def act() -> Said:
        made = upload_ledger(
            current_session(),
            actor=current_actor(),
            name=(sent.filename or "") if sent else "",
            content=sent.read(SIZE_MAX + 1) if sent else b"",
            period=request.form.get("period", "").strip() or None,
            starts=False,
            today=clock.business_date(at, portal().settings.timezone),
            at=at,
        )
        words = gettext("The file has been read. Look at the columns, then compare.")
        return Said(words, url_for("own_ledgers.show", number=made.number))

    def refused(refusal: DomainError) -> str:
        page = _index(refusal)
        return page if isinstance(page, str) else page.get_data(as_text=True)

    return acted(act, shown=refused, then=lambda said: said)


@blueprint.get("/<number>")
@requires(StatementRight.READ)
def show(number: str) -> str | Response:
    """One ledger: its columns, how far it is, or what differs."""
    found = queries.ledger(current_session(), actor=current_actor(), number=number)
    if wants_block() and request.headers.get("HX-Target") == "progress":
        return _progress(found)
    return render_template("own_ledgers/show.html", **_context(found))


def _progress(found: LedgerDetail) -> Response:
    """While it is compared the mark of that; then the whole page anew."""
    if found.state == LedgerState.RUNNING:
        return make_response(render_page("own_ledgers/show.html", "progress", found=found))
    answer = make_response("")
    answer.headers["HX-Refresh"] = "true"
    return answer


@blueprint.post("/<number>/match")
@requires(OwnLedgerRight.COMPARE)
@takes_columns("column-*")
def match(number: str) -> str | Response:
    """Compare by the columns as they were corrected."""

    def act() -> Said:
        form = read_form(MatchForm)
        ask_match(
            current_session(),
            actor=current_actor(),
            number=number,
            reading=_reading(form),
            revision=form.revision,
            at=clock.now(),
        )
        return Said(gettext("The ledger is being compared."), url_for("own_ledgers.show", number=number))

    return acted(act, shown=lambda refusal: _refused(number, refusal), then=lambda said: said)


def _reading(form: MatchForm) -> Reading:
    columns: dict[LedgerField, int] = {}
    for field in LedgerField:
        place = typed.own_number(request.form.get(f"column-{field}"))
        if place is not None:
            columns[field] = place
    said = form.head_at.strip()
    head_at = None if not said else typed.own_number(said)
    if said and head_at is None:
        message, fix = N_("This is no number of a row."), N_("Enter a number like 5.")
        raise Invalid(faults=[Fault("/head_at", "not_a_row", message, fix)])
    return Reading(
        columns,
        Books(form.books) if form.books in list(Books) else None,
        form.first_day,
        form.last_day,
        head_at,
        form.skip_unread,
    )


@blueprint.post("/<number>/answers")
@requires(OwnLedgerRight.COMPARE)
@takes_columns("seen")
def answers(number: str) -> str | Response:
    """Accept, dispute or annotate what is ticked."""
    return own_ledger_page.answer(number, "own_ledgers.show", lambda refusal: _refused(number, refusal))


@blueprint.post("/<number>/signature")
@requires(OwnLedgerRight.COMPARE)
def signature(number: str) -> str | Response:
    """Sign the sheet for the dealer."""
    return own_ledger_page.sign(number, "own_ledgers.show", lambda refusal: _refused(number, refusal))


@blueprint.post("/<number>/discard")
@requires(OwnLedgerRight.COMPARE)
def discard(number: str) -> str | Response:
    """Take the ledger away again."""

    def act() -> Said:
        form = read_form(DiscardForm)
        discard_ledger(
            current_session(),
            actor=current_actor(),
            number=number,
            revision=form.revision,
            at=clock.now(),
        )
        return Said(gettext("The ledger has been discarded."), url_for("own_ledgers.index"))

    return acted(act, shown=lambda refusal: _refused(number, refusal), then=lambda said: said)


@blueprint.get("/<number>/file")
@requires(StatementRight.READ)
def file(number: str) -> Response:
    """The dealer's file as it was uploaded."""
    return own_ledger_page.send_uploaded(number)


@blueprint.get("/<number>.pdf")
@requires(StatementRight.READ)
def pdf(number: str) -> Response:
    """The reconciliation sheet as PDF."""
    return own_ledger_page.send_sheet(number, "pdf")


@blueprint.get("/<number>.xlsx")
@requires(StatementRight.READ)
def xlsx(number: str) -> Response:
    """The reconciliation sheet as a workbook."""
    return own_ledger_page.send_sheet(number, "xlsx")


def _refused(number: str, refusal: DomainError) -> str:
    found = queries.ledger(current_session(), actor=current_actor(), number=number)
    return render_template("own_ledgers/show.html", **_context(found, refusal))


def _context(found: LedgerDetail, refusal: DomainError | None = None) -> dict[str, Any]:
    may_compare = current_actor().may(OwnLedgerRight.COMPARE)
    is_open = found.state in _TO_COMPARE and not found.is_answered
    return {
        "may_discard": may_compare and found.state != LedgerState.DISCARDED and not found.is_signed,
        "found": found,
        "may_compare": may_compare and is_open,
        "columns": _columns(found) if may_compare and is_open else None,
        "unread": [in_full(one) for one in own_ledger_page.unread(found)],
        **own_ledger_page.result_context(found, "own_ledgers.show", may_compare),
        **own_ledger_page.refusal_context(refusal),
    }


def _columns(found: LedgerDetail) -> dict[str, Any]:
    """The form for the columns: each field with the columns to choose from, and the first rows."""
    rows: list[list[Any]] = found.result.get("rows", [])
    heads = found.layout["heads"]
    wide = max([len(heads), *(len(texts) for _, texts in rows)], default=0)
    options = [("", gettext("(none)"))]
    for place in range(wide):
        head = heads[place] if place < len(heads) else ""
        options.append((str(place), f"{column_name(place)} {head}".strip()))
    chosen = found.layout["columns"]
    return {
        "options": options,
        "fields": [(str(field), gettext(label), _chosen(field, chosen)) for field, label in FIELDS.items()],
        "letters": [column_name(place) for place in range(wide)],
        "rows": [(number, [*texts, *[""] * (wide - len(texts))]) for number, texts in rows],
        "head_at": request.form.get("head_at", "") or found.layout["head_at"] or "",
        "books_options": [
            ("", gettext("Find out from the figures")),
            *((str(one), gettext(label)) for one, label in BOOKS.items()),
        ],
        "is_remembered": "kept" in found.layout,
    }


def _chosen(field: LedgerField, chosen: dict[str, int]) -> str:
    said = request.form.get(f"column-{field}")
    return said if said is not None else str(chosen.get(str(field), ""))
