"""Sessions carry their scope, commit as a whole or not at all, and speak of refusals in the words of the
trade.
"""

from __future__ import annotations

import uuid

import psycopg.errors
import pytest
from psycopg import _queries
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, ProgrammingError

from portal.kernel import outbox
from portal.kernel.db import Database, rescope, transaction
from portal.kernel.errors import Conflict, DomainError, Invalid, Unavailable
from tests import cast, servers

OWN_DEALERS = text("SELECT id FROM dealer ORDER BY id")
RESERVE = text(
    "UPDATE stock_level SET reserved = reserved + :units"
    " WHERE warehouse_id = :warehouse AND product_id = :product"
)
ONE_SUTURE = {"warehouse": cast.shanghai_warehouse.id, "product": cast.last_suture.id, "units": 1}


def dealers_seen(session) -> list[int]:
    return list(session.execute(OWN_DEALERS).scalars())


@pytest.fixture
def taken_apart(monkeypatch):
    """The statements that the driver takes apart for the places of their parameters."""
    statements = []
    split = _queries._split_query
    monkeypatch.setattr(
        _queries, "_split_query", lambda query, *more: statements.append(query) or split(query, *more)
    )
    return statements


@pytest.mark.parametrize("length", [100, 5000, 20_000])
def test_a_statement_is_taken_apart_once_however_long(database, taken_apart, length):
    asked = text(f"SELECT :units /* {uuid.uuid4()} {'x' * length} */")
    for units in (1, 2):
        with transaction(database.system_session()) as session:
            assert session.scalar(asked, {"units": units}) == units
    assert len(taken_apart) == 1


def prepared(database) -> int:
    """How many statements one connection has prepared, after one was asked often."""
    with database.engine.connect() as connection:
        for units in range(8):
            connection.execute(text("SELECT :units + 1"), {"units": units})
        return connection.scalar(text("SELECT count(*) FROM pg_prepared_statements"))


def test_statements_are_prepared_unless_a_pooler_breaks_them(cluster, database):
    url = database.engine.url.render_as_string(hide_password=False)
    for prepares in (True, False):
        behind = Database(url, pool_size=1, prepares=prepares)
        assert (prepared(behind) > 0) is prepares
        behind.dispose()


@pytest.mark.parametrize(
    "said",
    [
        "SET TRANSACTION READ ONLY; UPDATE stock_level SET reserved = 0",  # another server leads by now
        "EXECUTE nothing_of_this_name",  # a pooler gave the statement to another connection
        "PREPARE twice AS SELECT 1; PREPARE twice AS SELECT 1",
    ],
)
def test_what_a_changing_server_or_a_pooler_refuses_may_be_tried_again(database, said):
    with pytest.raises(Unavailable), transaction(database.system_session()) as session:
        session.connection().exec_driver_sql(said, execution_options={"no_parameters": True})


# Scope


@pytest.mark.parametrize(
    ("person", "seen"),
    [
        (cast.huadong.buyer, [cast.huadong.id]),
        (cast.huadong.system, [cast.huadong.id]),
        (cast.east_manager, [cast.huadong.id, cast.suzhou.id]),
        (cast.south_desk, [cast.yuegang.id]),
        (cast.national_manager, [dealer.id for dealer in cast.dealers]),
        (cast.erp, [dealer.id for dealer in cast.dealers]),
    ],
    ids=lambda value: getattr(value, "email", getattr(value, "client_id", "")),
)
def test_an_actors_session_sees_what_belongs_to_it(database, person, seen):
    with database.session_for(person.actor()) as session:
        assert dealers_seen(session) == seen


def test_the_scope_is_set_again_after_each_commit(database):
    with database.session_for(cast.huadong.buyer.actor()) as session:
        for _ in range(2):
            assert dealers_seen(session) == [cast.huadong.id]
            session.commit()


def test_a_connection_given_back_keeps_no_scope(cluster, database_name):
    database = servers.database(cluster.app_url(database_name), pool_size=1)
    with database.session_for(cast.national_manager.actor()) as session:
        session.execute(OWN_DEALERS)
        session.commit()
    with database.engine.connect() as connection:
        assert connection.execute(OWN_DEALERS).all() == []
    database.dispose()


def test_a_claimed_identity_sees_itself_until_it_is_confirmed(database):
    manager = cast.east_manager.actor()
    with database.personal_session(manager.key, None) as session:
        assert session.execute(text("SELECT id FROM user_account")).scalars().all() == [cast.east_manager.id]
        assert dealers_seen(session) == []
        rescope(session, manager)
        assert dealers_seen(session) == [cast.huadong.id, cast.suzhou.id]


def test_staff_and_dealers_do_not_borrow_each_others_sessions(database):
    with pytest.raises(ValueError, match="not for a dealer's actor"):
        database.staff_session(cast.huadong.buyer.actor())
    with pytest.raises(ValueError, match="needs an actor of a dealer"):
        database.dealer_session(cast.order_desk.actor())


# Transactions


def test_an_error_in_the_middle_leaves_nothing_behind(database, owner):
    with (
        pytest.raises(RuntimeError),
        transaction(database.session_for(cast.huadong.buyer.actor())) as session,
    ):
        session.execute(RESERVE, ONE_SUTURE)
        raise RuntimeError
    assert reserved(owner) == 0


def test_the_end_of_a_transaction_commits_it(database, owner):
    with transaction(database.session_for(cast.huadong.buyer.actor())) as session:
        session.execute(RESERVE, ONE_SUTURE)
        assert reserved(owner) == 0
    assert reserved(owner) == 1


def reserved(owner) -> int:
    query = text("SELECT reserved FROM stock_level WHERE warehouse_id = :warehouse AND product_id = :product")
    return owner.execute(query, ONE_SUTURE).scalar_one()


def test_workers_are_signalled_after_the_commit_and_only_if_there_is_something_to_do(cluster, database_name):
    signals = []
    database = servers.database(cluster.app_url(database_name), outbox_signal=lambda: signals.append("now"))
    actor = cast.huadong.buyer.actor()
    with transaction(database.session_for(actor)) as session:
        session.execute(OWN_DEALERS)
    assert signals == []
    with transaction(database.session_for(actor)) as session:
        outbox.add(session, "order.placed", dealer_id=cast.huadong.id, number="SO")
        assert signals == []
    assert signals == ["now"]
    with pytest.raises(RuntimeError), transaction(database.session_for(actor)) as session:
        outbox.add(session, "order.placed", dealer_id=cast.huadong.id, number="SO")
        raise RuntimeError
    assert signals == ["now"]
    database.dispose()


# Refusals


def refusal(database, statement: str, **parameters):
    """What a headquarters session is told about a statement."""
    with (
        pytest.raises((DomainError, DBAPIError)) as caught,
        transaction(database.session_for(cast.national_manager.actor())) as session,
    ):
        session.execute(text(statement), parameters)
    return caught.value


def test_a_broken_promise_of_stock_reads_as_taken_by_another_order(database):
    error = refusal(database, str(RESERVE), **ONE_SUTURE | {"units": 2})
    assert isinstance(error, Conflict) and error.code == "stock_short"


def test_an_unbalanced_entry_is_refused_at_the_commit(database):
    error = refusal(
        database,
        "WITH e AS (INSERT INTO journal_entry (dealer_id, kind, document_no, occurred_on, period,"
        " receivable, posted_by)"
        " VALUES (:dealer, 'payment', 'PY', :day, :period, -5, 'user:2') RETURNING id)"
        " INSERT INTO journal_line (dealer_id, entry_id, account, amount)"
        " SELECT :dealer, id, 'receivable', -5 FROM e",
        dealer=cast.huadong.id,
        day=cast.TODAY,
        period=f"{cast.TODAY:%Y-%m}",
    )
    assert isinstance(error, Conflict) and error.code == "unbalanced_entry"


def test_a_published_policy_refuses_to_change(database):
    error = refusal(
        database, "UPDATE price_policy SET title_zh = 'x' WHERE id = :id", id=cast.policy_in_force
    )
    assert isinstance(error, Conflict) and error.code == "policy_published"
    error = refusal(
        database, "UPDATE price_rule SET kind = 'net' WHERE policy_id = :id", id=cast.policy_in_force
    )
    assert isinstance(error, Conflict) and error.code == "policy_published"


def test_a_name_taken_reads_as_a_duplicate(database):
    again = (
        "INSERT INTO price_policy (number, version, title_zh, title_en, valid_from)"
        " SELECT number, version, '', '', now() FROM price_policy"
    )
    error = refusal(database, again)
    assert isinstance(error, Conflict) and error.code == "duplicate"


@pytest.mark.parametrize("amount", ["100000000000000.00", "1e30"])
def test_a_number_beyond_the_column_is_invalid_not_an_accident(database, amount):
    error = refusal(database, "UPDATE dealer_account SET balance = CAST(:amount AS numeric)", amount=amount)
    assert isinstance(error, Invalid) and error.code == "out_of_range"


def test_waiting_too_long_for_a_lock_may_be_repeated(database, owner):
    with owner.engine.begin() as connection:
        connection.execute(
            text("SELECT FROM dealer_account WHERE dealer_id = :id FOR UPDATE"), {"id": cast.huadong.id}
        )
        error = refusal(
            database, "SELECT set_config('lock_timeout', '50ms', true); UPDATE dealer_account SET balance = 1"
        )
    assert isinstance(error, Unavailable)


def test_a_database_that_is_away_reads_as_unavailable(database):
    database.engine.dispose()
    away = Database("postgresql+psycopg://nobody@127.0.0.1:9/nowhere")
    with pytest.raises(Unavailable), transaction(away.session_for(cast.order_desk.actor())) as session:
        session.execute(OWN_DEALERS)


def test_a_fault_of_ours_stays_visible(database):
    assert isinstance(refusal(database, "SELECT no_such_column FROM dealer"), ProgrammingError)


def test_an_error_message_hides_the_parameters_of_its_statement(database):
    error = refusal(database, "SELECT no_such_function(:secret)", secret="hunter2")
    assert "hunter2" not in str(error)


def test_what_was_posted_cannot_be_changed_by_the_serving_role(database):
    error = refusal(database, "UPDATE audit_event SET actor = 'x'")
    assert isinstance(error, ProgrammingError) and isinstance(
        error.orig, psycopg.errors.InsufficientPrivilege
    )
