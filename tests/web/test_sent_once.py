"""A form that adds up acts once, however often it is sent; shown in two tabs it acts twice."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from sqlalchemy import text

from tests import cast
from tests.architecture import tree
from tests.builders import a_lot
from tests.counting.acts import HERE, opened
from tests.ledger.acts import delivered
from tests.receiving.acts import line, received
from tests.roles import Person
from tests.shipping.acts import picked
from tests.transfers.acts import FROM, TO, arrived, going, here, left, made

ONCE = re.compile(r'name="form_key" value="([^"]+)"')


class Case(NamedTuple):
    """A form: its page, where it is sent and with what, who sends it, and how much of it was done."""

    page: str
    address: str
    fields: dict[str, Any]
    done: str
    by: Person = cast.order_desk
    each: int = 1


def a_count_entry(given, database) -> Case:
    product = given.a_product()
    given.stock_of(product, HERE, a_lot("A", 9))
    page = f"/hq/stock-counts/{opened(database, product)}"
    fields = {"data": product.sku, "lot_no": "A", "standing": "saleable", "units": "3"}
    return Case(page, f"{page}/entries", fields, "SELECT sum(units) FROM stock_count_entry", each=3)


def an_inspection(given, database) -> Case:
    number = received(
        database, line(cast.syringe, "AB", 8, inspection=True), actor=cast.order_desk.actor()
    ).number
    page = f"/hq/goods-receipts/{number}"
    fields = {"sku": cast.syringe.sku, "lot": "AB", "accepted": "3", "refused": "", "reason": ""}
    fields["refused_serials"] = ""
    done = "SELECT sum(accepted) FROM goods_receipt_line"
    return Case(page, f"{page}/inspections", fields, done, cast.quality, each=3)


def differences(given, database) -> Case:
    product = given.a_product()
    given.stock_of(product, FROM, a_lot("A", 9))
    number = made(database, going(product, "A", 8))
    left(database, number)
    arrived(database, number, here(product, "A", 1), by=cast.erp)
    page = f"/hq/transfers/{number}"
    fields = {"found-1": "2", "lost-1": "0", "reason": "wrong dock"}
    return Case(
        page, f"{page}/differences", fields, "SELECT sum(received) - 1 FROM stock_transfer_line", each=2
    )


def a_transfer(given, database) -> Case:
    product = given.a_product()
    given.stock_of(product, FROM, a_lot("A", 9))
    fields = {"origin": FROM.code, "destination": TO.code, "sku": product.sku, "lot": "A", "quantity": "2"}
    fields |= {"serials": "", "act": "make"}
    return Case("/hq/transfers/new", "/hq/transfers/new", fields, "SELECT count(*) FROM stock_transfer")


def a_report(given, database) -> Case:
    product = given.a_product()
    given.stock_of(product, FROM, a_lot("A", 9))
    fields = {"warehouse": FROM.code, "sku": product.sku, "lot_no": "A", "source": "by_hand"}
    fields |= {"quantity": "2", "reason": "wet", "set_apart": "1"}
    page = "/hq/non-conforming/new"
    return Case(page, page, fields, "SELECT count(*) FROM nonconforming_report WHERE reason = 'wet'")


def a_review(given, database) -> Case:
    number = picked(database, given.an_order({cast.gauze: 50}).number, by=cast.erp).shipment_number
    page = f"/hq/parcels/{number}/review"
    fields = {"line": "1", "lot": "GZ-SHORT", "quantity": "2", "outcome": "passed", "note": "", "serials": ""}
    return Case(page, page, fields, "SELECT sum(quantity) FROM outbound_review", each=2)


def a_return(given, database) -> Case:
    product = given.a_product()
    given.stock_of(product, cast.shanghai_warehouse, a_lot("A", 9))
    sent = delivered(given, database, {product: 8})
    fields = {"shipment": sent.shipment_number, "note": "", "sku": product.sku, "lot": "A", "serials": ""}
    fields |= {"quantity": "2", "reason": "defective", "remedy": "credit"}
    page = f"/orders/{sent.order_number}/returns"
    done = "SELECT count(*) FROM return_request"
    return Case(f"{page}/new", page, fields, done, cast.huadong.buyer)


def a_quick_order(given, database) -> Case:
    fields = {"row": "0", "line": "GLOVES 3", "sku": "GLOVES", "quantity": "3"}
    done = "SELECT sum(quantity) FROM cart_line"
    return Case("/quick-order", "/quick-order/cart", fields, done, cast.huadong.buyer, each=3)


CASES = [
    a_count_entry, an_inspection, differences, a_transfer, a_report, a_review, a_return, a_quick_order,
]  # fmt: skip
Make = Callable[[Any, Any], Case]


def shown_again(visitor, case: Case) -> dict[str, Any]:
    """The form as the page has it now: with a key of its own, and what a reviewer has left to review."""
    page = visitor.get(case.page).get_data(as_text=True)
    fields = case.fields | {"form_key": ONCE.findall(page)[-1]}
    for form in re.findall(r"<form.*?</form>", page, re.DOTALL):
        if "lot" in case.fields and f'name="lot" value="{case.fields["lot"]}"' in form:
            fields |= dict(re.findall(r'name="(left)" value="(\d+)"', form))
    return fields


def done(owner, case: Case, before: int) -> int:
    return (owner.execute(text(case.done)).scalar_one() or 0) - before


@pytest.mark.parametrize("make", CASES)
def test_a_form_that_is_sent_again_acts_once_and_two_tabs_act_twice(given, database, owner, sign_in, make):
    case = make(given, database)
    before = owner.execute(text(case.done)).scalar_one() or 0
    visitor = sign_in(case.by)
    form = shown_again(visitor, case)
    first, again = visitor.post(case.address, form), visitor.post(case.address, form)
    assert first.status_code == 303, first.get_data(as_text=True)
    assert (again.status_code, again.headers["Location"]) == (303, first.headers["Location"])
    assert done(owner, case, before) == case.each
    other = visitor.post(case.address, shown_again(visitor, case))
    assert other.status_code == 303, other.get_data(as_text=True)
    assert done(owner, case, before) == 2 * case.each


def test_the_same_key_with_other_fields_is_another_act(given, database, owner, sign_in):
    """Back to the form, and the next lot typed into it: that is meant."""
    case = a_count_entry(given, database)
    visitor = sign_in(case.by)
    form = shown_again(visitor, case)
    for units in ("3", "4", "3"):
        assert visitor.post(case.address, form | {"units": units}).status_code == 303
    assert done(owner, case, 0) == 7


def test_a_key_is_of_one_address(given, database, owner, sign_in):
    first, second = a_count_entry(given, database), a_count_entry(given, database)
    visitor = sign_in(first.by)
    key = shown_again(visitor, first)["form_key"]
    for case in (first, second):
        assert visitor.post(case.address, case.fields | {"form_key": key}).status_code == 303
    assert done(owner, first, 0) == 6


def test_what_was_refused_is_not_taken_for_done(given, database, owner, sign_in):
    case = a_report(given, database)
    visitor = sign_in(case.by)
    form = shown_again(visitor, case)
    for _ in range(2):
        assert visitor.post(case.address, form | {"reason": ""}).status_code == 422
    assert visitor.post(case.address, form).status_code == 303
    assert done(owner, case, 0) == 1


def test_the_second_click_says_what_the_first_said(given, database, sign_in):
    case = a_report(given, database)
    visitor = sign_in(case.by)
    form = shown_again(visitor, case)
    told = [visitor.post(case.address, form, follow_redirects=True).get_data(as_text=True) for _ in range(2)]
    said = [re.findall(r"(NC[0-9]{4}-[A-Z0-9]+) 已", page) for page in told]
    assert said[0] == said[1] != []


ADD_UP = [
    "counting/new", "counting/show", "transfers/new", "transfers/show", "receipts/show", "nonconforming/new",
    "outbound/review", "outbound/picking", "returns/show",
]  # fmt: skip


@pytest.mark.parametrize("page", ADD_UP)
def test_every_form_of_these_pages_has_a_key(page):
    source = (tree.ROOT / "backoffice/templates/backoffice" / f"{page}.html").read_text(encoding="utf-8")
    once_by_its_state = source.count("url_for('desk.shipping'")  # a parcel leaves once
    assert source.count("ui.csrf()") - once_by_its_state == source.count("ui.once()") > 0
