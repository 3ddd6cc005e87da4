"""Installed devices out of a file: looked through, applied, each row with its reasons; many rows at once."""

from __future__ import annotations

import io
from datetime import date, timedelta

import pytest
from sqlalchemy import text

from portal.devices.import_devices import apply_import, import_of, keep_import, looked_through
from portal.devices.imported_rows import FIELDS, entry_of, rows_of_table
from portal.devices.queries import DeviceFilter, devices
from portal.kernel.db import transaction
from portal.kernel.errors import Conflict, Forbidden, Invalid
from portal.kernel.searching import folded
from portal.kernel.spreadsheet import read_table
from tests import cast
from tests.devices.acts import HOSPITAL, SERVICE, a_rule, as_, number_of, seen_by, sent
from tests.roles import Person
from tests.shipping.acts import differences

HEADS = {folded(name): name for name in FIELDS} | {"序列号": "serial", "经销商": "dealer", "医院": "hospital"}
DAY = cast.TODAY - timedelta(days=40)


def rows(csv: str, encoding: str = "utf-8"):
    return rows_of_table(read_table(csv.encode(encoding)), HEADS)


def applied(database, csv: str, by=cast.quality, encoding: str = "utf-8"):
    read = rows(csv, encoding)
    about = {"rows": read, "today": cast.TODAY}
    number = as_(database, by, keep_import, file_name="devices.csv", at=cast.NOW, **about)
    before = as_(database, by, looked_through, **about)
    done = as_(database, by, apply_import, number=number, today=cast.TODAY, at=cast.NOW)
    assert [one.result for one in before] == [one.result for one in done]
    return number, done


def test_a_file_in_gbk_makes_devices_with_their_places_warranties_and_contracts(database, owner):
    a_rule(database)
    csv = (
        "经销商,sku,序列号,医院,level,city,department,installed_on,installed_by,contract_no,contract_from,contract_to\n"
        f"huadong,STENT,OLD-1,{HOSPITAL},三甲,上海,心内科,{DAY:%Y/%m/%d},赵磊,FW-1,{DAY},{cast.TODAY}\n"
        "yuegang,STENT,OLD-2,,,,,,,,,\n"
    )
    number, done = applied(database, csv, encoding="gbk")
    assert [str(one.result) for one in done] == ["added", "added"]
    found = seen_by(database, SERVICE, number_of(owner, "OLD-1"))
    assert (found.hospital, found.state, found.warranty_from) == (HOSPITAL, "installed", DAY)
    assert [one.contract_no for one in found.contracts] == ["FW-1"] and found.contract_to == cast.TODAY
    assert [one.document_no for one in found.events if one.kind == "imported"] == [number]
    with transaction(database.session_for(cast.quality.actor())) as session:
        kept = import_of(session, number)
        assert (kept.rows, kept.counts) == ((), {"added": 2}), "hospitals do not stay in the file"
    with pytest.raises(Conflict):
        as_(database, cast.quality, apply_import, number=number, today=cast.TODAY, at=cast.NOW)
    assert [str(one.result) for one in applied(database, csv, encoding="gbk")[1]] == ["unchanged"] * 2


def test_every_row_that_cannot_be_taken_says_why_and_the_others_are_taken(given, database, owner):
    sent(given, database, "S1", "S5")
    csv = (
        "dealer,sku,serial,lot,installed_on,hospital,level,accepted_on,shipped_on\n"
        "nobody,NOPE,,,,,,,\n"
        "huadong,GLOVES,G1,,,,,,\n"
        "yuegang,STENT,S1,,,,,,\n"
        f"huadong,STENT,S2,,{cast.TODAY + timedelta(days=3)},,五甲,2026-02-30,\n"
        "huadong,STENT,S3 4,,,,,,\n"
        f"huadong,STENT,S5,LX,{cast.TODAY},{HOSPITAL},二乙,,2001-01-01\n"
        f"huadong,STENT,S5,,,,,,\n"
    )
    _, done = applied(database, csv)
    told = {one.row: {(f.pointer, f.code) for f in one.faults} for one in done}
    assert told[2] == {("/serial", "required"), ("/dealer", "unknown_dealer"), ("/sku", "unknown_sku")}
    assert told[3] == {("/sku", "not_serial_controlled")}
    assert told[4] == {("/dealer", "device_elsewhere")}
    assert {f for f, _ in told[5]} == {"/level", "/accepted_on", "/installed_on", "/hospital"}
    assert told[6] == {("/serial", "serial_malformed")}
    assert (told[7], told[8]) == (set(), {("/serial", "twice")})
    found = seen_by(database, SERVICE, number_of(owner, "S5"))
    assert (found.lot_no, found.shipped_on) == ("ST-1", cast.TODAY), "what the shipment told stays"
    assert (found.hospital, found.hospital_level) == (HOSPITAL, "2b")
    assert differences(database) == []


def test_what_lies_in_a_warehouse_of_ours_is_no_dealers_device(database, owner):
    owner.execute(
        text(
            "INSERT INTO serial_unit (product_id, serial, lot_id, state, warehouse_id, document)"
            " VALUES (:p, 'HERE', :l, 'saleable', :w, 'x')"
        ),
        {"p": cast.stent.id, "l": cast.stent_lot.id, "w": cast.shanghai_warehouse.id},
    )
    [done] = applied(database, "dealer,sku,serial\nhuadong,STENT,HERE\n")[1]
    assert [one.code for one in done.faults] == ["in_stock"]


def test_staff_of_one_region_cannot_take_a_device_from_a_dealer_they_do_not_see(given, database, owner):
    sent(given, database, "S1")
    south = Person(77, "q@x", "华南质量", cast.quality.roles, regions=(cast.south, cast.guangdong))
    csv = "dealer,sku,serial\nyuegang,STENT,S1\nhuadong,STENT,S9\n"
    about = {"rows": rows(csv), "today": cast.TODAY}
    number = as_(database, south, keep_import, file_name="x", at=cast.NOW, **about)
    done = as_(database, south, apply_import, number=number, today=cast.TODAY, at=cast.NOW)
    assert [[f.code for f in one.faults] for one in done] == [["device_elsewhere"], ["unknown_dealer"]]
    assert seen_by(database, SERVICE, number_of(owner, "S1")).dealer_code == "huadong"


def test_ten_thousand_rows_are_a_handful_of_statements(database, count_statements, owner):
    csv = "dealer,sku,serial\n" + "".join(f"huadong,STENT,N{place:05}\n" for place in range(10_000))
    read = rows(csv)
    with count_statements() as counted:
        number = as_(
            database, cast.quality, keep_import, file_name="x", rows=read, today=cast.TODAY, at=cast.NOW
        )
        as_(database, cast.quality, apply_import, number=number, today=cast.TODAY, at=cast.NOW)
    assert len(counted) <= 10, str(counted)
    assert owner.execute(text("SELECT count(*) FROM device")).scalar_one() == 10_000
    with transaction(database.session_for(SERVICE.actor())) as session:
        first = devices(session, DeviceFilter(q="N0"), sees=True, limit=2, sort="ends_on")
        rest = devices(
            session, DeviceFilter(q="N0"), sees=True, limit=2, sort="ends_on", cursor=first.next_cursor
        )
        assert len({one.serial for one in (*first.items, *rest.items)}) == 4


def test_a_dealer_imports_nothing(database):
    with pytest.raises(Forbidden):
        as_(database, SERVICE, looked_through, rows=[], today=cast.TODAY)


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("2026-01-05", date(2026, 1, 5)),
        ("2026/1/5", date(2026, 1, 5)),
        ("2026年1月5日", date(2026, 1, 5)),
        ("20260105", date(2026, 1, 5)),
        ("46027", date(2026, 1, 5)),
        ("05/01/2026", None),
        ("2026-13-01", None),
    ],
)
def test_days_are_read_as_sheets_write_them_and_never_guessed(said, day):
    [row] = rows(f"dealer,sku,serial,produced_on\nhuadong,STENT,S1,{said}\n")
    entry = entry_of(row, today=date(2026, 11, 27))
    assert entry.days["produced_on"] == day and bool(entry.faults) is (day is None)


@pytest.mark.parametrize("csv", ["dealer,sku\nhuadong,STENT\n", "dealer,sku,serial\n", "x"])
def test_a_file_that_is_no_list_of_devices_is_refused_in_words(csv):
    with pytest.raises(Invalid):
        rows(csv)


def test_a_workbook_says_which_cell_holds_a_formula():
    import xlsxwriter

    file = io.BytesIO()
    book = xlsxwriter.Workbook(file)
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, ["dealer", "sku", "serial"])
    sheet.write_row(1, 0, ["huadong", "STENT"])
    sheet.write_formula(1, 2, "=A1")
    book.close()
    [row] = rows_of_table(read_table(file.getvalue()), HEADS)
    assert [fault.pointer for fault in row.faults] == ["/serial"]
