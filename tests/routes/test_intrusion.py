"""A rival who names the dealer in bodies, queries and cursors instead of addresses."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from tests import cast

OURS, THEIRS = cast.huadong, cast.yuegang
LINE = {"sku": cast.gloves.sku, "quantity": 1}


def test_a_program_cannot_order_for_another_dealer(client_of, fingerprint, owned_numbers):
    before = fingerprint(OURS)
    answer = client_of(THEIRS.system).post(
        "/orders", {"dealer": OURS.code, "purchase_order_no": "X", "lines": [LINE]}, key="for-another"
    )
    nobody = client_of(THEIRS.system).post(
        "/orders", {"dealer": "nobody", "purchase_order_no": "X", "lines": [LINE]}, key="for-nobody"
    )
    assert answer.status_code == nobody.status_code >= 400
    assert fingerprint(OURS) == before


def test_a_program_cannot_ask_for_another_dealers_price(client_of):
    own = client_of(THEIRS.system).post("/price-quotes", {"lines": [LINE]}).json
    named = client_of(THEIRS.system).post("/price-quotes", {"dealer": OURS.code, "lines": [LINE]})
    assert named.status_code >= 400 or named.json["total"] == own["total"]
    ours = client_of(OURS.system).post("/price-quotes", {"lines": [LINE]}).json
    assert ours["total"] != own["total"], "the two must pay differently, or this proves nothing"


def test_an_idempotency_key_is_its_actors_own(client_of):
    ours = client_of(OURS.system).post(
        "/orders", {"purchase_order_no": "A", "lines": [LINE]}, key="the-same-key"
    )
    theirs = client_of(THEIRS.system).post(
        "/orders", {"purchase_order_no": "A", "lines": [LINE]}, key="the-same-key"
    )
    assert (ours.status_code, theirs.status_code) == (201, 201)
    assert ours.json["number"] != theirs.json["number"]


LISTS = ("/orders?", "/products?", "/ledger?", "/statements?", "/invoices?")
LONG_LISTS = LISTS[:3]  # that have a second page


@pytest.mark.parametrize("path", LONG_LISTS)
def test_a_cursor_is_good_for_its_own_list_and_dealer_only(client_of, owned_numbers, path):
    cursor = client_of(OURS.system).get(f"{path}limit=1").json["next_cursor"]
    assert client_of(OURS.system).get(f"{path}cursor={cursor}").status_code == 200
    for who, where in [(THEIRS.system, path), *((OURS.system, other) for other in LISTS if other != path)]:
        refused = client_of(who).get(f"{where}cursor={cursor}")
        assert (refused.status_code, refused.json["errors"][0]["code"]) == (422, "bad_cursor"), where


@pytest.mark.parametrize("path", LONG_LISTS)
def test_a_cursor_that_was_changed_anywhere_is_refused(client_of, owned_numbers, path):
    cursor = client_of(OURS.system).get(f"{path}limit=1").json["next_cursor"]
    for route in range(0, len(cursor) - 1, 7):
        other = "A" if cursor[route] != "A" else "B"
        assert (
            client_of(OURS.system)
            .get(f"{path}cursor={cursor[:route]}{other}{cursor[route + 1 :]}")
            .status_code
            == 422
        )


@pytest.mark.parametrize(
    "path",
    [
        "/orders?q={order}",
        "/orders?dealer={dealer}",
        "/statements?dealer={dealer}",
        "/invoices?dealer={dealer}",
    ],
)
def test_a_search_for_another_dealers_things_finds_nothing_of_them(client_of, owned_numbers, path):
    ours = owned_numbers[OURS.id]
    answer = client_of(THEIRS.system).get(path.format(**ours))
    body = answer.get_data(as_text=True)
    assert all(ours[kind] not in body for kind in ("order", "statement", "invoice"))


@pytest.mark.parametrize("word", ["order", "name", ""])
def test_regional_staff_search_in_their_region_only(client_of, everything, owned_numbers, word):
    query = text(
        "SELECT number FROM sales_order WHERE dealer_id = :id AND status = 'confirmed' ORDER BY id LIMIT 1"
    )
    number = everything.execute(query, {"id": OURS.id}).scalar_one()
    sought = {"order": number, "name": OURS.name_zh, "": ""}[word]
    everywhere, south = (
        client_of(who).get("/hq/orders", query_string={"q": sought})
        for who in (cast.order_desk, cast.south_desk)
    )
    link = f"/hq/orders/{number}"
    assert link in everywhere.get_data(as_text=True)
    assert south.status_code == 200 and link not in south.get_data(as_text=True)


def test_staff_of_one_region_do_not_draft_prices_of_another(client_of, everything):
    before = everything.execute(text("SELECT count(*) FROM price_rule")).scalar_one()
    visitor = client_of(cast.south_manager)
    fields = {
        "region": str(cast.east.id),
        "dealer": OURS.code,
        "kind": "net",
        "price": "1.00",
        "sku": cast.gloves.sku,
    }
    answer = visitor.post(f"/hq/policies/{cast.policy_draft}/rules", fields)
    assert answer.status_code >= 400
    assert everything.execute(text("SELECT count(*) FROM price_rule")).scalar_one() == before


def test_a_session_moved_to_another_person_is_nobodys(client_of, portal):
    visitor = portal.test_client()
    visitor.set_cookie("session", "eyJfdXNlcl9pZCI6IjEifQ.aaaaaa.bbbbbb")
    answer = visitor.get("/orders")
    assert answer.status_code == 302 and answer.location.startswith("/login")
