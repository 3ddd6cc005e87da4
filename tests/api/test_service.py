"""Service requests through the API: a dealer's system, headquarters', and a rival that finds nothing."""

from __future__ import annotations

from io import BytesIO

import pytest

from portal.files.vocabulary import FileRight
from portal.service.vocabulary import ServiceRight
from tests import cast
from tests.api.contract import faults, kept, refused
from tests.files.acts import a_pdf
from tests.service.acts import a_team, noted

BODY = {"kind": "repair", "subject": "Pump stops", "text": "After an hour.", "device": {"serial": "S-1"}}


@pytest.fixture
def desk(system):
    return system(ServiceRight.DESK, FileRight.DESK)


def uploaded(caller, text="one"):
    return kept(caller.request("POST", "/files", data={"file": (BytesIO(a_pdf(text)), "photo.pdf")}))["id"]


def test_a_request_goes_from_the_device_to_the_rating(database, huadong, rival, desk):
    file = uploaded(huadong)
    made = kept(huadong.post("/service-requests", BODY | {"files": [file], "severity": "high"}))
    assert (made["state"], made["severity"], made["serial"]) == ("new", "high", "S-1")
    assert [one["id"] for one in made["entries"][0]["files"]] == [file]
    path, at_desk = f"/service-requests/{made['number']}", f"/hq/service-requests/{made['number']}"
    refused(rival.get(path), 404)
    for act, said in (("messages", {"text": "x"}), ("cancellation", None), ("rating", {"stars": 1})):
        refused(rival.post(f"{path}/{act}", said), 404)
    assert kept(rival.get("/service-requests"))["items"] == []
    a_team(database, (cast.technician, "", "", ""))
    assert kept(desk.post(f"{at_desk}/assignment", {}))["assignee"] == cast.technician.actor().label
    refused(desk.post(f"{at_desk}/assignment", {}), 409, "nobody_serves")
    to = {"assignee": cast.service_desk.email}
    assert kept(desk.post(f"{at_desk}/assignment", to))["assignee"] == cast.service_desk.actor().label
    assert faults(desk.post(f"{at_desk}/assignment", {"assignee": "x@y"})) == {"/assignee": "not_serving"}
    asked = kept(desk.post(f"{at_desk}/question", {"text": "Which software?"}))
    assert asked["state"] == "waiting" and asked["due_at"] is None
    assert kept(huadong.post(f"{path}/messages", {"text": "V2.1"}))["state"] == "in_progress"
    assert kept(desk.post(f"{at_desk}/resolution", {"text": "Updated."}))["resolution"] == "Updated."
    assert kept(huadong.post(f"{path}/reopening", {"text": "Again."}))["state"] == "in_progress"
    kept(desk.post(f"{at_desk}/resolution", {"text": "Changed."}))
    assert faults(huadong.post(f"{path}/rating", {"stars": 9})) == {"/stars": "stars_out_of_range"}
    assert kept(huadong.post(f"{path}/rating", {"stars": 5, "text": "Good."}))["rating"] == 5
    refused(huadong.post(f"{path}/rating", {"stars": 1}), 409, "rated")
    assert kept(huadong.post(f"{path}/closing"))["state"] == "closed"
    refused(huadong.post(f"{path}/cancellation"), 409, "too_late")


def test_internal_notes_are_for_headquarters_only(database, huadong, desk):
    made = kept(huadong.post("/service-requests", BODY))
    path = f"/service-requests/{made['number']}"
    file = uploaded(desk)
    told = kept(desk.post(f"/hq{path}/notes", {"text": "Costs us a unit.", "files": [file]}))
    assert [one["internal"] for one in told["entries"]] == [False, True]
    noted(database, made["number"])
    assert [one["kind"] for one in kept(huadong.get(path))["entries"]] == ["opened"]
    refused(huadong.get(f"/files/{file}"), 404)
    refused(huadong.post(f"/hq{path}/notes", {"text": "x"}), 403)


def test_headquarters_opens_sorts_and_merges_for_a_dealer(huadong, desk):
    refused(desk.post("/service-requests", BODY), 422)
    made = kept(desk.post("/service-requests", BODY | {"dealer": "huadong"}))
    other = kept(huadong.post("/service-requests", BODY))
    path = f"/hq/service-requests/{made['number']}"
    sorted_ = kept(desk.post(f"{path}/sorting", {"kind": "installation", "severity": "urgent"}))
    assert (sorted_["kind"], sorted_["severity"]) == ("installation", "urgent")
    assert faults(desk.post(f"{path}/merging", {"into": made["number"]})) == {"/into": "itself"}
    assert kept(desk.post(f"{path}/merging", {"into": other["number"]}))["merged_into"] == other["number"]
    assert kept(huadong.get(f"/service-requests/{other['number']}"))["merged"] == [made["number"]]
    assert [one["number"] for one in kept(huadong.get("/service-requests?state=open"))["items"]] == [
        other["number"]
    ]


def test_every_fault_of_a_request_is_told_at_once(huadong):
    wrong = BODY | {"subject": " ", "severity": "urgent", "product": "NOPE", "files": ["FI-NONE"]}
    assert faults(huadong.post("/service-requests", wrong)) == {
        "/subject": "missing",
        "/severity": "not_urgent",
        "/product": "unknown_sku",
    }
    assert faults(huadong.post("/service-requests", BODY | {"files": ["FI-NONE"]})).keys() == {"/files/0"}


def test_what_the_form_of_a_kind_does_not_ask_for_is_refused_at_its_field(huadong):
    said = {"kind": "training", "lot": "L1", "order": "SO1", "somebody_harmed": True}
    answer = huadong.post("/service-requests", BODY | said | {"subject": " "})
    assert faults(answer) == {
        **dict.fromkeys(("/device", "/lot", "/order", "/somebody_harmed"), "not_asked"),
        "/subject": "missing",
    }
    kept(huadong.post("/service-requests", BODY | {"lot": "L1"}))
