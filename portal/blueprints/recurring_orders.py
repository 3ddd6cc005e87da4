"""Recurring orders of the dealer: set up from a template, paused, given up, and what became of them."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.blueprints.frame import dealer_frame
from portal.kernel import clock
from portal.kernel.errors import N_, Fault, Invalid, NotFound
from portal.orders.vocabulary import OrderRight
from portal.purchasing import recurring, templates
from portal.purchasing.rules import Rhythm
from portal.purchasing.words import ACTS
from portal.web.forms import Flag, Form, Stripped, read_form
from portal.web.presentation import in_full, in_words, labels
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session, portal, request

blueprint = Blueprint("recurring_orders", __name__, url_prefix="/recurring-orders")
blueprint.context_processor(dealer_frame)

WEEKDAYS = (
    N_("every Monday"),
    N_("every Tuesday"),
    N_("every Wednesday"),
    N_("every Thursday"),
    N_("every Friday"),
    N_("every Saturday"),
    N_("every Sunday"),
)

_FIELDS = ("/template", "/rhythm", "/day", "/act")


class RecurringForm(Form):
    """A template and when it is ordered. rhythm: ``weekly-3``, ``monthly-31``."""

    template: Stripped
    rhythm: Stripped
    act: Stripped


class PauseForm(Form):
    """Whether it stops or goes on."""

    paused: Flag


@blueprint.get("")
@requires(OrderRight.WRITE)
def index() -> str:
    """What comes next first, with what became of the last dates, and the form for another."""
    return _page({"template": request.args.get("template", "")}, [])


@blueprint.post("")
@requires(OrderRight.WRITE)
def create() -> str | Response:
    """Order a template regularly from now on."""
    form, at = read_form(RecurringForm), clock.now()
    rhythm, _, day = form.rhythm.partition("-")
    try:
        recurring.keep_recurring(
            current_session(),
            actor=current_actor(),
            template_name=form.template,
            rhythm=rhythm,
            day=int(day) if day.isascii() and day.isdigit() and len(day) < 3 else 0,
            act=form.act,
            today=clock.business_date(at, portal().settings.timezone),
            at=at,
        )
    except Invalid as refusal:
        current_session().rollback()
        return make_response(_page(form.model_dump(), list(refusal.faults)), 422)
    except NotFound:
        message, fix = N_("There is no such template any more."), N_("Choose another one.")
        faults = [Fault("/template", "unknown_template", message, fix)]
        return make_response(_page(form.model_dump(), faults), 422)
    flash(gettext("The order recurs from now on."), "success")
    return redirect(url_for("recurring_orders.index"), 303)


@blueprint.post("/<number>/pause")
@requires(OrderRight.WRITE)
def pause(number: str) -> Response:
    """Stop, or go on."""
    paused = read_form(PauseForm).paused
    today = clock.business_date(clock.now(), portal().settings.timezone)
    recurring.pause_recurring(
        current_session(), actor=current_actor(), number=number, paused=paused, today=today
    )
    flash(gettext("It is paused.") if paused else gettext("It goes on, in your name."), "success")
    return redirect(url_for("recurring_orders.index"), 303)


@blueprint.post("/<number>/removal")
@requires(OrderRight.WRITE)
def remove(number: str) -> Response:
    """Give it up."""
    recurring.remove_recurring(current_session(), actor=current_actor(), number=number)
    flash(gettext("The order does not recur any more."), "success")
    return redirect(url_for("recurring_orders.index"), 303)


def rhythm_options() -> list[tuple[str, str]]:
    """Every rhythm that can be chosen."""
    weekly = [(f"{Rhythm.WEEKLY}-{place}", gettext(word)) for place, word in enumerate(WEEKDAYS, start=1)]
    return weekly + [(f"{Rhythm.MONTHLY}-{day}", _monthly(day)) for day in range(1, 32)]


def _monthly(day: int) -> str:
    if day == 31:
        return gettext("on the last day of every month")
    return gettext("on day %(day)s of every month", day=day)


def _page(entered: dict[str, Any], faults: list[Fault]) -> str:
    session, actor = current_session(), current_actor()
    names = [one.name for one in templates.templates(session, actor=actor)]
    return render_template(
        "purchasing/recurring.html",
        orders=recurring.recurring_orders(session, actor=actor),
        templates=[(name, name) for name in names],
        rhythms=rhythm_options(),
        acts=[(str(act), word) for act, word in labels(ACTS).items()],
        words=dict(rhythm_options()),
        kept_words=lambda kept: in_words(Fault("", **kept)),
        entered=entered,
        errors=[in_full(fault) for fault in faults if fault.pointer not in _FIELDS],
        beside=lambda *pointers: [in_full(fault) for fault in faults if fault.pointer in pointers],
    )
