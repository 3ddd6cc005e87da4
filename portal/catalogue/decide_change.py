"""Another person's word on a change of a product: approved as it was submitted, or rejected with a reason."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import update
from sqlalchemy.orm import Session

from portal.audit.record import record
from portal.catalogue.change_life import ChangeAct
from portal.catalogue.models import ProductChange
from portal.catalogue.product_changes import faults_of, lock_change, lock_changes
from portal.catalogue.vocabulary import CatalogueAction, CatalogueRight
from portal.kernel import outbox
from portal.kernel.actor import Actor, require_other_person
from portal.kernel.errors import N_, DomainError, Fault, Invalid

REASON_MAX = 500  # characters


class Decided(NamedTuple):
    """What became of one of many. refusal: why it was left out, None where it was approved."""

    number: str
    refusal: DomainError | None


def approve_change(session: Session, *, actor: Actor, number: str, at: datetime, today: date) -> None:
    """Approve what was submitted; it comes into force as soon as a worker has made its search keys.

    Raises Forbidden to everybody who had a hand in it, Invalid where it has got faults since it was
    submitted, NotFound, Conflict when it does not wait.
    """
    actor.require(CatalogueRight.EDIT)
    change = lock_change(session, number=number, act=ChangeAct.APPROVE)
    for author in change.authors:
        require_other_person(actor, author)
    if faults := faults_of(session, change.sku, change.fields, today):
        raise Invalid(faults=faults)
    session.execute(
        update(ProductChange)
        .where(ProductChange.id == change.id)
        .values(state=change.state, decided_by=actor.key, decided_by_label=actor.label, decided_at=at)
    )
    record(
        session,
        CatalogueAction.CHANGE_APPROVED,
        change.sku,
        actor=actor,
        dealer_id=None,
        after={"change": number, "authors": list(change.authors)},
    )
    outbox.add(session, "product.change", dealer_id=None, change=number)


def approve_changes(
    session: Session, *, actor: Actor, numbers: Sequence[str], at: datetime, today: date
) -> list[Decided]:
    """Approve many; what has faults, does not wait or is the actor's own is left out and named."""
    actor.require(CatalogueRight.EDIT)
    return each_of(
        session,
        numbers,
        lambda number: approve_change(session, actor=actor, number=number, at=at, today=today),
    )


def each_of(session: Session, numbers: Sequence[str], act: Callable[[str], None]) -> list[Decided]:
    """Do to each what may be refused before it writes anything."""
    lock_changes(session, numbers)
    decided = []
    for number in sorted(set(numbers)):
        refusal: DomainError | None = None
        try:
            act(number)
        except DomainError as error:
            refusal = error
        decided.append(Decided(number, refusal))
    return decided


def reject_change(session: Session, *, actor: Actor, number: str, reason: str, at: datetime) -> None:
    """Reject what waits, or give up a draft, with a reason that its author reads.

    Whoever wrote it may do so too. Raises Invalid without a reason, NotFound, Conflict when it is decided.
    """
    actor.require(CatalogueRight.EDIT)
    reason = reason.strip()
    if not 0 < len(reason) <= REASON_MAX:
        message, fix = N_("A reason is needed."), N_("Enter at most %(max)s characters.")
        raise Invalid(faults=[Fault("/reason", "reason", message, fix, {"max": REASON_MAX})])
    change = lock_change(session, number=number, act=ChangeAct.REJECT)
    session.execute(
        update(ProductChange)
        .where(ProductChange.id == change.id)
        .values(
            state=change.state,
            decided_by=actor.key,
            decided_by_label=actor.label,
            decided_at=at,
            reason=reason,
        )
    )
    record(
        session,
        CatalogueAction.CHANGE_REJECTED,
        change.sku,
        actor=actor,
        dealer_id=None,
        after={"change": number},
        reason=reason,
    )
