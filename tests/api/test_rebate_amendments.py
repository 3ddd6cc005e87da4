"""Amendments of rebate programmes through the API: written by one system, approved by another."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal as D

import pytest

from portal.rebates.vocabulary import RebateRight
from tests import cast
from tests.api.contract import faults, kept, refused
from tests.ledger.acts import delivered
from tests.rebates.acts import MONTH_BEGINS, MONTH_ENDS, published, reckoned


@pytest.fixture
def author(system):
    return system(RebateRight.PROPOSE, RebateRight.APPROVE)


@pytest.fixture
def colleague(system):
    return system(RebateRight.APPROVE, RebateRight.PROPOSE)


def body(**said):
    usual = {
        "from": str(MONTH_BEGINS),
        "tiers_of": [{"from": "0", "percent": "5"}],
        "reason": "agreed in autumn",
    }
    return usual | said


def test_from_the_draft_to_what_the_dealer_earns(author, colleague, huadong, rival, given, database):
    delivered(given, database, {cast.gauze: 50})
    _, number = published(database)
    reckoned(database)
    path = f"/hq/rebates/programmes/{number}/amendments"
    made = kept(author.post(path, body()))
    one = f"{path}/{made['number']}"
    assert (made["state"], made["from"], made["reason"]) == ("draft", str(MONTH_BEGINS), "agreed in autumn")
    shown = kept(author.get(f"{one}/preview"))
    [change] = shown["changes"]
    assert change["dealer"] == "huadong" and D(change["after"]) > D(change["before"]) > 0
    assert shown["periods"][0]["after"] == change["after"] and shown["left_out"] == 0
    edited = kept(author.request("PUT", one, json=body(revision=1, reason="agreed again")))
    refused(author.request("PUT", one, json=body(revision=1)), 409, "edited_meanwhile")
    assert kept(author.post(f"{one}/submission", {"revision": edited["revision"]}))["revision"] == 3
    refused(author.post(f"{one}/approval", {"revision": 3}), 403)
    back = kept(colleague.post(f"{one}/rejection", {"revision": 3, "reason": "too dear"}))
    assert (back["state"], back["returned_because"]) == ("draft", "too dear")
    kept(author.post(f"{one}/submission", {"revision": 4}))
    kept(author.post(f"{one}/recall", {"revision": 5}))
    kept(author.post(f"{one}/submission", {"revision": 6}))
    kept(colleague.post(f"{one}/approval", {"revision": 7}))
    assert kept(author.post(f"{one}/publication", {"revision": 8}))["state"] == "published"
    reckoned(database)
    earned = kept(huadong.get(f"/rebates/accruals?programme={number}"))
    assert (earned["accrued"], earned["amended_from"]) == (change["after"], str(MONTH_BEGINS))
    assert [one["number"] for one in kept(author.get(path))["items"]] == [made["number"]]
    terms = kept(author.get(f"/hq/rebates/programmes/{number}"))
    assert [one["from"] for one in terms["amendments"]] == [str(MONTH_BEGINS)]
    refused(rival.get(path), 403, "insufficient_scope")
    refused(author.post(f"{one}/withdrawal", {"reason": "a slip"}), 403)
    assert kept(colleague.post(f"{one}/withdrawal", {"reason": "a slip"}))["state"] == "withdrawn"


def test_every_fault_is_told_at_once(author, database):
    _, number = published(database)
    path = f"/hq/rebates/programmes/{number}/amendments"
    wrong = body(
        **{"from": str(MONTH_ENDS + timedelta(days=1))},
        tiers_of=[{"from": "5", "percent": "1"}, {"from": "5", "percent": "101"}],
        reason=" ",
    )
    assert faults(author.post(path, wrong)) == {
        "/from": "outside_programme",
        "/tiers_of/1/from": "overlap",
        "/tiers_of/1/percent": "rate",
        "/reason": "reason",
    }
    kept(author.post(path, body()))
    assert faults(author.post(path, body())) == {"/from": "same_day"}
    draft = f"/hq/rebates/programmes/{cast.rebate_programme_number}/amendments"
    refused(author.post(draft, body()), 409, "not_published")
    for name in ("FB-NONE", "0", str(2**63)):
        refused(author.get(f"{path}/{name}"), 404)
        refused(author.post(f"{path}/{name}/publication", {"revision": 1}), 404)
