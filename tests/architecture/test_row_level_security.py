"""Row-level security tried, table by table: without a scope nothing, with a scope the own rows only, and
no way to plant one.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Connection, delete, insert, inspect, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal.capabilities import metadata
from portal.kernel.db import Database
from tests import cast, servers
from tests.conftest import owner_engine

TABLES = {table.name: table for table in metadata.sorted_tables if "dealer_id" in table.c}
OURS, THEIRS = cast.huadong, cast.yuegang

# These are seen by their actor only, whatever the region of a member of staff.
PERSONAL = {"idempotency_key"}

# These by who answers for all regions only: one account takes everybody's money.
EVERYWHERE_ONLY = {"bank_match"}

# What headquarters thinks about dealers, which they do not learn; and what only the portal itself reads.
HEADQUARTERS_ONLY = {
    "dealer_tier_change",
    "outbox",
    "service_escalation",
    "rebate_simulation_dealer",
    "bank_match",
    "complaint_analysis",
    "complaint_entry",
    "adverse_event",
    "adverse_report",
    "adverse_submission",
    "adverse_paper",
    "adverse_warning",
}

every_table = pytest.mark.parametrize("name", TABLES)


@pytest.fixture(scope="module")
def portal(cluster: servers.Cluster, filled_database: str) -> Iterator[Database]:
    """The filled database as the serving role."""
    database = servers.database(cluster.app_url(filled_database))
    yield database
    database.dispose()


@pytest.fixture(scope="module")
def everything(cluster: servers.Cluster, filled_database: str) -> Iterator[Connection]:
    """The filled database as it is."""
    engine = owner_engine(cluster, filled_database)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def dealers_seen(session: Session | Connection, name: str) -> set[int]:
    """Whose rows are seen; rows of nobody do not count."""
    return set(session.execute(select(TABLES[name].c.dealer_id).distinct()).scalars()) - {None}


@contextmanager
def refused_by_row_level_security() -> Iterator[None]:
    """The statement must fail, and for that reason."""
    with pytest.raises(DBAPIError) as refusal:
        yield
    assert refusal.value.orig.sqlstate == "42501"
    assert "row-level security" in str(refusal.value.orig) or "permission denied" in str(refusal.value.orig)


@every_table
def test_there_is_something_to_hide(name, everything):
    assert dealers_seen(everything, name) >= {dealer.id for dealer in cast.dealers}, (
        "add a row to tests/dealer_rows.py"
    )


@every_table
def test_a_session_without_a_scope_sees_nothing(name, portal):
    with portal.engine.connect() as connection:
        assert dealers_seen(connection, name) == set()


@every_table
def test_a_dealer_sees_its_own_rows_only(name, portal):
    with portal.session_for(THEIRS.buyer.actor()) as session:
        assert dealers_seen(session, name) == (set() if name in HEADQUARTERS_ONLY else {THEIRS.id})


@every_table
def test_regional_staff_see_the_dealers_of_their_region_only(name, portal):
    with portal.session_for(cast.east_manager.actor()) as session:
        assert dealers_seen(session, name) == (
            set() if name in PERSONAL | EVERYWHERE_ONLY else {cast.huadong.id, cast.suzhou.id}
        )


@every_table
def test_the_scope_ends_with_its_transaction(name, portal):
    with portal.engine.connect() as connection:
        with connection.begin():
            connection.execute(text("SELECT set_config('app.dealer_id', :id, true)"), {"id": str(OURS.id)})
            assert dealers_seen(connection, name) <= {OURS.id}
        assert dealers_seen(connection, name) == set()


@every_table
def test_nobody_plants_a_row_with_another_dealer(name, portal, everything):
    table = TABLES[name]
    written = [column for column in table.c if column.computed is None]
    row = everything.execute(select(*written).where(table.c.dealer_id == OURS.id).limit(1)).mappings().one()
    for intruder in (THEIRS.buyer, cast.south_manager):
        with portal.session_for(intruder.actor()) as session, refused_by_row_level_security():
            session.execute(
                insert(table).values(
                    {name: value for name, value in row.items() if table.c[name].computed is None}
                )
            )


@every_table
def test_nobody_gives_a_row_away(name, portal):
    table = TABLES[name]
    with portal.session_for(THEIRS.buyer.actor()) as session, refused_by_row_level_security():
        session.execute(update(table).values(dealer_id=OURS.id))


@every_table
def test_nobody_changes_or_deletes_a_row_of_another_dealer(name, portal):
    table = TABLES[name]
    for statement in (update(table).values(dealer_id=table.c.dealer_id), delete(table)):
        with portal.session_for(THEIRS.buyer.actor()) as session:
            try:
                touched = session.execute(statement.where(table.c.dealer_id == OURS.id)).rowcount
            except DBAPIError as error:
                assert error.orig.sqlstate == "42501"
            else:
                assert touched == 0


def test_every_table_of_the_database_is_known_to_these_proofs(everything):
    inspector = inspect(everything)
    owned = {
        name
        for name in inspector.get_table_names()
        if any(c["name"] == "dealer_id" for c in inspector.get_columns(name))
    }
    assert owned == set(TABLES)
