"""Ask for a simulation: a job runs a programme over days of the past, before anything is promised."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from portal.audit.record import record
from portal.kernel import clock, outbox, typed
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Conflict, Fault, Invalid, NotFound
from portal.kernel.proposal_life import ProposalState
from portal.rebates.documents import terms_of, told_of
from portal.rebates.models import RebateProgramme, RebateSimulation
from portal.rebates.simulated_past import SimulationState, day_faults, days_before
from portal.rebates.vocabulary import RebateAction, RebateRight

SIMULATE = "rebates.simulate"
UNDER_WAY = (SimulationState.WAITING, SimulationState.RUNNING)
BEFORE_RELEASE = (ProposalState.DRAFT, ProposalState.SUBMITTED, ProposalState.APPROVED)


def ask_simulation(
    session: Session,
    *,
    actor: Actor,
    programme_id: int,
    first: str = "",
    last: str = "",
    zone: ZoneInfo,
    at: datetime,
) -> int:
    """Have a programme that is not published run over past days; returns the simulation's id.

    first, last: as they were typed; without either the programme's own days a year ago. One at a time for a
    programme. Raises Invalid, NotFound outside the actor's regions, Conflict for what is published and while
    another is under way.
    """
    actor.require(RebateRight.PROPOSE, RebateRight.APPROVE)
    programme = session.get(RebateProgramme, programme_id)
    if programme is None or not actor.answers_for(programme.region_id):
        raise NotFound()
    session.refresh(programme, with_for_update=True)
    days = _days(programme, first, last, clock.business_date(at, zone))
    if programme.state not in BEFORE_RELEASE:
        message = N_("This programme is published: what it costs is reckoned from its first day on.")
        raise Conflict("programme_published", message)
    _refuse_another(session, programme_id)
    values = {
        "programme_id": programme_id,
        "revision": programme.revision,
        "terms": told_of(terms_of(programme)),
        "first_day": days[0],
        "last_day": days[1],
        "asked_by": actor.key,
        "asked_by_label": actor.label,
        "asked_at": at,
    }
    simulation: int = session.execute(
        insert(RebateSimulation).values(values).returning(RebateSimulation.id)
    ).scalar_one()
    after = {"revision": programme.revision, "from": days[0].isoformat(), "to": days[1].isoformat()}
    record(session, RebateAction.SIMULATED, programme.number, actor=actor, dealer_id=None, after=after)
    outbox.add(session, SIMULATE, dealer_id=None, simulation=simulation)
    return simulation


def _days(programme: RebateProgramme, first: str, last: str, today: date) -> tuple[date, date]:
    """The days that are asked for. Raises Invalid."""
    if not first.strip() and not last.strip():
        return days_before(programme.valid_from, programme.valid_to, today)
    faults: list[Fault] = []
    begins = typed.field(typed.day, first, "/from", faults)
    ends = typed.field(typed.day, last, "/to", faults)
    if begins is not None and ends is not None:
        faults += day_faults(begins, ends, today)
    if faults or begins is None or ends is None:
        raise Invalid(faults=faults)
    return begins, ends


def _refuse_another(session: Session, programme_id: int) -> None:
    busy = select(RebateSimulation.id).where(
        RebateSimulation.programme_id == programme_id, RebateSimulation.state.in_(UNDER_WAY)
    )
    if session.execute(busy).first() is not None:
        message = N_("A simulation of this programme is under way.")
        raise Conflict("simulation_under_way", message, fix=N_("Wait until it is done."))
