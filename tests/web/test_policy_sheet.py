"""The rules of a draft as a sheet: imported, exported, edited; nothing is taken by halves."""

from __future__ import annotations

import io

import pytest
from sqlalchemy import insert, select, text

from portal.catalogue.models import Product
from tests import cast
from tests.builders import net, percent_off
from tests.workbooks import csv_of, workbook_of

HEAD = ["dealer", "region", "tier", "sku", "category", "kind", "min_1", "value_1", "min_2", "value_2"]


@pytest.fixture
def manager(sign_in):
    return sign_in(cast.national_manager)


@pytest.fixture
def draft(given) -> int:
    return given.a_policy(
        percent_off({1: 10, 50: 12}, tier="A"),
        net("19.00", dealer=cast.huadong, product=cast.gloves),
        published_at=None,
    )


def text_of(answer) -> str:
    return answer.get_data(as_text=True)


def lines(*rows: list[str]) -> str:
    return "".join("\t".join(row) + "\n" for row in (HEAD, *rows))


def imported(manager, draft: int, content: bytes, revision: int = 1):
    data = {"revision": str(revision), "file": (io.BytesIO(content), "rules.csv")}
    return manager.post(f"/hq/policies/{draft}/sheet", data)


def rules_of(owner, draft: int) -> list[tuple]:
    query = (
        'SELECT r.tier, p.sku, r.kind, r.min_quantities, r."values"::text FROM price_rule r'
        " LEFT JOIN product p ON p.id = r.product_id WHERE policy_id = :id ORDER BY r.id"
    )
    return [tuple(row) for row in owner.execute(text(query), {"id": draft})]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk"])
def test_a_file_replaces_the_rules_of_the_draft(manager, draft, owner, encoding):
    rows = [
        ["", "", "S", "GLOVES", "", "净价", "1", "19.00", "20", "18.50"],
        ["", "", "B", "", "", "percent_off", "1", "5"],
    ]
    content = lines(*rows).replace("dealer", "经销商编码").encode(encoding)
    assert imported(manager, draft, content).status_code == 303
    assert rules_of(owner, draft) == [
        ("S", "GLOVES", "net", [1, 20], "{19.00,18.50}"),
        ("B", None, "percent_off", [1], "{5.00}"),
    ]


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("net", "net"),
        ("净价", "net"),
        ("净价（元）", "net"),
        ("净价(元)", "net"),
        ("Net price, ¥", "net"),
        ("NET PRICE", "net"),
        ("net price ￥", "net"),
        ("折让", "percent_off"),
        ("折让（%）", "percent_off"),
        ("Discount, percent", "percent_off"),
        ("discount", "percent_off"),
        ("直减", "amount_off"),
        ("Amount off", "amount_off"),
    ],
)
def test_a_kind_of_price_is_known_by_its_code_and_by_its_words_with_and_without_the_unit(
    manager, draft, owner, written, kind
):
    content = lines(["", "", "S", "GLOVES", "", written, "1", "5.00"]).encode()
    assert imported(manager, draft, content).status_code == 303
    assert rules_of(owner, draft) == [("S", "GLOVES", kind, [1], "{5.00}")]


@pytest.mark.parametrize(
    "written", ["Discount, ¥", "折让（元）", "净价（%）", "Net price, percent", "price", ""]
)
def test_a_kind_of_price_with_the_unit_of_another_is_refused(manager, draft, owner, written):
    before = rules_of(owner, draft)
    answer = imported(manager, draft, lines(["", "", "S", "GLOVES", "", written, "1", "5.00"]).encode())
    assert answer.status_code == 422 and "<strong>F2</strong>" in text_of(answer)
    assert rules_of(owner, draft) == before


@pytest.mark.parametrize("form", ["xlsx", "csv"])
def test_what_was_exported_is_imported_as_it_is(manager, draft, owner, form):
    before = rules_of(owner, draft)
    file = manager.get(f"/hq/policies/{draft}/sheet?export={form}").data
    rows = [[cell.value for cell in row] for row in workbook_of(file)] if form == "xlsx" else csv_of(file)
    assert len(rows) == 3
    assert imported(manager, draft, file).status_code == 303
    assert sorted(rules_of(owner, draft), key=str) == sorted(before, key=str)


def test_every_bad_cell_is_named_and_nothing_is_taken(manager, draft, owner):
    before = rules_of(owner, draft)
    rows = [
        ["", "", "S", "NOBODY", "", "net", "1", "5.00"],
        ["", "", "Q", "GLOVES", "", "net", "1", "5.00"],
        ["", "", "A", "GLOVES", "", "percent_off", "1", "101"],
        ["", "", "B", "GLOVES", "", "net", "1", "5.00", "10", "5.01"],
        ["", "", "B", "GLOVES", "", "net", "1", "abc"],
        ["", "", "C", "GLOVES", "", "gift", "1", "5.00"],
    ]
    answer = imported(manager, draft, lines(*rows).encode())
    assert answer.status_code == 422
    page = text_of(answer)
    assert "<strong>D6</strong>" in page  # the same as row 5
    rows.pop(4)
    page = text_of(imported(manager, draft, lines(*rows).encode()))
    for cell in ("D2", "C3", "G4", "J5", "F6"):
        assert f"<strong>{cell}</strong>" in page, cell
    assert rules_of(owner, draft) == before


def many_products(owner, count: int = 200) -> list[str]:
    """So many products like the gloves."""
    table = Product.__table__
    written = [column for column in table.c if column.computed is None and column.name != "id"]
    like = owner.execute(select(*written).where(table.c.sku == "GLOVES")).mappings().one()
    rows = [{**like, "sku": f"BULK-{n:05}", "udi_di": f"{n:014}"} for n in range(count)]
    owner.execute(insert(table), rows)
    owner.commit()
    return [row["sku"] for row in rows]


def test_many_rows_are_taken_at_once_and_one_bad_one_takes_none(manager, draft, owner):
    products = many_products(owner)
    rows = [["", "", "S", sku, "", "net", "1", "19.00", "50", "18.00"] for sku in products]
    rows[110][7] = "19,00"
    before = rules_of(owner, draft)
    page = text_of(imported(manager, draft, lines(*rows).encode("gbk")))
    assert "<strong>H112</strong>" in page and rules_of(owner, draft) == before
    rows[110][7] = "19.00"
    assert imported(manager, draft, lines(*rows).encode("gbk")).status_code == 303
    assert len(rules_of(owner, draft)) == len(products)


def test_a_sheet_that_was_edited_by_another_meanwhile_is_told_and_keeps_what_was_typed(manager, draft, owner):
    rows = lines(["", "", "S", "GLOVES", "", "net", "1", "19.00"])
    assert manager.post(f"/hq/policies/{draft}/sheet", {"revision": "1", "cells": rows}).status_code == 303
    other = lines(["", "", "S", "GLOVES", "", "net", "1", "17.77"])
    late = manager.post(f"/hq/policies/{draft}/sheet", {"revision": "1", "cells": other})
    assert late.status_code == 409 and "17.77" in text_of(late)
    assert rules_of(owner, draft)[0][4] == "{19.00}"


def test_another_regions_sheet_is_not_there(sign_in, draft):
    visitor = sign_in(cast.south_manager)
    south = visitor.post(f"/hq/policies/{draft}/sheet", {"revision": "1", "cells": lines()})
    assert south.status_code == 404


@pytest.mark.parametrize(
    ("locale", "other", "heads"),
    [
        ("en", "zh", ["From quantity, step 1", "Value, step 1", "From quantity, step 2", "Value, step 2"]),
        ("zh", "en", ["第 1 档起订量", "第 1 档数值", "第 2 档起订量", "第 2 档数值"]),
    ],
)
def test_heads_of_steps_are_words_and_are_read_in_the_other_language_too(
    manager, draft, owner, locale, other, heads
):
    before = rules_of(owner, draft)
    manager.post(f"/locale/{locale}")
    file = manager.get(f"/hq/policies/{draft}/sheet?export=csv").data
    head = csv_of(file)[0]
    assert heads == head[9:13]
    assert not [label for label in head if "_" in label]
    manager.post(f"/locale/{other}")
    assert imported(manager, draft, file).status_code == 303
    assert sorted(rules_of(owner, draft), key=str) == sorted(before, key=str)
