"""Amendments of a programme: found, locked below their programme, and told with their history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from portal.kernel import proposals, typed
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Conflict, NotFound
from portal.kernel.proposal_life import ProposalAct, ProposalState, acts
from portal.rebates.documents import tiers_of
from portal.rebates.models import RebateAmendment, RebateProgramme
from portal.rebates.reckon import KEPT_DAYS
from portal.rebates.terms import TierTerms


@dataclass(frozen=True, slots=True)
class Amendment:
    """Other tiers of a programme from a day on. why: what was agreed; reason: why it came back or ended."""

    id: int
    number: str
    revision: int
    state: str
    starts_on: date
    tiers_of: tuple[TierTerms, ...]
    why: str
    reason: str
    proposed_by_label: str
    created_at: datetime
    written_by: Sequence[str]
    approved_by_label: str | None
    published_by: str | None
    published_by_label: str | None
    published_at: datetime | None
    withdrawn_at: datetime | None

    @property
    def acts(self) -> frozenset[ProposalAct]:
        """What may be done to it by somebody."""
        return acts(self.state)


def amendments(session: Session, *, programme_id: int) -> list[Amendment]:
    """Every amendment of a programme, by the day from which it holds."""
    rows = session.execute(_OF_PROGRAMME, {"id": programme_id}).all()
    return [Amendment(**{**row._mapping, "tiers_of": tiers_of(row.tiers_of)}) for row in rows]


def published_amendments(session: Session, *, number: str) -> list[Amendment]:
    """The amendments of a programme that count, by the day from which they hold."""
    query = select(RebateProgramme.id).where(RebateProgramme.number == number)
    key = session.execute(query).scalar_one_or_none()
    found = [] if key is None else amendments(session, programme_id=key)
    return [one for one in found if one.state == ProposalState.PUBLISHED]


def amendment(session: Session, *, programme_id: int, name: str) -> Amendment:
    """One amendment of a programme, by its number or id. Raises NotFound."""
    for one in amendments(session, programme_id=programme_id):
        if name in (one.number, str(one.id)):
            return one
    raise NotFound()


def amendment_id_of(session: Session, programme_id: int, name: str) -> int:
    """The amendment of a programme with a number, or with an id as text. Raises NotFound."""
    number = typed.own_number(name)
    column = RebateAmendment.number == name if number is None else RebateAmendment.id == number
    query = select(RebateAmendment.id).where(column, RebateAmendment.programme_id == programme_id)
    found = session.execute(query).scalar_one_or_none()
    if found is None:
        raise NotFound()
    return found


def lock_amendable(session: Session, *, actor: Actor, programme_id: int, today: date) -> RebateProgramme:
    """The published programme, locked, so that nobody withdraws or amends it meanwhile.

    Raises NotFound outside the actor's regions, Conflict for one that never counted, has been withdrawn, or
    ended so long ago that it is reckoned no more.
    """
    programme = session.get(RebateProgramme, programme_id)
    if programme is None or not actor.answers_for(programme.region_id):
        raise NotFound()
    session.refresh(programme, with_for_update=True)
    if programme.state != ProposalState.PUBLISHED:
        message = N_("Only a published programme is amended.")
        fix = N_("Change the draft itself; what was withdrawn stays as it is.")
        raise Conflict("not_published", message, fix=fix, state=programme.state)
    if (today - programme.valid_to).days > KEPT_DAYS:
        message = N_("This programme ended too long ago: it is reckoned no more.")
        raise Conflict("over", message, fix=N_("Nothing is left to do."))
    return programme


def lock_amendment(
    session: Session,
    *,
    actor: Actor,
    amendment_id: int,
    act: ProposalAct,
    today: date,
    revision: int | None = None,
) -> tuple[RebateProgramme, RebateAmendment]:
    """The programme and its amendment, locked in this order, when the act is one of its state.

    Raises NotFound, Conflict.
    """
    found = session.get(RebateAmendment, amendment_id)
    if found is None:
        raise NotFound()
    programme = lock_amendable(session, actor=actor, programme_id=found.programme_id, today=today)
    return programme, proposals.locked(session, found, act=act, revision=revision)


def taken_days(session: Session, programme: RebateProgramme, *, but: int | None = None) -> set[date]:
    """Days from which amendments hold or shall, its own and those of its terms. but: one that is left out."""
    query = select(RebateAmendment.starts_on).where(
        RebateAmendment.programme_id == programme.id,
        RebateAmendment.state != ProposalState.WITHDRAWN,
        RebateAmendment.id != (but or 0),
    )
    written = {date.fromisoformat(one["start"]) for one in programme.terms.get("amendments", ())}
    return written | set(session.execute(query).scalars())


_OF_PROGRAMME = text(
    """
    SELECT id, number, revision, state, starts_on, tiers_of, why, reason, proposed_by_label, created_at,
           written_by, approved_by_label, published_by, published_by_label,
           published_at, withdrawn_at
      FROM rebate_amendment WHERE programme_id = :id ORDER BY starts_on, id LIMIT 200
    """
)
