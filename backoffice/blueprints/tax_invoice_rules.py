"""By how much tax invoices may differ by rounding, from a day on."""

from __future__ import annotations

from flask import Blueprint, render_template, url_for
from flask_babel import gettext

from portal.kernel import clock
from portal.kernel.errors import DomainError
from portal.ledger.vocabulary import LedgerRight
from portal.tax_invoices import queries
from portal.tax_invoices.limits import limits_on, set_limits
from portal.web.acting import Answer, acted, refused
from portal.web.forms import Day, Form, Money, read_form
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session, portal
from portal.web.sent_once import Said

blueprint = Blueprint("tax_invoice_rules", __name__, url_prefix="/hq/tax-invoice-limits")

READERS = (LedgerRight.READ, LedgerRight.POST, LedgerRight.APPROVE)


class LimitForm(Form):
    """Limits for rounding from a day on."""

    valid_from: Day
    per_line: Money
    per_invoice: Money


@blueprint.get("")
@requires(*READERS)
def limits() -> str:
    """By how much a tax invoice may differ by rounding, today and before."""
    return _page(None)


@blueprint.post("")
@requires(LedgerRight.APPROVE)
def set_new() -> Answer:
    """Set the limits from a day on."""
    at = clock.now()

    def act() -> None:
        form = read_form(LimitForm)
        set_limits(
            current_session(),
            actor=current_actor(),
            valid_from=form.valid_from,
            per_line=form.per_line,
            per_invoice=form.per_invoice,
            today=clock.business_date(at, portal().settings.timezone),
            at=at,
        )

    return acted(
        act,
        shown=_page,
        then=lambda _: Said(gettext("The limits are set."), url_for("tax_invoice_rules.limits")),
    )


def _page(refusal: DomainError | None) -> str:
    session = current_session()
    today = clock.business_date(clock.now(), portal().settings.timezone)
    return render_template(
        "backoffice/tax_invoices/limits.html",
        rows=queries.limit_rows(session),
        now=limits_on(session, today),
        today=today,
        may_set=current_actor().may(LedgerRight.APPROVE) and current_actor().region_ids is None,
        **refused(refusal),
    )
