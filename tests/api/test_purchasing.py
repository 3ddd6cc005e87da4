"""Templates and the approval of orders through the API."""

from __future__ import annotations

from sqlalchemy import text

from tests import cast
from tests.api.contract import faults, kept, refused
from tests.purchasing import acts

LINES = {"lines": [{"sku": "GLOVES", "quantity": 5}, {"sku": "syringe", "quantity": 20}]}


def test_a_template_is_kept_read_listed_and_removed(huadong, rival):
    put = kept(huadong.request("PUT", "/order-templates/月度 耗材", json=LINES))
    assert [(line["sku"], line["quantity"]) for line in put["lines"]] == [("GLOVES", 5), ("SYRINGE", 20)]
    assert kept(huadong.get("/order-templates/月度 耗材")) == put
    assert [one["name"] for one in kept(huadong.get("/order-templates"))["items"]] == ["月度 耗材"]
    refused(rival.get("/order-templates/月度 耗材"), 404)
    assert kept(rival.get("/order-templates"))["items"] == []
    kept(huadong.request("DELETE", "/order-templates/月度 耗材"))
    refused(huadong.request("DELETE", "/order-templates/月度 耗材"), 404)


def test_an_order_above_the_amount_is_accepted_as_a_draft_and_once(huadong, database, owner):
    acts.limit(database, cast.huadong.boss, "systems", "1.00")
    answer = huadong.post("/orders", LINES, key="k-1")
    assert answer.status_code == 202 and "Location" not in answer.headers
    again = huadong.post("/orders", LINES, key="k-1")
    assert again.json == answer.json and again.headers["Idempotency-Replayed"] == "true"
    assert owner.execute(text("SELECT count(*) FROM sales_order")).scalar() == 0
    draft = kept(huadong.get(f"/order-drafts/{answer.json['draft']}"))
    assert (draft["state"], draft["total"]) == ("waiting", answer.json["total"])


def test_a_colleagues_system_approves_and_rejects(huadong, database, owner):
    acts.limit(database, cast.huadong.boss, acts.BUYERS, "1.00")
    first, second = (acts.order(database, cast.huadong.buyer, (cast.gloves, 5)).number for _ in range(2))
    waiting = kept(huadong.get("/order-drafts?state=waiting"))["items"]
    assert {one["number"] for one in waiting} == {first, second}
    seen = kept(huadong.get(f"/order-drafts/{first}"))["seen"]
    decided = kept(huadong.post(f"/order-drafts/{first}/approval", {"seen": seen}))
    assert decided["order"] == owner.execute(text("SELECT number FROM sales_order")).scalar_one()
    refused(huadong.post(f"/order-drafts/{first}/approval", {}), 409, "draft_moved_on")
    assert faults(huadong.post(f"/order-drafts/{second}/rejection", {})) == {"/reason": "required"}
    kept(huadong.post(f"/order-drafts/{second}/rejection", {"reason": "budget"}))
    assert kept(huadong.get(f"/order-drafts/{second}"))["reason"] == "budget"


def test_a_system_does_not_approve_what_it_asked_for(huadong, database):
    acts.limit(database, cast.huadong.boss, "systems", "1.00")
    number = huadong.post("/orders", LINES).json["draft"]
    refused(huadong.post(f"/order-drafts/{number}/approval", {}), 403, "same_person")
