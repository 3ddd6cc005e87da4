"""Corrected versions of statements: what waits for a second person, and the correction of one statement."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, render_template, url_for
from flask_babel import gettext

from portal.kernel import clock
from portal.kernel.errors import DomainError
from portal.ledger.vocabulary import LedgerRight
from portal.statements import queries
from portal.statements.answers import answer_of
from portal.statements.correct_statement import approve_correction, propose_correction, reject_correction
from portal.statements.correction_queries import corrections_in_detail
from portal.statements.rules import VersionState
from portal.statements.versions import later_documents, waiting_corrections
from portal.statements.vocabulary import StatementRight
from portal.statements.words import CHANGED
from portal.web.acting import Answer, acted, refused
from portal.web.forms import Form, column_of_form, read_form, takes_columns
from portal.web.fresh_sign_in import fresh_sign_in
from portal.web.presentation import labels
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session
from portal.web.sent_once import Said
from portal.web.statement_page import KINDS, current_issuer

blueprint = Blueprint("statement_corrections", __name__, url_prefix="/hq/statement-corrections")


class ReasonForm(Form):
    """Why a statement is corrected, or a correction refused."""

    reason: str


@blueprint.get("")
@requires(LedgerRight.READ, LedgerRight.APPROVE, StatementRight.CLOSE)
def index() -> str:
    """Corrections that wait for a decision."""
    waiting = waiting_corrections(current_session())
    return render_template("backoffice/closing/corrections.html", waiting=waiting, me=current_actor().key)


@blueprint.get("/<number>")
@requires(LedgerRight.READ, LedgerRight.APPROVE, StatementRight.CLOSE)
def show(number: str) -> str:
    """The correction of one statement: what waits, what was decided, and the form for the next."""
    return _page(number)


@blueprint.post("/<number>")
@requires(StatementRight.CLOSE)
@takes_columns("document")
def create(number: str) -> Answer:
    """Propose the next version."""
    form, documents = read_form(ReasonForm), column_of_form("document")
    return acted(
        lambda: propose_correction(
            current_session(),
            actor=current_actor(),
            number=number,
            documents=documents,
            reason=form.reason,
            issuer=current_issuer(),
            at=clock.now(),
        ),
        shown=lambda refusal: _page(number, refusal, documents),
        then=lambda _: Said(
            gettext("The correction waits for another person."),
            url_for("statement_corrections.show", number=number),
        ),
    )


@blueprint.post("/<number>/approval")
@requires(LedgerRight.APPROVE)
@fresh_sign_in
def approval(number: str) -> Answer:
    """Issue the version that another person proposed."""
    return acted(
        lambda: approve_correction(
            current_session(),
            actor=current_actor(),
            number=number,
            issuer=current_issuer(),
            at=clock.now(),
        ),
        shown=lambda refusal: _page(number, refusal),
        then=lambda version: Said(
            gettext("Version %(version)s has been issued.", version=version),
            url_for("closing.statement", number=number),
        ),
    )


@blueprint.post("/<number>/rejection")
@requires(LedgerRight.APPROVE)
def rejection(number: str) -> Answer:
    """Refuse it."""
    reason = read_form(ReasonForm).reason
    return acted(
        lambda: reject_correction(
            current_session(), actor=current_actor(), number=number, reason=reason, at=clock.now()
        ),
        shown=lambda refusal: _page(number, refusal),
        then=lambda _: Said(
            gettext("The correction has been rejected."),
            url_for("statement_corrections.show", number=number),
        ),
    )


def _page(number: str, refusal: DomainError | None = None, chosen: Sequence[str] = ()) -> str:
    session, actor = current_session(), current_actor()
    asked = corrections_in_detail(session, number=number, issuer=current_issuer())
    waiting = next((one for one in asked if one.state == VersionState.PROPOSED), None)
    context: dict[str, Any] = refused(refusal)
    return render_template(
        "backoffice/closing/correction.html",
        statement=queries.statement(session, number),
        answer=answer_of(session, number),
        waiting=waiting,
        decided=[one for one in asked if one is not waiting],
        later=later_documents(session, number=number),
        kinds=KINDS,
        changed=labels(CHANGED),
        chosen=chosen,
        may_propose=actor.may(StatementRight.CLOSE) and waiting is None,
        may_decide=actor.may(LedgerRight.APPROVE),
        me=actor.key,
        **context,
    )
