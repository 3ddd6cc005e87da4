"""The catalogue as one dealer sees it: found, priced, counted, in one statement a page."""

from __future__ import annotations

from decimal import Decimal

import pytest
from sqlalchemy import event, text

from portal.dealers.queries import load_dealer
from portal.kernel.db import transaction
from portal.kernel.errors import Invalid, NotFound
from portal.pricing import catalogue as queries
from portal.pricing.catalogue import Match
from portal.stock.queries import availability
from tests import cast


def asked(database, person, act):
    with transaction(database.dealer_session(person.actor())) as session:
        return act(session, load_dealer(session, person.dealer_id, day=cast.TODAY))


def search(database, person=cast.huadong.buyer, **query):
    return asked(
        database,
        person,
        lambda s, dealer: queries.search(s, dealer=dealer, at=cast.NOW, today=cast.TODAY, **query),
    )


def found(database, q: str) -> set[str]:
    return {offer.sku for offer in search(database, q=q).items}


@pytest.mark.parametrize(
    "q", ["注射器", "无菌 注射", "syringe", "SYRINGE", "06901234510027", "4510027", "５ ml 带针"]
)
def test_a_product_is_found_by_name_code_gtin_and_part_of_them(database, q):
    assert cast.syringe.sku in found(database, q)


def test_every_word_must_occur(database):
    assert found(database, "手套 100") == {cast.gloves.sku}
    assert cast.gloves.sku not in found(database, "注射器 100")


def test_a_slip_of_the_finger_still_finds_the_nearest(database):
    assert cast.stent.sku in found(database, "药物洗脱冠状支架")


def test_nonsense_finds_nothing(database):
    assert found(database, "zzzzqqqq") == set()


def test_withdrawn_products_are_not_listed(database):
    assert cast.withdrawn_catheter.sku not in {offer.sku for offer in search(database, limit=200).items}


def test_a_category_holds_what_is_below_it(database):
    assert {offer.sku for offer in search(database, category="T").items} == {
        cast.gloves.sku,
        cast.southern_mask.sku,
    }


def test_pages_follow_each_other_without_gap_or_repetition(database):
    seen, cursor = [], None
    while True:
        page = search(database, limit=2, cursor=cursor)
        seen += [offer.sku for offer in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert seen == [offer.sku for offer in search(database, limit=200).items]
    assert len(seen) == len(set(seen)) == 8
    assert cast.lapsed_pump.sku not in seen


def test_turning_back_shows_the_page_before(database):
    first = search(database, limit=3)
    second = search(database, limit=3, cursor=first.next_cursor)
    assert (first.previous_cursor, search(database, limit=3, cursor=second.previous_cursor).items) == (
        None,
        first.items,
    )


@pytest.mark.parametrize("cursor", ["x", "e30", "WzEsMl0", "WyJhIiwgIm5vIl0"])
def test_a_foreign_cursor_is_refused(database, cursor):
    with pytest.raises(Invalid) as refusal:
        search(database, cursor=cursor)
    assert refusal.value.faults[0].code == "bad_cursor"


def test_a_page_with_prices_and_stock_is_one_statement(database, count_statements):
    with count_statements() as counted:
        search(database, limit=24)
    assert len(counted) == 2, counted  # the dealer, the page


def test_each_dealer_sees_its_own_price_and_its_own_warehouses(database):
    def seen(person):
        offer = search(database, person, q=cast.gloves.sku).items[0]
        return offer.price(1, asked(database, person, lambda _s, dealer: dealer)).unit_price, [
            level.warehouse_id for level in offer.stock
        ]

    assert seen(cast.huadong.buyer) == (
        Decimal("20.00"),
        [cast.shanghai_warehouse.id, cast.guangzhou_warehouse.id],
    )
    assert seen(cast.suzhou.buyer) == (Decimal("21.25"), [cast.shanghai_warehouse.id])
    assert seen(cast.yuegang.buyer) == (Decimal("22.50"), [cast.guangzhou_warehouse.id])


def test_an_unknown_product_does_not_exist(database):
    with pytest.raises(NotFound):
        asked(
            database,
            cast.huadong.buyer,
            lambda s, d: queries.product(s, dealer=d, sku="NO", at=cast.NOW, today=cast.TODAY),
        )


def test_a_product_page_knows_its_category_and_control(database):
    detail = asked(
        database,
        cast.huadong.buyer,
        lambda s, d: queries.product(s, dealer=d, sku=cast.stent.sku, at=cast.NOW, today=cast.TODAY),
    )
    assert (detail.serial_controlled, detail.implantable, detail.category_en) == (
        True,
        True,
        "Vascular and cardiac prostheses",
    )
    assert detail.certificates == ()


def test_stock_shows_only_the_warehouses_that_serve_and_zero_where_there_is_none(database):
    rows = asked(
        database,
        cast.huadong.buyer,
        lambda s, d: availability(s, dealer=d, skus=[cast.southern_mask.sku, "NO"], today=cast.TODAY),
    )
    assert [(row.warehouse, row.available) for row in rows] == [("WH-SH", 0), ("WH-GZ", 1000)]


def test_categories_count_what_is_in_and_below(database):
    counted = {
        category.code: category.products
        for category in asked(database, cast.huadong.buyer, lambda s, _d: queries.categories(s, cast.TODAY))
    }
    assert (counted["T"], counted["T01"]) == (2, 1)


def matched(database, q: str, **query) -> list[tuple[str, str]]:
    """SKU and kind of match of what is found, in order."""
    page = search(database, q=q, **query)
    return [(offer.sku, match.name) for offer, match in zip(page.items, page.matches, strict=True)]


def shelf(given, **names: str) -> None:
    """More products, by SKU (underscores are dashes) with their Chinese names."""
    for sku, name in names.items():
        given.a_product(sku=sku.replace("_", "-"), name_zh=name)


@pytest.mark.parametrize("q", ["QX-100", "qx-100", "ＱＸ－１００", "QX100", "qx 1OO", "Q X-lO0"])
def test_an_exact_sku_comes_first_and_alone_on_top(database, given, q):
    shelf(given, QX_1000="啊", QX_100="最后", ZQX_100="把")
    first, *others = matched(database, q)
    assert first[0] == "QX-100" and Match[first[1]].group == "exact"
    assert {Match[kind].group for _, kind in others} <= {"words"}
    if q[1] != " ":
        assert "QX-1000" in {sku for sku, _ in others}


@pytest.mark.parametrize(
    "q",
    [
        "06901234510027",
        "6901234510027",
        "6901234 510027",
        "０６９０１２３４５１００２７",
        "(01)06901234510027(17)280101(10)A-1",
        "O69O1234510027",
        "]d20106901234510027172801011010\x1d21X",
        "]C110LOT\x1d0106901234510027",
        "https://id.gs1.org/01/06901234510027",
    ],
)
def test_a_gtin_finds_its_product_typed_or_scanned(database, q):
    assert matched(database, q) == [(cast.syringe.sku, "EXACT")]
    assert search(database, q=q).hint is None


def test_pages_of_a_search_follow_each_other_with_the_exact_one_on_the_first_only(database, given):
    shelf(given, QX_100="最后", QX_1001="啊", QX_1002="把", QX_1003="才", QX_1004="大")
    whole = matched(database, "QX-100", limit=100)
    first = search(database, q="QX-100", limit=2)
    second = search(database, q="QX-100", limit=2, cursor=first.next_cursor)
    third = search(database, q="QX-100", limit=2, cursor=second.next_cursor)
    assert [offer.sku for page in (first, second, third) for offer in page.items] == [sku for sku, _ in whole]
    assert third.next_cursor is None and whole[0] == ("QX-100", "EXACT")
    assert search(database, q="QX-100", limit=2, cursor=second.previous_cursor).items == first.items


@pytest.mark.parametrize(
    "q",
    [
        "glvoes",
        "golves",
        "gloes",
        "glooves",
        "glowes",
        "exmaination gloves",
        "ＧＬＶＯＥＳ",
        "examinati0n",
        "shuotao",
    ],
)
def test_a_slip_of_the_finger_is_found_and_called_near(database, q):
    found = matched(database, q)
    assert found[0] == (cast.gloves.sku, "NEAR")
    assert {kind for _, kind in found} == {"NEAR"}


@pytest.mark.parametrize(
    ("q", "right"),
    [("06901234510028", "06901234510027"), ("6901234510020", "6901234510027"), ("12345678", "12345670")],
)
def test_a_wrong_check_digit_is_told_with_the_right_one(database, q, right):
    hint = search(database, q=q).hint
    assert hint is not None and (hint.code, hint.params["number"], hint.params["right"]) == (
        "wrong_check_digit",
        q,
        right,
    )
    assert {kind for _, kind in matched(database, q)} <= {"NEAR"}


def test_a_sound_gtin_that_nobody_has_gets_no_hint_nor_does_a_number_that_is_a_sku(database, given):
    shelf(given, **{"12345678": "数字货号"})
    assert search(database, q="4006381333931").hint is None
    assert search(database, q="12345678").hint is None and matched(database, "12345678")[0] == (
        "12345678",
        "EXACT",
    )


@pytest.mark.parametrize(
    "q",
    [
        "手套",
        "醫用檢查手套",
        "shoutao",
        "shou tao",
        "yiyong shoutao",
        "st",
        "yyjcst",
        "jiancha",
        "shout",
        "ST",
    ],
)
def test_gloves_are_found_by_their_reading(database, q):
    assert cast.gloves.sku in [sku for sku, kind in matched(database, q) if kind != "NEAR"]


def test_whole_syllables_come_before_the_beginning_of_some_and_those_before_initials(database, given):
    shelf(given, A1="手术", A2="生活盒", A3="大生活", A4="手")
    assert {("A1", "WORD"), ("A4", "WORD"), (cast.gloves.sku, "WORD")} <= set(matched(database, "shou"))
    assert matched(database, "shoush") == [("A1", "READING")]
    ranked = matched(database, "sh")
    assert [kind for _, kind in ranked] == sorted((kind for _, kind in ranked), key=lambda kind: Match[kind])
    assert {("A1", "READING"), ("A3", "READING"), (cast.gloves.sku, "READING")} <= set(ranked)
    assert matched(database, "hh") == [("A2", "INITIALS")]


def test_initials_come_before_english_words_that_begin_with_them(database):
    found = matched(database, "st")
    assert found.index((cast.gloves.sku, "INITIALS")) < found.index((cast.stent.sku, "BEGINNING"))


@pytest.mark.parametrize("q", ["glvoes", "06901234510028", "AB-1OO", "st", "shoutao", "(01)06901234510027"])
def test_what_is_sought_costs_two_statements_at_most(database, count_statements, q):
    with count_statements() as counted:
        search(database, q=q)
    assert len(counted) <= 3, counted  # the dealer, the page, and what is near if that is empty


@pytest.mark.parametrize(
    ("q", "indexes"),
    [
        ("glvoes", {"ix_product_search_slips", "ix_product_search_grams"}),
        ("AB-100", {"ix_product_sku_key", "ix_product_search_grams"}),
        ("st", {"ix_product_sku_key", "ix_product_search_grams"}),
        ("06901234510027", {"ix_product_sku_key", "uq_product_udi_di"}),
    ],
)
def test_what_is_sought_is_found_by_indexes(database, owner, q, indexes):
    owner.execute(
        text("DROP INDEX ix_product_listing, ix_product_category_listing")
    )  # with ten products they would do as well
    with transaction(database.dealer_session(cast.huadong.buyer.actor())) as session:
        dealer = load_dealer(session, cast.huadong.id, day=cast.TODAY)
        asked = []
        event.listen(database.engine, "before_cursor_execute", lambda *said: asked.append((said[2], said[3])))
        queries.search(session, dealer=dealer, at=cast.NOW, today=cast.TODAY, q=q)
        statement, parameters = asked[-1]
        say = session.connection().exec_driver_sql
        say("SET LOCAL enable_seqscan = off")
        say("SET LOCAL enable_indexscan = off")
        plan = "\n".join(say(f"EXPLAIN (COSTS OFF) {statement}", parameters).scalars())
    assert {index for index in indexes if f" on {index}\n" in plan} == indexes, plan
