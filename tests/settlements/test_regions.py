"""Whose settlements a region's manager sees, and of what."""

from __future__ import annotations

from dataclasses import replace

import pytest

from portal.kernel.errors import NotFound
from portal.settlements import queries
from portal.settlements.run import decide_run
from portal.settlements.waiting import work
from tests import cast
from tests.ledger.acts import delivered
from tests.rebates.acts import as_staff, published, published_for_all, reckoned
from tests.settlements.acts import LATER, MONTH, carried_out, decided, proposed

SOUTHERN_FINANCE = replace(cast.finance_colleague, regions=cast.south_manager.regions)


@pytest.fixture
def runs(given, database) -> tuple[str, str]:
    """One of the east, one of the whole country, both proposed."""
    for dealer in (cast.huadong, cast.yuegang):
        delivered(given, database, {cast.gloves: 40}, to=dealer)
    numbers = [published(database)[1], published_for_all(database, title_en="Whole country")[1]]
    reckoned(database)
    eastern, national = (proposed(database, number, MONTH) for number in numbers)
    return eastern, national


def seen(database, number, person=cast.south_manager):
    return as_staff(database, person, lambda session, actor: queries.run(session, number, actor=actor))


def test_a_settlement_of_another_region_is_nobody_elses(runs, database):
    eastern, national = runs
    with pytest.raises(NotFound):
        seen(database, eastern)
    listed = as_staff(
        database, cast.south_manager, lambda session, actor: queries.runs(session, actor=actor).items
    )
    assert [one.number for one in listed if one.number != "RS-PAST"] == [national]
    assert seen(database, eastern, cast.east_manager).dealers > 0


def test_of_the_nations_a_regions_manager_sees_what_its_dealers_were_paid(runs, database):
    _, national = runs
    whole = seen(database, national, cast.hq_finance)
    own = seen(database, national)
    assert whole.dealers > 1 and (own.dealers, own.amount) == (0, 0)
    decided(database, national)
    carried_out(database, national)
    own = seen(database, national)
    assert own.dealers == 1 and 0 < own.amount == own.paid < whole.amount


def test_a_regions_finance_decides_on_its_regions_settlements_only(runs, database):
    for number in runs:
        with pytest.raises(NotFound):
            as_staff(
                database,
                SOUTHERN_FINANCE,
                lambda session, actor, number=number: decide_run(
                    session, actor=actor, number=number, approve=True, reason="", at=LATER
                ),
            )
    waits = as_staff(
        database,
        SOUTHERN_FINANCE,
        lambda session, actor: list(work(session, actor, LATER, cast.TODAY)),
    )
    assert [(one.count, one.amount) for one in waits] == [(0, None)]
