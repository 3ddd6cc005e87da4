"""Any two acts on the goods of one product in the same instant, on one document where both are possible.

All pairs meet that touch a common table, on one lot; where the acts exclude each other one wins and the other
is told why. Of the last units of a lot each act gets all or nothing. Nothing ever deadlocks.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import combinations_with_replacement

import pytest

from portal.kernel.errors import Conflict, DomainError, Invalid, NotFound
from tests.goods_scenes import ACTS, GoodsAct, GoodsScene, goods_scene
from tests.races import failures, together
from tests.scenes import UNITS, Company, company_at_work

# Of two acts on one document only one can still be done.
ONE_WINS = {
    ("cancel", "cancel"),
    ("cancel", "pick"),
    ("cancel", "wave"),
    ("pick", "pick"),
    ("pick", "wave"),
    ("wave", "wave"),
    ("unpick", "unpick"),
    ("unpick", "fail"),
    ("unpick", "ship"),
    ("pass", "pass"),
    ("pass", "fail"),
    ("fail", "fail"),
    ("fail", "ship"),
    ("ship", "ship"),
    ("credit", "credit"),
    ("credit", "ask_back"),
    ("ask_back", "ask_back"),
    ("approve_return", "approve_return"),
    ("withdraw_return", "withdraw_return"),
    ("withdraw_return", "take_back"),
    ("take_back", "take_back"),
    ("judge", "judge"),
    ("accept", "accept"),
    ("dispatch", "dispatch"),
    ("settle", "settle"),
    ("approve_count", "approve_count"),
    ("release_goods", "release_goods"),
    ("destroy", "destroy"),
}
# Who comes first decides whether the other still can: nothing of a lot that is retired is sold or released.
AS_IT_HAPPENS = {
    ("unpick", "pass"),
    ("pass", "ship"),
    ("reserve", "retire"),
    ("pick", "retire"),
    ("wave", "retire"),
    ("unpick", "retire"),
    ("pass", "retire"),
    ("fail", "retire"),
    ("ship", "retire"),
    ("dispatch", "retire"),
    ("set_apart", "retire"),
    ("release_goods", "retire"),
}

TAKING = ("reserve", "dispatch", "approve_count", "set_apart")
"""Acts that take units out of what is for sale and promised to nobody."""


@pytest.fixture(scope="module")
def company(cluster, template) -> Iterator[Company]:
    yield from company_at_work(cluster, template, "every_goods_pair")


def _pairs() -> Iterator[tuple[GoodsAct, GoodsAct]]:
    for one, other in combinations_with_replacement(ACTS, 2):
        if one.touches & other.touches or (one.on and one.on == other.on):
            yield one, other


def _refusals(scene: GoodsScene, *acts: GoodsAct) -> list[Exception]:
    """Those of some acts that were refused, all done in one instant."""
    documents = {act.on: scene.document(act.on) for act in acts if act.on}
    does = [partial(act.do, scene, documents.get(act.on)) for act in acts]
    lost = failures(together(len(acts), lambda place: does[place]()))
    for refusal in lost:
        assert isinstance(refusal, (Conflict, Invalid, NotFound)), refusal
        assert isinstance(refusal, DomainError) and (refusal.faults or refusal.message)
    return lost


@pytest.mark.parametrize(("one", "other"), list(_pairs()), ids=lambda act: act.name)
def test_two_acts_at_once(company, one, other):
    names = (one.name, other.name)
    lost = _refusals(goods_scene(company, due="retire" in names), one, other)
    may_lose = {1} if names in ONE_WINS else {0, 1} if names in AS_IT_HAPPENS else {0}
    assert len(lost) in may_lose, lost


@pytest.mark.parametrize(("one", "other"), list(combinations_with_replacement(TAKING, 2)))
def test_the_last_units_are_taken_once(company, one, other):
    acts = {act.name: act for act in ACTS}
    lost = _refusals(goods_scene(company, units=UNITS), acts[one], acts[other])
    assert len(lost) == 1, lost
