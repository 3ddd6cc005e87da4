"""The list of the documents of one kind: every statement that it needs, made of the pieces of its SQL."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from operator import attrgetter
from typing import Any, Generic, TypeVar

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from portal.kernel import paging
from portal.kernel.paging import Page, Sort
from portal.kernel.search_pattern import containing_code

T = TypeVar("T")
Sought = Mapping[str, Any]
"""What is asked for, by condition; empty for what is not."""


@dataclass(frozen=True, slots=True, eq=False)
class DocumentList(Generic[T]):
    """Documents in the order of one moment, the latest first unless the first is asked for first.

    name: of its cursors. alias: of the table of the documents, with an `id`. moment: its column that sorts
    them, which an index gives with the id. row: made of `columns` by their names, among them `id` and
    `moment`. tables: FROM, and what conditions refer to. each: what is joined for rows that are shown.
    conditions: SQL by the name of the parameter that it compares; `code` is the pattern of what ``q`` seeks.
    """

    name: str
    alias: str
    moment: str
    row: type[T]
    columns: str
    tables: str
    conditions: Mapping[str, str]
    each: str = ""

    @property
    def latest_first(self) -> Sort:
        """Its usual order."""
        return Sort(self.moment, descending=True)

    @property
    def select(self) -> str:
        """SQL: the rows without their conditions."""
        return f"SELECT {self.columns} {self.tables} {self.each}"

    def page(self, session: Session, sought: Sought, *, limit: int, cursor: str | None, sort: str) -> Page[T]:
        """A page of what is sought. Raises Invalid for a foreign cursor."""
        order = paging.sort_of(sort, [self.moment], self.latest_first)
        cursors = paging.cursors(session, f"{self.name} {order}", paging.moment, int)
        place = cursors.place_of(cursor)
        given = _given(sought)
        parameters = {**given, "limit": limit + 1}
        if place:
            parameters["from_key"], parameters["from_id"] = place.key
        statement = _list(self, tuple(given), place and place.back, order.descending)
        rows = [self.row(**row._mapping) for row in session.execute(statement, parameters)]
        return cursors.page_of(rows, limit, attrgetter(self.moment, "id"), place)

    def count(self, session: Session, sought: Sought) -> int:
        """How many documents are sought, at most one more than `paging.COUNTED_MAX`."""
        given = _given(sought)
        parameters = {**given, "limit": paging.COUNTED_MAX + 1}
        found: int = session.execute(_count(self, tuple(given)), parameters).scalar_one()
        return found


def _given(sought: Sought) -> dict[str, Any]:
    given = {name: value for name, value in sought.items() if value not in ("", None) and name != "q"}
    if q := sought.get("q", "").strip():
        given["code"] = containing_code(q)
    return given


def _where(listed: DocumentList[Any], names: tuple[str, ...]) -> str:
    return " AND ".join(["true", *(listed.conditions[name] for name in names)])


@cache
def _list(
    listed: DocumentList[Any], names: tuple[str, ...], back: bool | None, descending: bool
) -> TextClause:
    moment, row_id = f"{listed.alias}.{listed.moment}", f"{listed.alias}.id"
    after, order = paging.keyset(moment, row_id, descending=descending, back=back)
    beyond = f"AND {after}" if after else ""
    return text(f"{listed.select} WHERE {_where(listed, names)} {beyond} ORDER BY {order} LIMIT :limit")


@cache
def _count(listed: DocumentList[Any], names: tuple[str, ...]) -> TextClause:
    where = _where(listed, names)
    return text(f"SELECT count(*) FROM (SELECT {listed.tables} WHERE {where} LIMIT :limit) met")
