"""What a version changes: prices of the engine before and after, at the quantity where they differ."""

from __future__ import annotations

from decimal import Decimal

import pytest
from sqlalchemy import text

from portal.kernel.errors import NotFound
from portal.pricing import version_diff
from portal.pricing.version_diff import changed_prices
from tests import cast
from tests.builders import net, percent_off
from tests.pricing.acts import as_staff, publish
from tests.workbooks import csv_of


@pytest.fixture
def version(given, owner):
    """A first version in force and the draft that follows it, from rules of both; the draft's id."""

    def made(before: list, after: list, **said) -> int:
        first = given.a_policy(*before, **said)
        draft = given.a_policy(*after, published_at=None, **said)
        owner.execute(
            text(
                "UPDATE price_policy SET number = (SELECT number FROM price_policy WHERE id = :first),"
                " version = 2, supersedes_id = :first WHERE id = :draft"
            ),
            {"first": first, "draft": draft},
        )
        return draft

    return made


def changed(database, draft: int, person=cast.national_manager, **wanted):
    def ask(session, actor):
        against = next(iter(version_diff.versions(session, policy_id=draft)), None)
        wanted.setdefault("against", against and against.id)
        return changed_prices(session, actor=actor, policy_id=draft, at=cast.NOW, **wanted)

    return as_staff(database, person, ask)


def everywhere(percent: int) -> list:
    return [percent_off(percent, tier=tier, region=cast.east) for tier in "SABC"]


def said(page) -> list[tuple]:
    return [
        (row.sku, row.dealer_code, row.tier, row.quantity, str(row.before), str(row.after))
        for row in page.items
    ]


def test_a_price_of_a_tier_is_told_from_where_it_differs(database, version):
    before = [net({1: "20.00", 50: "19.00"}, tier="C", product=cast.gloves)]
    draft = version(before, [net({1: "20.00", 50: "18.00"}, tier="C", product=cast.gloves)])
    page = changed(database, draft)
    assert said(page) == [("GLOVES", None, "C", 50, "19.00", "18.00")]
    assert page.items[0].share == Decimal("-1") / 19


def test_a_rule_that_goes_leaves_the_price_to_the_next_one(database, version):
    kept = percent_off(10, tier="C", product=cast.gauze)
    draft = version([net("20.00", tier="C", product=cast.gloves), kept], [kept])
    [(sku, _, tier, quantity, before, after)] = said(changed(database, draft))
    assert (sku, tier, quantity, before) == ("GLOVES", "C", 1, "20.00") and after != before


def test_a_dealer_with_a_rule_of_its_own_is_named(database, version):
    before = [net("19.00", dealer=cast.huadong, product=cast.gloves)]
    draft = version(before, [net("18.50", dealer=cast.huadong, product=cast.gloves)])
    assert said(changed(database, draft)) == [
        ("GLOVES", cast.huadong.code, cast.huadong.tier, 1, "19.00", "18.50")
    ]


def test_a_contract_that_decides_leaves_nothing_changed(database, version, given):
    given.a_policy(net("17.00", dealer=cast.huadong, product=cast.gloves), contract_of=cast.huadong)
    before = [net("19.00", dealer=cast.huadong, product=cast.gloves)]
    draft = version(before, [net("18.50", dealer=cast.huadong, product=cast.gloves)])
    assert said(changed(database, draft)) == []


def test_terms_count_bands_maximum_and_tax(database, version):
    rule = {"tier": "C", "product": cast.gloves}
    before = [net({1: "20.00", 50: "18.00"}, **rule)]
    for terms, quantity in (({"breaks_are": "incremental"}, 50), ({"max_quantity": 100}, 101)):
        draft = version(before, [net({1: "20.00", 50: "18.00"}, **rule, **terms)])
        assert [row[3] for row in said(changed(database, draft))] == [quantity]


def test_all_of_a_broad_rule_is_paged_and_each_stands_once(database, version):
    draft = version(everywhere(11), everywhere(12))
    whole, cursor, pages = [], None, 0
    while pages == 0 or cursor:
        page = changed(database, draft, limit=7, cursor=cursor)
        whole, cursor, pages = whole + said(page), page.next_cursor, pages + 1
    assert len(whole) == len(set(whole)) > 7 and pages > 2
    assert whole == said(changed(database, draft, limit=200))
    assert {row[0] for row in said(changed(database, draft, q="GLOVES", limit=200))} == {"GLOVES"}


def test_a_page_that_reads_its_fill_goes_on_where_it_ended(database, version, monkeypatch):
    monkeypatch.setattr(version_diff, "READ_AT_ONCE", 2)
    monkeypatch.setattr(version_diff, "READ_MAX", 1)
    draft = version(everywhere(11), everywhere(12))
    whole, cursor = [], ""
    while cursor is not None:
        page = changed(database, draft, limit=50, cursor=cursor or None)
        whole, cursor = whole + said(page), page.next_cursor
    monkeypatch.undo()
    assert whole == said(changed(database, draft, limit=200))


def test_a_first_version_is_told_against_none(database, given):
    draft = given.a_policy(net("1.00", tier="C", product=cast.gloves), published_at=None)
    [(sku, *_, after)] = said(changed(database, draft))
    assert (sku, after) == ("GLOVES", "1.00")


def test_what_is_published_says_the_same_as_its_draft_did(database, version):
    draft = version(
        [net("20.00", tier="C", product=cast.gloves)], [net("19.00", tier="C", product=cast.gloves)]
    )
    told = said(changed(database, draft))
    publish(database, policy=draft)
    assert said(changed(database, draft)) == told != []


def test_another_regions_policy_is_not_found(database, given):
    draft = given.a_policy(percent_off(1, region=cast.south), region=cast.south, published_at=None)
    with pytest.raises(NotFound):
        changed(database, draft, cast.east_manager)


def test_the_page_shows_and_exports_them_and_other_roles_do_not_see_it(database, version, sign_in):
    draft = version(
        [net("20.00", tier="C", product=cast.gloves)], [net("18.00", tier="C", product=cast.gloves)]
    )
    manager = sign_in(cast.national_manager)
    page = manager.get(f"/hq/policies/{draft}/changes").get_data(as_text=True)
    assert "¥20.00" in page and "¥18.00" in page and "-10%" in page.replace("−", "-")
    rows = csv_of(manager.get(f"/hq/policies/{draft}/changes?export=csv").data)
    assert "20.00" in rows[1] and "18.00" in rows[1] and "-2.00" in rows[1]
    assert "GLOVES" not in manager.get(f"/hq/policies/{draft}/changes?q=GAUZE").get_data(as_text=True)
    assert sign_in(cast.order_desk).get(f"/hq/policies/{draft}/changes").status_code == 403
    assert sign_in(cast.huadong.boss).get(f"/hq/policies/{draft}/changes").status_code in (403, 404)
