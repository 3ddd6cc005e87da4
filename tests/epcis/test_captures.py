"""A document of events from its sending to its answer, on the database as the role that serves."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from portal.epcis.rules import SIZE_MAX, Behaviour
from portal.epcis.take_capture import RUNNING_MAX
from portal.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Unreadable
from tests import cast
from tests.epcis.acts import captured, found, looked_at, sent
from tests.epcis.documents import REFERENCE, a_document, an_event
from tests.races import together

DECLARED = {"errorDeclaration": {"declarationTime": "2026-11-03T00:00:00Z", "reason": "did_not_occur"}}
LOT = {"epcClass": "urn:epc:class:lgtin:4012345.012345.2602B07", "quantity": 5}


def counted(one) -> tuple[str, int, int, int]:
    return one.state, one.captured, one.repeated, one.refused


def test_the_same_document_twice_changes_nothing(database, owner):
    content = a_document(an_event(), an_event(action="ADD"))
    assert counted(captured(database, sent(database, content))) == ("done", 2, 0, 0)
    before = owner.execute(text("SELECT id, record_time FROM epcis_event ORDER BY id")).all()
    assert counted(captured(database, sent(database, content))) == ("done", 0, 2, 0)
    assert owner.execute(text("SELECT id, record_time FROM epcis_event ORDER BY id")).all() == before
    assert owner.execute(text("SELECT count(*) FROM epcis_capture_part")).scalar_one() == 0


def test_one_event_in_both_forms_is_captured_once(database):
    xml = REFERENCE / "epcisDocWithVariousEventTypes.xml"
    first = captured(database, sent(database, xml.read_bytes(), is_xml=True))
    second = captured(database, sent(database, xml.with_suffix(".jsonld").read_bytes()))
    assert (first.captured, second.captured, second.repeated) == (13, 0, 13)


def test_a_declaration_of_error_stands_beside_what_it_corrects(database):
    captured(database, sent(database, a_document(an_event())))
    again = a_document(an_event(**DECLARED), an_event(**DECLARED))
    assert counted(captured(database, sent(database, again))) == ("done", 1, 1, 0)
    assert ["errorDeclaration" in one for one in found(database)] == [False, True]
    assert len(found(database, is_declaration=True)) == len(found(database, is_declaration=False)) == 1


def test_two_events_that_share_a_hash_are_two(database):
    events = [an_event(**{"example:code": f"11110000111100001111000{last}"}) for last in (0, 1, 0)]
    assert counted(captured(database, sent(database, a_document(*events)))) == ("done", 2, 1, 0)


def test_with_proceed_what_is_without_faults_is_captured(database):
    content = a_document(an_event(), an_event(action="MOVE"), an_event(action="ADD"))
    done = captured(database, sent(database, content, behaviour=Behaviour.PROCEED))
    assert counted(done) == ("partly", 2, 0, 1)
    assert [one["pointer"] for one in done.faults] == ["/epcisBody/eventList/1/action"]


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (b"", Invalid),
        (b"{", Unreadable),
        (a_document(an_event(), context="https://elsewhere.example/context.jsonld"), Invalid),
        (a_document(type="Invoice"), Invalid),
    ],
)
def test_what_is_no_document_is_refused_at_once_and_leaves_nothing(database, owner, content, refusal):
    with pytest.raises(refusal):
        sent(database, content)
    assert owner.execute(text("SELECT count(*) FROM epcis_capture")).scalar_one() == 0


def test_a_document_that_is_too_large_is_refused(database, monkeypatch):
    monkeypatch.setattr("portal.epcis.take_capture.SIZE_MAX", 1000)
    assert SIZE_MAX == 128 * 2**20
    with pytest.raises(Invalid) as refused:
        sent(database, a_document(an_event(epcList=["urn:x:1" * 50] * 9)))
    assert refused.value.faults[0].code == "document_too_large"


def test_only_so_many_documents_of_a_dealer_wait(database):
    for _ in range(RUNNING_MAX):
        sent(database, a_document(an_event()))
    with pytest.raises(Conflict, match="too_many_captures"):
        sent(database, a_document(an_event()))
    sent(database, a_document(an_event()), by=cast.yuegang.buyer)


def test_only_a_dealers_system_captures(database):
    with pytest.raises(Forbidden):
        sent(database, a_document(an_event()), by=cast.huadong.finance)
    with pytest.raises(Forbidden):
        sent(database, a_document(an_event()), by=cast.quality)


def test_a_rival_learns_nothing_and_its_own_event_is_its_own(database):
    number = sent(database, a_document(an_event()))
    captured(database, number)
    assert found(database, by=cast.yuegang.buyer) == []
    with pytest.raises(NotFound):
        looked_at(database, number, by=cast.yuegang.buyer)
    theirs = captured(database, sent(database, a_document(an_event()), by=cast.yuegang.buyer), cast.yuegang)
    assert counted(theirs) == ("done", 1, 0, 0)
    assert len(found(database, by=cast.quality)) == 2 and looked_at(database, number, by=cast.quality)


def test_events_are_found_however_their_keys_are_written(database):
    there = an_event(readPoint={"id": "https://x.example/414/4012345000054"}, quantityList=[LOT])
    case = an_event(
        type="AggregationEvent",
        parentID="urn:epc:id:sscc:4012345.0111111111",
        childEPCs=there["epcList"],
        action="ADD",
        bizStep="packing",
        eventTime="2026-11-05T00:00:00Z",
    )
    del case["epcList"]
    captured(database, sent(database, a_document(there, case)))
    link = "https://id.gs1.org/01/04012345111118/21/9876"
    box = "https://id.gs1.org/00/040123451111111110"
    assert len(found(database, epcs=[link])) == len(found(database, any_epcs=[link])) == 2
    assert (len(found(database, epcs=[box])), len(found(database, any_epcs=[box]))) == (0, 1)
    lot = "https://id.gs1.org/01/04012345123456/10/2602B07"
    assert len(found(database, epc_classes=[lot])) == 1 and found(database, epc_classes=[box]) == []
    assert len(found(database, read_points=["https://id.gs1.org/414/4012345000054"])) == 2
    assert len(found(database, biz_steps=["https://ref.gs1.org/cbv/BizStep-packing"])) == 1
    assert len(found(database, event_types=["ObjectEvent"], actions=["OBSERVE"])) == 1


def test_two_workers_at_one_document_capture_it_once(database, owner):
    number = sent(database, a_document(*(an_event(action=one) for one in ("ADD", "OBSERVE", "DELETE"))))
    outcomes = together(2, lambda _: captured(database, number))
    assert any(not isinstance(one, Exception) for one in outcomes)
    assert counted(looked_at(database, number)) == ("done", 3, 0, 0)
    assert owner.execute(text("SELECT count(*) FROM epcis_event")).scalar_one() == 3
