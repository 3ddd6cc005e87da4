"""What a dealer's session cannot read, asked in plain SQL as the role that serves (migration 0066)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from portal.kernel.registry import registry
from tests import cast
from tests.complaints.acts import a_complaint, an_event, triaged
from tests.repairs.acts import LABOUR, a_request, offered, written
from tests.service.acts import MONDAY, escalated, noted, opened, said, seen

DEALERS_TOO = {
    "dispute",
    *("service request", "installation report", "maintenance", "return", "rebate claim"),
    *("delivery_proof", "delivery_case", "knowledge_article", "product_change"),
    "dealer_paper",
    "recall_answer",
}
HEADQUARTERS = {"service note", "rebate_fact"}


def asked(database, statement, *, by=cast.huadong.boss, **parameters):
    with database.session_for(by.actor()) as session:
        return session.execute(text(statement), parameters).scalars().all()


def test_the_audit_tells_a_dealer_what_it_did_itself_and_nothing_else(database):
    number = opened(database)
    said(database, number)
    noted(database, number)
    complaint = a_complaint(database)
    triaged(database, complaint)
    an_event(database)
    statement = "SELECT DISTINCT actor FROM audit_event"
    assert asked(database, statement) == []
    assert asked(database, statement, by=cast.huadong.service) == [cast.huadong.service.actor().key]
    staff = asked(database, "SELECT action FROM audit_event", by=cast.service_desk)
    assert {"service_request:noted", "service_request:said"} <= set(staff)


def test_the_outbox_tells_a_dealer_nothing_and_takes_what_it_leaves(database, owner):
    opened(database)
    assert asked(database, "SELECT topic FROM outbox", by=cast.huadong.service) == []
    for change in ("UPDATE outbox SET not_before = now() RETURNING 1", "DELETE FROM outbox RETURNING 1"):
        assert asked(database, change, by=cast.huadong.service) == []
    assert owner.execute(text("SELECT count(*) FROM outbox")).scalar_one() > 0


def test_escalations_are_headquarters_own(database):
    number = opened(database, at=MONDAY)
    escalated(database, seen(database, number).first_answer_due_at + timedelta(minutes=1))
    statement = "SELECT stage FROM service_escalation"
    assert asked(database, statement, by=cast.service_desk) and asked(database, statement) == []


def test_a_draft_of_a_quote_is_no_row_of_a_dealers(database):
    number = a_request(database)
    offered(database, number, (LABOUR,))
    written(database, number)
    for statement in (
        "SELECT version FROM repair_quote",
        "SELECT DISTINCT version FROM repair_quote_line",
    ):
        assert sorted(asked(database, statement, by=cast.service_desk)) == [1, 2]
        assert asked(database, statement) == [1]


@pytest.mark.parametrize("kind", sorted(DEALERS_TOO | HEADQUARTERS))
def test_files_of_headquarters_documents_are_no_rows_of_a_dealers(database, owner, kind):
    owner.execute(
        text(
            "INSERT INTO stored_file (id, dealer_id, name, media_type, size, sha256, state, owner_kind,"
            " owner_number, place, uploaded_by, uploaded_by_label, uploaded_at)"
            " VALUES ('FI-1', :dealer, 'a.pdf', 'application/pdf', 1, '', 'kept', :kind, 'X', 1, 'user:1',"
            " 'x', now())"
        ),
        {"dealer": cast.huadong.id, "kind": kind},
    )
    owner.commit()
    is_seen = asked(database, "SELECT owner_kind FROM stored_file")
    assert is_seen == ([] if kind in HEADQUARTERS else [kind])


def test_every_kind_of_files_is_decided_on():
    assert set(registry().file_owners) == DEALERS_TOO | HEADQUARTERS
