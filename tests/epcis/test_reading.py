"""A document is read event by event; what is broken, bottomless or foreign is refused in words."""

from __future__ import annotations

import json

import pytest

from portal.epcis.event_rules import read_event
from portal.epcis.json_rules import DEPTH_MAX, EVENT_MAX
from portal.epcis.schema import schema_faults
from portal.kernel.errors import Unreadable
from tests.epcis.documents import EXAMPLE, REFERENCE, a_document, an_event, read, reference_files

FOREIGN_HASHES = {"epcisDocHavingEventWithComment": 1, "epcisQueryDocument": 2}
"""Events of which the files say another hash than theirs."""
XML = (
    '<?xml version="1.0"?><e:EPCISDocument xmlns:e="urn:epcglobal:epcis:xsd:2" xmlns:x="urn:example"'
    ' schemaVersion="2.0" creationDate="2026-11-02T10:00:00Z"><EPCISBody><EventList>{}</EventList>'
    "</EPCISBody></e:EPCISDocument>"
)
XML_EVENT = (
    "<ObjectEvent><eventTime>2026-11-02T09:30:00+08:00</eventTime>"
    "<eventTimeZoneOffset>+08:00</eventTimeZoneOffset><epcList><epc>urn:epc:id:sgtin:4012345.011111.9876</epc>"
    "</epcList><action>OBSERVE</action><x:own>x:not an address</x:own></ObjectEvent>"
)


@pytest.mark.parametrize("path", reference_files(), ids=lambda path: path.name)
def test_every_reference_event_is_one_of_the_standards_schema(path):
    _, found = read(path.read_bytes(), is_xml=path.suffix == ".xml")
    told = [fault.code for one in found for fault in read_event(one, schema_faults)[1]]
    assert told == ["event_id_differs"] * FOREIGN_HASHES.get(path.stem, 0)


@pytest.mark.parametrize("size", [1, 3, 17, 4096])
def test_pieces_of_any_size_are_one_document(size):
    content = a_document(
        an_event(**{"example:odd": '"]}\\'}), an_event(action="ADD", **{"example:长": "王 {[("})
    )
    whole, found = read(content, size=size)
    assert whole.count == 2 and whole.pointer == "/epcisBody/eventList" and not whole.faults
    assert [one.event["action"] for one in found] == ["OBSERVE", "ADD"]
    assert found[0].event["example:odd"] == '"]}\\' and found[1].prefixes == EXAMPLE


def test_a_context_that_stands_behind_the_events_counts():
    members = json.loads(a_document(an_event(**{"example:clerk": "王"})))
    content = json.dumps({**{name: members[name] for name in reversed(members)}}).encode()
    assert read(content)[1][0].prefixes == EXAMPLE


def test_one_event_is_a_document_too():
    alone = an_event() | {"@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"]}
    in_body = a_document(epcisBody={"event": an_event()})
    for content in (json.dumps(alone).encode(), in_body):
        whole, found = read(content)
        assert whole.count == 1 and read_event(found[0], schema_faults)[0] is not None


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b'{"a": ' + b"[" * 1_000_000, "too_deep"),
        (b"[" * 1_000_000, "too_deep"),
        (a_document(an_event())[:-3], "broken_document"),
        (b'{"epcisBody": {"eventList": [1, 2]}}', "not_an_object"),
        (b'{"epcisBody": {"eventList": [{} {}]}}', "not_an_object"),
        (b'{"epcisBody": {"eventList": [{},]}}', "not_an_object"),
        (b'{"epcisBody": {"eventList": ["x"]}}', "not_an_object"),
        (b'{"epcisBody": {"eventList": []}, "epcisBody": {"eventList": []}}', "broken_document"),
        (b'{"a": "' + b"x" * (EVENT_MAX + 10) + b'"}', "event_too_large"),
    ],
    ids=lambda given: given if isinstance(given, str) else "",
)
def test_a_document_that_is_not_whole_is_refused(content, code):
    with pytest.raises(Unreadable) as refused:
        read(content, size=65536)
    assert refused.value.code == code


def test_a_document_may_be_as_deep_as_any_is():
    inner: object = "x"
    for _ in range(DEPTH_MAX - 5):
        inner = {"example:in": inner}
    assert read(a_document(an_event(**{"example:in": inner})))[0].count == 1


@pytest.mark.parametrize(
    ("context", "code", "pointer"),
    [
        (["https://ns.example.com/context.jsonld"], "unknown_context", "/@context/0"),
        ("http://127.0.0.1:1/x", "unknown_context", "/@context"),
        ([{"@import": "https://ns.example.com/context.jsonld"}], "not_a_prefix", "/@context/0/@import"),
        ([{"x": {"@id": "https://ns.example.com/"}}], "not_a_prefix", "/@context/0/x"),
        ([7], "not_a_prefix", "/@context/0"),
    ],
)
def test_a_foreign_context_is_refused_and_not_fetched(context, code, pointer, monkeypatch):
    monkeypatch.setattr("socket.socket.connect", lambda *_: pytest.fail("asked the network"))
    whole, _ = read(a_document(an_event(), context=context))
    assert [(fault.code, fault.pointer) for fault in whole.faults] == [(code, pointer)]


@pytest.mark.parametrize(
    ("members", "code", "pointer"),
    [
        ({"action": "MOVE"}, "schema_enum", "/epcisBody/eventList/0/action"),
        ({"eventTime": "yesterday"}, "schema_format", "/epcisBody/eventList/0/eventTime"),
        ({"eventTime": "2026-11-02T09:30:60Z"}, "no_moment", "/epcisBody/eventList/0/eventTime"),
        ({"eventTime": "0001-01-01T00:00:00Z"}, "no_moment", "/epcisBody/eventList/0/eventTime"),
        ({"eventTimeZoneOffset": "8"}, "schema_pattern", "/epcisBody/eventList/0/eventTimeZoneOffset"),
        ({"eventID": "ni:///sha-256;00?ver=CBV2.0"}, "event_id_differs", "/epcisBody/eventList/0/eventID"),
        ({"epcList": ["urn:x:" + "1" * 600]}, "too_long", "/epcisBody/eventList/0"),
        ({"bizStep": "strolling"}, "schema_any_of", "/epcisBody/eventList/0/bizStep"),
        ({"example:half": "\ud800"}, "no_character", "/epcisBody/eventList/0"),
    ],
)
def test_what_is_wrong_with_an_event_is_told_at_its_place(members, code, pointer):
    content = json.dumps(json.loads(a_document()) | {"epcisBody": {"eventList": [an_event(**members)]}})
    _, found = read(content.encode())
    assert [(fault.code, fault.pointer) for fault in read_event(found[0], schema_faults)[1]] == [
        (code, pointer)
    ]


def test_a_member_that_stands_twice_is_never_one_of_the_two():
    content = a_document(an_event()).replace(b'"action": "OBSERVE"', b'"action": "OBSERVE", "action": "ADD"')
    assert [fault.code for fault in read(content)[1][0].faults] == ["repeated_member"]


def test_xml_is_read_in_pieces_and_a_text_stays_a_text():
    for size in (5, 4096):
        whole, found = read(XML.format(XML_EVENT * 2).encode(), is_xml=True, size=size)
        assert whole.count == 2
        assert found[1].event["x_:own"] == "x:not an address" and found[1].prefixes["x_"] == "urn:example"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ('<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "document_type"),
        (XML.format(XML_EVENT)[:-20], "broken_xml"),
        ("<a>" * 100, "too_deep"),
        (XML.format("<ObjectEvent>" + "<x:a/>" * 100_000 + "</ObjectEvent>"), "event_too_large"),
    ],
)
def test_xml_that_is_broken_bottomless_or_expands_is_refused(content, code):
    with pytest.raises(Unreadable) as refused:
        read(content.encode(), is_xml=True, size=65536)
    assert refused.value.code == code


def test_another_xml_document_is_refused():
    whole, _ = read(b"<invoice/>", is_xml=True)
    assert [fault.code for fault in whole.faults] == ["not_a_document"]


def test_fields_that_a_repository_asks_to_ignore_are_left_out():
    path = REFERENCE / "epcisXmlQueryDocHavingEventWithIgnoreFields.xml"
    _, found = read(path.read_bytes(), is_xml=True)
    assert ["example:testField1" in one.event for one in found] == [False, False]
    assert "example:testField4" in found[0].event
