"""Whatever is searched in the portal is found in every width, case and script, and with O for 0 and dashes
or without.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from sqlalchemy import text

from portal.dealers.directory import dealers
from portal.dealers.queries import load_dealer
from portal.kernel import clock
from portal.kernel.db import transaction
from portal.orders.queries import orders
from portal.pricing import catalogue
from portal.pricing.policies import RuleFilter, policies, policy_rules
from portal.shipping.desk import desk_orders
from portal.statements.queries import statements
from tests import cast
from tests.builders import percent_off
from tests.statements.acts import LAST_DAY, LAST_MONTH

PURCHASE_ORDER = "醫院-Po2026/01 急"


def variants(kept: str, *, code: bool = False) -> list[str]:
    """Other writings of what is kept: wide, in capitals and not, in traditional characters, with letters
    for digits.
    """
    wide = kept.translate({n: n + 0xFEE0 for n in range(0x21, 0x7F)})
    traditional = kept.translate(str.maketrans("医疗级价检东贸华为苏广阳", "醫療級價檢東貿華為蘇廣陽"))
    letters = kept.translate(str.maketrans("01", "OI"))
    without = [kept.replace("-", ""), kept.replace("-", " "), kept.replace("-", "—")] if code else []
    return list(dict.fromkeys([kept, kept.upper(), kept.lower(), wide, traditional, letters, *without]))


@pytest.fixture
def kept(given, owner) -> dict[str, Any]:
    """An order, a statement, a dealer whose name is kept in traditional characters, and a policy that
    speaks of three kinds of things.
    """
    order = given.an_order({cast.gloves: 1}, by=cast.huadong.buyer, purchase_order_no=PURCHASE_ORDER).number
    hong_kong = given.a_dealer(name_zh="香港東華醫療器材")
    policy = given.a_policy(
        percent_off(3, product=cast.gloves), percent_off(4, dealer=hong_kong), percent_off(5, category="T01")
    )
    given.a_payment_by(cast.huadong, "1.00", on=LAST_DAY)
    statement = given.a_closed_month(LAST_MONTH)[cast.huadong.id]
    title = owner.execute(
        text("SELECT title_zh FROM price_policy WHERE id = :id"), {"id": policy}
    ).scalar_one()
    return {"order": order, "statement": statement, "policy": policy, "title": title}


def ways(kept: dict[str, Any]) -> dict[str, tuple[Any, list[str]]]:
    """Each search field: how it is asked, and what finds something there."""
    manager = cast.national_manager.actor()
    named, order = [*variants("上海明德医疗"), *variants("huadong")], variants(kept["order"], code=True)
    return {
        "desk": (
            desk_orders,
            [*named, *order, *variants(kept["order"][7:]), "醫院po 2o26", "醫", "医院－ｐｏ"],
        ),
        "dealers": (dealers, [*named, *variants("91310115MA1H7N2K3B"), *variants("东华医疗")]),
        "orders": (orders, [*order, "po2026 01", "醫院", "医院", "ＰＯ－２０２６", "PO2O26/OI 急"]),
        "statements": (statements, [*named, *variants(kept["statement"], code=True)]),
        "policies": (partial(policies, actor=manager, at=clock.now()), variants(kept["title"])),
        "rules": (
            partial(_rules, policy_id=kept["policy"]),
            [w for t in ("医用检查手套", "GLOVES", "手套类", "东华医疗") for w in variants(t)],
        ),
    }


SCANNED = [
    write.format(gtin=cast.gloves.udi_di, ean=cast.gloves.udi_di[1:])
    for write in (
        "{gtin}",
        "{ean}",
        "(01){gtin}(17)280131(10)AB",
        "]d201{gtin}17280131" + "10AB\x1d21S9",
        "01{gtin}10A121S9",
        "https://medizin.example/01/{ean}/10/AB?17=280131",
        "]E0{ean}",
        "（０１）{gtin}",
    )
]


@pytest.mark.parametrize("field", ["desk", "orders", "rules"])
def test_every_list_of_what_has_products_finds_a_scanned_one(field, kept, database):
    """The order has gloves, and so has a rule of the policy."""
    ask, _ = ways(kept)[field]
    other = SCANNED[2].replace(cast.gloves.udi_di, cast.stent.udi_di)
    with transaction(database.session_for(cast.national_manager.actor())) as session:
        assert [q for q in SCANNED if not _items(ask(session, q=q))] == []
        assert _items(ask(session, q=other)) == []


def test_the_catalogue_finds_a_scanned_product(database):
    with transaction(database.dealer_session(cast.huadong.buyer.actor())) as session:
        dealer = load_dealer(session, cast.huadong.id, day=cast.TODAY)
        for q in SCANNED:
            found = catalogue.search(session, dealer=dealer, at=cast.NOW, today=cast.TODAY, q=q)
            assert [offer.sku for offer in found.items] == [cast.gloves.sku], q


def _rules(session, q: str, policy_id: int):
    return policy_rules(session, policy_id=policy_id, at=clock.now(), only=RuleFilter(q=q))


@pytest.mark.parametrize("field", ["desk", "dealers", "orders", "statements", "policies", "rules"])
def test_every_search_field_finds_every_writing(field, kept, database):
    ask, writings = ways(kept)[field]
    with transaction(database.session_for(cast.national_manager.actor())) as session:
        assert [q for q in writings if not _items(ask(session, q=q))] == []
        assert _items(ask(session, q="找不到的東西")) == [], "what finds everything would find every writing"


def test_the_catalogue_finds_every_writing(database):
    with transaction(database.dealer_session(cast.huadong.buyer.actor())) as session:
        dealer = load_dealer(session, cast.huadong.id, day=cast.TODAY)
        for q in [
            *variants("医用检查手套"),
            *variants("Sold-Out", code=True),
            *variants("06901234510010"),
            "１００ 只",
            "1O0只",
        ]:
            found = catalogue.search(session, dealer=dealer, at=cast.NOW, today=cast.TODAY, q=q)
            assert found.items and catalogue.Match.NEAR not in found.matches, q


def _items(found: Any) -> list[Any]:
    """Of a page or a whole list."""
    return list(found) if isinstance(found, list) else list(found.items)
