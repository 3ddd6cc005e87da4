"""The clause of a dealer's contract by which time confirms its statements."""

from __future__ import annotations

from typing import Any

from backoffice.api.schemas.statements import ClauseBody, ClauseShape
from portal.kernel import clock
from portal.kernel.errors import N_
from portal.ledger.vocabulary import LedgerRight
from portal.statements.clause import clause_of_dealer, set_clause
from portal.statements.vocabulary import StatementRight
from portal.web.api.operations import HEADQUARTERS, operation
from portal.web.request import current_actor, current_session


@operation(
    "GET",
    "/hq/dealers/<dealer>/confirmation-clause",
    tag=HEADQUARTERS,
    rights=(LedgerRight.READ, StatementRight.CLOSE),
    answers=ClauseShape,
    summary=N_("Whether time confirms the statements of a dealer"),
    about=N_("As the contract says. The dealer is told five days before."),
)
def show(dealer: str) -> dict[str, Any]:
    return _shown(dealer)


@operation(
    "PUT",
    "/hq/dealers/<dealer>/confirmation-clause",
    tag=HEADQUARTERS,
    rights=(StatementRight.CLOSE,),
    body=ClauseBody,
    answers=ClauseShape,
    conflicts=True,
    summary=N_("Set or take away the clause by which time confirms the statements of a dealer"),
    about=N_("It applies to statements that are issued from then on. `revision` is that of what was read."),
)
def save(dealer: str, body: ClauseBody) -> dict[str, Any]:
    set_clause(
        current_session(),
        actor=current_actor(),
        code=dealer,
        is_active=body.active,
        days=body.days or 0,
        contract=body.contract,
        revision=body.revision,
        at=clock.now(),
    )
    return _shown(dealer)


def _shown(code: str) -> dict[str, Any]:
    _, clause = clause_of_dealer(current_session(), code=code)
    return {
        "dealer": code,
        "active": clause.is_active,
        "days": clause.days if clause.revision else None,
        "contract": clause.contract,
        "revision": clause.revision,
        "set_by": clause.set_by_label or None,
        "set_at": clause.set_at,
    }
