"""One event has one hash, however it is written, and it is the one of the CBV 2.0."""

from __future__ import annotations

import json
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.epcis.digital_link_rules import canonical_link
from portal.epcis.hash_rules import declared_as_hashed, event_hash, long_numbers, pre_hash
from tests.epcis.documents import EXAMPLE, an_event, read, reference_files


@pytest.mark.parametrize("path", reference_files(), ids=lambda path: path.name)
@pytest.mark.parametrize("size", [7, 65536])
def test_every_reference_hash_is_ours(path, size):
    _, found = read(path.read_bytes(), is_xml=path.suffix == ".xml", size=size)
    ours = [event_hash(one.event, one.prefixes) for one in found]
    assert ours == path.with_suffix(".hashes").read_text().split()


@pytest.mark.parametrize(
    "other",
    [
        {"bizStep": "https://ref.gs1.org/cbv/BizStep-shipping"},
        {"bizStep": "urn:epcglobal:cbv:bizstep:shipping"},
        {"bizStep": "cbv:BizStep-shipping"},
        {"epcList": ["https://id.gs1.org/01/04012345111118/21/9876"]},
        {"epcList": ["https://dealer.example.cn/gtin/4012345111118/lot/7/ser/9876?17=280101"]},
        {"eventTime": "2026-11-02T01:30:00Z"},
        {"eventID": "urn:uuid:0c6f9a6c-1d39-4f6d-9b1b-1c5a3f3f0001"},
        {"recordTime": "2026-11-03T00:00:00Z"},
        {"rdfs:comment": "said beside it"},
        {"errorDeclaration": {"declarationTime": "2026-11-03T00:00:00Z", "reason": "did_not_occur"}},
    ],
)
def test_another_way_to_say_it_is_the_same_event(other):
    assert event_hash(an_event(**other), EXAMPLE) == event_hash(an_event(), EXAMPLE)


@pytest.mark.parametrize(
    "other",
    [
        {"eventTimeZoneOffset": "+07:00"},
        {"epcList": ["urn:epc:id:sgtin:4012345.011111.9876"] * 2},
        {"epcList": ["urn:epc:id:sgtin:4012345.011111.9877"]},
        {"action": "ADD"},
        {"eventTime": "2026-11-02T09:30:00.001+08:00"},
        {"example:clerk": "王"},
    ],
)
def test_another_event_has_another_hash(other):
    assert event_hash(an_event(**other), EXAMPLE) != event_hash(an_event(), EXAMPLE)


@given(st.integers())
def test_neither_the_order_of_members_nor_of_lists_counts(seed):
    event = an_event(
        epcList=[f"urn:epc:id:sgtin:4012345.011111.{each}" for each in range(4)],
        bizTransactionList=[
            {"type": "po", "bizTransaction": "urn:epcglobal:cbv:bt:4012345000009:PO1"},
            {"type": "desadv", "bizTransaction": "urn:epcglobal:cbv:bt:4012345000009:A1"},
        ],
        **{"example:own": {"example:b": "2", "example:a": ["y", "x"]}},
    )

    def shuffled(value):
        if isinstance(value, dict):
            members = [(name, shuffled(inner)) for name, inner in value.items()]
            Random(seed).shuffle(members)
            return dict(members)
        if isinstance(value, list):
            return Random(seed).sample([shuffled(inner) for inner in value], len(value))
        return value

    assert event_hash(shuffled(event), EXAMPLE) == event_hash(event, EXAMPLE)


def test_a_moment_is_rounded_half_up_to_the_millisecond():
    said = pre_hash(an_event(eventTime="2026-12-31T23:59:59.9995Z"), EXAMPLE)
    assert "eventTime=2027-01-01T00:00:00.000ZeventTimeZoneOffset" in said


def test_numbers_longer_than_the_hash_looks_at_tell_two_events_apart():
    one, other = (an_event(**{"example:code": f"11110000111100001111000{last}"}) for last in (0, 1))
    assert event_hash(one, EXAMPLE) == event_hash(other, EXAMPLE)
    assert long_numbers(one) != long_numbers(other) and long_numbers(an_event()) == ""


def test_an_identifier_that_says_it_is_the_hash_is_compared():
    event = an_event()
    assert declared_as_hashed(event_hash(event, {}), event, {})
    assert declared_as_hashed(event_hash(event, {}, "sha-512"), event, {})
    assert not declared_as_hashed(event_hash(an_event(action="ADD"), {}), event, {})
    assert not declared_as_hashed("ni:///md5;00?ver=CBV2.0", event, {})
    assert declared_as_hashed("urn:uuid:0c6f9a6c-1d39-4f6d-9b1b-1c5a3f3f0001", event, {})


@pytest.mark.parametrize(
    ("said", "canonical"),
    [
        ("urn:epc:id:sgtin:0614141.107346.2017", "01/10614141073464/21/2017"),
        ("urn:epc:id:sgtin:0614141.107346.a%2Fb", "01/10614141073464/21/a%2Fb"),
        ("urn:epc:id:sscc:0614141.1234567890", "00/106141412345678908"),
        ("urn:epc:id:sgln:0614141.07346.1234", "414/0614141073467/254/1234"),
        ("urn:epc:id:sgln:0614141.07346.0", "414/0614141073467"),
        ("urn:epc:id:sgln:061414107346..0", "414/0614141073467"),
        ("urn:epc:id:pgln:0614141.07346", "417/0614141073467"),
        ("urn:epc:id:grai:0614141.12345.400", "8003/00614141123452400"),
        ("urn:epc:id:giai:0614141.12345400", "8004/061414112345400"),
        ("urn:epc:id:gsrn:0614141.1234567890", "8018/061414112345678902"),
        ("urn:epc:id:gdti:0614141.06012.1234", "253/06141410601221234"),
        ("urn:epc:class:lgtin:4012345.012345.998877", "01/04012345123456/10/998877"),
        ("urn:epc:idpat:sgtin:0614141.107346.*", "01/10614141073464"),
        ("https://example.com/01/04012345123456/10/L1/21/S1?x=1", "01/04012345123456/21/S1"),
        ("https://example.com/some/path/01/4012345123456/22/V/10/L1", "01/04012345123456/10/L1"),
    ],
)
def test_a_key_of_gs1_is_written_in_one_way(said, canonical):
    assert canonical_link(said) == f"https://id.gs1.org/{canonical}"


@pytest.mark.parametrize(
    "said",
    [
        "urn:epc:id:sgtin:0614141.107346",
        "urn:epc:id:sgtin:0614141.10734.2017",
        "urn:uuid:0c6f9a6c-1d39-4f6d-9b1b-1c5a3f3f0001",
        "https://example.com/articles/01/of/may",
        "https://example.com/01/0401234512345/21/",
        "4012345123456",
    ],
)
def test_anything_else_stays_as_it_is(said):
    assert canonical_link(said) is None


def test_the_hash_of_one_event_in_both_forms_is_one():
    xml = next(path for path in reference_files() if path.name == "epcisDocWithVariousEventTypes.xml")
    in_xml = read(xml.read_bytes(), is_xml=True)[1]
    in_json = read(xml.with_suffix(".jsonld").read_bytes())[1]
    assert [json.dumps(one.event.get("type")) for one in in_xml] == [
        json.dumps(one.event.get("type")) for one in in_json
    ]
    assert [pre_hash(one.event, one.prefixes) for one in in_xml] == [
        pre_hash(one.event, one.prefixes) for one in in_json
    ]
