"""Real loggers' files are read right, what they leave open is asked, and anything else is refused."""

from __future__ import annotations

import io
from collections import Counter
from datetime import date, datetime, timedelta
from decimal import Decimal as D
from itertools import pairwise
from pathlib import Path
from time import process_time
from zoneinfo import ZoneInfo

import pytest
import xlsxwriter

from portal.coldchain.loggers.file import DayOrder, Unit
from portal.coldchain.loggers.read_log import read_log
from portal.coldchain.rules import FindingKind, Range, Tolerance, Window, findings_of
from portal.kernel.errors import Invalid
from tests.formulas import a_workbook_of

DATA = Path(__file__).parent / "data"
ZONE = ZoneInfo("Asia/Shanghai")
MINUTE = timedelta(minutes=1)
FRIDGE = Range(D(2), D(8))
STRICT = Tolerance(D(0), timedelta(0), 5 * MINUTE)


def read(name: str, **answers):
    return read_log((DATA / name).read_bytes(), zone=ZONE, **answers)


def values(log) -> list[D]:
    return [reading.celsius for reading in log.trace.readings]


@pytest.mark.parametrize(
    ("name", "count", "low", "high", "interval"),
    [
        ("rotronic.csv", 10, "20.00", "20.60", 720),
        ("rotronic.xls", 10, "22.20", "23.20", 720),
        ("tandd_1.csv", 10, "22.70", "23.00", 15),
        ("tandd_2.csv", 10, "20.50", "20.60", 15),
        ("tinytag_1.csv", 10, "20.87", "20.89", 30),
        ("tinytag_2.csv", 10, "19.90", "20.20", 30),
        ("meaco_1.csv", 10, "21.21", "23.06", 10),
        ("meaco_3.csv", 10, "17.24", "17.26", 10),
        ("qtag_clm.txt", 124, "0.90", "24.30", 10),
        ("fridgetag2l_daily.txt", 53, "4.30", "27.50", 5),
        ("hobo_h08_fahrenheit.csv", 6746, "-18.76", "39.22", 72),
    ],
)
def test_every_form_is_read(name, count, low, high, interval):
    is_silent = name.startswith(("meaco", "tinytag_1"))
    log = read(name, unit=Unit.CELSIUS if is_silent else None)
    assert len(values(log)) == count
    assert (min(values(log)), max(values(log))) == (D(low), D(high))
    assert log.trace.interval == interval * MINUTE
    assert [one.at for one in log.trace.readings] == sorted(one.at for one in log.trace.readings)


def test_fahrenheit_and_the_zone_come_from_the_head():
    log = read("hobo_h08_fahrenheit.csv")
    assert (log.unit, log.zone, log.serial) == (Unit.FAHRENHEIT, "UTC-06:00", "748084")
    assert log.trace.readings[0].at == datetime.fromisoformat("2009-05-06T11:11:57-06:00")
    mean = sum(values(log), D(0)) / len(values(log))
    assert abs(mean * 9 / 5 + 32 - D("51.38")) < D("0.01")


def test_a_file_that_names_its_unit_is_not_read_in_another():
    with pytest.raises(Invalid) as refusal:
        read("hobo_h08_fahrenheit.csv", unit=Unit.CELSIUS)
    assert [(fault.pointer, fault.code) for fault in refusal.value.faults] == [("/unit", "another_unit")]


@pytest.mark.parametrize("name", ["meaco_1.csv", "meaco_3.csv", "tinytag_1.csv"])
def test_a_unit_that_is_nowhere_is_asked(name):
    with pytest.raises(Invalid) as refusal:
        read(name)
    assert [(fault.pointer, fault.code) for fault in refusal.value.faults] == [("/unit", "unit_missing")]


def test_a_day_that_may_be_a_month_is_asked():
    head = "\n".join((DATA / "hobo_h08_fahrenheit.csv").read_text("utf-8-sig").splitlines()[:14])
    with pytest.raises(Invalid) as refusal:
        read_log(head.encode(), zone=ZONE)
    assert [(fault.pointer, fault.code) for fault in refusal.value.faults] == [("/day_order", "day_order")]
    firsts = {
        order: read_log(head.encode(), zone=ZONE, order=order).trace.readings[0].at.date()
        for order in DayOrder
    }
    assert firsts == {DayOrder.DAY_FIRST: date(2009, 6, 5), DayOrder.MONTH_FIRST: date(2009, 5, 6)}


def test_a_later_day_of_the_file_decides_and_nobody_is_asked():
    assert read("meaco_3.csv", unit=Unit.CELSIUS).trace.readings[0].at.date() == date(2025, 12, 31)
    wrong = read("meaco_3.csv", unit=Unit.CELSIUS, order=DayOrder.MONTH_FIRST)
    assert wrong.trace.readings[0].at.month == 12


def test_excursions_are_counted_by_the_range_of_the_goods_not_by_the_alarms():
    log = read("qtag_clm.txt")
    window = Window(log.trace.readings[0].at, log.trace.readings[-1].at)
    found = findings_of(log.trace, FRIDGE, window, STRICT)
    warm = [one for one in found if one.kind is FindingKind.TOO_WARM]
    cold = [one for one in found if one.kind is FindingKind.TOO_COLD]
    assert [(one.start.strftime("%H:%M"), one.celsius) for one in warm] == [("21:59", D("24.30"))]
    assert len(cold) == 17
    longest = max(cold, key=lambda one: one.minutes)
    assert (longest.start.strftime("%H:%M"), longest.end.strftime("%H:%M")) == (
        "12:19",
        "14:49",
    )  # its last reading beyond is that of 14:39
    assert sum(value == 2 for value in values(log)) == 5  # allowed
    assert any("22:20" in alarm for alarm in log.alarms)
    beyond = [one for one in values(log) if not 2 <= one <= 8]
    assert len(beyond) == 79  # the device flags the same


def test_extremes_without_readings_count_where_no_alarm_does():
    log = read("fridgetag2.txt")
    assert values(log) == [] and len(log.trace.days) == 4 and log.alarms == ()
    assert (min(day.low for day in log.trace.days), max(day.high for day in log.trace.days)) == (
        D("1.50"),
        D("20.80"),
    )
    window = Window(datetime(2023, 4, 17, 8, tzinfo=ZONE), datetime(2023, 4, 20, 15, tzinfo=ZONE))
    found = Counter(one.kind for one in findings_of(log.trace, FRIDGE, window, STRICT))
    assert found[FindingKind.TOO_WARM] == 2
    assert found[FindingKind.NOT_COVERED] == 1


def test_a_cut_file_is_judged_by_its_days_too_and_its_holes_are_told():
    log = read("fridgetag2l_daily.txt")
    assert len(log.trace.days) == 38
    assert (min(day.low for day in log.trace.days), max(day.high for day in log.trace.days)) == (
        D("-8.40"),
        D("30.30"),
    )
    steps = Counter((after.at - before.at) // MINUTE for before, after in pairwise(log.trace.readings))
    assert steps == {5: 49, 352: 1, 14505: 1, 38505: 1}
    window = Window(log.trace.readings[0].at, log.trace.readings[-1].at)
    found = findings_of(log.trace, FRIDGE, window, STRICT)
    assert [one.minutes for one in found if one.kind is FindingKind.HOLE] == [352, 14505, 38505]
    assert D("30.30") in {one.celsius for one in found if one.kind is FindingKind.TOO_WARM}


def test_a_missing_reading_is_a_hole_and_no_zero():
    text = (DATA / "qtag_clm.txt").read_text("ascii").replace("08:09\t1.7", "08:09\t--.-")
    log = read_log(text.encode(), zone=ZONE)
    assert len(values(log)) == 123 and log.missing == 1 and 0 not in values(log)
    window = Window(log.trace.readings[0].at, log.trace.readings[-1].at)
    holes = [one for one in findings_of(log.trace, FRIDGE, window, STRICT) if one.kind is FindingKind.HOLE]
    assert [one.minutes for one in holes] == [20]


CHINESE = "设备,冷链记录仪\n时间,湿度(%),温度(℃)\n2026-11-18 08:00:00,55,4.1\n2026-11-18 08:05:00,54,-0.5\n"
SEMICOLONS = "Zeit;Temperatur °C\n18.11.2026 08:00;4,1\n18.11.2026 08:05;-0,5\n"
ELITECH = "2\n1\t2026-11-18 08:00:00\t4.1\n2\t2026-11-18 08:05:00\t-0.5\n"
TWELVE = "Date Time,Temp (°F)\n11/18/2026 12:05:00 AM,39.38\n11/18/2026 12:10:00 PM,31.1\n"


@pytest.mark.parametrize(
    ("content", "unit"),
    [
        (CHINESE.encode(), None),
        (CHINESE.encode("gb18030"), None),
        (CHINESE.encode("utf-16"), None),
        (SEMICOLONS.encode("latin-1"), None),
        (ELITECH.encode(), Unit.CELSIUS),
        (TWELVE.encode(), None),
    ],
)
def test_other_forms_of_the_same(content, unit):
    assert values(read_log(content, zone=ZONE, unit=unit)) == [D("4.10"), D("-0.50")]


def test_midnight_of_a_twelve_hour_clock():
    first, second = read_log(TWELVE.encode(), zone=ZONE).trace.readings
    assert (first.at.hour, second.at.hour) == (0, 12)


def test_an_excel_workbook_is_read_as_its_text():
    rows = [["Time", "Temperature °C"], ["2026-11-18 08:00", "4.1"], ["2026-11-18 08:05", "-0.5"]]
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for place, row in enumerate(rows):
            sheet.write_row(place, 0, row)
    assert values(read_log(file.getvalue(), zone=ZONE)) == [D("4.10"), D("-0.50")]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "file_empty"),
        (b"   \n", "file_empty"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500), "old_workbook"),
        (b"\x89PNG\r\n\x1a\n" + bytes(200), "not_a_log"),
        (b"%PDF-1.7 nothing", "not_a_log"),
        ("订单,数量\nSO1,3\n".encode(), "not_a_log"),
        (b"Time,Temp C\xb0\n2026-11-18 08:00,warm\n", "not_a_log"),
        (b"Time,Temp \xb0C\n2026-11-18 08:00,4\n2026-11-18 08:05,warm\n", "row_unreadable"),
        (b"Time,Temp \xb0C\n2026-11-18 08:00,4\nlater,4\n", "row_unreadable"),
        (b"Time,Temp \xb0C\n18/11/2026 08:00,4\n11/18/2026 08:05,4\n", "days_mixed"),
        (b"Time,Temp \xb0C\n31/02/2026 08:00,4\n", "row_unreadable"),
        (b"Time,Temp \xb0C\n2026-11-18 08:00,4\n2026-11-18 08:05,40000\n", "row_unreadable"),
        (b"Time,Probe 1 \xb0C,Probe 2 \xb0C\n2026-11-18 08:00,4,5\n", "several_temperatures"),
        (b"Time,Temp \xb0C\n2026-11-18 08:00," + b"4" * 5_000_000, "file_large"),
    ],
)
def test_anything_else_is_refused_with_what_to_do(content, code):
    with pytest.raises(Invalid) as refusal:
        read_log(content, zone=ZONE)
    assert refusal.value.code == code and all(fault.fix for fault in refusal.value.faults)


HEAD = "Time,Temp °C\n"
HOSTILE = {
    "blanks after a serial": "serial" + " " * 100_000 + "!\n" + HEAD,
    "cells of blanks after serials": (("serial" + " " * 190 + "!,") * 59 + "\n") * 59 + HEAD,
    "commas after a serial": "serial" + "," * 4_000_000 + "\n" + HEAD,
    "blanks within times": HEAD + ("2026-11-18 08:00" + " " * 170 + "x,4\n") * 20_000,
    "blanks between day and time": HEAD + ("2026-11-18" + " " * 170 + "08:00,4\n") * 20_000 + "x,y\n",
    "lines without an end": HEAD + "a" * 4_000_000,
    "rows without an end": "\n" * 4_000_000,
    "a Q-tag of empty lines": "Device: Q-tag" + "\n" * 4_000_000,
    "a Q-tag of one line": "Device: Q-tag" + " " * 4_000_000,
    "a Q-tag of alarms": "Device: Q-tag\n" + ("TS A: " + "1" * 150 + "-\n") * 25_000,
    "a column's name of blanks": ("%" + " " * 190 + "," + "°" + " " * 190 + "\n") * 59 + HEAD,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_no_text_keeps_the_reader_busy(text):
    content = text.encode()[: 4 * 2**20]
    began = process_time()
    with pytest.raises(Invalid):
        read_log(content, zone=ZONE)
    assert process_time() - began < 3


@pytest.mark.parametrize("value", ["1e999999999", "-1e999999", "9" * 190])
def test_a_temperature_beyond_reckoning_is_none(value):
    with pytest.raises(Invalid) as refusal:
        read_log(f"Time,Temp °F\n2026-11-18 08:00,40\n2026-11-18 08:05,{value}\n".encode(), zone=ZONE)
    assert refusal.value.code == "row_unreadable"


@pytest.mark.parametrize(
    ("head", "serial"),
    [
        ("Serial Number: ,, AB-123\n", "AB-123"),
        ("S/N=  12345,x\n", "12345"),
        ("序列号,QT9988\n", "QT9988"),
        ("serial" + " " * 150 + "QT9988\n", "QT9988"),
    ],
)
def test_a_serial_number_is_found_behind_what_parts_it(head, serial):
    log = read_log(f"{head}Time,Temp °C\n2026-11-18   08:00 ,4\n".encode(), zone=ZONE)
    assert log.serial == serial and values(log) == [D("4.00")]


@pytest.mark.parametrize("reading", ["=4.1", "#", "4.1" + " " * 600 + "x"])
def test_a_reading_that_nobody_measured_is_refused_by_its_cell(reading):
    rows = [["Time", "Temperature °C"], ["2026-11-18 08:00", "4.1"], ["2026-11-18 08:05", reading]]
    with pytest.raises(Invalid) as refusal:
        read_log(a_workbook_of(*rows), zone=ZONE)
    [fault] = refusal.value.faults
    assert (fault.pointer, fault.code, fault.params) == ("/file", "cell_no_value", {"cell": "B3"})
