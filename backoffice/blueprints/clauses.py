"""The clause of a dealer's contract by which time confirms its statements."""

from __future__ import annotations

from flask import Blueprint, render_template, url_for
from flask_babel import gettext

from portal.dealers.queries import load_dealer
from portal.kernel import clock, typed
from portal.kernel.errors import DomainError, Fault, Invalid
from portal.ledger.vocabulary import LedgerRight
from portal.statements.clause import clause_of_dealer, set_clause
from portal.statements.correction_rules import CLAUSE_DAYS_MAX, CLAUSE_DAYS_MIN, NOTICE
from portal.statements.vocabulary import StatementRight
from portal.web.acting import Answer, acted, refused
from portal.web.forms import Flag, Form, OwnNumber, read_form
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session, portal
from portal.web.sent_once import Said

blueprint = Blueprint("clauses", __name__, url_prefix="/hq/dealers")


class ClauseForm(Form):
    """What the contract says. days: as they were typed."""

    is_active: Flag
    days: str
    contract: str
    revision: OwnNumber


@blueprint.get("/<code>/confirmation-clause")
@requires(LedgerRight.READ, StatementRight.CLOSE)
def show(code: str) -> str:
    """Whether a dealer's contract has the clause, and who said so."""
    return _page(code)


@blueprint.post("/<code>/confirmation-clause")
@requires(StatementRight.CLOSE)
def save(code: str) -> Answer:
    """Set it, or take it away."""
    form = read_form(ClauseForm)

    def act() -> None:
        faults: list[Fault] = []
        days = typed.field(typed.quantity, form.days, "/days", faults) if form.is_active else 0
        if faults:
            raise Invalid(faults=faults)
        set_clause(
            current_session(),
            actor=current_actor(),
            code=code,
            is_active=form.is_active,
            days=days or 0,
            contract=form.contract,
            revision=form.revision,
            at=clock.now(),
        )

    return acted(
        act,
        shown=lambda refusal: _page(code, refusal),
        then=lambda _: Said(gettext("The clause has been saved."), url_for("clauses.show", code=code)),
    )


def _page(code: str, refusal: DomainError | None = None) -> str:
    dealer_id, clause = clause_of_dealer(current_session(), code=code)
    today = clock.business_date(clock.now(), portal().settings.timezone)
    return render_template(
        "backoffice/dealers/clause.html",
        dealer=load_dealer(current_session(), dealer_id, day=today),
        clause=clause,
        entered=read_form(ClauseForm) if refusal else None,
        may_set=current_actor().may(StatementRight.CLOSE),
        least=CLAUSE_DAYS_MIN,
        most=CLAUSE_DAYS_MAX,
        notice=NOTICE.days,
        **refused(refusal),
    )
