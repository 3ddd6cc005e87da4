"""The pages of facts about dealers: stated with a file, confirmed by another person, read by the dealer."""

from __future__ import annotations

import re
from datetime import timedelta
from io import BytesIO

import pytest
from sqlalchemy import text

from portal.rebates.rules import FactKind
from tests import cast
from tests.files.acts import a_pdf
from tests.rebates.acts import published, reckoned

FORM = {
    "dealer": cast.huadong.code,
    "kind": str(FactKind.NO_DIVERSION_CASE),
    "holds": "no",
    "from_day": str(cast.TODAY),
    "to_day": "",
    "reason": "Lot GZ-FRESH was found in Guangdong.",
    "form_key": "a-key-of-this-form",
}


def text_of(answer) -> str:
    return re.sub(r"\s+", " ", answer.get_data(as_text=True))


def with_file(**said):
    return FORM | said | {"files": [(BytesIO(a_pdf()), "case.pdf")]}


def states(owner) -> list[str]:
    return list(owner.execute(text("SELECT state FROM rebate_fact ORDER BY id")).scalars())


@pytest.fixture
def visitor_of(sign_in):
    def english(person):
        visitor = sign_in(person)
        visitor.post("/locale/en")
        return visitor

    return english


def test_from_the_form_to_what_the_dealer_reads(visitor_of, given, database, owner):
    given.a_delivery_of(given.an_order({cast.gloves: 40}).number)
    _, number = published(database, no_diversion_case=True, inventory_reports=5)
    east, finance = visitor_of(cast.east_manager), visitor_of(cast.hq_finance)
    assert "/hq/rebates/facts" in text_of(east.get("/hq/rebates"))
    assert "Evidence" in text_of(east.get("/hq/rebates/facts/new"))
    shown = east.post("/hq/rebates/facts", with_file()).headers["Location"]
    assert east.post("/hq/rebates/facts", with_file()).headers["Location"] == shown
    assert states(owner) == ["stated"], "sent twice, written once"
    page = text_of(east.get(shown))
    assert "Another person confirms it" in page and "case.pdf" in page and f"{shown}/confirmation" not in page
    assert "Facts about dealers to confirm" in text_of(finance.get("/hq/"))
    assert shown in text_of(finance.get("/hq/rebates/facts?status=stated"))
    assert "Say why" in text_of(finance.post(f"{shown}/refusal", {"reason": ""}))
    assert finance.post(f"{shown}/confirmation").status_code == 303
    assert "decided already" in text_of(finance.post(f"{shown}/confirmation"))
    owner.rollback()
    assert states(owner) == ["confirmed"]
    reckoned(database)
    page = text_of(visitor_of(cast.huadong.buyer).get(f"/rebates/{number}"))
    assert "A diversion case is open: Lot GZ-FRESH was found in Guangdong." in page
    assert "The stock at each month&#39;s end is reported within 5 days" in page
    assert "Clear it up with headquarters" in page and "case.pdf" not in page


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"dealer": "nobody"}, "dealer"),
        ({"dealer": cast.yuegang.code}, "dealer"),
        ({"from_day": "2026-02-30"}, "from_day"),
        ({"from_day": str(cast.TODAY + timedelta(days=1))}, "from_day"),
        ({"to_day": "2000-01-01"}, "to_day"),
        ({"reason": " "}, "reason"),
        ({"holds": "maybe"}, "holds"),
        ({"kind": "mood"}, "kind"),
    ],
)
def test_what_is_wrong_stands_beside_its_field(visitor_of, owner, typed, field):
    answer = visitor_of(cast.east_manager).post("/hq/rebates/facts", with_file(**typed))
    page = text_of(answer)
    assert answer.status_code == 422
    assert f'href="#field-{field}"' in page and f'id="field-{field}-error"' in page
    assert "Lot GZ-FRESH" in page or "reason" in typed, "nothing typed is lost"
    assert states(owner) == []


def test_a_fact_needs_evidence(visitor_of, owner):
    answer = visitor_of(cast.east_manager).post("/hq/rebates/facts", FORM)
    assert answer.status_code == 422 and 'href="#field-files"' in text_of(answer)
    assert states(owner) == []


def test_another_region_learns_nothing(sign_in, visitor_of):
    shown = visitor_of(cast.east_manager).post("/hq/rebates/facts", with_file()).headers["Location"]
    south = sign_in(cast.south_manager)
    assert south.get(shown).status_code == 404
    assert shown not in text_of(south.get("/hq/rebates/facts"))
    for act in ("confirmation", "refusal"):
        assert south.post(f"{shown}/{act}", {"reason": "x"}).status_code == 404
