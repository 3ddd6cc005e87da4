"""An approved run is carried out dealer by dealer, by whoever does it: each is settled once."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Conflict
from portal.kernel.money import ZERO
from portal.settlements import accounts
from portal.settlements.models import RebateRun
from portal.settlements.rules import RunState, SettlementKind, is_beyond
from portal.settlements.run import given, locked_run
from portal.settlements.settle_period import programme_named, settle_dealer

BEYOND_APPROVED = "beyond_approved"
_APPROVED = text("SELECT number FROM rebate_run WHERE state = 'approved' ORDER BY id")
_NUMBER = text("SELECT number FROM rebate_programme WHERE id = :id")


def approved(session: Session) -> list[str]:
    """The runs that were approved and are not done."""
    return list(session.execute(_APPROVED).scalars())


def next_dealers(session: Session, *, number: str, after: int, limit: int) -> list[int]:
    """The next dealers of an approved run, by key; none where it is not approved or is done."""
    run = session.execute(select(RebateRun).where(RebateRun.number == number)).scalar_one_or_none()
    if run is None or run.state != RunState.APPROVED:
        return []
    return accounts.dealers_of(
        session, programme_id=run.programme_id, first_day=run.first_day, after=after, limit=limit
    )


def settle_next(
    session: Session, *, actor: Actor, number: str, dealer_id: int, on: date, at: datetime
) -> int:
    """Settle one dealer of a run. Returns 1, or 0 where nothing was left to do.

    Workers take turns on a run. Raises Conflict `beyond_approved` where it would give more than was approved.
    """
    run = locked_run(session, number)
    if run.state != RunState.APPROVED:  # it was stopped meanwhile, or is done
        return 0
    programme = programme_named(session, session.execute(_NUMBER, {"id": run.programme_id}).scalar_one())
    settled = settle_dealer(
        session,
        actor=actor,
        dealer_id=dealer_id,
        programme=programme,
        first_day=run.first_day,
        kind=SettlementKind(run.kind),
        percent=run.percent or ZERO,
        source=number,
        on=on,
        at=at,
    )
    if settled.paid > 0 and is_beyond(given(session, number).ceiling, run.ceiling):
        raise Conflict(
            BEYOND_APPROVED,
            N_("The settlement would come to more than was approved."),
            fix=N_("It waits for another word, with its figures of now."),
        )
    return int(bool(settled.rows))
