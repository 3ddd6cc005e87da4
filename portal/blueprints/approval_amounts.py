"""The amounts above which orders of the dealer's own people and systems need approval."""

from __future__ import annotations

from flask import Blueprint, flash, make_response, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.blueprints.frame import dealer_frame
from portal.kernel import clock, typed
from portal.kernel.errors import Fault, Invalid
from portal.purchasing import limits, rules
from portal.purchasing.vocabulary import PurchasingRight
from portal.web.browser_session import ROLE_LABELS
from portal.web.forms import Form, Stripped, read_form
from portal.web.presentation import in_full
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session, portal

blueprint = Blueprint("approval_amounts", __name__, url_prefix="/approval-amounts")
blueprint.context_processor(dealer_frame)

_WHOSE = "buyer"
"""Serial ids of accounts do not leave the portal: whose amount a field is for, is sealed."""


class AmountForm(Form):
    """An amount for somebody; left empty it is lifted."""

    subject: Stripped
    amount: Stripped


@blueprint.get("")
@requires(PurchasingRight.APPROVE)
def index() -> str:
    """Everybody who orders, with the amount up to which they do alone."""
    return _page({}, {})


@blueprint.post("")
@requires(PurchasingRight.APPROVE)
def save() -> str | Response:
    """Set or lift an amount."""
    form = read_form(AmountForm)
    try:
        limits.set_amount(
            current_session(),
            actor=current_actor(),
            subject=_opened(form.subject),
            amount=typed.money(form.amount) if form.amount else None,
            at=clock.now(),
        )
    except typed.Misread as misread:
        return _refused(form, [misread.beside("/amount")])
    except Invalid as refusal:
        return _refused(form, refusal.faults)
    flash(gettext("The amount has been saved. It holds from the next order on."), "success")
    return redirect(url_for("approval_amounts.index"), 303)


def _opened(token: str) -> str:
    """Whom a sealed field of the page names; nobody's name for what is none of ours."""
    try:
        [subject] = portal().sealer.open(_WHOSE, token)
    except ValueError:
        return ""
    return str(subject)


def _refused(form: AmountForm, faults: list[Fault] | tuple[Fault, ...]) -> Response:
    current_session().rollback()
    words = [in_full(fault) for fault in faults]
    return make_response(_page({_opened(form.subject): form.amount}, {_opened(form.subject): words}), 422)


def _page(entered: dict[str, str], errors: dict[str, list[str]]) -> str:
    found = limits.buyers(current_session(), actor=current_actor())
    names = {rules.role(role): str(label) for role, label in ROLE_LABELS.items()}
    names[rules.SYSTEMS] = gettext("Your own systems (API)")
    return render_template(
        "purchasing/amounts.html",
        buyers=[(buyer, portal().sealer.seal(_WHOSE, [buyer.subject])) for buyer in found],
        names=names,
        entered=entered,
        errors=errors,
    )
