"""The repair of a request at headquarters: its quote written and offered, visits planned."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from flask import Blueprint, render_template, url_for
from flask_babel import gettext

from portal.devices.place import place_of
from portal.devices.queries import sees_hospitals
from portal.kernel import clock, typed
from portal.kernel.errors import DomainError, Fault, Invalid
from portal.orders.terms import OrderTerms
from portal.repairs import cancel_repair as giving_up
from portal.repairs import plan_visit as visiting
from portal.repairs import write_quote as quoting
from portal.repairs.plan_visit import VisitEntry
from portal.repairs.queries import RepairDetail, repair_of
from portal.repairs.rules import LINE_MAX, NAME_MAX, VALID_DAYS, LineEntry, is_under_warranty
from portal.repairs.words import LINE_KINDS
from portal.repairs.write_quote import QuoteEntry
from portal.service import handle
from portal.service.queries import RequestDetail, request_of
from portal.service.rules import OPEN, ServiceKind
from portal.service.vocabulary import STAFF
from portal.web.acting import Answer, acted, refused
from portal.web.forms import (
    Form,
    Moment,
    OwnNumber,
    PersonIfAny,
    Stripped,
    read_form,
    rows_of_form,
    takes_columns,
)
from portal.web.rendering import requires
from portal.web.repair_page import shown_words
from portal.web.request import current_actor, current_session, portal, request
from portal.web.sent_once import Said
from portal.web.service_page import options

blueprint = Blueprint("repair_desk", __name__, url_prefix="/hq/service-requests")

COLUMNS = ("kind", "sku", "text", "quantity", "unit_price", "tax_rate")
_SPARE, _MORE = 2, 5


class QuoteForm(Form):
    """A quote without its lines. act: whether rows are added, it is kept, or offered."""

    valid_until: Stripped
    note: str
    is_warranty: str
    revision: OwnNumber
    act: str


class RevisionForm(Form):
    """As the repair was read."""

    version: OwnNumber
    revision: OwnNumber


class VisitForm(Form):
    """An appointment."""

    technician: PersonIfAny
    starts_at: Moment
    ends_at: Moment
    address: Stripped
    contact: Stripped
    phone: Stripped
    visit_note: str


class ReasonForm(Form):
    """Why it is given up."""

    reason: str
    revision: OwnNumber


@blueprint.get("/<number>/repair")
@requires(*STAFF)
def show(number: str) -> str:
    """The repair with its quotes, parts and visits, and what may be done next."""
    return _page(number)


@blueprint.post("/<number>/quote")
@requires(*STAFF)
@takes_columns(*COLUMNS)
def quote(number: str) -> Answer:
    """Keep a draft of a quote, or offer it; or only add rows to the form."""
    if request.form.get("act") == "rows":
        return _page(number, more=_MORE, is_typed=True)

    def act() -> str:
        form, at = read_form(QuoteForm), clock.now()
        about: dict[str, Any] = {"actor": current_actor(), "number": number, "today": _today(at), "at": at}
        about["terms"] = OrderTerms.of(portal().settings)
        revision = form.revision or None
        version = quoting.write_quote(current_session(), entry=_entry(form), revision=revision, **about)
        if form.act != "offer":
            return gettext("The draft is kept.")
        quoting.offer_quote(current_session(), version=version, **about)
        if form.is_warranty:
            return gettext("The repair is under warranty; the work can begin.")
        return gettext("The quote is offered; the clock stands until the dealer decides.")

    return acted(act, shown=lambda refusal: _page(number, refusal, is_typed=True), then=_then(number))


@blueprint.post("/<number>/quote/offer")
@requires(*STAFF)
def offer(number: str) -> Answer:
    """Offer the draft as it is."""
    form, at = read_form(RevisionForm), clock.now()

    def act() -> str:
        quoting.offer_quote(
            current_session(),
            actor=current_actor(),
            number=number,
            version=form.version,
            revision=form.revision,
            today=_today(at),
            terms=OrderTerms.of(portal().settings),
            at=at,
        )
        return gettext("The quote is offered.")

    return acted(act, shown=lambda refusal: _page(number, refusal), then=_then(number))


@blueprint.post("/<number>/quote/withdrawal")
@requires(*STAFF)
def withdrawal(number: str) -> Answer:
    """Take the offered quote back."""
    form = read_form(RevisionForm)

    def act() -> str:
        quoting.withdraw_quote(
            current_session(), actor=current_actor(), number=number, revision=form.revision, at=clock.now()
        )
        return gettext("The quote is withdrawn.")

    return acted(act, shown=lambda refusal: _page(number, refusal), then=_then(number))


@blueprint.post("/<number>/visits")
@requires(*STAFF)
def visit(number: str) -> Answer:
    """Plan a visit."""

    def act() -> str:
        form = read_form(VisitForm)
        entry = VisitEntry(
            form.technician,
            form.starts_at,
            form.ends_at,
            form.address,
            form.contact,
            form.phone,
            form.visit_note,
        )
        visiting.plan_visit(
            current_session(), actor=current_actor(), number=number, entry=entry, at=clock.now()
        )
        return gettext("The visit is planned.")

    return acted(act, shown=lambda refusal: _page(number, refusal), then=_then(number))


@blueprint.post("/<number>/visits/<int:visit_no>/cancellation")
@requires(*STAFF)
def visit_off(number: str, visit_no: int) -> Answer:
    """Call a visit off."""

    def act() -> str:
        visiting.cancel_visit(
            current_session(), actor=current_actor(), number=number, visit_no=visit_no, at=clock.now()
        )
        return gettext("The visit is called off.")

    return acted(act, shown=lambda refusal: _page(number, refusal), then=_then(number))


@blueprint.post("/<number>/repair/cancellation")
@requires(*STAFF)
def cancellation(number: str) -> Answer:
    """Give the repair up."""

    def act() -> str:
        form = read_form(ReasonForm)
        giving_up.cancel_repair(
            current_session(),
            actor=current_actor(),
            number=number,
            reason=form.reason,
            revision=form.revision,
            at=clock.now(),
        )
        return gettext("The repair is cancelled; its parts are free again.")

    return acted(act, shown=lambda refusal: _page(number, refusal), then=_then(number))


def _then(number: str) -> Any:
    return lambda words: Said(words, url_for("repair_desk.show", number=number))


def _entry(form: QuoteForm) -> QuoteEntry:
    """The quote as it was typed. Raises Invalid with every value that cannot be read."""
    faults: list[Fault] = []
    until = typed.field(typed.day, form.valid_until, "/valid_until", faults)
    lines = []
    for place, (kind, sku, text, quantity, price, rate) in enumerate(_typed_rows()):
        if not any(one.strip() for one in (sku, text, quantity, price)):
            continue
        at = f"/lines/{place}"
        units = typed.field(typed.money, quantity, f"{at}/units", faults)
        is_part = kind == "part"
        unit_price = None if is_part else typed.field(typed.money, price, f"{at}/unit_price", faults)
        percent = None if is_part else typed.field(typed.percent, rate, f"{at}/tax_rate", faults)
        share = percent / 100 if percent is not None else None
        lines.append(LineEntry(kind, text, sku.strip(), units, unit_price, share, at))
    if faults:
        raise Invalid(faults=faults)
    return QuoteEntry(lines, until, form.note, bool(form.is_warranty))


def _typed_rows() -> list[tuple[str, ...]]:
    return rows_of_form(*COLUMNS)


def _page(
    number: str, refusal: DomainError | None = None, *, more: int = _SPARE, is_typed: bool = False
) -> str:
    session, actor = current_session(), current_actor()
    asked = request_of(session, number, with_conversation=False)
    found, today = repair_of(session, actor, number), _today(clock.now())
    is_open = asked.state in OPEN and asked.kind == ServiceKind.REPAIR
    live = found if found and found.is_live else None
    people = handle.who_can(session, asked.region_id) if is_open else []
    may_quote = is_open and (live is None or live.may_quote)
    rows = _typed_rows() if is_typed else _rows_of(live)
    asked_on = clock.business_date(asked.asked_at, portal().settings.timezone)
    return render_template(
        "backoffice/repairs/show.html",
        asked=asked,
        found=found,
        live=live,
        may_quote=may_quote,
        may_visit=is_open,
        under_warranty=is_under_warranty(asked.warranty_until, asked_on),
        rows=[*rows, *[("labour", "", "", "", "", "13")] * (more if may_quote else 0)],
        head=_head(live, today, is_typed=is_typed),
        kind_options=options(LINE_KINDS),
        rate_options=[(one, f"{one} %") for one in ("13", "9", "6", "0")],
        people=[(str(one.user_id), one.name) for one in people],
        visit=_visit_typed(asked, found, refusal),
        revision=live.revision if live else 0,
        visit_address=lambda visit_no: url_for("repair_visits.show", number=number, visit_no=visit_no),
        line_faults=lambda place: _line_faults(refusal, place),
        **shown_words(),
        **refused(refusal),
    )


def _line_faults(refusal: DomainError | None, place: int) -> list[Fault]:
    faults = refusal.faults if refusal else ()
    return [one for one in faults if one.pointer.startswith(f"/lines/{place}/")]


def _head(live: RepairDetail | None, today: date, *, is_typed: bool) -> dict[str, str]:
    if is_typed:
        return {name: request.form.get(name, "") for name in ("valid_until", "note", "is_warranty")}
    last = live.draft or live.offered if live else None
    until = last.valid_until if last else today + timedelta(days=VALID_DAYS)
    warranty = "1" if last and last.is_warranty else ""
    return {"valid_until": until.isoformat(), "note": last.note if last else "", "is_warranty": warranty}


def _rows_of(live: RepairDetail | None) -> list[tuple[str, ...]]:
    last = live.draft or live.offered if live else None
    return [
        (
            one.kind,
            one.sku or "",
            "" if one.sku else one.text,
            _plain(one.quantity),
            "" if one.sku else f"{one.unit_price:.2f}",
            _plain(one.tax_rate * 100),
        )
        for one in (last.lines if last else ())
    ]


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"


def _visit_typed(
    asked: RequestDetail, found: RepairDetail | None, refusal: DomainError | None
) -> dict[str, str]:
    """A visit as it was typed; before that as it may be: where the last one was, or where the device is."""
    names = ("technician", "starts_at", "ends_at", "address", "contact", "phone", "visit_note")
    if refusal and (request.endpoint or "").endswith(".visit"):
        return {name: request.form.get(name, "") for name in names}
    tomorrow = _today(clock.now()) + timedelta(days=1)
    day = max(asked.preferred_on or tomorrow, tomorrow)
    last = found.visits[-1] if found and found.visits else None
    place = (
        last.address
        if last
        else place_of(
            current_session(),
            dealer_id=asked.dealer_id,
            sku=asked.sku,
            serial=asked.serial,
            sees=sees_hospitals(current_actor()),
        )
    )
    return dict.fromkeys(names, "") | {
        "technician": str(asked.assignee_id or ""),
        "starts_at": f"{day}T09:00",
        "ends_at": f"{day}T11:00",
        "address": place[:LINE_MAX],
        "contact": last.contact if last else asked.contact[:NAME_MAX],
        "phone": last.phone if last else "",
    }


def _today(at: datetime) -> date:
    return clock.business_date(at, portal().settings.timezone)
