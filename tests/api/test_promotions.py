"""Promotions through the API: written by one system, approved by another, seen and joined by dealers."""

from __future__ import annotations

from datetime import timedelta

import pytest

from portal.catalogue.vocabulary import CatalogueRight
from portal.orders.vocabulary import OrderRight
from portal.pricing.vocabulary import PriceRight
from portal.promotions.vocabulary import PromotionRight
from tests import cast
from tests.api.contract import faults, kept, refused

START = (cast.NOW - timedelta(minutes=1)).isoformat().replace("+00:00", "Z")
END = (cast.NOW + timedelta(days=5)).isoformat().replace("+00:00", "Z")


@pytest.fixture
def author(system):
    return system(PromotionRight.PROPOSE, PromotionRight.APPROVE)


@pytest.fixture
def colleague(system):
    return system(PromotionRight.PROPOSE, PromotionRight.APPROVE)


def body(**said):
    usual = {
        "title_zh": "买赠",
        "title_en": "Gift",
        "kind": "gift",
        "valid_from": START,
        "valid_to": END,
        "dealers": ["huadong"],
        "condition": {"skus": ["GLOVES"], "min_quantity": 2},
        "reward": {"gift": {"sku": "SYRINGE", "quantity": 10, "for_each": 2}},
        "priority": 1,
        "combinable": True,
    }
    return usual | said


def step(caller, number, act, **more):
    revision = kept(caller.get(f"/hq/promotions/{number}"))["revision"]
    return caller.post(f"/hq/promotions/{number}/{act}", {"revision": revision, **more})


def run(author, colleague, **said) -> str:
    number = kept(author.post("/hq/promotions", body(**said)))["number"]
    kept(step(author, number, "submission"))
    kept(step(colleague, number, "approval"))
    kept(step(author, number, "publication"))
    return number


def test_from_the_draft_to_the_dealer(author, colleague, huadong, rival):
    made = author.post("/hq/promotions", body())
    draft = kept(made)
    assert made.headers["Location"].endswith(f"/hq/promotions/{draft['number']}")
    assert (draft["state"], draft["revision"], draft["reward"]["gift"]["for_each"]) == ("draft", 1, 2)
    number = draft["number"]
    changed = kept(author.request("PUT", f"/hq/promotions/{draft['id']}", json=body(priority=7, revision=1)))
    assert (changed["priority"], changed["revision"]) == (7, 2)
    refused(author.request("PUT", f"/hq/promotions/{number}", json=body(revision=1)), 409, "edited_meanwhile")
    kept(step(author, number, "submission"))
    refused(step(author, number, "approval"), 403, "same_person")
    assert kept(huadong.get("/promotions"))["items"] == []
    kept(step(colleague, number, "rejection", reason="later"))
    assert kept(author.get(f"/hq/promotions/{number}"))["reason"] == "later"
    kept(step(author, number, "submission"))
    kept(step(colleague, number, "approval"))
    refused(step(author, number, "submission"), 409, "not_a_draft")
    kept(step(author, number, "publication"))
    seen = kept(huadong.get("/promotions"))["items"]
    assert [(one["number"], one["state"], one["participating"]) for one in seen] == [
        (number, "running", True)
    ]
    assert seen[0]["terms"][0] == "医用检查手套 每满 2 件，赠 一次性使用无菌注射器 × 10。"
    assert kept(rival.get("/promotions"))["items"] == []
    kept(author.post(f"/hq/promotions/{number}/withdrawal", {"reason": "over"}))
    assert kept(huadong.get("/promotions"))["items"] == []
    phases = [one["phase"] for one in kept(author.get("/hq/promotions"))["items"]]
    assert phases == ["withdrawn", "over"]


def test_who_approves_is_told_what_is_doubtful(author, colleague):
    told = body(kind="percent_off", condition={"skus": ["GLOVES"]}, reward={"percent": "40"})
    number = kept(author.post("/hq/promotions", told))["number"]
    submitted = kept(step(author, number, "submission"))
    doubts = kept(colleague.get(f"/hq/promotions/{number}"))["doubts"]
    assert doubts == {name: submitted[name] for name in doubts}
    assert [one["sku"] for one in doubts["expected_prices"]] == ["GLOVES"] and doubts["free"] == 0


def test_a_cumulative_one_is_joined_and_shows_its_progress(author, colleague, huadong, rival):
    number = run(
        author,
        colleague,
        kind="cumulative",
        condition={"category": "T01", "period_amount": "1000.00"},
        reward={"percent": "3"},
        registration_required=True,
    )
    (seen,) = kept(huadong.get("/promotions"))["items"]
    assert seen["progress"] == {"reached": "0.00", "needed": "1000.00"} and not seen["participating"]
    first = kept(huadong.post(f"/promotions/{number}/participation"))
    assert kept(huadong.post(f"/promotions/{number}/participation")) == first
    assert kept(huadong.get("/promotions"))["items"][0]["participating"]
    refused(rival.post(f"/promotions/{number}/participation"), 404)


def test_it_begins_when_it_is_told_to(author, colleague, huadong):
    number = kept(author.post("/hq/promotions", body()))["number"]
    kept(step(author, number, "submission"))
    kept(step(colleague, number, "approval"))
    at = (cast.NOW + timedelta(days=1)).replace(microsecond=0).isoformat().replace("+00:00", "Z")
    assert kept(step(author, number, "publication", at=at))["valid_from"] == at
    assert [one["state"] for one in kept(huadong.get("/promotions"))["items"]] == ["coming"]


def test_everything_wrong_is_told_beside_its_field(author):
    wrong = body(
        title_zh="",
        tiers=["S", "S"],
        regions=["nowhere"],
        condition={"skus": ["NONE"], "period_amount": "5.00"},
        reward={"percent": "100", "gift": {"sku": "SYRINGE", "quantity": 0}},
        priority=0,
        budget="-1.00",
    )
    assert faults(author.post("/hq/promotions", wrong)) == {
        "/title_zh": "title",
        "/regions/0": "unknown_region",
        "/condition/skus/0": "unknown_sku",
        "/condition/period_amount": "period_amount",
        "/reward/percent": "reward",
        "/reward/gift/quantity": "units",
        "/priority": "priority",
        "/budget": "amount",
    }
    assert faults(author.post("/hq/promotions", body(tiers=["Z"], kind="lottery"))).keys() == {
        "/tiers/0",
        "/kind",
    }


def test_a_dealer_s_rights_are_asked(system, author, colleague):
    number = run(author, colleague, registration_required=True)
    reader = system(PriceRight.READ, dealer=cast.huadong)
    kept(reader.get("/promotions"))
    refused(reader.post(f"/promotions/{number}/participation"), 403, "insufficient_scope")
    refused(system(CatalogueRight.READ, dealer=cast.huadong).get("/promotions"), 403, "insufficient_scope")
    refused(system(PromotionRight.PROPOSE).post(f"/hq/promotions/{number}/approval", {"revision": 1}), 403)
    refused(system(OrderRight.DESK).get("/hq/promotions"), 403, "insufficient_scope")


def test_nobody_finds_what_is_not_there(author, huadong):
    for name in ("CX2611-00000000A", "999999", "٣", "1e3"):
        refused(author.get(f"/hq/promotions/{name}"), 404)
        refused(huadong.post(f"/promotions/{name}/participation"), 404)


def test_the_list_is_paged_and_filtered(author):
    numbers = [kept(author.post("/hq/promotions", body()))["number"] for _ in range(3)]
    first = kept(author.get("/hq/promotions?limit=2&state=draft"))
    rest = kept(author.get(f"/hq/promotions?limit=2&state=draft&cursor={first['next_cursor']}"))
    found = [one["number"] for one in first["items"] + rest["items"]]
    assert found == numbers[::-1] and rest["next_cursor"] is None
    assert kept(author.get("/hq/promotions?state=running"))["items"] == []
