"""Write a programme: a draft, changed as a whole, two managers never overwriting each other."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from portal.audit.record import record
from portal.kernel import clock, proposals
from portal.kernel.actor import Actor
from portal.kernel.errors import Invalid
from portal.kernel.numbering import new_number
from portal.kernel.proposal_life import ProposalAct
from portal.rebates.documents import columns_of, lock_programme
from portal.rebates.models import RebateProgramme
from portal.rebates.naming import answering_region
from portal.rebates.term_faults import term_faults
from portal.rebates.terms import Terms
from portal.rebates.vocabulary import RebateAction, RebateRight

PREFIX = "FL"


def draft_programme(
    session: Session, *, actor: Actor, terms: Terms, zone: ZoneInfo, at: datetime
) -> RebateProgramme:
    """A new draft.

    Raises Invalid with every fault beside its field, also for goods, dealers and regions that do not exist or
    lie beyond the actor's.
    """
    actor.require(RebateRight.PROPOSE)
    programme = RebateProgramme(
        number=new_number(PREFIX, clock.business_date(at, zone)),
        proposed_by=actor.key,
        proposed_by_label=actor.label,
        written_by=[actor.key],
        created_at=at,
        **_columns(session, actor, terms),
    )
    session.add(programme)
    session.flush()
    _record(session, actor, RebateAction.DRAFTED, programme)
    return programme


def edit_programme(session: Session, *, actor: Actor, programme_id: int, revision: int, terms: Terms) -> int:
    """Give a draft other terms, as it was read at `revision`.

    Returns the new revision. Raises Invalid as `draft_programme` does, NotFound outside the actor's regions,
    Conflict for what is no draft and for an overtaken one.
    """
    actor.require(RebateRight.PROPOSE)
    programme = lock_programme(
        session, actor=actor, programme_id=programme_id, act=ProposalAct.EDIT, revision=revision
    )
    for name, value in _columns(session, actor, terms).items():
        setattr(programme, name, value)
    proposals.edited(programme, actor)
    session.flush()
    _record(session, actor, RebateAction.EDITED, programme)
    return programme.revision


def _columns(session: Session, actor: Actor, terms: Terms) -> dict[str, Any]:
    """Columns of the programme. Raises Invalid."""
    faults = term_faults(terms)
    region_id = answering_region(session, actor, terms, faults)
    if faults:
        raise Invalid(faults=faults)
    return columns_of(terms) | {"region_id": region_id}


def _record(session: Session, actor: Actor, action: RebateAction, programme: RebateProgramme) -> None:
    after = {
        "number": programme.number,
        "title_zh": programme.title_zh,
        "valid_from": programme.valid_from.isoformat(),
        "valid_to": programme.valid_to.isoformat(),
        "revision": programme.revision or 1,
        "terms": programme.terms,
    }
    record(session, action, programme.number, actor=actor, dealer_id=None, after=after)
