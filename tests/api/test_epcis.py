"""EPCIS by GS1's names: what is sent as which kind, what is answered, and how one gets to the next page."""

from __future__ import annotations

import pytest

from tests.api.contract import refused
from tests.epcis import acts
from tests.epcis.documents import REFERENCE, a_document, an_event, read

SEVERAL = [an_event(epcList=[f"urn:epc:id:sgtin:4012345.011111.S{each}"]) for each in range(3)]
PATH = "/epcis/capture"


def post(caller, content, kind="application/ld+json", **headers):
    """Send a document."""
    return caller.request("POST", PATH, data=content, headers={"Content-Type": kind, **headers})


def listed(answer):
    """The events of an answer."""
    return answer.json["epcisBody"]["queryResults"]["resultsBody"]["eventList"]


def test_a_document_is_taken_and_its_job_told(huadong, database):
    answer = post(huadong, a_document(*SEVERAL))
    assert (answer.status_code, answer.headers["GS1-EPCIS-Version"]) == (202, "2.0.0")
    place = answer.headers["Location"]
    assert place == f"/api/v1{PATH}/{answer.json['captureID']}" and answer.json["running"]
    acts.captured(database, answer.json["captureID"])
    job = huadong.get(place.removeprefix("/api/v1")).json
    assert (job["running"], job["success"], job["events"], job["captured"]) == (False, True, 3, 3)


def test_xml_is_taken_too_and_answered_as_json(huadong, database):
    content = (REFERENCE / "epcisDocWithVariousEventTypes.xml").read_bytes()
    acts.captured(database, post(huadong, content, "application/xml").json["captureID"])
    whole = huadong.get("/epcis/events")
    assert whole.status_code == 200
    again = post(huadong, whole.get_data()).json["captureID"]
    assert acts.captured(database, again).repeated == 13
    assert len(read(whole.get_data())[1]) == 13


def test_pages_follow_each_other_by_the_header(huadong, database):
    acts.captured(database, post(huadong, a_document(*SEVERAL)).json["captureID"])
    seen, path = [], "/epcis/events?perPage=2&EQ_bizStep=shipping"
    while path:
        answer = huadong.get(path, headers={"Accept": "application/ld+json"})
        assert answer.mimetype == "application/ld+json"
        events = listed(answer)
        seen += [one["epcList"] for one in events]
        assert all(one["eventID"].startswith("ni:///sha-256;") and one["recordTime"] for one in events)
        link = answer.headers.get("Link", "")
        path = link[1 : link.index(">")].partition("/api/v1")[2] if link else ""
    assert seen == [one["epcList"] for one in SEVERAL]


@pytest.mark.parametrize(
    ("kind", "headers", "status", "code"),
    [
        ("text/csv", {}, 415, "unsupported_media_type"),
        ("application/json", {"Content-Encoding": "gzip"}, 415, "unsupported_media_type"),
        ("application/json", {"GS1-Capture-Error-Behaviour": "ignore"}, 422, "invalid"),
        ("application/xml", {}, 400, "broken_xml"),
    ],
)
def test_another_kind_a_packed_body_and_unknown_behaviour_are_refused(huadong, kind, headers, status, code):
    refused(post(huadong, a_document(*SEVERAL), kind, **headers), status, code)


def test_a_rivals_capture_is_not_there(huadong, rival, database):
    number = post(huadong, a_document(*SEVERAL)).json["captureID"]
    acts.captured(database, number)
    refused(rival.get(f"{PATH}/{number}"), 404, "not_found")
    assert rival.get(PATH).json == []
    assert rival.get("/epcis/events").json["epcisBody"]["queryResults"]["resultsBody"]["eventList"] == []
    epc = "urn:epc:id:sgtin:4012345.011111.S1"
    assert (
        len(
            huadong.get(f"/epcis/epcs/{epc}/events").json["epcisBody"]["queryResults"]["resultsBody"][
                "eventList"
            ]
        )
        == 1
    )
    link = "/epcis/epcs/https:%2F%2Fid.gs1.org%2F01%2F04012345111118%2F21%2FS1/events"
    found = huadong.get(link).json["epcisBody"]["queryResults"]["resultsBody"]["eventList"]
    assert len(found) == 1


def test_faults_are_told_with_their_place(huadong, hq, database):
    content = a_document(SEVERAL[0], an_event(action="MOVE"))
    number = post(huadong, content, **{"GS1-Capture-Error-Behaviour": "proceed"}).json["captureID"]
    acts.captured(database, number)
    job = hq.get(f"{PATH}/{number}").json
    assert (job["success"], job["captured"], job["refused"]) == (False, 1, 1)
    assert [one["pointer"] for one in job["errors"]] == ["/epcisBody/eventList/1/action"]
