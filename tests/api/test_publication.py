"""Publishing through the API: doubtful prices are told, risky ones confirmed by the fingerprint of the
list that was read.
"""

from __future__ import annotations

import pytest
from sqlalchemy import text

from tests import cast
from tests.api.contract import faults, kept, refused
from tests.builders import amount_off, net, percent_off


@pytest.fixture
def draft(given) -> int:
    return given.a_policy(
        percent_off({1: 30, 10: 55}, tier="S", product=cast.gloves), published_at=None, approved=True
    )


def test_what_is_risky_is_read_confirmed_and_published(hq, huadong, draft):
    review = kept(hq.get(f"/hq/policies/{draft}/publication"))
    assert review["prices"] == [
        {
            "sku": "GLOVES",
            "name": "医用检查手套",
            "concern": "far_below",
            "dealer": None,
            "tiers": ["S"],
            "region": None,
            "min_quantity": 10,
            "list_price": "25.00",
            "price_before": "20.00",
            "price_after": "11.25",
        }
    ]
    assert (review["refused"], review["risky"], review["more"]) == (0, 1, 0)
    problem = refused(hq.post(f"/hq/policies/{draft}/publication", {"revision": 1}), 409, "risky_prices")
    assert [(fault["pointer"], fault["code"]) for fault in problem["errors"]] == [
        ("/confirmed_risks", "far_below")
    ]
    kept(
        hq.post(
            f"/hq/policies/{draft}/publication", {"revision": 1, "confirmed_risks": review["fingerprint"]}
        )
    )
    assert kept(huadong.get("/products/GLOVES"))["price"]["breaks"][1] == {
        "min_quantity": 10,
        "unit_price": "11.25",
    }


def test_a_confirmation_of_another_list_is_none(hq, draft, given, owner):
    seen = kept(hq.get(f"/hq/policies/{draft}/publication"))["fingerprint"]
    given.a_policy(net("22.00", tier="S", product=cast.gloves))
    for confirmed in (seen, "0" * 64, ""):
        refused(
            hq.post(f"/hq/policies/{draft}/publication", {"revision": 1, "confirmed_risks": confirmed}),
            409,
            "risks_changed",
        )
    assert (
        owner.execute(text("SELECT state FROM price_policy WHERE id = :id"), {"id": draft}).scalar()
        == "approved"
    )


def test_a_price_of_nothing_is_refused_whatever_is_confirmed(hq, given):
    draft = given.a_policy(
        amount_off("3.20", tier="S", product=cast.syringe), published_at=None, approved=True
    )
    review = kept(hq.get(f"/hq/policies/{draft}/publication"))
    assert (review["refused"], review["prices"][0]["concern"], review["prices"][0]["price_after"]) == (
        1,
        "zero_price",
        "0.00",
    )
    body = {"revision": 1, "confirmed_risks": review["fingerprint"]}
    assert faults(hq.post(f"/hq/policies/{draft}/publication", body)) == {"": "zero_price"}


def test_only_a_draft_is_reviewed_and_only_by_who_may_publish(hq, huadong):
    refused(hq.get(f"/hq/policies/{cast.policy_in_force}/publication"), 409, "not_a_draft")
    refused(hq.get("/hq/policies/999999/publication"), 404)
    refused(huadong.get(f"/hq/policies/{cast.policy_draft}/publication"), 403)
