"""A file of products: every row is told what became of it, and nothing of it shows without approval."""

from __future__ import annotations

import csv
import io
from collections import Counter
from dataclasses import replace
from decimal import Decimal
from time import process_time

import pytest
import xlsxwriter

from portal.catalogue.import_products import RowResult, import_products
from portal.catalogue.imported_rows import read_products
from portal.catalogue.kept_products import history
from portal.catalogue.product_fields import FIELDS
from portal.kernel.db import transaction
from portal.kernel.errors import Forbidden, Invalid
from portal.kernel.spreadsheet import read_table
from tests import cast
from tests.catalogue import acts
from tests.catalogue.acts import PUMP

HEADS = {name: name for name in ("sku", *FIELDS)}
EUDAMED = (
    "gtin,unit,model_name,trade_name,manufacturer,manufacturer_srn,reference_no,emdn,production_identifiers,"
    "implantable,storage_handling"
)
GUDID = (
    "primaryDI,companyName,brandName,versionModelNumber,catalogNumber,deviceDescription,storageHandling,"
    "deviceSterile,lotBatch,serialNumber,expirationDate"
)


def file_of(*lines: str):
    return read_products(read_table("\n".join(lines).encode()), HEADS)


def imported(database, *lines, by=cast.quality):
    """The report of a file."""
    with transaction(database.session_for(by.actor())) as session:
        return import_products(session, actor=by.actor(), file=file_of(*lines), **acts.moment())


def drafted(database, sku):
    """What was proposed last."""
    with database.session_for(cast.quality.actor()) as session:
        actor = cast.quality.actor()
        return history(session, actor=actor, sku=sku, today=cast.TODAY)[0].fields


def sheet(*rows: dict[str, str]) -> list[str]:
    file = io.StringIO()
    writer = csv.DictWriter(file, ["sku", *FIELDS], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue().splitlines()


def row_of(fields=PUMP, sku="PUMP", **other) -> dict[str, str]:
    told = {name: getattr(fields, name) for name in FIELDS}
    texts = {name: "" if value in (None, False) else str(value) for name, value in told.items()}
    return {"sku": sku, **texts} | other


def test_rows_of_our_template_become_drafts_and_nothing_is_in_force(database):
    [one] = imported(database, *sheet(row_of(lot_controlled="是")))
    assert (one.row, one.sku, one.result, one.faults) == (2, "PUMP", RowResult.DRAFTED, ())
    assert drafted(database, "PUMP") == PUMP and acts.kept(database, "PUMP") is None
    number = acts.submitted(database)
    assert number == one.number
    acts.entered(database, acts.approved(database, number))
    [again] = imported(database, *sheet(row_of(lot_controlled="是")))
    assert again.result == RowResult.UNCHANGED


def test_each_row_that_cannot_be_taken_says_why(database):
    acts.submitted(database, "GAUZE", acts.gauze(database, specification="10 cm"))
    rows = sheet(
        row_of(sku="ONE", udi_di="06901234520003"),
        row_of(sku="TWO", registration_to="2026-02-30"),
        row_of(sku="", udi_di="06901234520019"),
        row_of(sku="GAUZE", udi_di=cast.gauze.udi_di),
        row_of(sku="FOUR", udi_di=""),
        row_of(sku="PUMP"),
        row_of(sku="pump"),
        row_of(sku="LACKING", udi_di="06901234520026", maker="", unit=""),
    )
    report = {one.row: one for one in imported(database, *rows)}
    assert {row: {fault.code for fault in one.faults} for row, one in report.items()} == {
        2: {"wrong_check_digit"},
        3: {"not_a_date"},
        4: {"sku"},
        5: {"change_waits"},
        6: {"required"},
        7: set(),
        8: {"tie"},
        9: {"required"},
    }
    assert Counter(one.result for one in report.values()) == {RowResult.REFUSED: 6, RowResult.DRAFTED: 2}


def test_a_column_that_is_not_there_leaves_its_field_alone(database):
    acts.changed(database, fields=replace(PUMP, registrant="明康控股"))
    lines = ["sku,udi_di,specification", f"PUMP,{PUMP.udi_di},MK-20 Pro"]
    [one] = imported(database, *lines)
    assert one.result == RowResult.DRAFTED
    told = drafted(database, "PUMP")
    assert (told.specification, told.registrant, told.maker) == ("MK-20 Pro", "明康控股", PUMP.maker)


def test_a_device_of_eudamed_is_read_in_our_words(database):
    [one, package, nameless] = imported(
        database,
        EUDAMED,
        '06971254925927,BASE_UNIT_OR_EACH,en: Pump X,"de: Pumpe | en: Pump | zh: 输液泵",Longterm Co.,'
        "CN-MF-000019473,/,A0201040299,BATCH_NUMBER EXPIRATION_DATE,FALSE,SHC08 (en: 2-8℃) | SHC05",
        "04000576058005,CASE,,,Longterm Co.,CN-MF-000019473,,,,,",
        "06926365587328,BASE_UNIT_OR_EACH,en: no,en: /,Longterm Co.,CN-MF-000019473,X-1,A02,,,",
    )
    assert (one.sku, one.result) == ("06971254925927", RowResult.DRAFTED)
    assert [[fault.code for fault in row.faults] for row in (package, nameless)] == [
        ["package"],
        ["placeholder"],
    ]
    told = drafted(database, one.sku)
    assert (told.name_en, told.name_zh, told.specification) == ("Pump", "输液泵", "")
    assert (told.category_code, told.origin, told.maker_country) == ("A02", "domestic", "CN")
    assert (told.storage_min, told.storage_max) == (Decimal(2), Decimal(8))
    assert told.lot_controlled and told.expiry_controlled and not told.serial_controlled
    assert told.device_class is None and told.registration_no == ""
    assert {"/registration_no", "/device_class"} <= {fault.pointer for fault in one.faults}


@pytest.mark.parametrize(
    ("stored", "limits"),
    [
        ("low=36 Degrees Fahrenheit; high=77 Degrees Fahrenheit; special=", ("2.2", "25.0")),
        ("low= ; high=86 Degrees Fahrenheit; special=", (None, "30.0")),
        ("low=-20 Degrees Celsius; high=40 Degrees Celsius; special=", ("-20.0", "40.0")),
        (
            "low=-4 Degrees Fahrenheit; high=104 Degrees Fahrenheit; special= | Storage Environment"
            " Temperature: low=-20 Degrees Celsius; high=40 Degrees Celsius; special=",
            ("-20.0", "40.0"),
        ),
        ("low=90 Degrees Celsius; high=20 Degrees Celsius; special=", (None, None)),
    ],
)
def test_degrees_of_gudid_are_celsius(database, stored, limits):
    line = f"00801741010477,Davol Inc.,Avitene,,70402-000085,Web,Storage Environment Temperature: {stored}"
    [one] = imported(database, GUDID, f"{line},true,true,false,true")
    told = drafted(database, one.sku)
    assert (told.storage_min, told.storage_max) == tuple(limit and Decimal(limit) for limit in limits)
    assert (told.name_en, told.specification, told.sterile) == ("Avitene Web", "70402-000085", True)


def test_a_wrong_digit_of_gudid_is_refused_with_the_right_one(database):
    [one] = imported(database, GUDID, "00801741010478,Davol Inc.,Avitene,,1,Web,,true,true,false,true")
    [fault] = one.faults
    assert (one.result, fault.code, fault.params["digit"]) == (RowResult.REFUSED, "wrong_check_digit", "7")


def test_a_register_fills_what_is_empty_and_overwrites_nothing_of_ours(database):
    acts.changed(database, fields=replace(PUMP, specification=""))
    line = f"{PUMP.udi_di},BASE_UNIT_OR_EACH,,en: Other,Other maker,DE-MF-1,MK-99,A02,SERIAL_NUMBER,TRUE,"
    [one] = imported(database, EUDAMED, line)
    told = drafted(database, "PUMP")
    assert (one.sku, told) == ("PUMP", replace(PUMP, specification="MK-99", implantable=True))


@pytest.mark.parametrize("lines", [["a,b", "1,2"], ["sku,specification", "PUMP,x"], [EUDAMED], ["x"]])
def test_what_is_no_file_of_products_is_refused_as_a_whole(lines):
    with pytest.raises(Invalid):
        file_of(*lines)


@pytest.mark.parametrize("by", [cast.order_desk, cast.huadong.boss])
def test_only_quality_imports(database, by):
    with pytest.raises(Forbidden):
        imported(database, *sheet(row_of()), by=by)


@pytest.mark.parametrize(
    "stored",
    [
        "Storage Environment Temperature: low=" * 3_000,
        "Special Storage Condition, Specify:" * 3_000,
        "Storage Environment Temperature: low=" + "1" * 120_000 + "; high=2;",
        "Special Storage Condition, Specify: " + "special=" * 15_000,
    ],
)
def test_no_cell_of_a_register_keeps_the_reader_busy(stored):
    began = process_time()
    file = file_of(GUDID, f'00643169001763,Maker,Brand,V1,C1,Pump,"{stored}",true,true,false,true')
    assert len(file.rows) == 1 and file.rows[0].texts["storage_min"] == ""
    assert process_time() - began < 2


def workbook(*rows, formulas=(), value=None):
    """A file of products whose cells of these names hold formulas that came out as `value`."""
    made = io.BytesIO()
    with xlsxwriter.Workbook(made) as book:
        page = book.add_worksheet()
        for place, row in enumerate(rows):
            page.write_row(place, 0, row.split(","))
        for cell in formulas:
            page.write_formula(cell, "=1+1", None, value)
    return read_products(read_table(made.getvalue()), HEADS)


DEVICE = "00643169001763,Maker,Brand,V1,C1,Pump,,true,true,false,true"


@pytest.mark.parametrize(
    ("cell", "value", "told"),
    [("C2", "Brand", ["C2"]), ("F2", "", ["F2"]), ("I2", "true", ["I2"]), ("M2", "of no column", [])],
)
def test_what_a_register_only_reckons_is_refused_with_its_cell(cell, value, told):
    [row] = workbook(GUDID, DEVICE, formulas=[cell], value=value).rows
    assert [fault.params["cell"] for fault in row.faults if fault.code == "cell_no_value"] == told


@pytest.mark.parametrize("heads", [GUDID, "sku,udi_di,specification"])
def test_a_row_of_nothing_but_formulas_is_told(heads):
    rows = workbook(heads, DEVICE, formulas=["A3", "B3"], value="").rows
    assert [one.row for one in rows] == [2, 3]
    assert {fault.code for fault in rows[1].faults} & {"cell_no_value", "formula"}


@pytest.mark.parametrize("heads", [GUDID, "sku,udi_di,specification"])
def test_a_head_that_is_reckoned_tells_no_columns(heads):
    with pytest.raises(Invalid) as refusal:
        workbook(heads, DEVICE, formulas=["C1"], value=heads.split(",")[2])
    assert [fault.code for fault in refusal.value.faults] == ["cell_no_value"]


def test_a_register_may_say_much_in_twenty_languages():
    text = " | ".join(f"{one}{two}: {'x' * 40}" for one in "abcde" for two in "klmn")
    file = file_of(EUDAMED, f"00643169001763,,{text},,Maker,DE-MF-1,R1,A01,BATCH_NUMBER,FALSE,")
    assert file.rows[0].faults == () and file.rows[0].texts["name_en"]
