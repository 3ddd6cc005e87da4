"""Held orders: why each waits, with the figures beside, and their release one by one or many at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import Blueprint, flash, make_response, redirect, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from backoffice.blueprints.desk import act_on_order
from backoffice.blueprints.region_filter import region_options
from portal.kernel import clock, typed
from portal.kernel.errors import N_, DomainError, Fault, Invalid
from portal.kernel.paging import Page
from portal.orders import hold_queue
from portal.orders.hold_order import hold_order
from portal.orders.hold_queue import HeldOrder
from portal.orders.release_many import Outcome, release_many
from portal.orders.severity_rules import HOLD_LABELS
from portal.orders.vocabulary import OrderRight
from portal.web.forms import Form, Stripped, read_form, rows_of_form, takes_columns
from portal.web.listing.declaration import Column, Kind, Listing
from portal.web.listing.page import show_list, sort_of_address
from portal.web.presentation import in_full, labels
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session, portal, request

blueprint = Blueprint("holds", __name__, url_prefix="/hq/holds")

HOLDS = Listing(
    "holds",
    N_("Held orders"),
    (
        Column("number", N_("Order"), width="c-16", css="text-nowrap"),
        Column("dealer", N_("Dealer"), Kind.NAME, css="cell-wide", width="c-15"),
        Column("dealer_code", N_("Dealer code"), Kind.CODE, shown=False, width="c-12"),
        Column("region", N_("Region"), Kind.NAME, shown=False, width="c-10"),
        Column("reasons", N_("Why"), css="cell-wide"),
        Column("placed_at", N_("Ordered on"), Kind.MOMENT, width="c-12", is_sortable=True),
        Column("placed_by_label", N_("Ordered by"), shown=False, width="c-12"),
        Column("open_amount", N_("Amount"), Kind.MONEY, width="c-10"),
        Column("over", N_("Above the limit"), Kind.MONEY, width="c-10"),
        Column("exposure", N_("Exposure"), Kind.MONEY, shown=False, width="c-12"),
        Column("credit_limit", N_("Credit limit"), Kind.MONEY, shown=False, width="c-12"),
        Column("overdue", N_("Overdue"), Kind.MONEY, width="c-8"),
        Column("missing", N_("Missing units"), Kind.QUANTITY, width="c-8"),
    ),
    sort=str(hold_queue.LONGEST_WAITING_FIRST),
)


class HoldForm(Form):
    """Which hold is put on an order, and why."""

    kind: Stripped
    reason: str


class ReasonForm(Form):
    """Why the chosen orders are released."""

    reason: str


@dataclass(frozen=True, slots=True)
class Refused:
    """What was not released: the reason as it was typed, the chosen orders with why each was left out."""

    reason: str = ""
    left: Mapping[str, str] = field(default_factory=dict)
    faults: Sequence[Fault] = ()

    def beside(self, *pointers: str) -> list[str]:
        """What is wrong with a field."""
        return [in_full(fault) for fault in self.faults if fault.pointer in pointers]

    @property
    def summary(self) -> list[tuple[str, str]]:
        """Everything that is wrong, each with the field it is about."""
        wrong = [
            ("field-reason" if fault.pointer == "/reason" else "results", in_full(fault))
            for fault in self.faults
        ]
        left = [
            (
                f"release-{number}",
                gettext("%(number)s was left out: %(why)s", number=number, why=why),
            )
            for number, why in self.left.items()
            if why
        ]
        return [*wrong, *left]


@blueprint.get("")
@requires(OrderRight.DESK)
@takes_columns("column")
def index() -> str | Response:
    """Every held order, the longest waiting first."""
    return _list()


@blueprint.post("")
@requires(OrderRight.DESK)
@takes_columns("number")
def release() -> str | Response:
    """Release what was chosen; what cannot be released stays chosen, with its reason beside it."""
    at = clock.now()
    settings = portal().settings
    numbers, reason = [number for (number,) in rows_of_form("number")], read_form(ReasonForm).reason
    try:
        outcomes = release_many(
            portal().database,
            actor=current_actor(),
            numbers=numbers,
            reason=reason,
            today=clock.business_date(at, settings.timezone),
            at=at,
            margin_days=settings.saleable_days_before_expiry,
        )
    except Invalid as refusal:
        return make_response(_list(Refused(reason, dict.fromkeys(numbers, ""), refusal.faults)), 422)
    _tell(outcomes)
    left = {one.number: _why(one.refusal) for one in outcomes if one.refusal is not None}
    if left:
        return make_response(_list(Refused(reason, left)), 409)
    return redirect(url_for("holds.index", **_here()), 303)


@blueprint.post("/<number>")
@requires(OrderRight.DESK)
def put(number: str) -> str | Response:
    """Hold an order by hand."""
    form = read_form(HoldForm)
    return act_on_order(
        number,
        gettext("Order %(number)s is on hold.", number=number),
        lambda: hold_order(
            current_session(),
            actor=current_actor(),
            number=number,
            kind=form.kind,
            reason=form.reason,
            at=clock.now(),
        ),
        dialog="hold",
    )


def _list(refused: Refused | None = None) -> str | Response:
    query = {"kind": request.args.get("kind", ""), "region": request.args.get("region", "")}
    kind = query["kind"] if query["kind"] in HOLD_LABELS else ""
    sought: dict[str, Any] = {"kind": kind, "region_id": typed.own_number(query["region"])}
    sort, settings = sort_of_address(HOLDS), portal().settings
    today = clock.business_date(clock.now(), settings.timezone)

    def fetch(cursor: str | None, limit: int) -> Page[HeldOrder]:
        return hold_queue.held_orders(
            current_session(),
            today=today,
            grace_days=settings.overdue_grace_days,
            cursor=cursor,
            limit=limit,
            sort=sort,
            **sought,
        )

    return show_list(
        HOLDS,
        fetch,
        "backoffice/holds/index.html",
        {**query, "me": current_actor().key, "refused": refused or Refused(), "here": _here()},
        page_only=lambda: {"tabs": _tabs(kind), "regions": region_options()},
        count=lambda: hold_queue.count_held_orders(current_session(), **sought),
    )


def _here() -> dict[str, Any]:
    """What of the address says which orders are shown."""
    return {name: request.args[name] for name in ("kind", "region", "sort", "cursor") if name in request.args}


def _tell(outcomes: list[Outcome]) -> None:
    released = [one.number for one in outcomes if one.released and not one.released.proposed]
    proposed = [one.number for one in outcomes if one.released and one.released.proposed]
    if released:
        flash(gettext("Released: %(numbers)s.", numbers=", ".join(released)), "success")
    if proposed:
        flash(
            gettext("A second person has to agree to: %(numbers)s.", numbers=", ".join(proposed)), "warning"
        )


def _why(refusal: DomainError) -> str:
    return " ".join(in_full(fault) for fault in refusal.faults or (refusal,))


def _tabs(kind: str) -> list[tuple[str, str, bool, int | None]]:
    counts = hold_queue.holds_waiting(current_session())
    words = labels(HOLD_LABELS)
    kinds = [
        (url_for("holds.index", kind=str(one)), str(words[one]), one == kind, counts.get(one, 0))
        for one in HOLD_LABELS
        if one in counts or one == kind
    ]
    return [(url_for("holds.index"), gettext("All"), not kind, None), *kinds]
