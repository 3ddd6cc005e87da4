"""Returns at headquarters: decided on, received, inspected; the record that the law asks for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, make_response, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.coldchain.judged import from_json
from portal.coldchain.vocabulary import ColdChainRight
from portal.files.attach import files_of
from portal.files.rules import Owner
from portal.kernel import clock, typed
from portal.kernel.errors import N_, Conflict, DomainError, Fault, Forbidden, Invalid
from portal.kernel.paging import Page
from portal.nonconforming.queries import reports_of
from portal.nonconforming.vocabulary import NonconformingRight, QualityRight
from portal.orders.vocabulary import OrderRight
from portal.returns import queries
from portal.returns.decide_return import approve_return, reject_return
from portal.returns.evidence import accept_temperatures
from portal.returns.gifts import gifts_not_to_send
from portal.returns.inspect_return import inspect_return
from portal.returns.judged import Judged
from portal.returns.queries import ReturnDetail, ReturnRow
from portal.returns.read_files import OWNER_KIND
from portal.returns.receive_return import Arrived, receive_return
from portal.returns.rules import Disposition, Evidence, Remedy, ReturnState
from portal.returns.vocabulary import ReturnRight
from portal.returns.words import DISPOSITIONS, EVIDENCE, REASONS, REMEDIES
from portal.shipping.vocabulary import ShippingRight
from portal.web.cold_terms import finding_words
from portal.web.forms import Flag, Form, read_form, rows_of_form, takes_columns
from portal.web.listing.declaration import Column, Kind, Listing
from portal.web.listing.page import show_list, sort_of_address
from portal.web.presentation import in_full, in_words, labels
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session, portal, request
from portal.web.sent_once import Said, sent_once, tell
from portal.web.status_looks import status_look

blueprint = Blueprint("returns_desk", __name__, url_prefix="/hq/returns")

RETURNS = Listing(
    "returns-desk",
    N_("Returns"),
    (
        Column("number", N_("Return"), Kind.CODE, width="c-16"),
        Column("dealer", N_("Dealer"), Kind.NAME, css="cell-wide"),
        Column("dealer_code", N_("Dealer code"), Kind.CODE, shown=False, width="c-12"),
        Column("state", N_("Status"), Kind.STATUS, status="return", width="c-12", css="cell-corner"),
        Column("asked_at", N_("Requested at"), Kind.MOMENT, width="c-15", is_sortable=True),
        Column("asked_by_label", N_("Asked by"), shown=False, width="c-12"),
        Column("order_number", N_("Order"), Kind.CODE, width="c-15"),
        Column("shipment_number", N_("Shipment"), Kind.CODE, width="c-18", shown=False),
        Column("units", N_("Units"), Kind.QUANTITY, width="c-8"),
        Column("credit_note_no", N_("Credit note"), Kind.CODE, width="c-15"),
        Column("replacement_no", N_("Replacement order"), Kind.CODE, width="c-18", shown=False),
    ),
    sort=str(queries.LATEST_FIRST),
)


class SettleForm(Form):
    """Whether what was to be exchanged is credited instead, and gifts are billed beyond the credit."""

    credit_instead: Flag
    bill_gifts: Flag


class NoteForm(Form):
    """What is said with an approval."""

    note: str


class ReasonForm(Form):
    """Why a return is rejected."""

    reason: str


@blueprint.get("")
@requires(ReturnRight.HANDLE, ReturnRight.INSPECT)
@takes_columns("column")
def index() -> str | Response:
    """Returns, the latest first, or those in one state."""
    said = request.args.get("status", "")
    state, q = (said if said in list(ReturnState) else ""), request.args.get("q", "").strip()
    sort = sort_of_address(RETURNS)

    def fetch(cursor: str | None, limit: int) -> Page[ReturnRow]:
        return queries.returns(current_session(), state=state, q=q, cursor=cursor, limit=limit, sort=sort)

    def count() -> int:
        return queries.count_returns(current_session(), state=state, q=q)

    def page_only() -> dict[str, Any]:
        return {"tabs": _tabs(state)}

    return show_list(
        RETURNS,
        fetch,
        "backoffice/returns/index.html",
        {"status": state, "q": q},
        page_only=page_only,
        count=count,
    )


@blueprint.get("/<number>")
@requires(ReturnRight.HANDLE, ReturnRight.INSPECT)
def show(number: str) -> str:
    """One return with what may be done next."""
    return render_template("backoffice/returns/show.html", **_context(number))


@blueprint.post("/<number>/approval")
@requires(ReturnRight.HANDLE)
def approval(number: str) -> str | Response:
    """Let the dealer send the goods."""
    note = read_form(NoteForm).note
    return _act(
        number,
        gettext("Return %(number)s has been approved.", number=number),
        lambda: approve_return(
            current_session(), actor=current_actor(), number=number, note=note, at=clock.now()
        ),
    )


@blueprint.post("/<number>/temperatures")
@requires(ColdChainRight.DECIDE)
def temperatures(number: str) -> str | Response:
    """Quality accepts a temperature record that is in doubt."""
    reason = read_form(ReasonForm).reason
    return _act(
        number,
        gettext("The temperatures have been accepted; the return may be approved."),
        lambda: accept_temperatures(
            current_session(), actor=current_actor(), number=number, reason=reason, at=clock.now()
        ),
    )


@blueprint.post("/<number>/rejection")
@requires(ReturnRight.HANDLE, ColdChainRight.DECIDE)
def rejection(number: str) -> str | Response:
    """Take nothing back."""
    reason = read_form(ReasonForm).reason
    return _act(
        number,
        gettext("Return %(number)s has been rejected.", number=number),
        lambda: reject_return(
            current_session(), actor=current_actor(), number=number, reason=reason, at=clock.now()
        ),
    )


@blueprint.post("/<number>/receipt")
@requires(ReturnRight.HANDLE)
@takes_columns("line", "sku", "lot", "quantity", "serials")
def receipt(number: str) -> str | Response:
    """Take in what came."""
    rows = rows_of_form("line", "sku", "lot", "quantity", "serials")
    return _act(
        number,
        gettext("The goods wait for their inspection."),
        lambda: receive_return(
            current_session(), actor=current_actor(), number=number, arrived=_arrived(rows), at=clock.now()
        ),
    )


@blueprint.post("/<number>/inspection")
@requires(ReturnRight.INSPECT)
@takes_columns("line", "sku", "lot", "result", "quantity", "note", "serials")
def inspection(number: str) -> str | Response:
    """Judge every unit that came; lines without a quantity are left out."""
    rows = rows_of_form("line", "sku", "lot", "result", "quantity", "note", "serials")
    at = clock.now()

    def act() -> object:
        said = read_form(SettleForm)
        return inspect_return(
            current_session(),
            actor=current_actor(),
            number=number,
            judged=_judged(rows),
            today=clock.business_date(at, portal().settings.timezone),
            at=at,
            alone_max=portal().settings.correction_alone_max,
            margin_days=portal().settings.saleable_days_before_expiry,
            credit_instead=said.credit_instead,
            bill_gifts=said.bill_gifts,
        )

    return _act(number, gettext("Return %(number)s has been settled.", number=number), act)


Rows = list[tuple[str, ...]]


def _arrived(rows: Rows) -> list[Arrived]:
    faults: list[Fault] = []
    arrived = []
    for place, (line, sku, lot, quantity, serials) in enumerate(rows):
        pointer = f"/lines/{place}"
        entered = quantity.strip() or "0"
        units = 0 if entered == "0" else typed.field(typed.quantity, entered, f"{pointer}/quantity", faults)
        if units is not None:
            arrived.append(Arrived(sku, lot, units, pointer, tuple(serials.split()), _line(line)))
    if faults:
        raise Invalid(faults=faults)
    return arrived


def _judged(rows: Rows) -> list[Judged]:
    faults: list[Fault] = []
    judged = []
    for place, (line, sku, lot, result, quantity, note, serials) in enumerate(rows):
        pointer = f"/lines/{place}"
        if quantity.strip() in ("", "0") or result not in list(Disposition):
            continue
        units = typed.field(typed.quantity, quantity, f"{pointer}/quantity", faults)
        if units is not None:
            named = tuple(serials.split())
            result_of = Disposition(result)
            judged.append(Judged(sku, lot, result_of, units, pointer, note, named, _line(line)))
    if faults:
        raise Invalid(faults=faults)
    return judged


def _line(named: str) -> int | None:
    """The order line as the page names it."""
    return typed.own_number(named)


def _act(number: str, done: str, act: Callable[[], object]) -> str | Response:
    """Do it and show the return again; a refusal stands on its page with what was typed."""

    def acted() -> Said:
        act()
        return Said(done, url_for("returns_desk.show", number=number))

    try:
        return tell(sent_once(acted))
    except (Invalid, Conflict, Forbidden) as refusal:
        current_session().rollback()
        page = render_template("backoffice/returns/show.html", **_context(number, refusal))
        return make_response(page, _STATUS[type(refusal)])


_STATUS: dict[type[DomainError], int] = {Invalid: 422, Conflict: 409, Forbidden: 403}


def _context(number: str, refusal: DomainError | None = None) -> dict[str, Any]:
    found = queries.return_of(current_session(), number)
    faults = list(refusal.faults) if refusal else []
    actor = current_actor()
    return {
        "found": found,
        "files": files_of(current_session(), Owner(OWNER_KIND, number)),
        "refusal": refusal,
        "summary": [(_field(one.pointer), in_words(one)) for one in faults],
        "beside": lambda place: [one for one in faults if one.pointer.startswith(f"/lines/{place}/")],
        "errors": lambda pointer: [in_full(one) for one in faults if one.pointer == pointer],
        "typed": _typed(),
        "reasons": labels(REASONS),
        "remedies": labels(REMEDIES),
        "exchanges": any(line.received and line.remedy == Remedy.EXCHANGE for line in found.lines),
        "unsent": gifts_not_to_send(current_session(), dealer_id=found.dealer_id, order_id=found.order_id),
        "billing": bool(found.gifts) or (refusal is not None and refusal.code == "gifts_exceed_credit"),
        "return_address": lambda number: url_for("returns_desk.show", number=number),
        "dispositions": labels(DISPOSITIONS),
        "results": list(DISPOSITIONS),
        "replacement_address": _address_of_order(found.replacement_no),
        "evidence": labels(EVIDENCE),
        "finding_words": finding_words(),
        "doubts": from_json(found.evidence_findings),
        "is_doubtful": found.evidence == Evidence.DOUBTFUL and found.state == ReturnState.REQUESTED,
        "may_accept": actor.may(ColdChainRight.DECIDE),
        "reports": reports_of(current_session(), number) if _reports_shown(found) else [],
        "may_approve": actor.may(ReturnRight.HANDLE) and found.state == ReturnState.REQUESTED,
        "may_reject": _open(found) and (actor.may(ReturnRight.HANDLE) or _in_doubt(found)),
        "may_receive": actor.may(ReturnRight.HANDLE) and found.state == ReturnState.APPROVED,
        "may_inspect": actor.may(ReturnRight.INSPECT) and found.state == ReturnState.RECEIVED,
    }


def _address_of_order(number: str | None) -> str | None:
    """Where the order is shown, to who may look at it there."""
    actor = current_actor()
    if number and (actor.may(OrderRight.DESK) or actor.may(ShippingRight.SHIP)):
        return url_for("desk.show", number=number)
    return None


def _in_doubt(found: ReturnDetail) -> bool:
    return found.evidence == Evidence.DOUBTFUL and current_actor().may(ColdChainRight.DECIDE)


def _reports_shown(found: ReturnDetail) -> bool:
    """Whether its reports of non-conforming goods are to be shown: only to who may open them."""
    actor = current_actor()
    may_open = actor.may(NonconformingRight.REPORT) or actor.may(QualityRight.DECIDE)
    return found.state == ReturnState.SETTLED and may_open


def _open(found: ReturnDetail) -> bool:
    return found.state in (ReturnState.REQUESTED, ReturnState.APPROVED)


def _typed() -> dict[str, Any]:
    names = ("quantity", "note", "serials", "reason", "credit_instead", "bill_gifts")
    return {name: request.form.getlist(name) for name in names}


def _field(pointer: str) -> str:
    parts = pointer.strip("/").split("/")
    return f"quantity-{parts[1]}" if parts[0] == "lines" and len(parts) > 1 else "lines"


def _tabs(state: str) -> list[tuple[str, str, bool, int | None]]:
    every = (url_for("returns_desk.index"), gettext("All"), not state, None)
    return [
        every,
        *(
            (
                url_for("returns_desk.index", status=str(one)),
                status_look("return", one).label,
                one == state,
                None,
            )
            for one in ReturnState
        ),
    ]
