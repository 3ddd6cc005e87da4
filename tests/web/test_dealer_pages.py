"""The dealer's pages, from the catalogue to the order, with every fault beside its line."""

from __future__ import annotations

import re

import pytest

from tests import cast
from tests.builders import percent_off
from tests.orders.test_place_order import place


@pytest.fixture
def buyer(sign_in):
    return sign_in(cast.huadong.buyer)


def text_of(answer) -> str:
    return answer.get_data(as_text=True)


def put(visitor, product, quantity, **more):
    return visitor.post("/cart", {"sku": product.sku, "quantity": str(quantity), **more})


def key_on(page: str) -> str:
    return re.search(r'name="idempotency_key" value="([^"]+)"', page).group(1)


def order_everything(visitor, key=None, **typed):
    page = text_of(visitor.get("/cart"))
    seen = re.search(r'name="seen" value="([^"]*)"', page)
    form = {"idempotency_key": key or key_on(page), "seen": seen.group(1) if seen else "", "ship_to": "main"}
    return visitor.post("/orders", form | typed)


@pytest.mark.only_asks
def test_the_catalogue_shows_own_price_list_price_and_stock(buyer):
    page = text_of(buyer.get("/catalogue?q=GLOVES"))
    assert "¥20.00" in page and "¥25.00" in page and "500" in page


@pytest.mark.only_asks
def test_a_filter_answers_only_the_list(buyer):
    fragment = text_of(buyer.fragment("/catalogue?q=GLOVES"))
    assert fragment.strip().startswith('<div id="results"') and "<html" not in fragment


@pytest.mark.only_asks
def test_the_back_button_gets_the_whole_page(buyer):
    page = text_of(
        buyer.get("/catalogue?q=GLOVES", headers={"HX-Request": "true", "HX-History-Restore-Request": "true"})
    )
    assert "<html" in page


@pytest.mark.only_asks
def test_the_stock_of_a_page_is_refreshed_in_place(buyer):
    fragment = text_of(
        buyer.fragment(f"/catalogue/stock?sku={cast.gloves.sku}&sku={cast.syringe.sku}&sku=NO")
    )
    assert fragment.count('hx-swap-oob="true"') == 2


@pytest.mark.only_asks
def test_a_product_page_explains_its_price(buyer):
    page = text_of(buyer.get("/catalogue/GLOVES"))
    assert "PP-TIERS" in page and "¥20.00" in page and "06901234510010" in page


@pytest.mark.only_asks
def test_a_withdrawn_product_is_shown_but_cannot_be_ordered(buyer):
    page = text_of(buyer.get(f"/catalogue/{cast.withdrawn_catheter.sku}"))
    assert 'action="/cart"' not in page


def test_what_is_put_into_the_cart_is_ordered_once(buyer):
    put(buyer, cast.gloves, 2, mode="add")
    put(buyer, cast.syringe, 20, mode="add")
    cart = text_of(buyer.get("/cart"))
    answer = order_everything(buyer, key_on(cart), purchase_order_no="CG-1")
    assert answer.status_code == 303
    order = text_of(buyer.get(answer.headers["Location"]))
    assert "CG-1" in order and "¥91.20" in order  # 2 × 20.00 + 20 × 2.56
    assert key_on_missing(text_of(buyer.get("/cart")))


def key_on_missing(page: str) -> bool:
    return 'name="idempotency_key"' not in page


def test_a_double_click_leads_to_the_same_order(buyer):
    put(buyer, cast.gloves, 1, mode="add")
    key = key_on(text_of(buyer.get("/cart")))
    first, second = order_everything(buyer, key), order_everything(buyer, key)
    assert (first.status_code, second.status_code) == (303, 303)
    assert first.headers["Location"] == second.headers["Location"]


@pytest.mark.parametrize("quantity", ["0", "-1", "1.5", "1000000000", "", "abc", "=1+1"])
def test_a_quantity_that_is_none_stays_in_its_field_with_the_fault_beside(buyer, quantity):
    put(buyer, cast.gloves, 1, mode="add")
    answer = buyer.request(
        "POST",
        "/cart",
        data=buyer.form({"sku": cast.gloves.sku, "quantity": quantity}),
        headers={"HX-Request": "true"},
    )
    page = text_of(answer)
    assert answer.status_code == 422
    assert f'value="{quantity}"' in page and 'id="trouble-GLOVES"' in page


@pytest.mark.only_asks
def test_a_broken_pack_is_told_where_it_was_typed(buyer):
    answer = buyer.request(
        "POST",
        "/cart",
        data=buyer.form({"sku": cast.syringe.sku, "quantity": "15", "mode": "add"}),
        headers={"HX-Request": "true"},
    )
    assert answer.status_code == 422 and "10" in text_of(answer) and "20" in text_of(answer)


def test_a_product_withdrawn_while_in_the_cart_is_marked_and_blocks_nothing_typed(buyer, owner):
    put(buyer, cast.gloves, 1, mode="add")
    owner.exec_driver_sql("UPDATE product SET state = 'withdrawn' WHERE sku = 'GLOVES'")
    page = text_of(buyer.get("/cart"))
    assert 'id="trouble-GLOVES"' in page and "disabled" in page
    refused = order_everything(buyer, key_on(page), purchase_order_no="CG-KEPT")
    assert refused.status_code == 422 and "CG-KEPT" in text_of(refused)


def test_stock_taken_meanwhile_is_told_at_the_line(buyer, database):
    put(buyer, cast.last_suture, 1, mode="add")
    key = key_on(text_of(buyer.get("/cart")))
    place(database, cast.suzhou.buyer, (cast.last_suture, 1))
    refused = order_everything(buyer, key)
    assert refused.status_code == 422 and 'id="trouble-LAST"' in text_of(refused)


def seen_on(visitor) -> dict[str, str]:
    """What the order form of the cart's page sends by itself."""
    page = text_of(visitor.get("/cart"))
    return {"idempotency_key": key_on(page), "seen": re.search(r'name="seen" value="([^"]+)"', page).group(1)}


def test_what_is_no_longer_as_another_tab_shows_it_is_not_ordered(buyer):
    put(buyer, cast.gloves, 1, mode="add")
    tab = seen_on(buyer)
    put(buyer, cast.gloves, 5)
    refused = order_everything(buyer, **tab)
    assert refused.status_code == 422 and "购物车或价格与您刚才看到的不同" in text_of(refused)
    assert "¥100.00" in text_of(refused)  # 5 × 20.00, to be looked through
    assert order_everything(buyer).status_code == 303


def test_a_price_published_meanwhile_is_not_ordered_unseen(buyer, given):
    put(buyer, cast.gloves, 1, mode="add")
    tab = seen_on(buyer)
    given.a_policy(percent_off(10, tier="S", product=cast.gloves))
    refused = order_everything(buyer, **tab)
    assert refused.status_code == 422 and "¥22.50" in text_of(refused)
    assert order_everything(buyer).status_code == 303


def test_a_form_that_does_not_say_what_it_showed_orders_nothing(buyer):
    put(buyer, cast.gloves, 1, mode="add")
    assert order_everything(buyer, seen="").status_code == 422


def test_a_quantity_that_was_typed_and_not_sent_is_taken_up_and_shown_before_it_is_ordered(buyer):
    put(buyer, cast.gloves, 2, mode="add")
    put(buyer, cast.syringe, 20, mode="add")
    lines = {"sku": ["GLOVES", "SYRINGE"], "quantity": ["7", "20"], "held": ["2", "20"]}
    refused = order_everything(buyer, **lines, purchase_order_no="CG-KEPT")
    assert refused.status_code == 422 and "CG-KEPT" in text_of(refused) and "¥140.00" in text_of(refused)
    answer = order_everything(buyer, **lines | {"held": ["7", "20"]})
    assert "¥191.20" in text_of(buyer.get(answer.headers["Location"]))  # 7 × 20.00 + 20 × 2.56


def test_a_quantity_that_was_refused_and_still_stands_in_its_field_is_not_ordered_as_another(buyer):
    put(buyer, cast.syringe, 20, mode="add")
    line = {"sku": "SYRINGE", "quantity": "15", "held": "20"}
    refused = order_everything(buyer, **line)
    page = text_of(refused)
    assert (
        refused.status_code == 422
        and 'id="trouble-SYRINGE"' in page
        and 'value="15"' in page
        and 'name="held" value="20"' in page
    )


def test_a_line_that_was_removed_elsewhere_does_not_come_back(buyer):
    put(buyer, cast.gloves, 2, mode="add")
    put(buyer, cast.syringe, 20, mode="add")
    buyer.post("/cart/removal", {"sku": "SYRINGE"})
    answer = order_everything(buyer, sku=["SYRINGE"], quantity=["40"], held=["20"])
    assert "SYRINGE" not in text_of(buyer.get(answer.headers["Location"]))


def test_a_date_nobody_can_mean_is_told_beside_its_field(buyer):
    put(buyer, cast.gloves, 1, mode="add")
    refused = order_everything(buyer, requested_date="2020-01-01")
    assert refused.status_code == 422 and 'id="field-requested_date-error"' in text_of(refused)


def test_an_order_is_cancelled_by_its_dealer(buyer, database):
    buyer.post("/locale/en")
    number = place(database, cast.huadong.buyer, (cast.gloves, 1)).number
    assert buyer.post(f"/orders/{number}/cancellation", {"reason": "wrong"}).status_code == 303
    assert "Order cancelled" in text_of(buyer.get(f"/orders/{number}"))


def test_a_rivals_order_does_not_exist(sign_in, database):
    number = place(database, cast.huadong.buyer, (cast.gloves, 1)).number
    rival = sign_in(cast.yuegang.boss)
    assert rival.get(f"/orders/{number}").status_code == 404
    assert rival.post(f"/orders/{number}/cancellation", {}).status_code == 404
    assert number not in text_of(rival.get("/orders"))


@pytest.mark.only_asks
def test_who_may_not_see_prices_sees_none(sign_in):
    page = text_of(sign_in(cast.huadong.service).get("/catalogue"))
    assert "¥" not in page


# What the frame around every page asks: who is there, the number on the cart and the bell's. The visitor's
# favourites are not asked for again; the process knows them since the page before.
FRAME = ("JOIN user_session s ", "SELECT count(*) FROM cart_line ", "FROM notification ")


@pytest.mark.parametrize(
    ("path", "own"),
    [
        ("/", 11),  # the work of each capability: statements, claims, requests, repairs, devices, webhooks
        ("/catalogue", 2),
        ("/catalogue/GLOVES", 4),  # the product, its stock, its promotions, when its price may change
        ("/stock", 1),  # what arrives is kept for some seconds
        ("/cart", 4),
        ("/orders", 1),
        ("/statements", 1),
    ],
)
def test_a_page_asks_the_database_a_bounded_number_of_things(sign_in, count_statements, path, own):
    buyer = sign_in(cast.huadong.boss)
    put(buyer, cast.gloves, 1, mode="add")
    buyer.get(path)
    with count_statements() as counted:
        assert buyer.get(path).status_code == 200
    for asked in FRAME:
        assert sum(asked in statement for statement in counted.work) == 1, (asked, counted)
    assert len(counted) == len(FRAME) + own, counted


def test_the_frame_says_how_much_is_in_the_cart_and_a_part_of_a_page_does_not_ask(buyer, count_statements):
    put(buyer, cast.gloves, 2, mode="add")
    put(buyer, cast.syringe, 20, mode="add")
    for path in ("/account", "/", "/catalogue", "/cart", "/orders"):
        assert re.search(
            r'class="count-badge cart-count"><span aria-hidden="true">2<', text_of(buyer.get(path))
        ), path
    with count_statements() as counted:
        buyer.fragment("/orders")
    assert not [statement for statement in counted.work if "cart_line" in statement], counted


@pytest.mark.parametrize(
    ("product", "quantity", "said"),
    [
        (cast.last_suture, 2, "仅剩"),
        (cast.sold_out_scale, 1, "缺货"),
        (cast.southern_mask, 1001, cast.guangzhou_warehouse.name_zh),
        (cast.lapsed_pump, 1, "注册证"),
    ],
)
def test_what_stands_against_an_order_is_told_when_it_goes_into_the_cart(sign_in, product, quantity, said):
    buyer = sign_in(cast.huadong.buyer)
    answer = buyer.post(
        "/cart",
        {"sku": product.sku, "quantity": str(quantity), "mode": "add"},
        headers={"HX-Request": "true"},
    )
    assert answer.status_code == 200
    assert "line-errors" in text_of(answer) and said in text_of(answer)


def test_what_can_be_ordered_goes_into_the_cart_without_a_word(sign_in):
    buyer = sign_in(cast.huadong.buyer)
    assert "line-errors" not in text_of(
        buyer.post("/cart", {"sku": "GLOVES", "quantity": "3", "mode": "add"}, headers={"HX-Request": "true"})
    )


@pytest.mark.only_asks
@pytest.mark.parametrize(
    ("q", "headings"),
    [
        ("GLOVES", ["完全匹配"]),
        ("手套", []),
        ("glvoes", ["近似结果"]),
        ("(01)06901234510010(17)280101", ["完全匹配"]),
        ("06901234510011", ["近似结果"]),
    ],
)
def test_what_is_exact_and_what_is_merely_similar_is_said(buyer, q, headings):
    page = text_of(buyer.get("/catalogue", query_string={"q": q}))
    assert cast.gloves.sku in page
    assert re.findall(r'<th scope="rowgroup"[^>]*>([^<]+)</th>', page) == headings
    assert ("校验位有误" in page and "06901234510010" in page) is (q == "06901234510011")
