"""Events are sealed in the order of their ids, each once, whoever is still writing meanwhile."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from portal.audit import export
from portal.audit import record as audit
from portal.audit.seal import EVENTS_MAX, note_horizon, seal_batch
from portal.audit.verify import Forged, verify
from portal.audit.vocabulary import AuditAction
from portal.kernel.actor import SYSTEM
from portal.kernel.db import transaction
from portal.kernel.errors import Forbidden
from tests import cast
from tests.audit.acts import minute_passed
from tests.audit.sealed import ANOTHER_KEY, KEY
from tests.races import together

AT = datetime(2026, 11, 2, 3, 4, 5, 600_000, UTC)


def written(session, subject, **more):
    audit.record(session, AuditAction.EXPORTED, subject, actor=SYSTEM, dealer_id=None, **more)


def done(database, *subjects):
    with transaction(database.system_session()) as session:
        for subject in subjects:
            written(session, subject)


def noted(database):
    with transaction(database.system_session()) as session:
        return note_horizon(session)


def sealed(database, key=KEY):
    with transaction(database.system_session()) as session:
        return seal_batch(session, actor=SYSTEM, key=key, at=AT)


def exported(database, **span):
    with transaction(database.system_session()) as session:
        found = export.extent(session, since=span.get("since"), until=span.get("until"))
        return list(export.export(session, found, at=AT))


def events_in(lines):
    return [line for line in lines if '"action"' in line]


def test_what_was_done_is_sealed_a_minute_later_and_verifies(database):
    done(database, "one", "two")
    assert minute_passed(database) == []
    done(database, "three")
    (head,) = minute_passed(database)
    lines = exported(database)
    assert head.events == len(events_in(lines)) == verify(lines, keys={KEY.public}).events
    assert [one for one in ("one", "two", "three") if any(f'"{one}"' in line for line in lines)] == [
        "one",
        "two",
    ]
    (head,) = minute_passed(database)
    assert (head.number, head.events) == (2, 1)
    assert verify(exported(database), root=head.digest()).batches == 2


def test_an_act_that_takes_longer_keeps_its_place(database):
    """Its event has the lower id and appears later: nothing above it is sealed before it has ended."""
    slow = database.system_session()
    written(slow, "slow")
    done(database, "quick")
    noted(database)
    assert minute_passed(database) == []
    assert minute_passed(database) == []
    slow.commit()
    slow.close()
    (head,) = minute_passed(database)
    told = [line for line in events_in(exported(database)) if '"slow"' in line or '"quick"' in line]
    assert '"slow"' in told[0]
    assert '"quick"' in told[1]
    assert verify(exported(database)).batches == head.number


def test_an_act_that_was_given_up_leaves_no_gap_that_anybody_waits_for(database):
    slow = database.system_session()
    written(slow, "given up")
    done(database, "quick")
    noted(database)
    slow.rollback()
    slow.close()
    assert len(minute_passed(database)) == 1
    assert verify(exported(database))


def test_an_event_draws_its_id_in_a_transaction_that_has_a_number(database, owner):
    """Sealing knows by it who may still write: without the trigger an id could be drawn unseen."""
    with transaction(database.system_session()) as session:
        assert session.execute(text("SELECT pg_current_xact_id_if_assigned()")).scalar() is None
        session.execute(
            text(
                "INSERT INTO audit_event (actor, actor_label, action, subject_kind, subject)"
                " SELECT 'system', CAST(pg_current_xact_id_if_assigned() AS text), 'audit:exported', 'audit',"
                " 'x'"
            )
        )
    assert owner.execute(text("SELECT actor_label FROM audit_event WHERE subject = 'x'")).scalar() is not None


def test_many_events_are_sealed_in_batches(database, owner):
    owner.execute(
        text(
            "INSERT INTO audit_event (actor, actor_label, action, subject_kind, subject)"
            " SELECT 'system', 'system', 'audit:exported', 'audit', n::text FROM generate_series(1, :count) n"
        ),
        {"count": 2 * EVENTS_MAX + 1},
    )
    noted(database)
    assert [head.events for head in minute_passed(database)][:2] == [EVENTS_MAX, EVENTS_MAX]
    assert verify(exported(database)).events == len(events_in(exported(database)))


def test_two_workers_seal_each_event_once(database):
    done(database, *map(str, range(20)))
    noted(database)
    outcomes = together(4, lambda _: sealed(database))
    assert len([one for one in outcomes if one is not None]) == 1, outcomes
    assert verify(exported(database)).batches == 1


def test_a_new_key_goes_on_where_the_old_one_ended(database):
    done(database, "one")
    noted(database)
    minute_passed(database)
    done(database, "two")
    noted(database)
    minute_passed(database, ANOTHER_KEY)
    lines = exported(database)
    assert verify(lines, keys={KEY.public, ANOTHER_KEY.public}).keys == (KEY.public, ANOTHER_KEY.public)
    with pytest.raises(Forged, match="signed by another key: batch 2"):
        verify(lines, keys={KEY.public})


def test_a_database_that_was_restored_elsewhere_is_sealed_on(database, owner):
    """Its transactions are numbered anew, from far below."""
    done(database, "one")
    noted(database)
    owner.execute(text("UPDATE audit_horizon SET cluster = 5, transaction = 9000000000000000000"))
    assert len(minute_passed(database)) == 1
    done(database, "two")
    noted(database)
    minute_passed(database)
    assert verify(exported(database)).batches == 2


@pytest.mark.parametrize(
    ("forgery", "told"),
    [
        ("UPDATE audit_event SET reason = 'another' WHERE subject = 'two'", "altered: event .* two "),
        ("DELETE FROM audit_event WHERE subject = 'two'", "deleted: event .* before event .* three "),
        (
            "UPDATE audit_event SET subject = CASE subject WHEN 'one' THEN 'two' ELSE 'one' END"
            " WHERE subject IN ('one', 'two')",
            "altered: event .* two ",
        ),
        (
            "UPDATE audit_batch SET leaves = decode(repeat('00', 32 * CAST(events AS int)), 'hex')",
            "altered: batch 1",
        ),
    ],
)
def test_what_the_owner_of_the_database_forges_is_named_in_its_export(database, owner, forgery, told):
    done(database, "one", "two", "three")
    noted(database)
    minute_passed(database)
    for table in ("audit_event", "audit_batch"):
        owner.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER {table}_append_only"))
        owner.execute(text(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY"))
    owner.execute(text(forgery))
    with pytest.raises(Forged, match=told):
        verify(exported(database))


def test_the_serving_role_neither_changes_nor_deletes_what_is_sealed(database):
    done(database, "one")
    noted(database)
    minute_passed(database)
    for statement in (
        "UPDATE audit_batch SET events = 2",
        "DELETE FROM audit_batch",
        "DELETE FROM audit_horizon",
    ):
        with database.system_session() as session, pytest.raises(ProgrammingError, match="denied"):
            session.execute(text(statement))


def test_a_part_is_exported_in_whole_batches(database):
    for subject in ("one", "two", "three"):
        done(database, subject)
        noted(database)
        minute_passed(database)
    second = [line for line in exported(database) if line.startswith('{"batch"')][1]
    moment = datetime.fromisoformat(second.split('"first_at": "')[1].split('"')[0])
    part = exported(database, since=moment)
    assert verify(part).batches == 2
    with transaction(database.system_session()) as session:
        assert export.extent(session, since=datetime(2999, 1, 1, tzinfo=UTC), until=None) is None


def test_a_dealer_sees_no_seal(database):
    done(database, "one")
    noted(database)
    minute_passed(database)
    with database.dealer_session(cast.yuegang.buyer.actor()) as session:
        for table in ("audit_batch", "audit_horizon"):
            assert session.execute(text(f"SELECT count(*) FROM {table}")).scalar() == 0


def test_nobody_seals_who_sees_a_part_only(database):
    with pytest.raises(Forbidden), transaction(database.system_session()) as session:
        seal_batch(session, actor=cast.south_manager.actor(), key=KEY, at=AT)
