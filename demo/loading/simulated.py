"""A simulation of a programme that is still a draft."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import text

from demo.loading.acting import Acting
from demo.scenario import Scenario
from demo.world.business_days import ZONE, month_start
from portal.rebates.ask_simulation import ask_simulation
from portal.rebates.simulate import simulate_some, take_up

_DRAFT = text("SELECT id FROM rebate_programme WHERE state = 'draft' ORDER BY id LIMIT 1")
_DEALERS = text("SELECT count(*) FROM dealer")


def simulate(acting: Acting, scenario: Scenario) -> None:
    """Have the draft run over three full months; of many dealers a worker does it when the portal starts."""
    session, today = acting.session, scenario.today
    draft: int = session.execute(_DRAFT).scalar_one()
    at = acting.at(scenario.now - timedelta(hours=3))
    simulation = ask_simulation(
        session,
        actor=acting.staff("channel"),
        programme_id=draft,
        first=month_start(today, -3).isoformat(),
        last=(month_start(today) - timedelta(days=1)).isoformat(),
        zone=ZONE,
        at=at,
    )
    if session.execute(_DEALERS).scalar_one() > len(scenario.dealers):
        return
    take_up(session, simulation_id=simulation)
    while simulate_some(session, simulation_id=simulation, zone=ZONE, at=at + timedelta(seconds=40)):
        pass
