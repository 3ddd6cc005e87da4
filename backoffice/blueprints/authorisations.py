"""Sales authorisations of dealers: proposed by one, approved by another, ended early."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, make_response, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from backoffice.blueprints.region_filter import region_options
from portal.blueprints.papers import today
from portal.dealers.queries import regions_in_scope
from portal.kernel import clock, typed
from portal.kernel.errors import DomainError, Fault, Invalid
from portal.kernel.paging import Page
from portal.papers import authorisation_queries as queries
from portal.papers.authorisation_queries import AuthorisationRow
from portal.papers.authorise import (
    approve_authorisation,
    end_authorisation,
    propose_authorisation,
    reject_authorisation,
    take_back_authorisation,
)
from portal.papers.fault_rules import AuthorisationFacts
from portal.papers.review_paper import decision_faults
from portal.papers.rules import AuthorisationState
from portal.papers.vocabulary import PaperRight
from portal.web import paper_lists
from portal.web.acting import acted
from portal.web.forms import Flag, Form, OwnNumber, Stripped, read_form, takes_columns
from portal.web.listing.page import show_list, sort_of_address
from portal.web.paper_pages import codes_of, history_of, named
from portal.web.presentation import in_full, in_language, in_words
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session, request
from portal.web.sent_once import Said, sent_once, tell
from portal.web.status_looks import status_look

blueprint = Blueprint("authorisations_desk", __name__, url_prefix="/hq/authorisations")

AUTHORISATIONS = paper_lists.authorisations("authorisations-desk", of_desk=True)


class ProposalForm(Form):
    """What somebody proposes."""

    dealer: Stripped
    region: str
    category_codes: str
    hospitals: str
    is_exclusive: Flag
    valid_from: str
    valid_to: str
    note: str


class DecisionForm(Form):
    """What another person decides."""

    decision: str
    reason: str
    revision: OwnNumber


class EndForm(Form):
    """Until when it counts, and why."""

    ended_on: str
    reason: str
    revision: OwnNumber


@blueprint.get("")
@requires(PaperRight.DESK)
@takes_columns("column")
def index() -> str | Response:
    """Authorisations of the dealers in scope, the latest proposed first, or those in one state."""
    asked, region = request.args.get("status", ""), request.args.get("region", "")
    state, q = (asked if asked in list(AuthorisationState) else ""), request.args.get("q", "").strip()
    sort = sort_of_address(AUTHORISATIONS)
    sought: dict[str, Any] = {"state": state, "region_id": typed.own_number(region), "q": q}

    def fetch(cursor: str | None, limit: int) -> Page[AuthorisationRow]:
        return queries.authorisations(current_session(), cursor=cursor, limit=limit, sort=sort, **sought)

    def page_only() -> dict[str, Any]:
        return {
            "status_options": [
                (str(one), status_look("authorisation", one).label) for one in AuthorisationState
            ],
            "region_options": region_options(),
            "may_propose": current_actor().may(PaperRight.AUTHORISE),
        }

    return show_list(
        AUTHORISATIONS,
        fetch,
        "backoffice/authorisations/index.html",
        {"status": state, "region": region, "q": q},
        page_only=page_only,
        count=lambda: queries.count_authorisations(current_session(), **sought),
    )


@blueprint.get("/new")
@requires(PaperRight.AUTHORISE)
def new() -> str:
    """An empty form, with the dealer where the address names one."""
    form = ProposalForm(
        dealer=request.args.get("dealer", ""),
        region="",
        category_codes="",
        hospitals="",
        is_exclusive=False,
        valid_from=today().isoformat(),
        valid_to="",
        note="",
    )
    return render_template("backoffice/authorisations/new.html", **_form(form))


@blueprint.post("")
@requires(PaperRight.AUTHORISE)
def create() -> str | Response:
    """Propose it."""
    form, at = read_form(ProposalForm), clock.now()

    def act() -> Said:
        number = propose_authorisation(
            current_session(), actor=current_actor(), facts=_facts(form), today=today(), at=at
        )
        words = gettext("The authorisation has been proposed. Another person approves it.")
        return Said(words, url_for("authorisations_desk.show", number=number))

    try:
        return tell(sent_once(act))
    except Invalid as refusal:
        current_session().rollback()
        page = render_template("backoffice/authorisations/new.html", **_form(form, refusal))
        return make_response(page, 422)


@blueprint.get("/<number>")
@requires(PaperRight.DESK)
def show(number: str) -> str:
    """One authorisation, with whom it overlaps and the decision it waits for."""
    return render_template("backoffice/authorisations/show.html", **_context(number))


@blueprint.post("/<number>/decision")
@requires(PaperRight.APPROVE)
def decision(number: str) -> str | Response:
    """Approve it, or reject it with the reason."""
    form = read_form(DecisionForm)

    def act() -> str:
        about: dict[str, Any] = {"actor": current_actor(), "number": number, "revision": form.revision}
        if faults := decision_faults(form.decision):
            raise Invalid(faults=faults)
        if form.decision == "accept":
            approve_authorisation(current_session(), at=clock.now(), **about)
            return gettext("The authorisation has been approved.")
        reject_authorisation(current_session(), reason=form.reason, at=clock.now(), **about)
        return gettext("The authorisation has been rejected.")

    return _act(number, act, decided=form)


@blueprint.post("/<number>/withdrawal")
@requires(PaperRight.AUTHORISE)
def withdrawal(number: str) -> str | Response:
    """Take the proposal back."""

    def act() -> str:
        take_back_authorisation(current_session(), actor=current_actor(), number=number, at=clock.now())
        return gettext("The proposal has been taken back.")

    return _act(number, act)


@blueprint.post("/<number>/ending")
@requires(PaperRight.AUTHORISE)
def ending(number: str) -> str | Response:
    """End it early."""
    form = read_form(EndForm)

    def act() -> str:
        faults: list[Fault] = []
        ended_on = typed.field(typed.day, form.ended_on, "/ended_on", faults)
        if faults:
            raise Invalid(faults=faults)
        end_authorisation(
            current_session(),
            actor=current_actor(),
            number=number,
            revision=form.revision,
            ended_on=ended_on,
            reason=form.reason,
            today=today(),
            at=clock.now(),
        )
        return gettext("The authorisation has been ended.")

    return _act(number, act, ended=form)


def _act(
    number: str,
    act: Callable[[], str],
    *,
    decided: DecisionForm | None = None,
    ended: EndForm | None = None,
) -> str | Response:
    """Do it and show the authorisation again; a refusal stands on its page with what was typed."""

    return acted(
        act,
        shown=lambda refusal: render_template(
            "backoffice/authorisations/show.html", **_context(number, decided, ended, refusal)
        ),
        then=lambda words: Said(words, url_for("authorisations_desk.show", number=number)),
    )


def _facts(form: ProposalForm) -> AuthorisationFacts:
    """What was typed, read; what cannot be read goes along as faults."""
    faults: list[Fault] = []
    first = typed.field(typed.day, form.valid_from, "/valid_from", faults)
    last = typed.field(typed.day, form.valid_to, "/valid_to", faults) if form.valid_to.strip() else None
    return AuthorisationFacts(
        form.dealer,
        form.region,
        codes_of(form.category_codes),
        codes_of(form.hospitals),
        form.is_exclusive,
        first,
        last,
        form.note,
        tuple(faults),
    )


def _form(form: ProposalForm, refusal: Invalid | None = None) -> dict[str, Any]:
    session = current_session()
    faults = list(refusal.faults) if refusal else []
    return {
        "typed": form,
        "region_options": [
            (one.code, in_language(one.name_zh, one.name_en))
            for one in regions_in_scope(session, current_actor())
        ],
        "lines": [(one.code, in_language(one.name_zh, one.name_en)) for one in queries.categories(session)],
        "summary": [(f"field-{one.pointer.strip('/')}", in_words(one)) for one in faults],
        "errors": lambda name: [in_full(one) for one in faults if one.pointer == f"/{name}"],
    }


def _context(
    number: str,
    decided: DecisionForm | None = None,
    ended: EndForm | None = None,
    refusal: DomainError | None = None,
) -> dict[str, Any]:
    session, actor = current_session(), current_actor()
    found = queries.authorisation(session, number)
    faults = list(refusal.faults) if refusal else []
    is_open = found.state == AuthorisationState.PROPOSED
    runs = is_open or found.state == AuthorisationState.IN_FORCE
    return {
        "found": found,
        "refusal": refusal,
        "categories": named(found.category_codes, queries.categories(session)),
        "overlaps": queries.overlaps(session, number) if runs else [],
        "history": history_of(found),
        "typed": decided
        or DecisionForm.model_construct(decision="accept", reason="", revision=found.revision),
        "ended": ended or EndForm.model_construct(ended_on="", reason="", revision=found.revision),
        "is_ending": ended is not None and bool(faults),
        "summary": [(f"field-{one.pointer.strip('/')}", in_words(one)) for one in faults],
        "errors": lambda name: [in_full(one) for one in faults if one.pointer == f"/{name}"],
        "may_decide": is_open and actor.may(PaperRight.APPROVE) and actor.key != found.proposed_by,
        "may_withdraw": is_open and actor.may(PaperRight.AUTHORISE),
        "may_end": found.state == AuthorisationState.IN_FORCE and actor.may(PaperRight.AUTHORISE),
    }
