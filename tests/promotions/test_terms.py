"""What a promotion says is judged in itself: every fault beside its field."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal

import pytest

from portal.kernel.errors import Fault
from portal.kernel.proposal_life import ProposalState
from portal.promotions.models import Promotion
from portal.promotions.rules import Kind
from portal.promotions.terms import REWARDS, LotTerms, term_faults
from tests import cast
from tests.promotions.acts import terms

GIFT = {"kind": "gift", "gift_sku": "GLOVES", "gift_quantity": 1}
ORDER = {"kind": "order_amount_off", "amount": Decimal(200), "skus": ()}
BUNDLE = {"kind": "bundle", "amount": Decimal(3)}
CUMULATIVE = {"kind": "cumulative", "percent": Decimal(3)}


def faults(**said) -> dict[str, str]:
    return {fault.pointer: fault.code for fault in term_faults(terms(**said), cast.NOW)}


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"kind": "amount_off", "amount": Decimal("1.20"), "min_quantity": 60},
        GIFT | {"gift_for_each": 10},
        BUNDLE | {"skus": ("GLOVES", "SYRINGE")},
        CUMULATIVE | {"period_amount": Decimal(100000)},
        ORDER | {"min_amount": Decimal(5000)},
        {"lots": (LotTerms("L1"), LotTerms("L2", "GLOVES", 12))},
        {"first_order": True, "budget": Decimal(100), "per_dealer_cap": Decimal(100)},
    ],
)
def test_what_makes_sense_is_taken(said):
    assert faults(**said) == {}


@pytest.mark.parametrize(
    ("said", "pointer", "code"),
    [
        ({"title_zh": " "}, "/title_zh", "title"),
        ({"title_en": "x" * 121}, "/title_en", "title"),
        ({"text_zh": "字" * 10_001}, "/text_zh", "text"),
        ({"kind": "lottery"}, "/kind", "unknown_kind"),
        ({"valid_from": None}, "/valid_from", "date_range"),
        ({"valid_to": cast.NOW.replace(year=2202)}, "/valid_to", "date_range"),
        ({"valid_to": cast.NOW - timedelta(minutes=1)}, "/valid_to", "ends_before"),
        (
            {"valid_from": cast.NOW - timedelta(days=9), "valid_to": cast.NOW - timedelta(days=1)},
            "/valid_to",
            "over",
        ),
        ({"category": "T01"}, "/condition/category", "goods"),
        (BUNDLE | {"skus": ("GLOVES", "GLOVES")}, "/condition/skus", "bundle"),
        (BUNDLE | {"skus": (), "category": "T"}, "/condition/skus", "bundle"),
        (CUMULATIVE, "/condition/period_amount", "period_amount"),
        ({"period_amount": Decimal(5)}, "/condition/period_amount", "period_amount"),
        ({"percent": Decimal(100)}, "/reward/percent", "percent"),
        ({"percent": Decimal("100.01")}, "/reward/percent", "percent"),
        ({"percent": Decimal(0)}, "/reward/percent", "percent"),
        ({"percent": Decimal(5), "amount": Decimal(1)}, "/reward/amount", "reward"),
        (BUNDLE | {"skus": ("A", "B"), "percent": Decimal(5)}, "/reward/amount", "reward"),
        ({"kind": "amount_off", "amount": None}, "/reward/amount", "reward"),
        ({"kind": "amount_off", "amount": Decimal("-1")}, "/reward/amount", "amount"),
        (GIFT | {"gift_quantity": None}, "/reward/gift/quantity", "gift"),
        (GIFT | {"gift_quantity": 0}, "/reward/gift/quantity", "units"),
        (GIFT | {"gift_for_each": 0}, "/reward/gift/for_each", "units"),
        ({"kind": "gift", "gift_sku": ""}, "/reward/gift", "reward"),
        (GIFT | {"percent": Decimal(5)}, "/reward/percent", "reward"),
        ({"min_quantity": 0}, "/condition/min_quantity", "units"),
        ({"min_amount": Decimal(0)}, "/condition/min_amount", "amount"),
        (ORDER, "/condition/min_amount", "worth_more"),
        (ORDER | {"min_amount": Decimal(200)}, "/condition/min_amount", "worth_more"),
        (
            {"kind": "cumulative", "amount": Decimal(10), "period_amount": Decimal(10)},
            "/condition/period_amount",
            "worth_more",
        ),
        ({"priority": 0}, "/priority", "priority"),
        ({"priority": 1000}, "/priority", "priority"),
        ({"priority": None}, "/priority", "priority"),
        ({"budget": Decimal(0)}, "/budget", "amount"),
        ({"budget": Decimal(5), "per_dealer_cap": Decimal(6)}, "/per_dealer_cap", "cap"),
        (GIFT | {"lots": (LotTerms("L1"),)}, "/condition/lots", "lots"),
        ({"skus": (), "lots": (LotTerms("L1"),)}, "/condition/skus", "lots"),
        ({"lots": (LotTerms("L1", "STENT"),)}, "/condition/lots/0", "lot_of_other_goods"),
        ({"lots": (LotTerms("L1", units=0),)}, "/condition/lots/0/units", "units"),
    ],
)
def test_what_makes_none_is_refused_beside_its_field(said, pointer, code):
    assert faults(**said).get(pointer) == code


def test_everything_is_told_at_once():
    found = faults(title_zh="", priority=0, percent=Decimal(100))
    assert set(found) == {"/title_zh", "/priority", "/reward/percent"}


def test_what_could_not_be_read_is_told_once():
    misread = Fault("/priority", "quantity_not_whole", "")
    assert faults(priority=None, misread=(misread,)) == {"/priority": "quantity_not_whole"}


def test_the_database_knows_the_same_kinds_and_states():
    checks = {
        str(one.name): str(one.sqltext) for one in Promotion.__table__.constraints if hasattr(one, "sqltext")
    }
    for name, words in (("kind", Kind), ("state", ProposalState)):
        assert set(re.findall(r"'(\w+)'", checks[f"ck_promotion_{name}"])) == set(words)
    assert set(REWARDS) == set(Kind)
