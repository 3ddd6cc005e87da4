"""The feed by the API: written by headquarters' program, read and acknowledged by a dealer's."""

from __future__ import annotations

import pytest

from tests import cast
from tests.api.contract import faults, kept, refused
from tests.feed.acts import A_PDF

BODY = {
    "kind": "notice",
    "title_zh": "国庆发货安排",
    "title_en": "Shipping over National Day",
    "body_zh": "停止发货。",
    "regions": ["east"],
    "must_acknowledge": True,
}


@pytest.fixture
def erp(api):
    return api(cast.erp)


def published(erp, **changed) -> str:
    draft = kept(erp.post("/hq/notices", BODY | changed))
    kept(erp.post(f"/hq/notices/{draft['id']}/publication", {"revision": draft["revision"]}))
    return draft["id"]


def test_what_headquarters_publishes_a_dealer_reads_and_acknowledges(erp, huadong, api):
    number = published(erp)
    [row] = kept(huadong.get("/notices?unread=true"))["items"]
    assert (row["id"], row["standing"]) == (number, "to_acknowledge")
    order = {"lines": [{"sku": "GLOVES", "quantity": 1}]}
    problem = refused(huadong.post("/orders", order), 422)
    [fault] = problem["errors"]
    assert fault["code"] == "acknowledge_first" and f"/feed/{number}" in fault["fix"]
    checked = refused(huadong.post("/orders/validation", order), 422)
    assert [one["code"] for one in checked["errors"]] == ["acknowledge_first"]
    assert kept(huadong.get(f"/notices/{number}"))["text_zh"] == "停止发货。"
    assert kept(huadong.get("/notices?unread=true"))["items"] == []
    done = kept(huadong.post(f"/notices/{number}/acknowledgement"))
    assert done["standing"] == "acknowledged"
    again = kept(huadong.post(f"/notices/{number}/acknowledgement"))
    assert again["acknowledged_at"] == done["acknowledged_at"]
    kept(huadong.post("/orders", order))
    rival = api(cast.yuegang.system)
    refused(rival.get(f"/notices/{number}"), 404)
    refused(rival.post(f"/notices/{number}/acknowledgement"), 404)
    readers = kept(erp.get(f"/hq/notices/{number}/readers"))["items"]
    assert {row["dealer"] for row in readers} == {"huadong", "suzhou"}
    assert all((row["acknowledged_by"] is not None) is (row["dealer"] == "huadong") for row in readers)


def test_a_file_is_handed_out_with_its_own_type(given, huadong):
    number = given.an_entry(file=A_PDF)
    [file] = kept(huadong.get(f"/notices/{number}"))["files"]
    answer = huadong.get(f"/notices/{number}/files/{file['place']}")
    assert answer.status_code == 200 and answer.data == A_PDF[1] and answer.mimetype == "application/pdf"
    refused(huadong.get(f"/notices/{number}/files/9"), 404)
    refused(huadong.get(f"/notices/{number}/files/x"), 404)


def test_what_is_wrong_is_told_by_its_pointer(erp):
    wrong = BODY | {"regions": ["nowhere"], "dealers": ["nobody"], "categories": ["Q99"], "tiers": ["X"]}
    assert faults(erp.post("/hq/notices", wrong)) == {
        "/regions": "unknown_region",
        "/dealers": "unknown_dealer",
        "/categories": "unknown_category",
        "/tiers": "unknown_tier",
    }


def test_an_entry_is_withdrawn_and_a_draft_overtaken_once(erp, huadong):
    number = published(erp)
    late = {"revision": 1, "reason": "wrong"}
    refused(erp.post(f"/hq/notices/{number}/withdrawal", late), 409, "edited_meanwhile")
    assert kept(erp.post(f"/hq/notices/{number}/withdrawal", late | {"revision": 2}))["state"] == "withdrawn"
    assert kept(huadong.get("/notices"))["items"] == []
    listed = kept(erp.get("/hq/notices?state=withdrawn"))["items"]
    assert [row["id"] for row in listed] == [number]
    refused(erp.post(f"/hq/notices/{number}/reminder"), 409)


def test_reminding_counts_people(erp):
    number = published(erp, must_acknowledge=False)
    people = len(cast.huadong.people) + len(cast.suzhou.people)
    assert kept(erp.post(f"/hq/notices/{number}/reminder")) == {"people": people, "already": 0}
    assert kept(erp.post(f"/hq/notices/{number}/reminder")) == {"people": 0, "already": people}
