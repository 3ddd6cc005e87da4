"""The search across the portal, and the pages that people mark."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from portal.kernel import clock
from portal.kernel.db import transaction
from portal.kernel.registry import registry
from portal.navigation.rules import FAVOURITES_MAX
from tests import cast
from tests.ledger import document_acts as documents
from tests.payments import acts as payments
from tests.web_clients import Visitor

LAST_MONTH = clock.previous_period(clock.period_of(cast.TODAY))


@pytest.fixture
def boss(sign_in):
    return sign_in(cast.huadong.boss)


def text_of(answer) -> str:
    assert answer.status_code == 200, answer.status_code
    return answer.get_data(as_text=True)


def found(visitor: Visitor, q: str) -> list[str]:
    """Addresses that a search leads to, in their order."""
    page = text_of(visitor.fragment("/search", query_string={"q": q}, headers={"HX-Target": "found"}))
    assert "<html" not in page and '<form class="finder-bar"' not in page
    return re.findall(r'<a href="([^"]+)" data-find>', page)


@pytest.fixture
def papers(given) -> dict[str, str]:
    """Numbers of a month of the house; a rival has the same."""
    on = clock.last_day(LAST_MONTH)
    made = {}
    for dealer in (cast.huadong, cast.yuegang):
        delivery = given.a_delivery_of(given.an_order({cast.gloves: 3}, by=dealer.buyer).number, on=on)
        made[dealer.id] = {
            "order": delivery.order_number,
            "shipment": delivery.shipment_number,
            "invoice": delivery.invoice_number,
            "payment": given.a_payment_by(dealer, "3.21", on=on),
        }
    for dealer_id, statement in given.a_closed_month(LAST_MONTH).items():
        if dealer_id in made:
            made[dealer_id]["statement"] = statement
    return made[cast.huadong.id]


DEALERS = {"order": "/orders/{order}", "shipment": "/orders/{order}", "statement": "/statements/{statement}"}
FINANCE = {
    "order": "/hq/orders/{order}",
    "invoice": "/hq/invoices/{invoice}",
    "payment": "/hq/payments/{payment}",
    "statement": "/hq/closes/statements/{statement}",
}


@pytest.mark.parametrize(
    ("who", "leads"), [(cast.huadong.boss, DEALERS), (cast.hq_finance, FINANCE)], ids=["dealer", "finance"]
)
def test_a_document_is_found_by_its_number_however_it_is_typed(sign_in, papers, who, leads):
    visitor = sign_in(who)
    for kind, address in leads.items():
        number = papers[kind]
        for typed in (number, number[:-2], f"  {number.lower()} ", number.replace("-", "")):
            assert address.format(**papers) in found(visitor, typed), (kind, typed)


def test_a_rivals_documents_are_not_found(sign_in, papers):
    for who in (cast.yuegang.boss, cast.south_desk, cast.south_manager):
        visitor = sign_in(who)
        for number in papers.values():
            assert found(visitor, number) == [], (who, number)
        assert found(visitor, cast.huadong.code) == []


def test_nothing_is_found_that_ones_rights_do_not_open(sign_in, papers):
    service = sign_in(cast.huadong.service)
    assert found(service, papers["statement"]) == []
    manager = sign_in(cast.national_manager)
    assert found(manager, papers["invoice"]) == found(manager, papers["payment"]) == []


def test_opening_balances_and_online_payments_are_found_by_their_numbers(sign_in, database):
    [opening] = [one.document_no for one in documents.opened(database, ("OLD-1", "100.00"))]
    online = payments.begun(database, amount="12.00").number
    assert (opening[:2], online[:2]) == ("OB", "OP")
    boss, finance = sign_in(cast.huadong.boss), sign_in(cast.hq_finance)
    for typed in (opening, opening.lower().replace("-", "")):
        assert found(boss, typed) == [f"/account-documents/{opening}"]
        assert found(finance, typed) == [f"/hq/account-documents/{opening}"]
    for typed in (online, online[:-2].lower()):
        assert found(boss, typed) == [f"/online-payments/{online}"]
        assert found(finance, typed) == [f"/hq/online-payments/{online}"]
    for who in (cast.yuegang.boss, cast.huadong.service, cast.order_desk):
        visitor = sign_in(who)
        assert found(visitor, opening) == found(visitor, online) == [], who


def test_products_dealers_and_policies_are_found_by_their_names(sign_in, boss):
    assert f"/catalogue/{cast.gloves.sku}" in found(boss, cast.gloves.sku.lower())
    assert f"/catalogue/{cast.gloves.sku}" in found(boss, "手套")
    manager = sign_in(cast.national_manager)
    assert f"/hq/dealers/{cast.huadong.code}" in found(manager, cast.huadong.name_zh[:2])
    assert [one for one in found(manager, "PP-") if one.startswith("/hq/policies/")] or found(manager, "2026")
    assert not [one for one in found(boss, cast.huadong.name_zh) if one.startswith("/hq")]


def test_every_finding_can_be_opened(sign_in, papers):
    for who in (cast.huadong.boss, cast.hq_finance, cast.national_manager, cast.order_desk):
        visitor = sign_in(who)
        for q in (*papers.values(), "手套", cast.huadong.code, "全国"):
            for address in found(visitor, q):
                assert visitor.get(address).status_code == 200, (who, address)


@pytest.mark.only_asks
@pytest.mark.parametrize(
    ("q", "first"),
    [("订单", {"/orders"}), ("对账", {"/statements"}), ("订", {"/orders", "/order-templates"})],
)
def test_a_page_is_found_by_its_name(boss, q, first):
    assert found(boss, q)[0] in first
    assert len(found(boss, "")) >= 5


@pytest.mark.only_asks
@pytest.mark.parametrize("q", ["", "x", "%", "_%", "'; --", "\\", "订" * 3000, "-" * 50, "SO", "<b>&"])
def test_an_odd_search_is_answered(boss, sign_in, q):
    for visitor in (boss, sign_in(cast.hq_finance)):
        found(visitor, q)
        assert "<b>&" not in text_of(visitor.get("/search", query_string={"q": q}))


@pytest.mark.only_asks
def test_without_script_it_is_a_page_and_the_dialog_is_its_part(boss):
    page = text_of(boss.get("/search?q=手套"))
    dialog = text_of(boss.fragment("/search?q=手套"))
    assert "<html" in page and 'href="/catalogue/' in page and "data-finder-open" in page
    assert "<html" not in dialog and "data-finder" in dialog and 'href="/catalogue/' in dialog
    stars = text_of(boss.get("/search"))
    assert 'action="/favourites"' in stars and 'name="endpoint" value="orders.index"' in stars


@pytest.mark.parametrize("who", [cast.huadong.boss, cast.hq_finance], ids=str)
def test_a_search_costs_a_statement_a_kind_at_most(sign_in, count_statements, papers, who):
    visitor = sign_in(who)
    visitor.fragment("/search")
    audience = "dealers" if who.dealer_id else "staff"
    kinds = sum(
        finder.audience.value == audience for one in registry().capabilities for finder in one.finders
    )
    with count_statements() as counted:
        found(visitor, "")
    nothing = len(counted.work)
    with count_statements() as counted:
        found(visitor, papers["order"])
    assert nothing < len(counted.work) <= nothing + kinds


def test_who_searches_too_often_is_told_to_wait(app, boss):
    app.settings = app.settings.model_copy(update={"search_rate": "2 per minute"})
    assert [boss.get("/search?q=ab").status_code for _ in range(3)] == [200, 200, 429]
    assert boss.get("/search").status_code == 200, "the pages are at hand nevertheless"


def menu_of(page: str) -> list[str]:
    nav = page[page.index('id="main-nav"') :]
    return re.findall(r'<a href="([^"]+)"', nav[: nav.index("</nav>")])


def mark(visitor, endpoint, marked="1", **options):
    return visitor.post("/favourites", {"endpoint": endpoint, "marked": marked}, **options)


def test_a_favourite_stands_on_top_of_the_menu_at_once_and_once(boss):
    usual = menu_of(text_of(boss.get("/orders")))
    assert mark(boss, "statements.index").status_code == 303
    page = text_of(boss.get("/statements"))
    assert menu_of(page) == ["/statements", *(one for one in usual if one != "/statements")]
    assert re.search(r'id="star-here"[^>]*aria-pressed="true"', page)
    assert re.search(r'id="star-here"[^>]*aria-pressed="false"', text_of(boss.get("/orders")))
    assert found(boss, "")[0] == "/statements"
    mark(boss, "statements.index", marked="")
    assert menu_of(text_of(boss.get("/orders"))) == usual


def test_the_star_brings_the_menu_along(boss):
    headers = {
        "HX-Request": "true",
        "HX-Current-URL": "http://localhost/orders?q=1",
        "HX-Target": "star-here",
    }
    answer = text_of(mark(boss, "orders.index", headers=headers))
    assert answer.count('id="star-here"') == 1 and 'aria-pressed="true"' in answer
    assert 'id="main-nav" hx-swap-oob="true"' in answer and menu_of(answer)[0] == "/orders"
    assert re.search(r'href="/orders"\s+aria-current="page"', answer)
    of_the_dialog = text_of(mark(boss, "orders.index", "", headers=headers | {"HX-Target": ""}))
    assert 'class="star-form"' in of_the_dialog and 'id="star-here"' in of_the_dialog


@pytest.mark.only_asks
@pytest.mark.parametrize(
    "endpoint", ["", "nothing", "closing.index", "orders.show", "x" * 61, "account.login"]
)
def test_only_pages_of_the_own_menu_are_marked(boss, owner, endpoint):
    assert mark(boss, endpoint).status_code == 404
    assert owner.scalar(text("SELECT count(*) FROM user_favourite")) == 0


def test_there_are_so_many_favourites_and_no_more(boss, database):
    full = text(
        "INSERT INTO user_favourite SELECT :user, n, 'gone.' || n FROM generate_series(1, :most) AS n"
    )
    with transaction(database.session_for(cast.huadong.boss.actor())) as session:
        session.execute(full, {"user": cast.huadong.boss.id, "most": FAVOURITES_MAX})
    answer = mark(boss, "orders.index")
    assert answer.status_code == 409 and "12" in answer.get_data(as_text=True)
    mark(boss, "gone.7", "")
    assert mark(boss, "orders.index").status_code == 303
    assert menu_of(text_of(boss.get("/orders")))[0] == "/orders", "what is gone is not in the menu"


@pytest.mark.parametrize("who", [cast.huadong.buyer, cast.yuegang.boss, cast.administrator], ids=str)
def test_the_database_shows_favourites_to_their_person_only(boss, database, who):
    mark(boss, "orders.index")
    for person, seen in ((who, 0), (cast.huadong.boss, 1)):
        with database.session_for(person.actor()) as session:
            assert session.execute(text("SELECT count(*) FROM user_favourite")).scalar_one() == seen
    plant = text("INSERT INTO user_favourite (user_id, place, endpoint) VALUES (:user_id, 2, 'orders.index')")
    with database.session_for(who.actor()) as session, pytest.raises(DBAPIError, match="row-level security"):
        session.execute(plant, {"user_id": cast.huadong.boss.id})


def test_a_page_asks_for_favourites_now_and_then_only(boss, count_statements):
    boss.get("/orders")
    with count_statements() as counted:
        for path in ("/orders", "/cart", "/orders"):
            boss.get(path)
    assert not [one for one in counted.work if "user_favourite" in one]
