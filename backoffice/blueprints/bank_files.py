"""Files of the bank: sent, asked about where they leave something open, and looked at with their bookings."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from flask import Blueprint, make_response, render_template, send_file, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from backoffice.blueprints.bank import bank_terms
from portal.bank import queries
from portal.bank.books_rules import FileState
from portal.bank.column_rules import SEVERAL, Columns, Part
from portal.bank.queries import FileRow
from portal.bank.read_asked import Asked, layout_for, refusal_of
from portal.bank.read_file import BankTable, is_table, read_bank_table
from portal.bank.rules import SIZE_MAX
from portal.bank.take_file import Taken, discard_draft, keep_draft, take_draft, take_file
from portal.bank.words import FORMATS, LEFT_OUT, MATCH_KINDS, PARTS
from portal.kernel import clock
from portal.kernel.errors import N_, Conflict, DomainError, Fault, Invalid
from portal.kernel.paging import Page
from portal.ledger.vocabulary import LedgerRight
from portal.web.acting import Answer, acted, refused
from portal.web.forms import Flag, Form, Stripped, column_of_form, read_form, takes_columns
from portal.web.listing.declaration import Column, Kind, Listing
from portal.web.listing.page import show_list, sort_of_address
from portal.web.presentation import in_full, labels
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session, portal, request
from portal.web.sent_once import Said, sent_once, tell

blueprint = Blueprint("bank_files", __name__, url_prefix="/hq/bank/files")

READERS = (LedgerRight.READ, LedgerRight.POST)
SAMPLE_ROWS = 8
SAMPLE_COLUMNS = 40

FILES = Listing(
    "bank-files",
    N_("Bank statements"),
    (
        Column("number", N_("Statement"), Kind.CODE, width="c-16"),
        Column("name", N_("File"), css="cell-wide"),
        Column("account", N_("Own account")),
        Column("state", N_("Status"), Kind.STATUS, status="bank file", css="cell-corner"),
        Column("sent_at", N_("Uploaded at"), Kind.MOMENT, is_sortable=True),
        Column("bookings", N_("Bookings"), Kind.QUANTITY),
        Column("new", N_("New"), Kind.QUANTITY),
        Column("matched", N_("Matched"), Kind.QUANTITY),
        Column("waiting", N_("Waiting"), Kind.QUANTITY),
        Column("sent_by_label", N_("Sent by"), shown=False),
        Column("format", N_("Kind"), Kind.WORD, words=FORMATS, shown=False),
        Column("is_extract", N_("Extract"), Kind.FLAG, shown=False),
    ),
    sort=str(queries.LATEST_FIRST),
)


class SendForm(Form):
    """A file is sent with the account where it may not name one."""

    account: Stripped


class AnswerForm(Form):
    """What a file asks."""

    account: Stripped
    is_extract: Flag


@blueprint.get("")
@requires(*READERS)
@takes_columns("column")
def index() -> str | Response:
    """Files that came, the latest first."""
    session, sort = current_session(), sort_of_address(FILES)

    def fetch(cursor: str | None, limit: int) -> Page[FileRow]:
        return queries.files(session, cursor=cursor, limit=limit, sort=sort)

    return show_list(
        FILES,
        fetch,
        "backoffice/bank/files.html",
        _sending(None),
        count=lambda: queries.count_files(session),
    )


@blueprint.post("")
@requires(LedgerRight.POST)
def send() -> Answer:
    """Take a file in, or have it wait for what it asks."""
    sent, form = request.files.get("file"), read_form(SendForm)
    content, name = (sent.read(SIZE_MAX + 1) if sent else b""), (sent.filename or "" if sent else "")
    asked = Asked(form.account)
    at = clock.now()
    today = clock.business_date(at, portal().settings.timezone)

    def act() -> Said:
        try:
            taken = take_file(
                current_session(),
                actor=current_actor(),
                content=content,
                name=name,
                asked=asked,
                terms=bank_terms(),
                zone=portal().settings.timezone,
                today=today,
                at=at,
            )
        except (Invalid, Conflict):
            if not _asks(content):
                raise
            number = keep_draft(
                current_session(), actor=current_actor(), content=content, name=name, today=today, at=at
            )
            address = url_for("bank_files.show", number=number, account=form.account or None)
            return Said(
                gettext("The file waits for your answer; nothing is taken in yet."), address, "warning"
            )
        return _taken(taken)

    try:
        return tell(sent_once(act))
    except (Invalid, Conflict) as refusal:
        current_session().rollback()
        page = render_template("backoffice/bank/refused.html", **_sending(refusal))
        return make_response(page, 422 if isinstance(refusal, Invalid) else 409)


@blueprint.get("/<number>")
@requires(*READERS)
def show(number: str) -> str:
    """A file with its bookings, or with what it asks."""
    return _page(number)


@blueprint.post("/<number>/entry")
@requires(LedgerRight.POST)
@takes_columns("part")
def enter(number: str) -> Answer:
    """Take in a file with the answers."""
    asked, at = _answered(number), clock.now()
    return acted(
        lambda: take_draft(
            current_session(),
            actor=current_actor(),
            number=number,
            asked=asked,
            terms=bank_terms(),
            zone=portal().settings.timezone,
            today=clock.business_date(at, portal().settings.timezone),
            at=at,
        ),
        shown=lambda refusal: _page(number, refusal),
        then=_taken,
    )


@blueprint.post("/<number>/discarding")
@requires(LedgerRight.POST)
def discard(number: str) -> Answer:
    """Forget a file that asks something."""
    return acted(
        lambda: discard_draft(current_session(), actor=current_actor(), number=number),
        shown=lambda refusal: _page(number, refusal),
        then=lambda _: Said(gettext("The file is discarded."), url_for("bank_files.index")),
    )


@blueprint.get("/<number>/content")
@requires(*READERS)
def content(number: str) -> Response:
    """The file as it came."""
    name, kept, _ = queries.content_of(current_session(), number)
    return send_file(
        BytesIO(kept),
        mimetype="application/octet-stream",
        as_attachment=True,
        download_name=name or number,
    )


def _taken(taken: Taken) -> Said:
    address = url_for("bank_files.show", number=taken.number)
    if taken.is_repeat:
        return Said(gettext("The same file was in already; nothing has changed."), address, "info")
    return Said(gettext("The statement is taken in."), address)


def _asks(content: bytes) -> bool:
    """Whether somebody may answer what keeps a file from being taken: it is a table that can be read."""
    try:
        return is_table(content) and bool(read_bank_table(content).rows)
    except Invalid:
        return False


def _sending(refusal: DomainError | None) -> dict[str, Any]:
    return {
        **refused(refusal),
        "may_send": current_actor().may(LedgerRight.POST),
        "accounts": [number for number, _ in queries.accounts(current_session())],
    }


def _answered(number: str) -> Asked:
    """The answers of the form. Columns are kept where they are not as they were recognised."""
    form = read_form(AnswerForm)
    parts = column_of_form("part")
    named: dict[str, list[int]] = {}
    for place, part in enumerate(parts):
        if part in list(Part):
            named.setdefault(part, []).append(place)
    faults = [
        Fault(
            f"/columns/{part}",
            "column_twice",
            N_("Two columns cannot both be “%(part)s”."),
            N_("Choose one of them."),
            {"part": str(part)},
        )
        for part, places in named.items()
        if len(places) > 1 and Part(part) not in SEVERAL
    ]
    if faults:
        raise Invalid(faults=faults)
    _, kept, _ = queries.content_of(current_session(), number)
    shown = layout_for(current_session(), read_bank_table(kept), form.account) if is_table(kept) else None
    same = shown is not None and shown.named == named
    return Asked(form.account, None if same or not parts else named, form.is_extract)


def _page(number: str, refusal: DomainError | None = None) -> str:
    session = current_session()
    found = queries.file_of(session, number)
    if found.row.state == FileState.DRAFT:
        return _draft_page(number, found, refusal)
    page = queries.lines(session, number=number, cursor=request.args.get("cursor"))
    return render_template(
        "backoffice/bank/file.html",
        **refused(refusal),
        found=found,
        page=page,
        formats=labels(FORMATS),
        kinds=labels(MATCH_KINDS),
        left_out_words=labels(LEFT_OUT),
        doubts=[in_full(_doubt(one)) for one in found.doubts],
    )


def _doubt(kept: dict[str, Any]) -> Fault:
    return Fault(kept["pointer"], kept["code"], kept["message"], "", kept["params"])


def _draft_page(number: str, found: queries.FileDetail, refusal: DomainError | None) -> str:
    session = current_session()
    name, kept, _ = queries.content_of(session, number)
    account = request.form.get("account", request.args.get("account", "")).strip()
    table = read_bank_table(kept) if is_table(kept) else BankTable((), None)
    columns = layout_for(session, table, account)
    told = refusal or refusal_of(session, kept, Asked(account), portal().settings.timezone)
    width = min(max((len(cells) for _, cells in table.rows), default=0), SAMPLE_COLUMNS)
    first = columns.row if columns else 0
    sample = [(row, list(cells[:width])) for row, cells in table.rows if row >= first][: SAMPLE_ROWS + 1]
    return render_template(
        "backoffice/bank/draft.html",
        **refused(told),
        found=found,
        name=name,
        account=account,
        accounts=[one for one, _ in queries.accounts(session)],
        width=width,
        sample=sample,
        has_heads=columns is not None,
        chosen=_chosen(columns, width),
        part_options=[
            ("", gettext("Not needed")),
            *[(str(one), str(word)) for one, word in labels(PARTS).items()],
        ],
        is_doubted=isinstance(told, Conflict) and told.code == "extract_unconfirmed",
        is_extract="is_extract" in request.form,
    )


def _part_options() -> list[tuple[str, str]]:
    return [("", gettext("Not needed")), *[(str(one), str(word)) for one, word in labels(PARTS).items()]]


def _chosen(columns: Columns | None, width: int) -> list[str]:
    """What each column is said to be: as it was sent, else as it is known."""
    if sent := request.form.getlist("part"):
        return [sent[place] if place < len(sent) else "" for place in range(width)]
    places = {
        place: str(part) for part, found in (columns.places.items() if columns else ()) for place in found
    }
    return [places.get(place, "") for place in range(width)]
