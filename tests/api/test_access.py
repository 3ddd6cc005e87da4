"""Who gets in: nobody without a good token, nobody without the scope, and nobody into another dealer's
papers.
"""

from __future__ import annotations

import re
import time

import pytest
from joserfc import jwt
from sqlalchemy import Connection

from portal.audit.vocabulary import AuditRight
from portal.catalogue.vocabulary import CatalogueRight
from portal.identity.keys import ALGORITHM
from portal.identity.rules import scopes_allowed
from portal.identity.tokens import TOKEN_TYPE, owner_claims
from portal.kernel.registry import registry
from portal.ledger.vocabulary import LedgerRight
from portal.orders.vocabulary import OrderRight
from portal.pricing.vocabulary import PriceRight
from portal.shipping.vocabulary import ShippingRight
from portal.statements.vocabulary import StatementRight
from portal.web.api.operations import PREFIX
from portal.web.request import Portal
from tests import cast
from tests.api.contract import OPERATIONS, kept, refused
from tests.dealer_rows import insert_dealer_rows
from tests.routes.url_map import BODIES
from tests.web.protocol import Flow
from tests.web_clients import Caller, token_for

CALLS = [pytest.param(entry, id=f"{entry.method} {entry.path}") for entry in OPERATIONS]
OWNED = [entry for entry in OPERATIONS if "number" in entry.parameters and "/hq/" not in entry.path]


def path_of(entry, number="SO2611-000000000"):
    """An address of the call; it need not lead anywhere."""
    names = {
        "number": number,
        "sku": "GLOVES",
        "lot": "A",
        "serial": "1",
        "dealer": cast.huadong.code,
        "policy_id": "1",
        "period": "2026-10",
        "promotion": cast.past_promotion_number,
        "programme": cast.rebate_programme_number,
        "simulation_no": "1",
        "amendment_number": "FB2611-00000000A",
        "fact": "FS2611-00000000A",
        "place": "1",
        "name": "weekly",
        "code": "quota",
        "role": "order_desk",
        "hold": "credit",
        "file_id": "FI2611-00000000A",
        "upload_id": "FU2611-00000000A",
        "supplier": cast.supplier_code,
        "key": "made-up",
        "person": "made-up",
        "role_code": "own-000000000000",
        "consent_key": "made-up",
        "message_id": "msg_0",
        "epc": "urn:epc:id:sgtin:4012345.011111.9876",
        "client_id": "ac-00000000000a",
        "chain_kind": "marketing",
        "year": "2026",
        "visit_no": "1",
        "n": "1",
        "event": "evt_nothing",
    }
    return re.sub(r"<(?:[a-z]+:)?([a-z_]+)>", lambda found: names[found.group(1)], entry.path)


@pytest.mark.only_asks
@pytest.mark.parametrize("entry", CALLS)
def test_nobody_gets_in_without_a_token(app, entry):
    answer = app.test_client().open(PREFIX + path_of(entry), method=entry.method)
    refused(answer, 401, "token_missing")
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="tonglu"'


@pytest.mark.only_asks
@pytest.mark.parametrize("header", ["Basic aHVhZG9uZzpzZWNyZXQ=", "Bearer", "Bearer ", "Token abc", "abc"])
def test_anything_but_a_bearer_token_counts_as_none(app, header):
    refused(app.test_client().get("/api/v1/me", headers={"Authorization": header}), 401, "token_missing")


@pytest.mark.only_asks
@pytest.mark.parametrize("token", ["abc", "a.b.c", "é", "x" * 10_000])
def test_a_token_that_is_not_ours_is_refused(app, token):
    answer = Caller(app, token).get("/me")
    refused(answer, 401, "invalid_token")
    assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]


@pytest.mark.only_asks
def test_an_expired_token_is_told_so(app):
    refused(Caller(app, token_of(app, exp=int(time.time()) - 1)).get("/me"), 401, "token_expired")


def token_of(app: Portal, **changes):
    """A token as the issuer would write it, but for the changes."""
    claims = {
        "iss": app.settings.base_url,
        "aud": f"{app.settings.base_url}{PREFIX}",
        "client_id": cast.huadong.system.client_id,
        "scope": "orders:read",
        "exp": int(time.time()) + 60,
    } | owner_claims(app.sealer, cast.huadong.system.actor().key, cast.huadong.id)
    claims = {name: value for name, value in (claims | changes).items() if value is not None}
    key = app.keys.signing_key()
    return jwt.encode({"alg": ALGORITHM, "typ": TOKEN_TYPE, "kid": key.kid}, claims, key, [ALGORITHM])


@pytest.mark.only_asks
def test_a_signed_token_that_names_another_dealer_than_its_client_is_refused(app):
    assert Caller(app, token_of(app)).get("/me").status_code == 200
    refused(
        Caller(
            app, token_of(app, **owner_claims(app.sealer, cast.huadong.system.actor().key, cast.yuegang.id))
        ).get("/me"),
        401,
    )


def test_a_token_does_not_outlive_its_client(app, owner, huadong):
    owner.exec_driver_sql(
        "UPDATE api_client SET disabled_at = now() WHERE id = %s", (cast.huadong.system.id,)
    )
    refused(huadong.get("/me"), 401, "owner_disabled")


@pytest.mark.only_asks
@pytest.mark.parametrize("entry", [call for call in CALLS if call.values[0].rights])
def test_a_token_without_the_scope_is_refused_by_its_name(system, entry):
    caller = system(ShippingRight.REVIEWS)  # no call needs it
    answer = caller.request(entry.method, path_of(entry), json={} if entry.method == "POST" else None)
    problem = refused(answer, 403, "insufficient_scope")
    named = re.search(r'scope="([^"]+)"', answer.headers["WWW-Authenticate"]).group(1)
    assert named in entry.rights and named in problem["detail"]


@pytest.mark.only_asks
def test_a_dealers_system_is_told_the_dealers_scope(system):
    problem = refused(system(CatalogueRight.READ, dealer=cast.huadong).post("/orders", {}), 403)
    assert "orders:write" in problem["detail"] and "hq:" not in problem["detail"]


@pytest.mark.only_asks
def test_who_asks_needs_no_scope(system):
    assert kept(system(AuditRight.READ).get("/me"))["scopes"] == ["hq:audit"]


def papers(connection: Connection) -> None:
    """Both dealers have an order, a shipment, an invoice, a statement…"""
    insert_dealer_rows(connection, cast.huadong, cast.yuegang)


def number_of(entry, dealer):
    kind = "ST" if "/statements" in entry.path else "SH" if entry.path.startswith("/shipments") else "SO"
    return f"{kind}-{dealer.code}"


@pytest.mark.only_asks(scene=papers)
@pytest.mark.parametrize("entry", [pytest.param(entry, id=f"{entry.method} {entry.path}") for entry in OWNED])
def test_a_rivals_papers_do_not_exist(huadong, entry):
    body = BODIES.get(f"{entry.method} {PREFIX}{entry.path}") or ({} if entry.method == "POST" else None)
    theirs = huadong.request(entry.method, path_of(entry, number_of(entry, cast.yuegang)), json=body)
    nobodys = huadong.request(entry.method, path_of(entry), json=body)
    assert without_id(refused(theirs, 404, "not_found")) == without_id(refused(nobodys, 404, "not_found"))


def without_id(problem):
    return {name: value for name, value in problem.items() if name != "request_id"}


@pytest.mark.only_asks(scene=papers)
@pytest.mark.parametrize("path", ["/orders", "/statements", "/ledger", "/invoices", "/orders?q=yuegang"])
def test_lists_hold_nothing_of_a_rival(huadong, path):
    answer = huadong.get(path)
    assert answer.json["items"] or "q=" in path
    assert "yuegang" not in answer.get_data(as_text=True)


@pytest.mark.only_asks
@pytest.mark.parametrize(
    "path",
    [
        "/products?",
        "/products/GLOVES?",
        "/stock?sku=GLOVES&",
        "/ledger?",
        "/invoices?",
        "/orders?",
        "/statements?",
    ],
)
def test_a_dealer_cannot_ask_as_its_rival(huadong, path):
    refused(huadong.get(f"{path}dealer=yuegang"), 404, "not_found")
    assert huadong.get(f"{path}dealer=huadong").status_code == 200


@pytest.mark.parametrize("path", ["/orders", "/orders/validation", "/price-quotes"])
def test_a_dealer_cannot_order_as_its_rival(huadong, owner, path):
    lines = [{"sku": "GLOVES", "quantity": 1}]
    refused(huadong.post(path, {"lines": lines, "dealer": "yuegang"}), 404, "not_found")
    assert huadong.post(path, {"lines": lines, "dealer": "huadong"}).status_code in (200, 201)
    assert (
        owner.exec_driver_sql(
            "SELECT count(*) FROM sales_order WHERE dealer_id <> %s", (cast.huadong.id,)
        ).scalar()
        == 0
    )


@pytest.mark.only_asks
def test_headquarters_names_the_dealer_it_acts_for(hq):
    assert refused(hq.get("/products"), 422)["errors"][0]["pointer"] == "/dealer"
    assert kept(hq.get("/products?dealer=yuegang"))["items"]
    refused(hq.get("/products?dealer=nobody"), 404)


def test_headquarters_orders_for_a_dealer_and_ships_it(hq, rival):
    placed = kept(hq.post("/orders", {"dealer": "yuegang", "lines": [{"sku": "GLOVES", "quantity": 1}]}))
    seen = kept(rival.get(f"/orders/{placed['number']}"))
    assert (seen["dealer"], seen["channel"], seen["placed_by"].startswith("System")) == (
        "yuegang",
        "api",
        True,
    )


def test_who_placed_an_order_for_a_dealer_does_not_release_it(hq, given):
    given.credit_limit_of(cast.yuegang, "0.00")
    held = kept(hq.post("/orders", {"dealer": "yuegang", "lines": [{"sku": "GLOVES", "quantity": 1}]}))
    refused(hq.post(f"/hq/orders/{held['number']}/release", {"reason": "it is fine"}), 403, "same_person")


@pytest.mark.only_asks
def test_prices_and_stock_are_shown_to_those_who_may_see_them(system):
    blind = kept(system(CatalogueRight.READ, dealer=cast.huadong).get("/products/GLOVES"))
    assert "price" not in blind and "stock" not in blind
    priced = kept(system(CatalogueRight.READ, PriceRight.READ, dealer=cast.huadong).get("/products/GLOVES"))
    assert "price" in priced and "stock" not in priced


@pytest.mark.only_asks(scene=papers)
def test_headquarters_cannot_confirm_a_receipt(hq):
    refused(hq.post("/shipments/SH-huadong/receipt"), 403)


@pytest.mark.only_asks
def test_a_session_cookie_does_not_open_the_api(sign_in):
    refused(sign_in(cast.huadong.buyer).get("/api/v1/me"), 401, "token_missing")


def as_person(app, person, scope):
    """The API in the name of somebody who signed in."""
    flow = Flow(app, scope=f"openid {scope}")
    return Caller(app, flow.redeem(flow.code_for(person)).json["access_token"])


def test_a_person_may_no_more_than_the_own_role_whatever_the_token_says(app):
    everything = " ".join(registry().every_right)
    body = {"lines": [{"sku": "GLOVES", "quantity": 1}]}
    refused(as_person(app, cast.huadong.finance, everything).post("/orders", body), 403, "insufficient_scope")
    placed = kept(as_person(app, cast.huadong.buyer, everything).post("/orders", body))
    assert (
        kept(as_person(app, cast.huadong.finance, "orders:read").get(f"/orders/{placed['number']}"))[
            "placed_by"
        ]
        == cast.huadong.buyer.display_name
    )


@pytest.mark.only_asks
def test_a_person_may_no_more_than_the_token_says_whatever_the_role(app):
    refused(as_person(app, cast.huadong.boss, "orders:read").get("/statements"), 403, "insufficient_scope")


def test_an_employee_of_a_region_sees_its_orders_only(app, huadong, rival):
    body = {"lines": [{"sku": "GLOVES", "quantity": 1}]}
    east, south = (kept(dealer.post("/orders", body))["number"] for dealer in (huadong, rival))
    desk = as_person(app, cast.south_desk, "hq:orders hq:shipping hq:dealers hq:catalogue")
    assert [order["number"] for order in kept(desk.get("/hq/orders"))["items"]] == [south]
    refused(desk.get(f"/orders/{east}"), 404)
    refused(desk.get("/products?dealer=huadong"), 404)
    refused(desk.post("/orders", body | {"dealer": "huadong"}), 404)
    refused(desk.post("/hq/shipments", {"order": east, "carrier": "SF", "tracking_no": "SF1"}), 404)
    assert kept(desk.get("/products?dealer=yuegang"))["items"]


MONEY = re.compile(r'(?<!"tax_rate":)"-?\d+\.\d{2}"')
BUSINESS = [
    right
    for right in sorted(scopes_allowed(registry().every_right, of_dealer=True))
    if right not in (PriceRight.READ, StatementRight.READ)
]


def answers_about_an_order(caller, number, line):
    """What orders answer, in every way they can be asked."""
    shipment = caller.get(f"/orders/{number}/shipments").json["items"][0]["number"]
    body = {"lines": [line]}
    placed = caller.post("/orders", body, key="once")
    return [
        placed,
        caller.post("/orders", body, key="once"),
        caller.post("/orders/validation", body),
        caller.get("/orders"),
        caller.get(f"/orders/{number}"),
        caller.get(f"/orders/{number}/shipments"),
        caller.get(f"/shipments/{shipment}"),
        caller.post(f"/orders/{placed.json['number']}/cancellation", {}),
        caller.get("/products"),
        caller.get("/products/GLOVES"),
        caller.get("/stock?sku=GLOVES"),
        caller.get("/me"),
    ]


@pytest.mark.parametrize(
    "line", [{"sku": "GLOVES", "quantity": 1}, {"sku": "SYRINGE", "quantity": 120}], ids=str
)
def test_no_answer_tells_a_price_to_a_token_without_the_scope(system, given, line):
    order = given.an_order({cast.gloves: 4}, by=cast.huadong.buyer)
    given.a_parcel_of(order.number)
    for answer in answers_about_an_order(system(*BUSINESS, dealer=cast.huadong), order.number, line):
        assert answer.status_code < 300, answer.get_data(as_text=True)
        assert not MONEY.search(answer.get_data(as_text=True)) and "receipt" not in answer.get_data(
            as_text=True
        ), answer.request.path
    sighted = answers_about_an_order(
        system(*BUSINESS, PriceRight.READ, dealer=cast.huadong), order.number, line
    )
    assert sum(bool(MONEY.search(answer.get_data(as_text=True))) for answer in sighted) == 8


def test_a_key_that_was_used_with_prices_does_not_show_them_without(app, huadong):
    body = {"lines": [{"sku": "GLOVES", "quantity": 1}]}
    assert "total" in huadong.post("/orders", body, key="the same").json
    blind = token_for(app, cast.huadong.system, scope="orders:write").json["access_token"]
    again = Caller(app, blind).post("/orders", body, key="the same")
    assert again.headers["Idempotency-Replayed"] == "true"
    assert not MONEY.search(again.get_data(as_text=True))


def test_the_warehouses_system_sees_orders_without_prices(system, given):
    number = given.an_order({cast.gloves: 4}, by=cast.huadong.buyer).number
    warehouse = system(ShippingRight.SHIP)
    shipped = warehouse.post("/hq/shipments", {"order": number, "carrier": "SF", "tracking_no": "SF1"})
    for answer in (
        warehouse.get("/hq/orders"),
        warehouse.get("/orders"),
        warehouse.get(f"/orders/{number}"),
        shipped,
    ):
        assert answer.status_code < 300 and not MONEY.search(answer.get_data(as_text=True))
    assert (
        MONEY.search(system(OrderRight.DESK).get("/hq/orders?status=confirmed").get_data(as_text=True))
        is None
    )
    assert MONEY.search(system(OrderRight.DESK).get(f"/orders/{number}").get_data(as_text=True))


@pytest.mark.only_asks
@pytest.mark.parametrize("entry", CALLS)
def test_options_name_the_methods_that_there_are(app, entry):
    at_the_address = {other.method for other in OPERATIONS if other.address == entry.address}
    truth = at_the_address | {"OPTIONS"} | ({"HEAD"} if "GET" in at_the_address else set())
    path = PREFIX + path_of(entry)
    assert set(app.test_client().options(path).allow) == truth
    for method in {"GET", "POST", "PUT", "PATCH", "DELETE"} - truth:
        answer = app.test_client().open(path, method=method)
        assert (answer.status_code, set(answer.allow)) == (405, truth), method


FINANCE = {
    LedgerRight.READ: {"/hq/corrections"},
    LedgerRight.POST: {"/hq/corrections", "/hq/payments", "/hq/bank-statements"},
    LedgerRight.APPROVE: {"/hq/corrections"},
    StatementRight.CLOSE: {"/hq/period-closes"},
}


@pytest.mark.only_asks
@pytest.mark.parametrize("right", FINANCE)
def test_each_right_of_finance_opens_its_own_calls_only(system, right):
    caller = system(right)
    answers = {
        "/hq/corrections": caller.get("/hq/corrections"),
        "/hq/payments": caller.post("/hq/payments", {}, key="one"),
        "/hq/period-closes": caller.post("/hq/period-closes", {}, key="two"),
        "/hq/bank-statements": caller.post("/hq/bank-statements", {}, key="three"),
    }
    assert {path for path, answer in answers.items() if answer.status_code != 403} == FINANCE[right]
