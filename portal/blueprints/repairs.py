"""The repair of a request as its dealer sees it: the quote to decide on, visits, reports, the invoice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.blueprints.frame import dealer_frame
from portal.kernel import clock
from portal.kernel.errors import DomainError, NotFound
from portal.orders.vocabulary import OrderRight
from portal.repairs import decide_quote
from portal.repairs.queries import RepairDetail, repair_of
from portal.repairs.rules import is_expired
from portal.service.queries import request_of
from portal.service.vocabulary import ServiceRight
from portal.web.acting import Answer, acted
from portal.web.forms import Form, OwnNumber, read_form
from portal.web.presentation import in_full
from portal.web.rendering import requires
from portal.web.repair_page import shown_words
from portal.web.request import current_actor, current_session, portal, request
from portal.web.sent_once import Said

blueprint = Blueprint("repairs", __name__, url_prefix="/service-requests")
blueprint.context_processor(dealer_frame)


class DecisionForm(Form):
    """Which version is decided on, as the repair was read, and why it is declined."""

    version: OwnNumber
    revision: OwnNumber
    reason: str


@blueprint.get("/<number>/repair")
@requires(ServiceRight.READ, ServiceRight.WRITE)
def show(number: str) -> str:
    """The repair: what it costs, who comes when, what was found, what is billed."""
    return _page(number)


@blueprint.post("/<number>/quote/acceptance")
@requires(ServiceRight.WRITE)
def acceptance(number: str) -> str | Response:
    """Accept the quote."""
    form, at = read_form(DecisionForm), clock.now()
    settings = portal().settings
    return _act(
        number,
        gettext("The quote is accepted. Thank you."),
        lambda: decide_quote.accept_quote(
            current_session(),
            actor=current_actor(),
            number=number,
            version=form.version,
            revision=form.revision,
            today=clock.business_date(at, settings.timezone),
            margin_days=settings.saleable_days_before_expiry,
            at=at,
        ),
    )


@blueprint.post("/<number>/quote/refusal")
@requires(ServiceRight.WRITE)
def refusal(number: str) -> str | Response:
    """Decline the quote."""
    form, at = read_form(DecisionForm), clock.now()
    return _act(
        number,
        gettext("The quote is declined."),
        lambda: decide_quote.decline_quote(
            current_session(),
            actor=current_actor(),
            number=number,
            version=form.version,
            revision=form.revision,
            reason=form.reason,
            today=clock.business_date(at, portal().settings.timezone),
            at=at,
        ),
    )


def _act(number: str, done: str, act: Callable[[], None]) -> Answer:
    return acted(
        act,
        shown=lambda refused: _page(number, refused),
        then=lambda _: Said(done, url_for("repairs.show", number=number)),
    )


def _page(number: str, refused: DomainError | None = None) -> str:
    session, actor = current_session(), current_actor()
    asked, found = request_of(session, number, with_conversation=False), _found(number)
    today = clock.business_date(clock.now(), portal().settings.timezone)
    offered = found.offered
    may = actor.may(ServiceRight.WRITE) and offered is not None
    faults = refused.faults if refused else ()
    context: dict[str, Any] = {
        "asked": asked,
        "found": found,
        "is_expired": offered is not None and is_expired(offered.valid_until, today),
        "may_decide": may and offered is not None and not is_expired(offered.valid_until, today),
        "may_accept": actor.may(OrderRight.WRITE),
        "refusals": [in_full(one) for one in (faults or (refused,))] if refused else [],
        "reason": request.form.get("reason", "") if refused else "",
        "visit_address": None,
        **shown_words(),
    }
    return render_template("repairs/show.html", **context)


def _found(number: str) -> RepairDetail:
    found = repair_of(current_session(), current_actor(), number)
    if found is None:
        raise NotFound()
    return found
