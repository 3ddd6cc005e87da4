"""Propose letters for every dealer with overdue debts: a run, which a person reviews."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import chain

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit import record as audit
from portal.dunning.debts import dealers_in_debt, debts_of
from portal.dunning.everywhere import require_everywhere
from portal.dunning.policy import SetPolicy, policy_in_force
from portal.dunning.rules import Demand, demand
from portal.dunning.vocabulary import TO_REVIEW, DunningAction
from portal.dunning.write_items import write_items
from portal.kernel import numbering
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Conflict
from portal.ledger.vocabulary import LedgerRight
from portal.notifications.tell import announce

RUN, LETTER = "DG", "DN"
_BATCH = 200  # dealers read at once

_WAITING = text("SELECT number FROM dunning_run WHERE state = 'proposed'")
_RUN = text(
    """
    INSERT INTO dunning_run (number, day, policy_version, proposed_by, proposed_by_label, proposed_at)
    VALUES (:number, :day, :version, :by, :label, :at)
    ON CONFLICT (state) WHERE state = 'proposed' DO NOTHING RETURNING id
    """
)
_LETTER = text(
    """
    INSERT INTO dunning_letter (dealer_id, number, run_id, level, written_on, pay_by, amount, interest,
                                made_at)
    VALUES (:dealer_id, :number, :run_id, :level, :day, :pay_by, :amount, :interest, :at) RETURNING id
    """
)


def propose_run(session: Session, *, actor: Actor, today: date, at: datetime) -> str | None:
    """Propose a run as debts stand now; its number, None where nobody has to be written to.

    Raises Conflict while another run waits for its review, Forbidden. For who sees all dealers.
    """
    actor.require(LedgerRight.POST)
    require_everywhere(actor)
    if session.execute(_WAITING).first() is not None:
        raise _waits()
    in_force = policy_in_force(session)
    demands = _demands(session, in_force, today)
    first = next(demands, None)
    if first is None:
        return None
    number = numbering.new_number(RUN, today)
    head = {"number": number, "day": today, "version": in_force.version, "at": at}
    by = {"by": actor.key, "label": actor.label}
    run_id: int | None = session.execute(_RUN, head | by).scalar_one_or_none()
    if run_id is None:
        raise _waits()
    letters = 0
    for dealer_id, found in chain([first], demands):
        _write(session, run_id, dealer_id, found, in_force, today, at)
        letters += 1
    audit.record(
        session,
        DunningAction.RUN_PROPOSED,
        number,
        actor=actor,
        dealer_id=None,
        after={"letters": letters, "day": today.isoformat()},
    )
    announce(
        session,
        event=TO_REVIEW,
        dealer_id=None,
        path=f"/hq/dunning/{number}",
        facts={"number": number, "letters": letters},
    )
    return number


def _demands(session: Session, in_force: SetPolicy, today: date) -> Iterator[tuple[int, Demand]]:
    """The demands to all dealers, a batch of dealers in memory at a time."""
    due_until, after = today - timedelta(days=in_force.policy.days[0]), 0
    while dealers := dealers_in_debt(session, due_until=due_until, after=after, most=_BATCH):
        for dealer_id, debts in debts_of(session, dealers, due_until=due_until).items():
            found = demand(debts, in_force.policy, today)
            if found is not None:
                yield dealer_id, found
        after = dealers[-1]


def _write(
    session: Session,
    run_id: int,
    dealer_id: int,
    found: Demand,
    in_force: SetPolicy,
    today: date,
    at: datetime,
) -> None:
    row = {
        "dealer_id": dealer_id,
        "number": numbering.new_number(LETTER, today),
        "run_id": run_id,
        "level": found.level,
        "day": today,
        "pay_by": today + timedelta(days=in_force.policy.respite),
        "amount": found.amount,
        "interest": found.interest,
        "at": at,
    }
    letter_id: int = session.execute(_LETTER, row).scalar_one()
    write_items(session, dealer_id=dealer_id, letter_id=letter_id, items=found.items)


def _waits() -> Conflict:
    message = N_("A run waits for its review already.")
    return Conflict("run_waits", message, fix=N_("Release or discard it first."))
