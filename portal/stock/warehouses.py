"""Our warehouses, by their codes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel.errors import N_, Fault, Invalid


@dataclass(frozen=True, slots=True)
class NamedWarehouse:
    """A warehouse as people choose one."""

    id: int
    code: str
    name_zh: str
    name_en: str


_ALL = text("SELECT id, code, name_zh, name_en FROM warehouse ORDER BY code")
_BY_CODE = text("SELECT id, code, name_zh, name_en FROM warehouse WHERE code = ANY (CAST(:codes AS text[]))")


def warehouses(session: Session) -> list[NamedWarehouse]:
    """All of them, by code."""
    return [NamedWarehouse(**row._mapping) for row in session.execute(_ALL)]


def warehouses_named(session: Session, codes: Sequence[tuple[str, str]]) -> list[NamedWarehouse]:
    """Warehouses by their codes, each named at a pointer. Raises Invalid for what is no warehouse."""
    rows = session.execute(_BY_CODE, {"codes": [code for code, _ in codes]})
    known = {row.code: NamedWarehouse(**row._mapping) for row in rows}
    faults = [
        Fault(
            pointer,
            "unknown_warehouse",
            N_("There is no warehouse %(code)s."),
            N_("Name one of our warehouses by its code."),
            {"code": code},
        )
        for code, pointer in codes
        if code not in known
    ]
    if faults:
        raise Invalid(faults=faults)
    return [known[code] for code, _ in codes]
