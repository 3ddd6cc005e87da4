"""Compare everything that is kept twice, and keep what was found."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from sqlalchemy import TextClause, text, update
from sqlalchemy.orm import Session

from portal.audit.checks import CHECKS as OF_AUDIT
from portal.audit.vocabulary import AuditRight
from portal.bank.checks import CHECKS as OF_BANK
from portal.budgets.checks import CHECKS as OF_BUDGETS
from portal.checks import rules
from portal.checks.models import CheckRun
from portal.checks.rules import Result
from portal.checks.stock_levels import CHECKS as OF_STOCK
from portal.claims.checks import CHECKS as OF_CLAIMS
from portal.complaints.checks import CHECKS as OF_COMPLAINTS
from portal.counting.checks import CHECKS as OF_COUNTING
from portal.credit.checks import CHECKS as OF_CREDIT
from portal.custody.checks import CHECKS as OF_CUSTODY
from portal.deliveries.checks import CHECKS as OF_DELIVERIES
from portal.devices.checks import CHECKS as OF_DEVICES
from portal.dunning.checks import CHECKS as OF_DUNNING
from portal.kernel.actor import Actor
from portal.kernel.checking import Check, Difference
from portal.ledger.checks import CHECKS as OF_LEDGER
from portal.nonconforming.checks import CHECKS as OF_NONCONFORMING
from portal.orders.checks import CHECKS as OF_ORDERS
from portal.payments.checks import CHECKS as OF_PAYMENTS
from portal.receiving.checks import CHECKS as OF_RECEIVING
from portal.returns.checks import CHECKS as OF_RETURNS
from portal.service.checks import CHECKS as OF_SERVICE
from portal.settlements.checks import CHECKS as OF_SETTLEMENTS
from portal.statements.checks import CHECKS as OF_STATEMENTS
from portal.tax_invoices.checks import CHECKS as OF_TAX_INVOICES
from portal.transfers.checks import CHECKS as OF_TRANSFERS
from portal.workdays.checks import CHECKS as OF_WORKDAYS

CHECKS: tuple[Check, ...] = (
    *OF_STOCK,
    *OF_RECEIVING,
    *OF_TRANSFERS,
    *OF_COUNTING,
    *OF_NONCONFORMING,
    *OF_CUSTODY,
    *OF_ORDERS,
    *OF_DELIVERIES,
    *OF_RETURNS,
    *OF_SERVICE,
    *OF_DEVICES,
    *OF_COMPLAINTS,
    *OF_CLAIMS,
    *OF_LEDGER,
    *OF_STATEMENTS,
    *OF_CREDIT,
    *OF_DUNNING,
    *OF_SETTLEMENTS,
    *OF_BANK,
    *OF_TAX_INVOICES,
    *OF_PAYMENTS,
    *OF_BUDGETS,
    *OF_WORKDAYS,
    *OF_AUDIT,
)

# A large portal takes minutes; nobody waits for an answer. Sorting and grouping go to disk beyond work_mem.
# The planner takes every table for small, because it cannot estimate the policies; it would group whole
# tables once for each dealer.
_PATIENCE = text("SET LOCAL statement_timeout = 0; SET LOCAL enable_nestloop = off")


def check(
    session: Session, *, actor: Actor, limit: int = rules.TOLD_MAX, checks: Sequence[Check] | None = None
) -> Iterator[Result]:
    """Each check, or each of `checks`, with the first differences it finds.

    Needs a session that sees every dealer; locks nothing.
    """
    actor.require(AuditRight.READ)
    session.execute(_PATIENCE)
    for one in CHECKS if checks is None else checks:
        begun = time.monotonic()
        told = _differences(session, one, limit + 1)
        yield Result(one.name, one.about, time.monotonic() - begun, tuple(told[:limit]), len(told) > limit)


def run_checks(session: Session, *, actor: Actor, now: Callable[[], datetime], run_id: int) -> list[Result]:
    """Make the run that was begun, and keep what it finds."""
    results = list(check(session, actor=actor))
    made = {
        "finished_at": now(),
        "differences": rules.found(results),
        "results": [result.as_json() for result in results],
    }
    session.execute(
        update(CheckRun).where(CheckRun.id == run_id).values(failed_at=None, last_error=None, **made)
    )
    return results


def _differences(session: Session, check: Check, limit: int) -> list[Difference]:
    return [Difference(**row._mapping) for row in session.execute(_first(check), {"limit": limit})]


def _first(check: Check) -> TextClause:
    return text(
        f"SELECT subject, kept::text AS kept, counted::text AS counted FROM ({check.sql}) AS d"
        " ORDER BY subject, kept, counted LIMIT :limit"
    )
