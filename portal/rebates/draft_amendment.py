"""Write an amendment of a published programme: a draft of its own; the programme stands as it is."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from portal.audit.record import record
from portal.kernel import clock, proposals
from portal.kernel.actor import Actor
from portal.kernel.errors import Invalid
from portal.kernel.numbering import new_number
from portal.kernel.proposal_life import ProposalAct
from portal.rebates.amendment_faults import Amending, amendment_faults
from portal.rebates.amendments import lock_amendable, lock_amendment, taken_days
from portal.rebates.documents import terms_of, tiers_as_json
from portal.rebates.models import RebateAmendment, RebateProgramme
from portal.rebates.vocabulary import RebateAction, RebateRight

PREFIX = "FB"


def draft_amendment(
    session: Session, *, actor: Actor, programme_id: int, amending: Amending, zone: ZoneInfo, at: datetime
) -> RebateAmendment:
    """A new draft.

    Raises Invalid with every fault beside its field, also for a day that another amendment has, NotFound
    outside the actor's regions, Conflict for a programme that is not published or is over for good.
    """
    actor.require(RebateRight.PROPOSE)
    today = clock.business_date(at, zone)
    programme = lock_amendable(session, actor=actor, programme_id=programme_id, today=today)
    starts_on = _checked(session, programme, amending, None)
    made = RebateAmendment(
        programme_id=programme_id,
        number=new_number(PREFIX, today),
        starts_on=starts_on,
        tiers_of=tiers_as_json(amending.tiers_of),
        why=amending.why.strip(),
        proposed_by=actor.key,
        proposed_by_label=actor.label,
        written_by=[actor.key],
        created_at=at,
    )
    session.add(made)
    session.flush()
    _record(session, actor, RebateAction.AMENDMENT_DRAFTED, programme, made)
    return made


def edit_amendment(
    session: Session, *, actor: Actor, amendment_id: int, revision: int, amending: Amending, today: date
) -> int:
    """Give a draft another day, other tiers, another reason, as it was read at `revision`.

    Returns the new revision. Raises what `draft_amendment` raises, Conflict for what is no draft and for an
    overtaken one.
    """
    actor.require(RebateRight.PROPOSE)
    programme, found = lock_amendment(
        session,
        actor=actor,
        amendment_id=amendment_id,
        act=ProposalAct.EDIT,
        today=today,
        revision=revision,
    )
    found.starts_on = _checked(session, programme, amending, amendment_id)
    found.tiers_of, found.why = tiers_as_json(amending.tiers_of), amending.why.strip()
    proposals.edited(found, actor)
    session.flush()
    _record(session, actor, RebateAction.AMENDMENT_EDITED, programme, found)
    return found.revision


def _checked(session: Session, programme: RebateProgramme, amending: Amending, but: int | None) -> date:
    """The day from which it holds. Raises Invalid."""
    taken = taken_days(session, programme, but=but)
    faults = amendment_faults(terms_of(programme), amending, taken)
    if faults or amending.starts_on is None:
        raise Invalid(faults=faults)
    return amending.starts_on


def _record(
    session: Session,
    actor: Actor,
    action: RebateAction,
    programme: RebateProgramme,
    found: RebateAmendment,
) -> None:
    after = {
        "amendment": found.number,
        "from": found.starts_on.isoformat(),
        "tiers_of": found.tiers_of,
        "why": found.why,
        "revision": found.revision or 1,
    }
    record(session, action, programme.number, actor=actor, dealer_id=None, after=after)
