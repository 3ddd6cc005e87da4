"""The pages of rebates: written by one person and approved by another; the dealer's ladder and its lines."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text

from portal.rebates.rules import Basis, LateReturns, Measure, Method, OnTimeMode, PeriodKind
from portal.rebates.terms import (
    AmendmentTerms,
    GradeTerms,
    GrowthTerms,
    MixTerms,
    OnTimeTerms,
    PayoutTerms,
    TierTerms,
)
from tests import cast
from tests.web.rebate_acts import FIRST, LAST, drafted, published, reckoned

FORM = {
    "title_zh": "季度返利",
    "title_en": "Rebate by quarter",
    "valid_from": FIRST.isoformat(),
    "valid_to": LAST.isoformat(),
    "period": "quarter",
    "measure": "invoiced",
    "basis": "amount",
    "method": "all_units",
    "late_returns": "own_date",
    "priority": "100",
    "combinable": "1",
    "regions": ["east"],
    "from": ["100000", "", "200,000.00"],
    "percent": ["2", "", "3%"],
    "amount_per_unit": ["", "", ""],
    "fixed": ["", "", ""],
    "days": ["", ""],
    "pays": ["", ""],
}


@pytest.fixture
def east(sign_in):
    visitor = sign_in(cast.east_manager)
    visitor.post("/locale/en")
    return visitor


@pytest.fixture
def national(sign_in):
    visitor = sign_in(cast.national_manager)
    visitor.post("/locale/en")
    return visitor


@pytest.fixture
def buyer(sign_in):
    visitor = sign_in(cast.huadong.buyer)
    visitor.post("/locale/en")
    return visitor


def text_of(answer) -> str:
    return re.sub(r"\s+", " ", answer.get_data(as_text=True))


def place_of(answer) -> str:
    assert answer.status_code == 303, text_of(answer)
    return answer.headers["Location"]


def test_a_form_is_saved_and_shown_again(east):
    shown = place_of(east.post("/hq/rebates", FORM))
    page = text_of(east.get(shown))
    assert "The tier reached pays on everything: 2% from ¥100,000.00, 3% from ¥200,000.00." in page
    again = text_of(east.get(f"{shown}/edit"))
    assert 'value="季度返利"' in again and 'name="from" value="100000"' in again


def test_dealer_sees(buyer, database, given):
    given.a_delivery_of(given.an_order({cast.gloves: 40}).number)
    _, number = published(database)
    reckoned(database)
    assert "Rebate of the year" in text_of(buyer.get("/rebates"))
    print(text_of(buyer.get(f"/rebates/{number}")))
