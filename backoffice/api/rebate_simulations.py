"""Simulations of rebate programmes: asked for, followed, read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from backoffice.api.schemas.rebate_simulations import SimulationAsked, SimulationBody, SimulationShape
from portal.kernel import clock, typed
from portal.kernel.errors import N_, NotFound
from portal.rebates import queries
from portal.rebates.ask_simulation import ask_simulation
from portal.rebates.documents import programme_id_of
from portal.rebates.queries import ManagedProgramme
from portal.rebates.simulations import Part, outcome, simulated_dealers, simulation, simulations
from portal.rebates.vocabulary import RebateRight
from portal.web.api.operations import HEADQUARTERS, Answer, operation
from portal.web.request import current_actor, current_session, portal

DEALERS_MAX = 200
BOTH = (RebateRight.PROPOSE, RebateRight.APPROVE)


@operation(
    "POST",
    "/hq/rebates/programmes/<programme>/simulations",
    tag=HEADQUARTERS,
    rights=BOTH,
    body=SimulationBody,
    answers=SimulationAsked,
    status=202,
    creates=True,
    conflicts=True,
    located="/hq/rebates/programmes/{programme}/simulations/{simulation}",
    summary=N_("Run a programme over past days before it is published"),
    about=N_("A job reckons every dealer it would be for. Location shows how far it is."),
)
def create(programme: str, body: SimulationBody) -> Answer:
    session, actor, key = current_session(), current_actor(), programme_id_of(current_session(), programme)
    ask_simulation(
        session,
        actor=actor,
        programme_id=key,
        first=body.first,
        last=body.last,
        zone=portal().settings.timezone,
        at=clock.now(),
    )
    found = _programme(programme)
    latest = simulations(session, actor=actor, programme=found)[0]
    return Answer({"programme": found.number, "simulation": latest.place, "state": latest.state}, 202)


@operation(
    "GET",
    "/hq/rebates/programmes/<programme>/simulations/<simulation_no>",
    tag=HEADQUARTERS,
    rights=BOTH,
    answers=SimulationShape,
    summary=N_("A simulation and what it came to"),
    about=N_("`done` of `total` dealers are reckoned; the figures are there when the state is done."),
)
def show(programme: str, simulation_no: str) -> dict[str, Any]:
    session, of = current_session(), _programme(programme)
    place = typed.own_number(simulation_no)
    if place is None:
        raise NotFound()
    found = simulation(session, actor=current_actor(), programme=of, place=place)
    told = outcome(session, simulation_id=found.id) if found.state == "done" else None
    page = simulated_dealers(session, simulation_id=found.id, limit=DEALERS_MAX) if told else None
    names = ("revision", "is_current", "first_day", "last_day", "state", "done", "total")
    return {
        **{name: getattr(found, name) for name in names},
        "programme": of.number,
        "simulation": found.place,
        "failed": found.error or None,
        "sold": told and told.sold,
        "accrued": told and told.accrued,
        "budget": of.terms.budget,
        "tiers": [
            {name: getattr(one, name) for name in ("tier", "dealers", "sold", "accrued")}
            for one in (told.tiers if told else ())
        ],
        "regions": _parts(told.regions if told else ()),
        "products": _parts(told.products if told else ()),
        "months": _parts(told.months if told else ()),
        "dealers": [
            {
                "dealer": one.code,
                **{name: getattr(one, name) for name in ("sold", "qualified", "reached_tier", "accrued")},
            }
            for one in (page.items if page else ())
        ],
    }


def _programme(name: str) -> ManagedProgramme:
    session = current_session()
    today = clock.business_date(clock.now(), portal().settings.timezone)
    key = programme_id_of(session, name)
    return queries.programme(session, actor=current_actor(), programme_id=key, today=today)


def _parts(parts: Sequence[Part]) -> list[dict[str, Any]]:
    return [{name: getattr(one, name) for name in ("code", "dealers", "sold", "accrued")} for one in parts]
