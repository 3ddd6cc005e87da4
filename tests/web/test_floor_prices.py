"""Floor prices at headquarters: listed, set from a minute on, imported as a whole.

Nobody else sees or sets one."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from sqlalchemy import text

from portal.kernel import clock
from tests import cast
from tests.workbooks import csv_of, workbook_of


@pytest.fixture
def manager(sign_in):
    visitor = sign_in(cast.national_manager)
    visitor.post("/locale/en")
    return visitor


def put(visitor, sku: str = "GLOVES", floor: str = "12.50", valid_from: str = ""):
    return visitor.post("/hq/floor-prices", {"sku": sku, "floor": floor, "valid_from": valid_from})


def imported(visitor, content: bytes):
    return visitor.post("/hq/floor-prices/import", {"file": (io.BytesIO(content), "floors.csv")})


def stored(owner) -> list[tuple]:
    query = text(
        "SELECT p.sku, f.unit_price::text, f.set_by_label FROM floor_price f"
        " JOIN product p ON p.id = f.product_id ORDER BY f.valid_from, p.sku"
    )
    return [tuple(row) for row in owner.execute(query)]


def page_of(visitor, query: str = "") -> str:
    return visitor.get(f"/hq/floor-prices?{query}").get_data(as_text=True)


def local(moment) -> str:
    return moment.astimezone(cast.ZONE).strftime("%Y-%m-%dT%H:%M")


def test_a_floor_is_set_and_stands_in_the_list_with_its_share(manager, owner):
    assert put(manager).status_code == 303
    assert stored(owner) == [("GLOVES", "12.50", cast.national_manager.display_name)]
    page = page_of(manager)
    assert "GLOVES" in page and "¥12.50" in page and "50%" in page and "GAUZE" not in page
    assert "GAUZE" in page_of(manager, "standing=none") and "GLOVES" not in page_of(manager, "standing=none")
    assert put(manager).status_code == 303 and len(stored(owner)) == 1  # the same again says nothing new


def test_a_floor_to_come_is_shown_beside_the_one_in_force_and_zero_takes_it_away(manager, owner):
    put(manager)
    assert put(manager, floor="0", valid_from=local(clock.now() + timedelta(days=3))).status_code == 303
    page = page_of(manager, "standing=coming")
    assert "¥12.50" in page and "¥0.00" in page
    assert put(manager, floor="0").status_code == 303
    assert "GLOVES" not in page_of(manager, "standing=set")


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"sku": "NOBODY"}, "sku"),
        ({"floor": "-1"}, "floor"),
        ({"floor": "cheap"}, "floor"),
        ({"valid_from": "2020-01-01T00:00"}, "valid_from"),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_nothing_is_set(manager, owner, typed, field):
    answer = put(manager, **typed)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422 and stored(owner) == []
    assert "is-invalid" in page[page.index(f'id="field-{field}"') - 40 :][:60]


def test_two_floors_of_one_moment_are_refused(manager, owner):
    soon = local(clock.now() + timedelta(days=3))
    assert [put(manager, floor=floor, valid_from=soon).status_code for floor in ("5", "6")] == [303, 422]


def test_a_sheet_is_taken_whole_and_the_export_is_its_pattern(manager, owner):
    content = "SKU,最低限价,生效时间\nGLOVES,12.5,\nGAUZE,2.00 元,2026-12-01\nSTENT,,\n".encode("gbk")
    late = content.replace(b"2026-12-01", b"2099-12-01")
    assert imported(manager, late).status_code == 303
    assert [row[:2] for row in stored(owner)] == [("GLOVES", "12.50"), ("GAUZE", "2.00")]
    file = manager.get("/hq/floor-prices?standing=all&export=xlsx").data
    assert imported(manager, file).status_code == 303
    assert len(stored(owner)) == 2
    rows = [[cell.value for cell in row] for row in workbook_of(file)]
    assert "GLOVES" in rows[1] + rows[2] + rows[3] + rows[4] + rows[5]
    [event] = owner.execute(text("SELECT after FROM audit_event WHERE action = 'floor:imported'")).scalars()
    assert event["GLOVES"][:2] == [None, "12.50"]


def test_every_bad_cell_of_a_sheet_is_named_and_nothing_is_taken(manager, owner):
    rows = ["sku,floor,valid_from", "GLOVES,1", "NOBODY,2", "GAUZE,x", "GLOVES,3", "STENT,4,2020-01-01"]
    page = imported(manager, "\n".join(rows).encode()).get_data(as_text=True)
    assert all(f"<strong>{cell}</strong>" in page for cell in ("B4", "A5")) and stored(owner) == []
    page = imported(manager, "\n".join(rows[:3] + rows[5:]).encode()).get_data(as_text=True)
    assert all(f"<strong>{cell}</strong>" in page for cell in ("A3", "C4")) and stored(owner) == []


@pytest.mark.parametrize("content", [b"", b"sku\nGLOVES\n", b"price,floor\n1,2\n"])
def test_a_file_without_the_columns_is_refused(manager, owner, content):
    assert imported(manager, content).status_code == 422 and stored(owner) == []


def test_a_regions_manager_sees_floors_and_sets_none(sign_in, owner, manager):
    put(manager)
    east = sign_in(cast.east_manager)
    assert "¥12.50" in page_of(east) and 'id="set"' not in page_of(east)
    assert put(east, sku="GAUZE").status_code == 403
    assert imported(east, b"sku,floor\nGAUZE,1\n").status_code == 403
    assert len(stored(owner)) == 1


def test_others_at_headquarters_and_dealers_see_none(sign_in, manager):
    put(manager)
    assert sign_in(cast.order_desk).get("/hq/floor-prices").status_code == 403
    assert sign_in(cast.huadong.boss).get("/hq/floor-prices").status_code in (403, 404)


def test_the_list_is_taken_away_as_csv(manager):
    put(manager)
    rows = csv_of(manager.get("/hq/floor-prices?export=csv").data)
    assert "12.50" in rows[1] and "GLOVES" in rows[1]
