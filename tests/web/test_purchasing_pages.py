"""Templates, reorder, drafts, approval, recurring orders and the order desk's own, as pages."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text

from portal.orders.terms import SupplyTerms
from tests import cast
from tests.builders import net
from tests.orders.acts import decided
from tests.orders.test_standing import agreed
from tests.purchasing import acts

BUYER, BOSS = cast.huadong.buyer, cast.huadong.boss
WAITS = "可以下单；订单将等待总部放行。"


def page_of(answer, status: int = 200) -> str:
    shown = answer.get_data(as_text=True)
    assert answer.status_code == status, shown[:3000]
    return shown


def send(visitor, path: str, data=None):
    """What somebody sees after sending a form."""
    return visitor.post(path, data, follow_redirects=True)


def hidden(shown: str, name: str) -> str:
    return re.search(rf'name="{name}"\s+value="([^"]*)"', shown)[1]


def cart_of(owner) -> dict[str, int]:
    rows = owner.execute(
        text("SELECT p.sku, c.quantity FROM cart_line c JOIN product p ON p.id = c.product_id")
    )
    return {row.sku: row.quantity for row in rows}


def test_a_template_is_written_ordered_from_and_removed(sign_in, owner):
    buyer = sign_in(BUYER)
    form = {
        "name": "月度耗材",
        "revision": "0",
        "sku": ["gloves", " SYRINGE ", ""],
        "quantity": ["5", "２０", ""],
    }
    page_of(send(buyer, "/order-templates", form))
    shown = page_of(buyer.get("/order-templates/月度耗材"))
    assert cast.gloves.name_zh in shown and "放入购物车" in shown
    assert "月度耗材" in page_of(buyer.get("/order-templates"))
    page_of(send(buyer, "/cart/lines", {"sku": ["GLOVES", "SYRINGE"], "quantity": ["5", ""]}))
    assert cart_of(owner) == {"GLOVES": 5}
    page_of(send(buyer, "/order-templates/月度耗材/removal"))
    page_of(buyer.get("/order-templates/月度耗材"), 404)


@pytest.mark.only_asks
def test_what_is_wrong_in_a_template_comes_back_beside_its_line(sign_in, owner):
    form = {"name": "", "revision": "0", "sku": ["NOBODY", "GLOVES"], "quantity": ["1", "1.5"]}
    shown = page_of(send(sign_in(BUYER), "/order-templates", form), 422)
    assert 'value="NOBODY"' in shown and 'value="1.5"' in shown
    form["name"] = "a"
    shown = page_of(send(sign_in(BUYER), "/order-templates", form), 422)
    assert shown.count('class="row-trouble"') == 2
    assert owner.execute(text("SELECT count(*) FROM order_template")).scalar() == 0


def test_lines_go_into_the_cart_all_or_none(sign_in, owner):
    lines = {"sku": ["GLOVES", "NOBODY", "SYRINGE"], "quantity": ["5", "1", "1.5"]}
    shown = page_of(send(sign_in(BUYER), "/cart/lines", lines), 422)
    assert shown.count('class="row-trouble"') == 2 and cart_of(owner) == {}


def test_a_past_order_is_shown_with_todays_prices_before_it_is_taken(sign_in, given, owner):
    number = given.an_order({cast.gloves: 5, cast.syringe: 20}, by=BUYER).number
    given.a_withdrawn(cast.syringe)
    given.a_policy(net("1.23", product=cast.gloves, dealer=cast.huadong))
    buyer = sign_in(BUYER)
    assert f"/orders/{number}/reorder" in page_of(buyer.get(f"/orders/{number}"))
    shown = page_of(buyer.get(f"/orders/{number}/reorder"))
    assert "¥1.23" in shown and "降价" in shown and 'class="row-trouble"' in shown
    assert cart_of(owner) == {}


def test_an_order_is_ordered_again_from_every_list_it_stands_in(sign_in, given):
    number = given.an_order({cast.gloves: 5}, by=BUYER).number
    for address in ("/", "/orders"):
        assert f"/orders/{number}/reorder" in page_of(sign_in(BUYER).get(address))
        assert "/reorder" not in page_of(sign_in(cast.huadong.finance).get(address)), "who does not order"


def test_what_people_come_for_begins_on_the_overview(sign_in):
    repair = "/service-requests/new?kind=repair"
    buyer, service = page_of(sign_in(BUYER).get("/")), page_of(sign_in(cast.huadong.service).get("/"))
    finance = page_of(sign_in(cast.huadong.finance).get("/"))
    assert 'href="/quick-order"' in actions_of(buyer) and 'href="/catalogue"' in actions_of(buyer)
    assert repair in actions_of(service) and "quick-order" not in actions_of(service)
    assert repair not in actions_of(finance) and 'href="/finance"' in finance


def test_a_shipment_under_way_stands_before_what_was_ordered(sign_in, given):
    order = given.an_order({cast.gloves: 5}, by=BUYER)
    shipment = given.a_delivery_of(order.number).shipment_number
    buyer = sign_in(BUYER)
    page = page_of(buyer.get(f"/orders/{order.number}"))
    assert page.index('id="shipment-') < page.index('id="lines"')
    given.a_receipt_of(shipment, by=BUYER)
    page = page_of(buyer.get(f"/orders/{order.number}"))
    assert page.index('id="shipment-') > page.index('id="lines"')


def actions_of(page: str) -> str:
    return re.search(r'<div class="page-actions.*?</div>', page, re.DOTALL)[0]


def test_the_cart_and_a_past_order_are_kept_as_templates(sign_in, given):
    number = given.an_order({cast.gloves: 5}, by=BUYER).number
    buyer = sign_in(BUYER)
    page_of(send(buyer, f"/orders/{number}/template", {"name": "again"}))
    page_of(send(buyer, "/cart", {"sku": "SYRINGE", "quantity": "20", "mode": "add"}))
    page_of(send(buyer, "/cart/template", {"name": "cart"}))
    shown = page_of(buyer.get("/order-templates"))
    assert "again" in shown and "cart" in shown
    assert "已存在" in page_of(send(buyer, "/cart/template", {"name": "again"}), 409)


@pytest.mark.parametrize("name", ["", "a/b", "长" * 61, "taken"])
@pytest.mark.parametrize("kind", ["cart as template", "cart as draft", "past order"])
def test_a_name_that_is_refused_comes_back_in_its_dialog(sign_in, given, database, owner, kind, name):
    if kind == "cart as draft" and name == "taken":
        pytest.skip("drafts may share a name")
    number = given.an_order({cast.gloves: 5}, by=BUYER).number
    acts.keep(database, BUYER, "taken", (cast.gloves, 5))
    buyer = sign_in(BUYER)
    page_of(send(buyer, "/cart", {"sku": "SYRINGE", "quantity": "20", "mode": "add"}))
    path = {
        "cart as template": "/cart/template",
        "cart as draft": "/cart/draft",
        "past order": f"/orders/{number}/template",
    }[kind]
    shown = page_of(buyer.post(path, {"name": name}), 409 if name == "taken" else 422)
    [dialog] = [one for one in shown.split("<dialog")[1:] if " data-opened" in one.partition(">")[0]]
    dialog = dialog.partition("</dialog>")[0]
    assert f'value="{name}"' in dialog
    assert 'aria-invalid="true"' in dialog and 'class="field-error"' in dialog
    assert cart_of(owner) == {"SYRINGE": 20}
    assert owner.execute(text("SELECT count(*) FROM order_draft")).scalar() == 0


HEADING = {
    "purchase_order_no": "PO-7",
    "requested_date": str(cast.TODAY + timedelta(days=9)),
    "hospital": "H-31-001",
    "warehouse": "",
    "split": "1",
    "backorder": "1",
}


def test_a_draft_of_the_cart_carries_its_heading_and_gives_it_back(sign_in, owner):
    buyer, boss = sign_in(BUYER), sign_in(BOSS)
    page_of(send(buyer, "/cart", {"sku": "GLOVES", "quantity": "5", "mode": "add"}))
    place = re.search(
        r'<select[^>]*name="ship_to".*?<option value="([^"]+)"', page_of(buyer.get("/cart")), re.S
    )[1]
    shown = page_of(send(buyer, "/cart/draft", {"name": "周五", "ship_to": place, **HEADING}))
    assert "PO-7" in shown and "H-31-001" in shown and HEADING["requested_date"] in shown
    row = owner.execute(
        text(
            "SELECT number, purchase_order_no, ship_to, requested_date::text, hospital, warehouse, split,"
            " backorder FROM order_draft"
        )
    ).one()
    assert row[1:] == ("PO-7", place, HEADING["requested_date"], "H-31-001", None, True, True)
    shown = page_of(send(boss, f"/order-drafts/{row.number}/taking"))
    assert 'value="PO-7"' in shown and 'value="H-31-001"' in shown
    assert f'value="{HEADING["requested_date"]}"' in shown and f'value="{place}" selected' in shown


@pytest.mark.parametrize(
    "wrong",
    [
        {"purchase_order_no": "9" * 65},
        {"hospital": "h" * 41},
        {"requested_date": "2026-02-31"},
        {"requested_date": "2019-01-01"},
    ],
)
def test_a_heading_that_no_order_may_have_is_refused_with_the_draft(sign_in, owner, wrong):
    buyer = sign_in(BUYER)
    page_of(send(buyer, "/cart", {"sku": "GLOVES", "quantity": "5", "mode": "add"}))
    part = buyer.post("/cart/draft", {"name": "周五", **wrong}, headers={"HX-Request": "true"})
    shown = page_of(part, 422)
    assert "field-error" in shown and 'value="周五"' in shown and "<html" not in shown
    assert owner.execute(text("SELECT count(*) FROM order_draft")).scalar() == 0
    assert cart_of(owner) == {"GLOVES": 5}


def test_the_second_click_on_save_as_draft_keeps_no_second_draft(sign_in, owner):
    buyer = sign_in(BUYER)
    page_of(send(buyer, "/cart", {"sku": "GLOVES", "quantity": "5", "mode": "add"}))
    assert buyer.post("/cart/draft", {"name": "周五"}).status_code == 303
    assert "notice tone-red" in page_of(buyer.post("/cart/draft", {"name": "周五"}), 422)
    assert owner.execute(text("SELECT count(*) FROM order_draft")).scalar() == 1


@pytest.mark.parametrize("act", ["discarding", "withdrawal", "taking", "approval", "order"])
def test_what_a_settled_draft_no_longer_allows_is_told_on_its_page(sign_in, database, act):
    number = acts.keep_draft(database, BUYER, "old", (cast.gloves, 5))
    boss = sign_in(BOSS)
    assert boss.post(f"/order-drafts/{number}/discarding").status_code == 303
    shown = page_of(boss.post(f"/order-drafts/{number}/{act}", {"seen": ""}), 409)
    assert "old" in shown and "notice tone-red" in shown


def test_an_order_above_the_amount_waits_and_the_owner_approves_it(sign_in, owner):
    buyer, boss = sign_in(BUYER), sign_in(BOSS)
    shown = page_of(boss.get("/approval-amounts"))
    assert f"user:{BUYER.id}" not in shown
    token = hidden(shown, "subject")
    assert 'value="50.00"' in page_of(send(boss, "/approval-amounts", {"subject": token, "amount": "50"}))
    assert owner.execute(text("SELECT subject, amount::text FROM order_limit")).one() == (
        acts.BUYERS,
        "50.00",
    )
    page_of(send(buyer, "/cart", {"sku": "SYRINGE", "quantity": "100", "mode": "add"}))
    cart = page_of(buyer.get("/cart"))
    entered = {"seen": hidden(cart, "seen"), "idempotency_key": hidden(cart, "idempotency_key")}
    shown = page_of(send(buyer, "/orders", entered))
    number = re.search(r"DR\d{4}-\w+", shown)[0]
    assert "待审批" in shown and cart_of(owner) == {}
    assert owner.execute(text("SELECT count(*) FROM sales_order")).scalar() == 0
    assert "待审批订单" in page_of(boss.get("/"))
    shown = page_of(boss.get(f"/order-drafts/{number}"))
    page_of(send(boss, f"/order-drafts/{number}/approval", {"seen": hidden(shown, "seen")}))
    assert owner.execute(text("SELECT placed_by_label FROM sales_order")).scalar() == BOSS.display_name


def test_who_asked_sees_no_approval_and_a_reason_is_needed(sign_in, database):
    acts.limit(database, BOSS, acts.BUYERS, "1.00")
    number = acts.order(database, BUYER, (cast.gloves, 5)).number
    assert "批准并下单" not in page_of(sign_in(BUYER).get(f"/order-drafts/{number}"))
    boss = sign_in(BOSS)
    long = "贵" * 501
    shown = page_of(send(boss, f"/order-drafts/{number}/rejection", {"reason": long}), 422)
    assert " data-opened" in shown and f">{long}</textarea>" in shown and "field-reason-error" in shown
    page_of(send(boss, f"/order-drafts/{number}/rejection", {"reason": ""}), 422)
    page_of(send(boss, f"/order-drafts/{number}/rejection", {"reason": "预算不足"}))
    assert "预算不足" in page_of(sign_in(BUYER).get(f"/order-drafts/{number}"))


def test_a_changed_price_is_shown_to_the_approver(sign_in, database, given):
    acts.limit(database, BOSS, acts.BUYERS, "1.00")
    number = acts.order(database, BUYER, (cast.gloves, 5)).number
    given.a_policy(net("9.87", product=cast.gloves, dealer=cast.huadong))
    shown = page_of(sign_in(BOSS).get(f"/order-drafts/{number}"))
    assert "现在 ¥49.35" in shown


def test_a_draft_is_shared_taken_over_and_ordered(sign_in, database, owner):
    buyer, boss = sign_in(BUYER), sign_in(BOSS)
    page_of(send(buyer, "/cart", {"sku": "GLOVES", "quantity": "5", "mode": "add"}))
    shown = page_of(send(buyer, "/cart/draft", {"name": "周五"}))
    number = re.search(r"DR\d{4}-\w+", shown)[0]
    assert cart_of(owner) == {} and "周五" in page_of(boss.get("/order-drafts"))
    page_of(send(boss, f"/order-drafts/{number}/taking"))
    assert cart_of(owner) == {"GLOVES": 5}
    page_of(send(buyer, f"/order-drafts/{number}/taking"), 409)
    second = acts.keep_draft(database, BOSS, "direct", (cast.gloves, 5))
    seen = hidden(page_of(buyer.get(f"/order-drafts/{second}")), "seen")
    page_of(send(buyer, f"/order-drafts/{second}/order", {"seen": seen}))
    assert owner.execute(text("SELECT count(*) FROM sales_order")).scalar() == 1


def test_a_recurring_order_is_set_up_paused_and_removed(sign_in, database, owner):
    acts.keep(database, BUYER, "gloves", (cast.gloves, 5))
    buyer = sign_in(BUYER)
    wrong = {"template": "gloves", "rhythm": "weekly-9", "act": "place"}
    assert "field-rhythm-error" in page_of(send(buyer, "/recurring-orders", wrong), 422)
    assert "field-act-error" in page_of(
        send(buyer, "/recurring-orders", {"template": "gloves", "rhythm": "weekly-1", "act": "sing"}), 422
    )
    gone = {"template": "removed", "rhythm": "monthly-7", "act": "place"}
    shown = page_of(send(buyer, "/recurring-orders", gone), 422)
    assert "field-template-error" in shown and 'value="monthly-7" selected' in shown
    shown = page_of(send(buyer, "/recurring-orders", wrong | {"rhythm": "monthly-31"}))
    assert "每月最后一天" in shown
    number = owner.execute(text("SELECT number FROM recurring_order")).scalar_one()
    assert "已暂停" in page_of(send(buyer, f"/recurring-orders/{number}/pause", {"paused": "1"}))
    page_of(send(buyer, f"/recurring-orders/{number}/removal"))
    assert owner.execute(text("SELECT count(*) FROM recurring_order")).scalar() == 0


def test_the_desk_orders_for_a_dealer_in_the_open(sign_in, owner):
    desk = sign_in(cast.order_desk)
    page_of(desk.get("/hq/order-for-dealer?dealer=nobody"))
    lines = {
        "dealer": "huadong",
        "sku": ["GLOVES", ""],
        "quantity": ["5", ""],
        "pasted": "SYRINGE\t20",
        "ship_to": "",
    }
    shown = page_of(send(desk, "/hq/order-for-dealer", lines))
    assert owner.execute(text("SELECT count(*) FROM sales_order")).scalar() == 0
    entered = {
        **lines,
        "sku": ["GLOVES", "SYRINGE"],
        "quantity": ["5", "20"],
        "pasted": "",
        "seen": hidden(shown, "seen"),
        "idempotency_key": hidden(shown, "idempotency_key"),
        "place": "1",
    }
    page_of(send(desk, "/hq/order-for-dealer", entered))
    page_of(send(desk, "/hq/order-for-dealer", entered))
    row = owner.execute(text("SELECT number, channel, placed_by_label FROM sales_order")).one()
    assert (row.channel, row.placed_by_label) == ("staff", cast.order_desk.display_name)
    assert cast.order_desk.display_name in page_of(sign_in(BUYER).get(f"/orders/{row.number}"))
    who = owner.execute(text("SELECT actor FROM audit_event WHERE action = 'order:placed'")).scalar_one()
    assert who == f"user:{cast.order_desk.id}"


@pytest.mark.only_asks
@pytest.mark.parametrize("code", ["huadong", "suzhou"])
def test_the_desk_of_another_region_finds_no_such_dealer(sign_in, owner, code):
    desk = sign_in(cast.south_desk)
    assert "没有经销商" in page_of(desk.get(f"/hq/order-for-dealer?dealer={code}"))
    lines = {"dealer": code, "sku": ["GLOVES"], "quantity": ["5"], "place": "1"}
    page_of(send(desk, "/hq/order-for-dealer", lines), 404)
    assert owner.execute(text("SELECT count(*) FROM sales_order")).scalar() == 0


@pytest.mark.only_asks
def test_the_desk_sees_the_faults_of_the_dealer(sign_in, owner):
    lines = {"dealer": "suzhou", "sku": ["STENT"], "quantity": ["1"]}
    shown = page_of(send(sign_in(cast.order_desk), "/hq/order-for-dealer", lines))
    assert 'class="row-trouble"' in shown and 'name="place"' not in shown


def test_what_the_desk_typed_stays_and_what_would_hold_the_order_is_told(sign_in, given, owner, database):
    given.credit_limit_of(cast.huadong, "0.00")
    agreed(owner, min_amount=Decimal("1000.00"))
    decided(database, "min_amount", "warning")
    day = str(cast.TODAY + timedelta(days=3))
    lines = {
        "dealer": "huadong",
        "sku": ["GLOVES"],
        "quantity": ["5"],
        "purchase_order_no": "TEL-1",
        "requested_date": day,
    }
    desk = sign_in(cast.order_desk)
    shown = page_of(send(desk, "/hq/order-for-dealer", lines))
    assert shown.count(WAITS) == 1 and "¥1000.00" in shown
    assert 'value="TEL-1"' in shown and f'value="{day}"' in shown


PASTED = """GLOVES，５
ＳＹＲＩＮＧＥ\t１,０００
\ufeffgauze 3
1.23E+11 10
第五行
"""


@pytest.mark.only_asks
def test_the_desk_pastes_what_a_dealer_may_paste(sign_in, given):
    desk = sign_in(cast.order_desk)
    shown = page_of(desk.post("/hq/order-for-dealer", {"dealer": "huadong", "pasted": PASTED}))
    assert re.findall(r'name="sku" value="([^"]+)"', shown) == [
        "GLOVES",
        "SYRINGE",
        "GAUZE",
        "1.23E+11",
        "第五行",
    ]
    assert [one for one in re.findall(r'name="quantity"[^>]*?value="([^"]*)"', shown, re.S) if one][:4] == [
        "5",
        "1000",
        "3",
        "10",
    ]
    assert shown.count('class="row-trouble"') == 2
    shown = page_of(
        desk.post("/hq/order-for-dealer", {"dealer": "huadong", "pasted": "货号\t数量\nGLOVES\t5"})
    )
    assert "第 1 行" in shown and 'value="GLOVES"' in shown and shown.count('value="货号') == 0


@pytest.mark.only_asks
def test_more_than_can_be_read_comes_back_to_be_divided(sign_in):
    desk = sign_in(cast.order_desk)
    pasted = "\n".join(f"X-{row} 1" for row in range(1001))
    shown = page_of(desk.post("/hq/order-for-dealer", {"dealer": "huadong", "pasted": pasted}), 422)
    assert "field-pasted-error" in shown and "X-1000 1" in shown and 'href="#field-pasted"' in shown


@pytest.mark.only_asks
@pytest.mark.parametrize(
    ("field", "value", "kept"),
    [
        ("requested_date", "2019-01-01", "2019-01-01"),
        ("purchase_order_no", "7" * 65, "7" * 65),
        ("ship_to", "NOWHERE", "GLOVES"),
    ],
)
def test_what_is_wrong_with_the_desks_heading_stands_beside_its_field(sign_in, owner, field, value, kept):
    desk = sign_in(cast.order_desk)
    lines = {"dealer": "huadong", "sku": ["GLOVES"], "quantity": ["5"], field: value, "place": "1"}
    shown = page_of(desk.post("/hq/order-for-dealer", lines), 422)
    assert f'id="field-{field}-error"' in shown and f'value="{kept}"' in shown
    assert owner.execute(text("SELECT count(*) FROM sales_order")).scalar() == 0


@pytest.mark.parametrize("kind", ["template", "past order", "draft"])
def test_what_would_hold_the_order_and_what_is_told_stands_above_the_lines(
    sign_in, given, database, owner, kind
):
    number = given.an_order({cast.gloves: 5}).number
    own = acts.a_template_a_draft_and_what_recurs(database, cast.huadong)
    given.credit_limit_of(cast.huadong, "0.00")
    agreed(owner, min_amount=Decimal("1000.00"))
    decided(database, "min_amount", "warning")
    addresses = {
        "template": f"/order-templates/{own['order template']}",
        "past order": f"/orders/{number}/reorder",
        "draft": f"/order-drafts/{own['order draft']}",
    }
    shown = page_of(sign_in(BUYER).get(addresses[kind]))
    above = shown[: shown.index('id="lines"')]
    assert above.count(WAITS) == above.count("¥1000.00") == 1


@pytest.mark.parametrize("said", [(True, False), (False, True)])
def test_whoever_approves_a_draft_reads_what_was_accepted_of_other_warehouses(sign_in, database, said):
    acts.limit(database, BOSS, acts.BUYERS, "1.00")
    terms = SupplyTerms(cast.shanghai_warehouse.code, *said)
    number = acts.order(database, BUYER, (cast.gloves, 5), supply=terms).number
    boss = sign_in(BOSS)
    boss.post("/locale/en")
    shown = re.sub(r"\s+", " ", page_of(boss.get(f"/order-drafts/{number}")))
    asked = ("Let other warehouses send what this one lacks", "Send later what is not in stock")
    told = tuple(re.search(rf"{one}</dt> ?<dd[^>]*> ?(Yes|No)", shown).group(1) == "Yes" for one in asked)
    assert told == said and cast.shanghai_warehouse.code in shown
