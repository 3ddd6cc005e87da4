"""Views that somebody keeps of a list, and the columns they choose."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from portal.lists.rules import NAME_MAX, QUERY_MAX, VIEWS_MAX
from tests import cast


@pytest.fixture
def boss(sign_in):
    return sign_in(cast.huadong.boss)


def text_of(answer) -> str:
    return answer.get_data(as_text=True)


def save(visitor, name, back="/orders?status=on_hold&cursor=abc&q=", listing="orders"):
    return visitor.post(f"/views/{listing}", {"name": name, "back": back})


def names(visitor, listing="orders") -> list[str]:
    page = text_of(visitor.get(f"/views/{listing}?back=/orders"))
    return re.findall(r'name="name" value="([^"]+)"', page)


def test_a_view_is_found_again_with_its_filter_and_without_its_page(boss):
    answer = save(boss, "  等待  放行 ")
    assert (answer.status_code, answer.location) == (303, "/orders?status=on_hold&cursor=abc&q=")
    menu = text_of(boss.fragment("/views/orders?back=/orders?status=shipped"))
    assert "<html" not in menu and 'href="/orders?status=on_hold"' in menu and "等待 放行" in menu
    assert "status=on_hold" not in text_of(boss.get("/views/statements?back=/statements"))


def test_a_view_is_for_its_person_only(boss, sign_in):
    save(boss, "mine")
    for other in (cast.huadong.buyer, cast.yuegang.boss, cast.administrator):
        visitor = sign_in(other)
        assert names(visitor) == []
        assert visitor.post("/views/orders/removal", {"name": "mine", "back": "/orders"}).status_code == 404
    assert names(boss) == ["mine"]


@pytest.mark.parametrize("who", [cast.huadong.buyer, cast.yuegang.boss, cast.administrator], ids=str)
def test_the_database_shows_a_view_to_its_person_only(boss, database, who):
    save(boss, "mine")
    for person, seen in ((who, 0), (cast.huadong.boss, 1)):
        with database.session_for(person.actor()) as session:
            assert session.execute(text("SELECT count(*) FROM saved_view")).scalar_one() == seen
    with database.session_for(who.actor()) as session, pytest.raises(DBAPIError, match="row-level security"):
        session.execute(
            text(
                "INSERT INTO saved_view (user_id, listing, place, name, query)"
                " VALUES (:user_id, 'orders', 2, 'planted', '')"
            ),
            {"user_id": cast.huadong.boss.id},
        )


def test_a_view_that_is_deleted_is_gone(boss):
    save(boss, "one")
    save(boss, "two")
    assert boss.post("/views/orders/removal", {"name": "one", "back": "/orders"}).status_code == 303
    assert names(boss) == ["two"]


@pytest.mark.parametrize("listing", ["made-up", "Orders", "x" * 41, "1"])
def test_there_are_views_of_lists_that_are_ours_only(boss, listing, owner):
    assert save(boss, "mine", listing=listing).status_code == 404
    assert boss.get(f"/views/{listing}?back=/orders").status_code == 404
    assert owner.scalar(text("SELECT count(*) FROM saved_view")) == 0


@pytest.mark.parametrize("name", ["", "   ", "x" * (NAME_MAX + 1), "taken"])
def test_a_name_that_will_not_do_is_told_beside_its_field(boss, name):
    save(boss, "taken")
    answer = save(boss, name)
    assert answer.status_code == 422 and 'id="field-view-name-error"' in text_of(answer)
    assert names(boss) == ["taken"]


def test_a_list_has_so_many_views_and_no_more(boss):
    for place in range(VIEWS_MAX):
        assert save(boss, f"view {place}").status_code == 303
    assert save(boss, "one more").status_code == 422
    boss.post("/views/orders/removal", {"name": "view 7", "back": "/orders"})
    assert save(boss, "one more").status_code == 303
    assert len(names(boss)) == VIEWS_MAX
    assert save(boss, "of another list", listing="statements").status_code == 303


def test_a_filter_that_is_too_long_is_not_cut(boss):
    assert save(boss, "long", back="/orders?q=" + "x" * QUERY_MAX).status_code == 422


@pytest.mark.parametrize(
    "back", ["https://elsewhere.example/", "//elsewhere.example/", "", "javascript:alert(1)"]
)
def test_nobody_is_sent_elsewhere(boss, back):
    assert save(boss, "away", back=back).status_code == 404
    assert boss.get("/views/orders", query_string={"back": back}).status_code == 404


def test_a_view_whose_words_look_like_markup_is_only_words(boss):
    save(boss, '"><img src=x>', back='/orders?q="><script>alert(1)</script>')
    page = text_of(boss.get("/views/orders?back=/orders"))
    assert "<img src=x>" not in page and "<script>alert" not in page


def test_columns_are_those_of_the_address_in_the_order_of_the_list(boss, given):
    given.an_order({cast.gloves: 1}, by=cast.huadong.buyer)
    page = text_of(boss.fragment("/orders?column=total&column=status&column=nonsense"))
    heads = re.findall(r'<th scope="col"[^>]*>\s*(?:<a [^>]*>)?\s*([^<]+?)\s*<', page)
    assert heads == ["订单", "状态", "金额"]
    assert page.count('name="column"') == 6 + 3, "the choice, and what keeps it when the filter is sent"


def test_a_choice_of_columns_stays_while_one_pages_and_filters(boss):
    page = text_of(boss.fragment("/orders?status=on_hold&column=status"))
    assert '<input type="hidden" name="column" value="status" form="filters">' in page
    assert '<input type="hidden" name="status" value="on_hold">' in page


def test_who_sees_no_prices_is_not_offered_their_column(sign_in):
    page = text_of(sign_in(cast.huadong.service).get("/orders?column=total"))
    assert 'value="total"' not in page.replace('value="total" form="filters"', "")


def test_a_list_costs_no_statement_more_for_its_views(boss, count_statements):
    boss.get("/orders")
    with count_statements() as counted:
        boss.get("/orders")
    assert not [one for one in counted.work if "saved_view" in one], counted
