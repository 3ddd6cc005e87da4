"""The pages of promotions: a form by kind, the life by two people, what came of it; the dealer's cards."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text

from tests import cast
from tests.promotions.acts import approve, draft, published, submit

START = cast.NOW.astimezone(cast.ZONE).strftime("%Y-%m-%dT%H:%M")
END = (cast.NOW + timedelta(days=20)).astimezone(cast.ZONE).strftime("%Y-%m-%dT%H:%M")

FORM = {
    "title_zh": "手套促销",
    "title_en": "Gloves for less",
    "valid_from": START,
    "valid_to": END,
    "region": ["east"],
    "priority": "5",
    "combinable": "1",
}
KINDS = {
    "percent_off": {"percent": "5%", "skus": "gloves, SYRINGE", "lots": "SYRINGE SY-EARLY 12\nSY-LATE"},
    "amount_off": {"amount": "1.20", "category": "T01", "min_quantity": "60"},
    "gift": {"gift_sku": "SYRINGE", "gift_quantity": "10", "gift_for_each": "2", "skus": "GLOVES"},
    "bundle": {"amount": "3", "skus": "GLOVES SYRINGE"},
    "cumulative": {"percent": "3", "period_amount": "100,000", "category": "T01"},
    "order_amount_off": {"amount": "200", "min_amount": "5000"},
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


@pytest.mark.parametrize("kind", KINDS)
def test_a_form_has_the_fields_of_its_kind_and_keeps_them(east, kind):
    page = text_of(east.get(f"/hq/promotions/new?kind={kind}"))
    fields = set(re.findall(r'name="(\w+)"', page))
    assert KINDS[kind].keys() <= fields
    assert ("gift_sku" in fields) == (kind == "gift") and ("period_amount" in fields) == (
        kind == "cumulative"
    )
    shown = place_of(east.post("/hq/promotions", FORM | KINDS[kind] | {"kind": kind}))
    again = text_of(east.get(f"{shown}/edit"))
    for value in ("手套促销", START, END):
        assert f'value="{value}"' in again
    saved = {"revision": re.search(r'name="revision" value="(\d+)"', again)[1], "kind": kind}
    assert place_of(east.post(f"{shown}/edit", FORM | KINDS[kind] | saved)) == shown


def test_a_kind_is_chosen_first(east):
    page = text_of(east.get("/hq/promotions/new?kind=lottery"))
    assert all(f"/hq/promotions/new?kind={kind}" in page for kind in KINDS)


def test_what_is_wrong_stands_beside_its_field_with_what_was_typed(east, owner):
    typed = {"kind": "percent_off", "percent": "1oo", "skus": "NONE", "dealers": "yuegang", "budget": "-5"}
    answer = east.post("/hq/promotions", FORM | typed)
    page = text_of(answer)
    assert answer.status_code == 422
    for name in ("percent", "skus", "dealers", "budget"):
        assert f'href="#field-{name}"' in page and f'id="field-{name}-error"' in page
    assert 'value="1oo"' in page and 'value="-5"' in page and ">NONE</textarea>" in page
    assert owner.execute(text("SELECT count(*) FROM promotion WHERE state = 'draft'")).scalar_one() == 0


def test_a_second_tab_overwrites_nothing(east, database):
    _, number = draft(database)
    typed = FORM | KINDS["percent_off"] | {"kind": "percent_off", "revision": "1"}
    place_of(east.post(f"/hq/promotions/{number}/edit", typed))
    answer = east.post(f"/hq/promotions/{number}/edit", typed | {"priority": "77"})
    assert answer.status_code == 409 and 'value="77"' in text_of(answer)


def test_its_life_by_two_people(east, national, buyer, owner):
    shown = place_of(east.post("/hq/promotions", FORM | KINDS["percent_off"] | {"kind": "percent_off"}))

    def act(visitor, name, revision, **more) -> str:
        place_of(visitor.post(f"{shown}/{name}", {"revision": revision, **more}))
        return text_of(visitor.get(shown))

    page = act(east, "submission", 1)
    assert "You had a hand in it" in page and f"{shown}/approval" not in page
    assert "Another person decides on it" in act(east, "approval", 2)
    assert "It came back: too dear" in act(national, "rejection", 2, reason="too dear")
    act(east, "submission", 3)
    assert f"{shown}/publication" in act(national, "approval", 4)
    assert "Enter a valid date" in act(east, "publication", 5, at="tomorrow")
    assert "Running" in act(east, "publication", 5)
    assert "Gloves for less" in text_of(buyer.get("/promotions"))
    assert "Withdrawn" in act(national, "withdrawal", 6, reason="sold out")
    assert "Gloves for less" not in text_of(buyer.get("/promotions"))
    assert owner.execute(text("SELECT count(*) FROM promotion WHERE state = 'withdrawn'")).scalar_one() == 1


def test_what_waits_is_told_to_whoever_can_do_it(east, national, sign_in, database):
    promotion, _ = draft(database)
    submit(database, promotion)
    assert "Promotions to approve" in text_of(national.get("/hq/"))
    assert "Promotions to approve" not in text_of(east.get("/hq/"))
    assert "Promotions to approve" not in text_of(sign_in(cast.order_desk).get("/hq/"))
    approve(database, promotion)
    assert "Approved promotions to publish" in text_of(east.get("/hq/"))


def test_the_list_is_filtered_by_its_address_and_is_a_file(east, database):
    _, running = published(database)
    _, written = draft(database, title_en="=1+1", kind="gift", gift_sku="GLOVES", gift_quantity=1)
    assert running in (page := text_of(east.get("/hq/promotions?phase=running"))) and written not in page
    assert written in (page := text_of(east.get("/hq/promotions?kind=gift"))) and running not in page
    assert running in text_of(east.get(f"/hq/promotions?q={running.replace('-', '').lower()}"))
    file = east.get("/hq/promotions?export=csv&kind=gift").get_data(as_text=True)
    assert written in file and "'=1+1" in file and running not in file


def test_what_came_of_it(east, buyer, database, given):
    _, number = published(database, budget=Decimal(100), dealers=("huadong",), regions=())
    given.an_order({cast.gloves: 20}, by=cast.huadong.buyer)
    assert "¥20.00 / ¥100.00" in text_of(east.get(f"/hq/promotions/{number}"))  # 5 % of 20 × 20.00
    assert "Shanghai Mingde" in text_of(east.get(f"/hq/promotions/{number}/dealers"))
    row = east.get(f"/hq/promotions/{number}/products?export=csv").get_data(as_text=True).splitlines()[1]
    assert row.split(",")[1:] == ["GLOVES", "1", "1", "20", "20.00"]
    assert "¥20.00" in text_of(buyer.get("/promotions"))


def test_a_dealer_joins_and_sees_how_far_it_is(buyer, sign_in, database):
    _, number = published(
        database,
        kind="cumulative",
        percent=Decimal(3),
        period_amount=Decimal(1000),
        skus=(),
        category="T01",
        registration_required=True,
    )
    page = text_of(buyer.get("/promotions"))
    assert f"/promotions/{number}/participation" in page and "¥0.00 / ¥1,000.00" in page
    finance = text_of(sign_in(cast.huadong.finance).get("/promotions"))
    assert f"/promotions/{number}/participation" not in finance
    assert place_of(buyer.post(f"/promotions/{number}/participation")).endswith(f"#{number}")
    assert "participation" not in text_of(buyer.get("/promotions"))


def test_products_tell_of_the_promotions_that_count_them(buyer, sign_in, database):
    _, number = published(database)
    assert text_of(buyer.get("/catalogue")).count(f"/promotions#{number}") == 1
    assert "5% off each unit of Examination gloves." in text_of(buyer.get("/catalogue/GLOVES"))
    assert number not in text_of(buyer.get("/catalogue/SYRINGE"))
    assert number not in text_of(sign_in(cast.yuegang.buyer).get("/catalogue"))
    assert number not in text_of(sign_in(cast.huadong.service).get("/catalogue"))  # sees no prices


def test_an_exhausted_one_is_no_longer_promised(buyer, database, owner):
    promotion, number = published(database, budget=Decimal(10))
    owner.execute(
        text("UPDATE promotion_budget SET spent = budget WHERE promotion_id = :id"), {"id": promotion}
    )
    owner.commit()
    assert number not in text_of(buyer.get("/catalogue"))
    assert "Used up" in text_of(buyer.get("/promotions"))
