"""Webhooks of service, repairs and devices: as documented, to their dealer, nothing internal."""

from __future__ import annotations

import json
import re

from sqlalchemy import text

from portal.kernel.db import transaction
from portal.kernel.outbox import Effect
from portal.kernel.registry import registry
from portal.webhooks.publish import publish
from tests import cast
from tests.architecture import tree
from tests.devices.acts import HOSPITAL, installed, number_of, sent
from tests.repairs.acts import NINE, a_report, a_request, accepted, filed, offered, visited, written
from tests.service.acts import MONDAY, asked, escalated, noted, opened, said, seen
from tests.webhooks.acts import OWNER, RIVAL, messages, subscribed

DOCUMENT = (tree.ROOT / "docs" / "webhooks.md").read_text(encoding="utf-8")
EXAMPLE = json.loads(re.search(r"```json\n(\[.*?\])\n```", DOCUMENT, re.DOTALL)[1])
EVENTS = [one for one in registry().emits if one.startswith(("service_request.", "repair.", "device."))]


def told(owner, *, dealer=cast.huadong) -> list[dict]:
    """What was left in the outbox for webhooks, in its order."""
    rows = owner.execute(
        text("SELECT topic, payload FROM outbox WHERE dealer_id = :dealer ORDER BY id"), {"dealer": dealer.id}
    )
    return [{"type": row.topic, "data": row.payload} for row in rows if row.topic in registry().emits]


def shapes(events):
    """Without what is another number or moment each time."""
    plain = json.dumps(events)
    plain = re.sub(r"(SV|SI)2[0-9]{3}-[0-9A-Z]{9}", r"\1", plain)
    return json.loads(re.sub(r'"starts_at": "[^"]+"', '"starts_at": ""', plain))


def test_the_document_names_every_event():
    assert [one for one in registry().emits if f"`{one}`" not in DOCUMENT] == []


def test_a_repair_tells_what_the_document_says_in_its_order(database, owner):
    number = a_request(database)
    accepted(database, number, offered(database, number))
    visit_no = visited(database, number, starts_at=NINE)
    said(database, number, "Secret words.", by=cast.service_desk)
    filed(database, number, visit_no, a_report(database))
    events = told(owner)
    assert shapes(events) == shapes(EXAMPLE)
    assert not any(word in json.dumps(events) for word in ("Secret", "Renmin", "Dr Li", "李医生"))


def test_nothing_internal_causes_an_event(database, owner):
    number = opened(database, at=MONDAY)
    repair = a_request(database)
    owner.rollback()
    before = told(owner)
    noted(database, number)
    written(database, repair)
    escalated(database, seen(database, number).first_answer_due_at)
    owner.rollback()
    assert told(owner) == before
    asked(database, number)
    owner.rollback()
    new = [one["type"] for one in told(owner)[len(before) :]]
    assert new == ["service_request.answered", "service_request.changed"]


def test_devices_are_told_by_their_number_without_serial_and_hospital(given, database, owner):
    shipment = sent(given, database, "S-77")
    number = number_of(owner, "S-77")
    installed(database, number)
    owner.rollback()
    events = [one for one in told(owner) if one["type"].startswith("device.")]
    assert events[0] == {"type": "device.registered", "data": {"number": number, "shipment": shipment}}
    assert events[1]["type"] == "device.installed" and events[1]["data"]["moved"] is False
    assert "S-77" not in json.dumps(events) and HOSPITAL not in json.dumps(events)


def test_only_the_dealers_own_webhook_and_headquarters_are_told(database, owner):
    ours = subscribed(database, "https://erp.example/a", *EVENTS).number
    theirs = subscribed(database, "https://erp.example/b", *EVENTS, who=RIVAL).number
    headquarters = subscribed(database, "https://erp.example/c", *EVENTS, who=cast.administrator).number
    number = opened(database)
    rows = owner.execute(text("SELECT id, topic, dealer_id, payload FROM outbox ORDER BY id")).all()
    effects = [Effect(row.id, row.topic, row.dealer_id, row.payload, 0, cast.NOW) for row in rows]
    with transaction(database.system_session()) as session:
        publish(session, effects, api="https://portal.example/api/v1", at=cast.NOW)
    [mine] = messages(database, ours, who=OWNER)
    assert mine.event == "service_request.opened" and mine.subject == number
    assert messages(database, theirs, who=RIVAL) == []
    assert len(messages(database, headquarters, who=cast.administrator)) == 1
