"""A dealer takes a substitute with one press, or does not; headquarters names which there are."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import text

from portal.catalogue.name_substitutes import name_substitutes
from tests import cast
from tests.catalogue.test_name_substitutes import done, named
from tests.purchasing import acts


def page(response) -> str:
    return re.sub(r"\s+", " ", response.get_data(as_text=True))


@pytest.fixture
def buyer(sign_in, database):
    """A buyer with two of what is sold out in the cart, for which gloves were named."""
    done(database, name_substitutes, sku="SOLD-OUT", wanted=["GLOVES", "LAPSED"])
    visitor = sign_in(cast.huadong.buyer)
    visitor.post("/locale/en")
    visitor.post("/cart", {"sku": "SOLD-OUT", "quantity": "2"})
    return visitor


def cart_of(owner) -> list[tuple[str, int]]:
    lines = text("SELECT p.sku, c.quantity FROM cart_line c JOIN product p ON p.id = c.product_id ORDER BY 1")
    return [tuple(row) for row in owner.execute(lines)]


TAKEN = {"sku": "SOLD-OUT", "substitute": "GLOVES", "quantity": "2"}


def test_the_cart_offers_what_may_be_had_and_takes_it_when_asked(buyer, owner):
    assert "Order GLOVES instead (500 available, ¥20.00)" in page(buyer.get("/cart"))
    assert "Order LAPSED" not in page(buyer.get("/cart"))
    assert cart_of(owner) == [("SOLD-OUT", 2)]
    assert buyer.post("/cart/replacement", TAKEN).status_code == 302
    assert cart_of(owner) == [("GLOVES", 2)]
    assert "instead" not in page(buyer.get("/cart"))


def test_a_template_and_a_draft_lead_to_what_may_be_had_instead(buyer, database):
    acts.keep(database, cast.huadong.buyer, "usual", ("SOLD-OUT", 2))
    draft = acts.keep_draft(database, cast.huadong.buyer, "usual", ("SOLD-OUT", 2))
    for address in ("/order-templates/usual", f"/order-drafts/{draft}"):
        shown = page(buyer.get(address))
        assert 'href="/catalogue/GLOVES">' in shown, address
        assert "Order GLOVES instead (500 available, ¥20.00)" in shown and "LAPSED" not in shown


def test_pressed_twice_it_is_taken_once(buyer, owner):
    for _ in range(2):
        buyer.post("/cart/replacement", TAKEN)
    assert cart_of(owner) == [("GLOVES", 2)]


def test_it_joins_what_is_in_the_cart_already(buyer, owner):
    buyer.post("/cart", {"sku": "GLOVES", "quantity": "3"})
    buyer.post("/cart/replacement", TAKEN)
    assert cart_of(owner) == [("GLOVES", 5)]


@pytest.mark.parametrize(
    "wrong", [{"substitute": "NO-SUCH"}, {"substitute": "SYRINGE"}, {"quantity": "-1"}, {"quantity": "x"}]
)
def test_what_cannot_take_its_place_leaves_the_cart_as_it_was(buyer, owner, wrong):
    answer = buyer.post("/cart/replacement", TAKEN | wrong, headers={"HX-Request": "true"})
    assert answer.status_code == 422
    assert cart_of(owner) == [("SOLD-OUT", 2)]


def test_a_row_of_the_quick_order_is_exchanged_for_what_is_offered(buyer):
    checked = page(buyer.post("/quick-order", {"pasted": "SOLD-OUT\t4\nGAUZE\t1"}))
    assert "Order GLOVES instead (500 available, ¥20.00)" in checked
    [chosen] = re.findall(r'name="take_instead" value="([^"]+)"', checked)
    rows = {"row": ["1", "2"], "line": ["", ""], "sku": ["SOLD-OUT", "GAUZE"], "quantity": ["4", "1"]}
    taken = page(buyer.post("/quick-order", rows | {"take_instead": chosen}))
    assert re.findall(r'name="sku"[^>]* value="([A-Z-]+)"', taken)[:2] == ["GLOVES", "GAUZE"]
    assert "instead" not in taken


def test_several_rows_of_one_product_are_not_each_exchanged_for_all_of_it(buyer):
    assert "instead" not in page(buyer.post("/quick-order", {"pasted": "SOLD-OUT\t4\nSOLD-OUT\t1"}))


def test_headquarters_names_lists_and_removes_them(sign_in, owner):
    desk = sign_in(cast.order_desk)
    desk.post("/locale/en")
    for substitute in ("gloves", "WITHDRAWN"):
        answer = desk.post("/hq/substitutes", {"sku": "GAUZE", "substitute": substitute})
        assert answer.status_code == 303
    shown = page(desk.get("/hq/substitutes?q=gauze"))
    assert "Examination gloves" in shown and "No longer sold" in shown
    assert "No substitutes" in page(desk.get("/hq/substitutes?q=stent"))
    desk.post("/hq/substitutes/removal", {"sku": "GAUZE", "substitute": "GLOVES"})
    assert named(owner) == ["WITHDRAWN"]


@pytest.mark.parametrize(
    ("entered", "told"),
    [
        ({"sku": "NO-SUCH", "substitute": "GLOVES"}, "There is no such product."),
        ({"sku": "GAUZE", "substitute": "NO-SUCH"}, "There is no product NO-SUCH."),
        ({"sku": "GAUZE", "substitute": "gauze"}, "A product is no substitute of itself."),
    ],
)
def test_what_is_wrong_stands_beside_its_field_with_what_was_entered(sign_in, owner, entered, told):
    desk = sign_in(cast.order_desk)
    desk.post("/locale/en")
    answer = desk.post("/hq/substitutes", entered)
    assert answer.status_code == 422 and told in page(answer)
    assert f'value="{entered["sku"]}"' in page(answer)
    assert named(owner) == []


@pytest.mark.only_asks
@pytest.mark.parametrize("person", [cast.hq_finance, cast.huadong.boss])
def test_nobody_else_sees_the_page(sign_in, person):
    assert sign_in(person).get("/hq/substitutes").status_code in (403, 404)
