"""Products as headquarters keeps them, and their changes, for those who look them up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from portal.catalogue.change_life import ChangeState
from portal.catalogue.fragments import registration_end
from portal.catalogue.product_changes import faults_of, in_force, plain_sku
from portal.catalogue.product_faults import remarks
from portal.catalogue.product_fields import Difference, ProductFields, differences, from_json
from portal.catalogue.vocabulary import CatalogueRight, ProductState
from portal.kernel import paging
from portal.kernel.actor import Actor
from portal.kernel.errors import Fault, NotFound
from portal.kernel.paging import Page
from portal.kernel.search_pattern import containing

SOON_DAYS = 90
"""Within which the end of a certificate is near."""
READERS = (CatalogueRight.EDIT, CatalogueRight.HEADQUARTERS)


class Standing(StrEnum):
    """Which products a list has."""

    ALL = "all"
    ACTIVE = "active"
    WITHDRAWN = "withdrawn"
    CHANGING = "changing"
    EXPIRING = "expiring"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class KeptProduct:
    """A product in force. change, change_state: of its open change, None without one."""

    id: int
    sku: str
    product_zh: str
    product_en: str
    udi_di: str
    maker: str
    device_class: int
    category: str
    registration_no: str
    registration_to: date | None
    renewal_asked_on: date | None
    state: str
    change: str | None
    change_state: str | None
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """A change in a list. is_new: of a product that is not in force yet; then `before` is empty.

    before, proposed: the product as `as_json` has it.
    """

    id: int
    number: str
    revision: int
    sku: str
    product_zh: str
    product_en: str
    state: str
    source: str
    is_new: bool
    authors: Sequence[str]
    proposed_by_label: str
    proposed_at: datetime
    decided_by_label: str | None
    decided_at: datetime | None
    reason: str
    before: Mapping[str, Any]
    proposed: Mapping[str, Any]

    @property
    def differences(self) -> tuple[Difference, ...]:
        """What changes; of a new product everything that is told."""
        return differences(from_json(self.before) if self.before else None, from_json(self.proposed))

    @property
    def changing(self) -> tuple[str, ...] | None:
        """Names of the fields that change; None of a new product, of which all are new."""
        return None if self.is_new else tuple(one.field for one in self.differences)


class ProductChangeShown(NamedTuple):
    """A change with what it changes; faults and remarks only of one that is open."""

    row: ChangeRow
    fields: ProductFields
    changed: tuple[Difference, ...]
    faults: tuple[Fault, ...]
    remarks: tuple[Fault, ...]
    submitted_by_label: str | None
    submitted_at: datetime | None
    in_force_at: datetime | None


def kept_products(
    session: Session,
    *,
    actor: Actor,
    today: date,
    until: date,
    standing: Standing = Standing.ALL,
    q: str = "",
    category: str = "",
    limit: int = 50,
    cursor: str | None = None,
) -> Page[KeptProduct]:
    """Products in force by SKU. until: the last day of certificates that count as ending soon.

    q: part of a SKU or a name. category: a code, with everything below it. Raises Invalid for a foreign
    cursor, Forbidden.
    """
    actor.require(*READERS)
    cursors = paging.cursors(session, "kept products", str, int)
    place = cursors.place_of(cursor)
    parameters: dict[str, Any] = {
        "q": containing(q),
        "category": category,
        "today": today,
        "until": until,
        "limit": limit + 1,
    }
    if place:
        parameters["from_key"], parameters["from_id"] = place.key
    statement = _kept(standing, bool(q.strip()), bool(category), None if place is None else place.back)
    found = [KeptProduct(**row._mapping) for row in session.execute(statement, parameters)]
    return cursors.page_of(found, limit, lambda one: (one.sku, one.id), place)


def product_in_force(session: Session, *, actor: Actor, sku: str) -> ProductFields | None:
    """A product as it is now; None where it is only proposed yet. Raises Forbidden."""
    actor.require(*READERS)
    return in_force(session, [plain_sku(sku)]).get(plain_sku(sku))


def changes(
    session: Session,
    *,
    actor: Actor,
    state: str = "",
    q: str = "",
    limit: int = 50,
    cursor: str | None = None,
) -> Page[ChangeRow]:
    """Changes, the latest first. state: one of `ChangeState`, empty for all.

    Raises Invalid for a foreign cursor, Forbidden.
    """
    actor.require(*READERS)
    cursors = paging.cursors(session, "product changes", int)
    place = cursors.place_of(cursor)
    parameters: dict[str, Any] = {"q": containing(q), "state": state, "limit": limit + 1}
    if place:
        (parameters["from_id"],) = place.key
    statement = _changes(bool(q.strip()), bool(state), None if place is None else place.back)
    found = [ChangeRow(**row._mapping) for row in session.execute(statement, parameters)]
    return cursors.page_of(found, limit, lambda one: (one.id,), place)


def count_waiting(session: Session) -> int:
    """Changes that wait for approval, counted no further than `paging.COUNTED_MAX` + 1."""
    return int(session.execute(_WAITING, {"most": paging.COUNTED_MAX + 1}).scalar_one())


def history(session: Session, *, actor: Actor, sku: str, today: date) -> list[ProductChangeShown]:
    """Every change of a product, the latest first. Raises Forbidden."""
    actor.require(*READERS)
    rows = session.execute(_HISTORY, {"sku": plain_sku(sku)})
    return [_shown(session, row, today) for row in rows]


def change_shown(session: Session, *, actor: Actor, number: str, today: date) -> ProductChangeShown:
    """One change. Raises NotFound, Forbidden."""
    actor.require(*READERS)
    row = session.execute(_ONE, {"number": number}).one_or_none()
    if row is None:
        raise NotFound()
    return _shown(session, row, today)


def _shown(session: Session, row: Any, today: date) -> ProductChangeShown:
    proposed = from_json(row.proposed)
    change = ChangeRow(**{name: row._mapping[name] for name in ChangeRow.__dataclass_fields__})
    is_open = row.state in (ChangeState.DRAFT, ChangeState.SUBMITTED)
    return ProductChangeShown(
        change,
        proposed,
        change.differences,
        tuple(faults_of(session, row.sku, proposed, today)) if is_open else (),
        tuple(remarks(proposed)) if is_open else (),
        row.submitted_by_label,
        row.submitted_at,
        row.in_force_at,
    )


_ENDS = registration_end("p")
_WHICH = {
    Standing.ALL: "true",
    Standing.ACTIVE: f"p.state = '{ProductState.ACTIVE}'",
    Standing.WITHDRAWN: f"p.state = '{ProductState.WITHDRAWN}'",
    Standing.CHANGING: "c.number IS NOT NULL",
    Standing.EXPIRING: f"p.state = '{ProductState.ACTIVE}' AND {_ENDS} BETWEEN :today AND :until",
    Standing.ENDED: f"p.state = '{ProductState.ACTIVE}' AND {_ENDS} < :today",
}


@cache
def _kept(standing: Standing, with_q: bool, with_category: bool, back: bool | None) -> TextClause:
    conditions = [_WHICH[standing]]
    conditions += ["p.search_key LIKE :q"] if with_q else []
    conditions += ["starts_with(p.category_code, :category)"] if with_category else []
    after, order = paging.keyset("p.sku", "p.id", descending=False, back=back)
    conditions += [after] if after else []
    return text(
        f"""
        SELECT p.id, p.sku, p.name_zh AS product_zh, p.name_en AS product_en, p.udi_di, p.maker,
               p.device_class, p.category_code AS category, p.registration_no, p.registration_to,
               p.registration_renewal_asked_on AS renewal_asked_on, p.state, c.number AS change,
               c.state AS change_state, p.updated_at
          FROM product p
          LEFT JOIN product_change c ON c.sku = p.sku AND c.state IN ('draft', 'submitted', 'approved')
         WHERE {" AND ".join(conditions)} ORDER BY {order} LIMIT :limit
        """
    )


_CHANGE = """
c.id, c.number, c.revision, c.sku, c.proposed ->> 'name_zh' AS product_zh,
c.proposed ->> 'name_en' AS product_en, c.state, c.source, c.before = '{}' AS is_new, c.authors,
c.proposed_by_label, c.proposed_at, c.decided_by_label, c.decided_at, c.reason, c.before, c.proposed
"""
_MORE = "c.submitted_by_label, c.submitted_at, c.in_force_at"


@cache
def _changes(with_q: bool, with_state: bool, back: bool | None) -> TextClause:
    conditions = ["c.state = :state"] if with_state else []
    if with_q:
        named = "c.sku || ' ' || (c.proposed ->> 'name_zh') || ' ' || (c.proposed ->> 'name_en')"
        conditions.append(f"search_fold(c.number || ' ' || {named}) LIKE :q")
    if back is not None:
        conditions.append(f"c.id {'>' if back else '<'} :from_id")
    where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
    return text(
        f"SELECT {_CHANGE} FROM product_change c {where}"
        f" ORDER BY c.id {'ASC' if back else 'DESC'} LIMIT :limit"
    )


_WAITING = text(
    "SELECT count(*) FROM (SELECT FROM product_change WHERE state = 'submitted' LIMIT :most) waiting"
)
_HISTORY = text(
    f"SELECT {_CHANGE}, {_MORE} FROM product_change c WHERE c.sku = :sku ORDER BY c.id DESC LIMIT 50"
)
_ONE = text(f"SELECT {_CHANGE}, {_MORE} FROM product_change c WHERE c.number = :number")
