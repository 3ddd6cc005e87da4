"""The region tree of a day, and the moves that made it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel.db import Record, value_of
from portal.kernel.errors import NotFound
from portal.regions.fragments import regions_on
from portal.regions.rules import Stage, stage


@dataclass(frozen=True, slots=True)
class Province:
    """A province in its area on a day."""

    id: int
    code: str
    name_zh: str
    name_en: str


@dataclass(frozen=True, slots=True)
class Area:
    """A sales area with its provinces of a day."""

    id: int
    code: str
    name_zh: str
    name_en: str
    provinces: tuple[Province, ...]


@dataclass(frozen=True, slots=True)
class MoveRow:
    """A move of a province. from_…: the area it lies in until then. stage: what it is today."""

    number: str
    region_id: int
    region_code: str
    region_zh: str
    region_en: str
    from_id: int
    from_code: str
    from_zh: str
    from_en: str
    area_id: int
    area_code: str
    area_zh: str
    area_en: str
    valid_from: date
    reason: str
    stage: Stage
    proposed_by: str
    proposed_by_label: str
    proposed_at: datetime
    decided_by_label: str | None
    decided_at: datetime | None
    decision_note: str


def tree_on(session: Session, day: date) -> list[Area]:
    """The areas with their provinces as they are on a day."""
    rows = session.execute(_TREE, {"day": day}).all()
    below: dict[int | None, list[Province]] = {}
    for row in rows:
        below.setdefault(row.parent_id, []).append(Province(row.id, row.code, row.name_zh, row.name_en))
    return [
        Area(row.id, row.code, row.name_zh, row.name_en, tuple(below.get(row.id, ())))
        for row in rows
        if row.parent_id is None
    ]


def moves(session: Session, *, today: date, limit: int = 200) -> list[MoveRow]:
    """The moves that headquarters knows of, the latest day first."""
    rows = session.execute(_MOVES, {"number": None, "limit": limit})
    return [_move(row, today) for row in rows]


def move_of(session: Session, number: str, *, today: date) -> MoveRow:
    """One move. Raises NotFound."""
    row = session.execute(_MOVES, {"number": number, "limit": 1}).one_or_none()
    if row is None:
        raise NotFound()
    return _move(row, today)


def _move(row: Record, today: date) -> MoveRow:
    return value_of(MoveRow, row, stage=stage(row.state, row.valid_from, today))


_TREE = text(
    f"""
    SELECT r.id, r.code, r.name_zh, r.name_en, r.parent_id
      FROM {regions_on("CAST(:day AS date)")} r ORDER BY r.level, r.code
    """
)
# Until its day, a province lies where the moves before it left it.
_MOVES = text(
    f"""
    SELECT m.number, m.region_id, r.code AS region_code, r.name_zh AS region_zh, r.name_en AS region_en,
           f.id AS from_id, f.code AS from_code, f.name_zh AS from_zh, f.name_en AS from_en,
           m.parent_id AS area_id, a.code AS area_code, a.name_zh AS area_zh, a.name_en AS area_en,
           m.valid_from, m.reason, m.state, m.proposed_by, m.proposed_by_label, m.proposed_at,
           m.decided_by_label, m.decided_at, m.decision_note
      FROM region_move m
      JOIN LATERAL {regions_on("m.valid_from - 1")} r ON r.id = m.region_id
      JOIN region_node f ON f.id = r.parent_id JOIN region_node a ON a.id = m.parent_id
     WHERE CAST(:number AS text) IS NULL OR m.number = :number
     ORDER BY m.valid_from DESC, m.id DESC LIMIT :limit
    """
)
