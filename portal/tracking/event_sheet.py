"""Events out of a table that somebody uploads: what each row says, or what is wrong with it. Pure.

Columns are found by their heads, in Chinese or English. A code is one of ours; with a service beside it, it
is that service's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from portal.kernel import typed
from portal.kernel.errors import N_, Fault, Invalid
from portal.kernel.rounded import rounded_faults
from portal.kernel.spreadsheet import Table, place_of
from portal.tracking.rules import Event, EventCode
from portal.tracking.states import STATES, Service, code_of_state

HEADS: Mapping[str, frozenset[str]] = {
    "number": frozenset({"shipment", "number", "tracking number", "发货单号", "运单号", "快递单号", "单号"}),
    "at": frozenset({"at", "time", "时间", "发生时间"}),
    "code": frozenset({"code", "event", "status", "状态", "状态码", "事件"}),
    "place": frozenset({"place", "location", "地点", "位置"}),
    "note": frozenset({"note", "text", "说明", "描述", "备注"}),
    "service": frozenset({"service", "服务", "接口"}),
    "expected_on": frozenset({"expected_on", "expected", "预计送达", "预计到达"}),
}
_DEMANDED = ("number", "at", "code")


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A row of the file. event: None where there is something wrong, or nothing to tell."""

    row: int
    number: str
    event: Event | None
    faults: tuple[Fault, ...] = ()


def read_event_sheet(table: Table, zone: ZoneInfo, words: Mapping[str, EventCode]) -> list[SheetRow]:
    """What each row below the head tells; one with a cell that holds no plain value tells nothing.

    Raises Invalid for a table without the columns that it needs.

    zone: where the times are meant that name no offset. words: what our events are called, in any language.
    """
    if not table.rows:
        raise _no_head("number")
    (first, head), *rows = table.rows
    wrong = _faults_by_row(table, first)
    places = {_column(text): place for place, text in enumerate(head)}
    for name in _DEMANDED:
        if name not in places:
            raise _no_head(name)
    known = {folded(word): code for word, code in words.items()} | {str(code): code for code in EventCode}
    read = [_row(number, texts, places, zone, known) for number, texts in rows if number not in wrong] + [
        SheetRow(number, "", None, tuple(faults)) for number, faults in wrong.items()
    ]
    return sorted(read, key=lambda row: row.row)


def _faults_by_row(table: Table, first: int) -> dict[int, list[Fault]]:
    """Of cells that hold no plain value. Raises Invalid for one of the head, or that nobody can find."""
    found: dict[int, list[Fault]] = {}
    for fault in table.faults:
        place = place_of(fault)
        if place is None or place[0] <= first:
            beside = [replace(fault, pointer="/file")]
            raise Invalid(fault.code, fault.message, fix=fault.fix, faults=beside)
        found.setdefault(place[0], []).append(fault)
    return found


def folded(word: str) -> str:
    """A word as it is compared."""
    return " ".join(word.casefold().split())


def _column(head: str) -> str:
    plain = folded(head)
    return next((name for name, heads in HEADS.items() if plain in heads), plain)


def _row(
    number: int,
    texts: Sequence[str],
    places: Mapping[str, int],
    zone: ZoneInfo,
    known: Mapping[str, EventCode],
) -> SheetRow:
    def cell(name: str) -> str:
        place = places.get(name)
        return texts[place].strip() if place is not None and place < len(texts) else ""

    faults: list[Fault] = []
    pointer = f"/rows/{number}"
    parcel = cell("number")
    if not parcel:
        faults.append(
            Fault(
                f"{pointer}/number",
                "missing",
                N_("A number is missing."),
                N_("Name the shipment, or its tracking number."),
            )
        )
    faults += rounded_faults(f"{pointer}/number", parcel)
    at: datetime | None = typed.field(
        lambda value: typed.moment(value, zone), cell("at"), f"{pointer}/at", faults
    )
    day: date | None = None
    if cell("expected_on"):
        day = typed.field(typed.day, cell("expected_on"), f"{pointer}/expected_on", faults)
    code = _code(cell("code"), cell("service"), cell("note"), known, pointer, faults)
    if faults or at is None or code is None:
        return SheetRow(number, parcel, None, tuple(faults))
    raw = cell("code") if cell("service") else ""
    return SheetRow(number, parcel, Event(at, code, cell("place"), cell("note"), raw, day))


def _code(
    code: str, service: str, note: str, known: Mapping[str, EventCode], pointer: str, faults: list[Fault]
) -> EventCode | None:
    if not service:
        found = known.get(folded(code))
        if found is None:
            faults.append(
                Fault(
                    f"{pointer}/code",
                    "unknown_code",
                    N_("This is none of our events: %(code)s."),
                    N_("Use one of the guide's words, or name the service whose code it is."),
                    {"code": code[:40]},
                )
            )
        return found
    if service.casefold() not in list(STATES):
        faults.append(
            Fault(
                f"{pointer}/service",
                "unknown_service",
                N_("The codes of %(service)s are not known."),
                N_("Name one of kuaidi100, kdniao and sf, or leave it empty and use our own words."),
                {"service": service[:40]},
            )
        )
        return None
    return code_of_state(Service(service.casefold()), code, note)


def _no_head(column: str) -> Invalid:
    message, fix = N_("The column %(column)s is missing."), N_("The first row names the columns.")
    return Invalid(
        "column_missing",
        message,
        fix=fix,
        faults=[Fault("/file", "column_missing", message, fix, {"column": column})],
        column=column,
    )
