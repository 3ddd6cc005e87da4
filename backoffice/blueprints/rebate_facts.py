"""Facts about dealers that rebates ask for: stated with evidence, confirmed by another person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.files.attach import files_of, uploaded_files
from portal.files.rules import Owner
from portal.kernel import clock, typed
from portal.kernel.errors import N_, DomainError, Fault
from portal.kernel.paging import Page
from portal.rebates import facts
from portal.rebates.fact_faults import Stated
from portal.rebates.facts import OWNER_KIND, FactRow
from portal.rebates.rules import FactKind, FactState
from portal.rebates.state_fact import confirm_fact, refuse_fact, state_fact
from portal.rebates.vocabulary import RebateRight
from portal.rebates.words import FACT_KINDS
from portal.web import file_field
from portal.web.acting import acted
from portal.web.forms import Form, Stripped, read_form, takes_columns
from portal.web.listing.declaration import Column, Kind, Listing
from portal.web.listing.page import show_list, sort_of_address
from portal.web.presentation import in_full, labels
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session, portal, request
from portal.web.sent_once import Said
from portal.web.status_looks import status_look

blueprint = Blueprint("rebate_facts", __name__, url_prefix="/hq/rebates/facts")

BOTH = (RebateRight.PROPOSE, RebateRight.APPROVE)

FACTS = Listing(
    "rebate-facts",
    N_("Facts about dealers"),
    (
        Column("number", N_("Fact"), Kind.CODE, width="c-16"),
        Column("dealer", N_("Dealer"), Kind.NAME, css="cell-wide"),
        Column("dealer_code", N_("Dealer code"), Kind.CODE, shown=False, width="c-12"),
        Column("kind", N_("About"), Kind.WORD, words=FACT_KINDS, width="c-15"),
        Column("holds", N_("Holds"), Kind.WORD, words={True: N_("yes"), False: N_("no")}, width="c-8"),
        Column("state", N_("State"), Kind.STATUS, status="rebate fact", width="c-10", css="cell-corner"),
        Column("from_day", N_("From day"), Kind.DATE, width="c-10"),
        Column("to_day", N_("Until"), Kind.DATE, empty=N_("further notice"), width="c-10"),
        Column("stated_at", N_("Stated at"), Kind.MOMENT, width="c-15", is_sortable=True),
        Column("stated_by_label", N_("Stated by"), shown=False, width="c-12"),
    ),
    sort=str(facts.LATEST_FIRST),
)


class FactForm(Form):
    """What is stated. Days are read with the rules, so that all that is wrong is told at once."""

    dealer: Stripped
    kind: str
    holds: str
    from_day: Stripped
    to_day: Stripped
    reason: str


class ReasonForm(Form):
    """Why it is refused."""

    reason: str


@blueprint.get("")
@requires(*BOTH)
@takes_columns("column")
def index() -> str | Response:
    """Facts, the latest first, or those in one state."""
    said = request.args.get("status", "")
    state, q = (said if said in list(FactState) else ""), request.args.get("q", "").strip()
    sort = sort_of_address(FACTS)
    sought: dict[str, Any] = {"actor": current_actor(), "state": state, "q": q}

    def fetch(cursor: str | None, limit: int) -> Page[FactRow]:
        return facts.facts(current_session(), cursor=cursor, limit=limit, sort=sort, **sought)

    def count() -> int:
        return facts.count_facts(current_session(), **sought)

    def page_only() -> dict[str, Any]:
        return {"tabs": _tabs(state), "may_state": current_actor().may(RebateRight.PROPOSE)}

    template = "backoffice/rebate_facts/index.html"
    return show_list(FACTS, fetch, template, {"status": state, "q": q}, page_only=page_only, count=count)


@blueprint.get("/new")
@requires(RebateRight.PROPOSE)
def new() -> str:
    """An empty form."""
    return _form({"kind": FactKind.NO_DIVERSION_CASE, "holds": "no"})


@blueprint.post("")
@requires(RebateRight.PROPOSE)
@takes_columns(file_field.IDS)
def create() -> str | Response:
    """State it."""
    form, sent = read_form(FactForm), list[str]()

    def act() -> str:
        sent.extend(file_field.sent_files())
        return state_fact(
            current_session(),
            actor=current_actor(),
            stated=_stated(form, sent),
            zone=portal().settings.timezone,
            at=clock.now(),
        )

    return acted(
        act,
        shown=lambda refusal: _form(form.model_dump(), refusal, sent or file_field.sent_ahead()),
        then=lambda number: Said(
            gettext("Stated: another person confirms it."), url_for("rebate_facts.show", fact=number)
        ),
    )


@blueprint.get("/<fact>")
@requires(*BOTH)
def show(fact: str) -> str:
    """A fact with its evidence."""
    return _page(fact)


@blueprint.post("/<fact>/confirmation")
@requires(RebateRight.APPROVE)
def confirmation(fact: str) -> str | Response:
    """Another person confirms it."""
    return acted(
        lambda: confirm_fact(current_session(), actor=current_actor(), number=fact, at=clock.now()),
        shown=lambda refusal: _page(fact, refusal),
        then=lambda _: Said(gettext("Confirmed. What was earned is reckoned now."), _address(fact)),
    )


@blueprint.post("/<fact>/refusal")
@requires(RebateRight.APPROVE)
def refusal(fact: str) -> str | Response:
    """Another person does not."""
    reason = read_form(ReasonForm).reason
    return acted(
        lambda: refuse_fact(
            current_session(), actor=current_actor(), number=fact, reason=reason, at=clock.now()
        ),
        shown=lambda refused: _page(fact, refused),
        then=lambda _: Said(gettext("Refused: it never counts."), _address(fact)),
    )


def _stated(form: FactForm, files: Sequence[str]) -> Stated:
    faults: list[Fault] = []
    days = {
        pointer: typed.field(typed.day, entered, pointer, faults) if entered else None
        for pointer, entered in (("/from", form.from_day), ("/to", form.to_day))
    }
    if form.holds not in ("yes", "no"):
        faults.append(Fault("/holds", "choice", N_("Choose one of the list."), N_("Say whether it holds.")))
    kind = FactKind(form.kind) if form.kind in list(FactKind) else None
    return Stated(
        form.dealer,
        kind,
        form.holds == "yes",
        days["/from"],
        days["/to"],
        form.reason,
        tuple(files),
        tuple(faults),
    )


_FIELDS = {"from": "from_day", "to": "to_day"}


def _form(values: Mapping[str, Any], refusal: DomainError | None = None, sent: Sequence[str] = ()) -> str:
    def field_of(fault: Fault) -> str:
        name = fault.pointer.strip("/").split("/")[0]
        return _FIELDS.get(name, "files" if name == "file" else name)

    faults = [(field_of(one), in_full(one)) for one in (refusal.faults if refusal else ())]
    return render_template(
        "backoffice/rebate_facts/new.html",
        values=values,
        refusal=refusal,
        beside=lambda name: [said for field, said in faults if field == name],
        summary=[(f"field-{field}", said) for field, said in faults],
        kinds=list(labels(FACT_KINDS).items()),
        files=uploaded_files(current_session(), actor=current_actor(), ids=sent),
    )


def _page(number: str, refused: DomainError | None = None) -> str:
    actor = current_actor()
    found = facts.fact_of(current_session(), actor=actor, number=number)
    waits = found.state == FactState.STATED
    return render_template(
        "backoffice/rebate_facts/show.html",
        fact=found,
        about=labels(FACT_KINDS)[FactKind(found.kind)],
        files=files_of(current_session(), Owner(OWNER_KIND, number)),
        may_decide=waits and actor.may(RebateRight.APPROVE) and actor.key != found.stated_by,
        waits_for_another=waits and actor.key == found.stated_by,
        refusals=[in_full(one) for one in refused.faults or (refused,)] if refused else [],
    )


def _address(number: str) -> str:
    return url_for("rebate_facts.show", fact=number)


def _tabs(state: str) -> list[tuple[str, str, bool, int | None]]:
    address = "rebate_facts.index"
    return [
        (url_for(address), gettext("All"), not state, None),
        *(
            (url_for(address, status=str(one)), status_look("rebate fact", one).label, one == state, None)
            for one in FactState
        ),
    ]
