"""Real answers of carriers are read right, and what is none is refused."""

from __future__ import annotations

import csv
import json
from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from portal.kernel.errors import Invalid
from portal.tracking.answers.parcel import BEIJING, EVENTS_MAX
from portal.tracking.answers.read_answer import READABLE, Adapter, read_answer
from portal.tracking.rules import EventCode, standing_of
from portal.tracking.states import STATES, Service, code_of_state
from portal.tracking.texts import code_of_text

DATA = Path(__file__).parent / "data"


def told(name: str):
    adapter = Adapter(name.partition("_")[0])
    return read_answer(adapter, (DATA / name).read_bytes())


def test_a_parcel_of_sf_from_its_pick_up_to_its_delivery():
    [parcel] = told("kuaidi100_sf_query.json")
    assert parcel.numbers == {"121231231231"}
    assert [event.code for event in parcel.events] == [
        EventCode.ACCEPTED,
        EventCode.IN_TRANSIT,
        EventCode.ARRIVED_AT_HUB,
        EventCode.IN_TRANSIT,
        EventCode.ARRIVED_AT_HUB,
        EventCode.IN_TRANSIT,
        EventCode.ARRIVED_AT_HUB,
        EventCode.OUT_FOR_DELIVERY,
        EventCode.DELIVERED,
    ]
    assert parcel.events[0].at == datetime(2017, 7, 26, 17, 6, 1, tzinfo=BEIJING)
    assert parcel.events[2].place == "郑州新郑集散中心"
    assert standing_of(parcel.events).delivered_at == datetime(2017, 7, 27, 9, 35, 16, tzinfo=UTC)


def test_the_order_of_an_answer_changes_nothing():
    answer = json.loads((DATA / "kuaidi100_sf_query.json").read_text())
    answer["data"].reverse()  # as the service sends it today
    [parcel] = read_answer(Adapter.KUAIDI100, json.dumps(answer).encode())
    [as_it_was] = told("kuaidi100_sf_query.json")
    assert set(parcel.events) == set(as_it_was.events)


def test_a_push_of_kuaidi100_wraps_the_same_answer():
    answer = json.loads((DATA / "kuaidi100_sf_query.json").read_text())
    pushed = json.dumps({"status": "shutdown", "billstatus": "check", "lastResult": answer}).encode()
    assert read_answer(Adapter.KUAIDI100, pushed) == told("kuaidi100_sf_query.json")


@pytest.mark.parametrize("name", ["kuaidi100_empty.json", "ems_null.xml"])
def test_nothing_known_is_no_event(name):
    [parcel] = told(name)
    assert parcel.events == ()


@pytest.mark.parametrize(("name", "words"), [("ems_bad_token.xml", "V02"), ("yanwen_error.json", "error")])
def test_an_error_is_believed_in_nothing_and_its_words_are_passed_on(name, words):
    with pytest.raises(Invalid) as refusal:
        told(name)
    assert words in str(refusal.value.params["words"])


def test_the_post_tells_of_a_parcel_at_three_sorting_centres():
    [parcel] = told("ems_traces.xml")
    assert len(parcel.events) == 7 and parcel.numbers == frozenset()
    assert parcel.events[0].code is EventCode.ACCEPTED
    assert parcel.events[0].place == "AnHuiShengChiZhouShi"
    assert parcel.events[3].place == ""  # a postcode and nothing else
    standing = standing_of(parcel.events)
    assert (standing.code, standing.at) == (
        EventCode.ARRIVED_AT_HUB,
        datetime(2017, 8, 7, 12, 28, tzinfo=BEIJING),
    )
    [single] = told("ems_one_trace.xml")
    assert single.events == parcel.events[:1]


def test_two_legs_that_overlap_are_one_parcel_delivered_once():
    [parcel] = told("yanwen_two_legs.json")
    assert len(parcel.events) == 22 == len({event.key for event in parcel.events})
    instants = Counter(event.at for event in parcel.events)
    assert sum(event.code is EventCode.DELIVERED for event in parcel.events) == 2
    assert instants[datetime.fromisoformat("2017-07-26T13:03:00+08:00")] == 2
    standing = standing_of(parcel.events)
    assert (standing.code, standing.delivered_at) == (
        EventCode.DELIVERED,
        datetime.fromisoformat("2017-07-26T13:03:00+08:00"),
    )
    assert parcel.numbers == {"LW500000005CN", "AA000000005YR"}


def test_what_only_the_head_tells_counts_too():
    first, second = told("aftership_trackings.json")
    assert [event.code for event in first.events] == [
        EventCode.ANNOUNCED,
        EventCode.DELIVERED,
        EventCode.ESTIMATED,
    ]
    standing = standing_of(first.events)
    assert standing.delivered_at == datetime(2018, 8, 1, 17, 19, 47, tzinfo=UTC)
    assert standing.expected_on == date(2018, 8, 16)
    assert standing_of(second.events).code is None  # expired with AfterShip: nothing is told of the parcel


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("2018-08-16", date(2018, 8, 16)),
        ("2018-08-16T23:00:00", date(2018, 8, 16)),
        ("2018-08-16T16:00:00Z", date(2018, 8, 17)),
        ("2018-08-17T00:30:00+09:00", date(2018, 8, 16)),
    ],
)
def test_the_day_on_which_it_is_expected_is_one_here(said, day):
    answer = (DATA / "aftership_trackings.json").read_text().replace('"2018-08-16"', f'"{said}"')
    first, _ = read_answer(Adapter.AFTERSHIP, answer.encode())
    assert standing_of(first.events).expected_on == day


@pytest.mark.parametrize("encoding", ["gbk", "utf-8-sig", "utf-16"])
def test_the_post_is_read_in_whatever_encoding_it_says(encoding):
    declared = '<?xml version="1.0" encoding="GBK"?>' if encoding == "gbk" else ""
    answer = "\n" + declared + (DATA / "ems_traces.xml").read_text().replace("Posting", "已收寄")
    [parcel] = read_answer(Adapter.EMS, answer.encode(encoding))
    assert (len(parcel.events), parcel.events[0].note) == (7, "已收寄")


def test_when_it_happened_is_not_when_we_heard():
    [parcel] = told("aftership_last_checkpoint.json")
    [event] = parcel.events
    assert event.at == datetime(2018, 8, 1, 17, 19, 47, tzinfo=UTC) and event.code is EventCode.DELIVERED
    assert event.raw_code == "Delivered" and event.place == "Deal"


def test_every_code_of_the_services_means_what_their_tables_say():
    meant = {
        "in transit": EventCode.IN_TRANSIT,
        "picked up": EventCode.ACCEPTED,
        "exception": EventCode.EXCEPTION,
        "delivered": EventCode.DELIVERED,
        "returned and signed": EventCode.RETURNED,
        "return delivered to the sender": EventCode.RETURNED,
        "out for delivery": EventCode.OUT_FOR_DELIVERY,
        "being returned": EventCode.RETURNING,
        "refused": EventCode.REFUSED,
        "in a locker or parcel shop (not yet received)": EventCode.READY_FOR_PICKUP,
        "no events yet": None,
        "damaged": EventCode.EXCEPTION,
        "customs exception": EventCode.EXCEPTION,
        "arrived at a hub": EventCode.ARRIVED_AT_HUB,
        "at a hub": EventCode.ARRIVED_AT_HUB,
        "at the delivery depot": EventCode.ARRIVED_AT_HUB,
        "arrived in the destination city": EventCode.ARRIVED_AT_HUB,
        "delivered after an exception": EventCode.DELIVERED,
        "signed by someone else": EventCode.DELIVERED,
        "taken from the locker": EventCode.DELIVERED,
        "not collected in time": EventCode.EXCEPTION,
    }
    on_its_way = {"handed to another carrier", "forwarded", "loaded", "departed"}
    at_the_border = {"awaiting customs", "in customs", "cleared", "customs"}
    rows = list(csv.DictReader((DATA / "state_codes.csv").open(encoding="utf-8")))
    assert {(row["service"], row["code"]) for row in rows} == {
        (str(service), code) for service, codes in STATES.items() for code in codes
    }
    meant |= dict.fromkeys(on_its_way, EventCode.IN_TRANSIT) | dict.fromkeys(
        at_the_border, EventCode.IN_CUSTOMS
    )
    for row in rows:
        code = code_of_state(Service(row["service"]), row["code"], "")
        assert code is meant[row["en"]], row


def test_the_same_number_means_different_things_with_different_services():
    assert code_of_state(Service.KUAIDI100, "2", "") is EventCode.EXCEPTION
    assert code_of_state(Service.KDNIAO, "2", "") is EventCode.IN_TRANSIT


def test_a_number_that_clients_read_differently_is_decided_by_the_text():
    assert code_of_state(Service.SF, "70", "快件派送不成功") is EventCode.EXCEPTION
    assert code_of_state(Service.SF, "70", "正在派送途中,请您准备签收") is EventCode.OUT_FOR_DELIVERY


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("已签收,感谢使用顺丰", EventCode.DELIVERED),
        ("退回件已签收", EventCode.RETURNED),
        ("收件人拒收，快件退回中", EventCode.REFUSED),
        ("快件未签收，原因：收件人不在", EventCode.EXCEPTION),
        ("已放入丰巢快递柜，请凭取件码取件", EventCode.READY_FOR_PICKUP),
        ("快递柜已签收", EventCode.DELIVERED),
        ("您的快件待签收", EventCode.OUT_FOR_DELIVERY),
        ("Delivery attempted, nobody at home", EventCode.EXCEPTION),
        ("Undeliverable as addressed", EventCode.EXCEPTION),
        ("Delivered, In/At Mailbox", EventCode.DELIVERED),
        ("Returned to sender", EventCode.RETURNED),
        ("离开无锡市 发往苏州市", EventCode.IN_TRANSIT),
        ("到达投递局", EventCode.ARRIVED_AT_HUB),
        ("something nobody has ever said", EventCode.IN_TRANSIT),
    ],
)
def test_sentences_are_read_by_what_they_say(text, code):
    assert code_of_text(text) is code


_BOMB = b'<?xml version="1.0"?><!DOCTYPE t [<!ENTITY a "aaaa">]><traces><trace>&a;</trace></traces>'


@pytest.mark.parametrize("adapter", READABLE)
@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfe\x00", b"{}", b"[]", b"<html></html>", b'{"data": 3}', b"[" * 100_000, _BOMB]
)
def test_what_is_no_answer_is_refused(adapter, content):
    with pytest.raises(Invalid) as refusal:
        read_answer(adapter, content)
    assert refusal.value.fix


def test_a_time_without_a_zone_or_sense_is_refused():
    for time in ("2017-13-26 17:06:01", "yesterday", "", None, 12):
        content = json.dumps({"data": [{"time": time, "context": "到达"}]}).encode()
        with pytest.raises(Invalid):
            read_answer(Adapter.KUAIDI100, content)


def test_an_answer_has_no_end_of_events():
    item = {"time": "2026-01-01 10:00:00", "context": "到达"}
    with pytest.raises(Invalid):
        read_answer(Adapter.KUAIDI100, json.dumps({"data": [item] * (EVENTS_MAX + 1)}).encode())
