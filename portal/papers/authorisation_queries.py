"""Reads of authorisations, for their dealer and for headquarters, and of the product lines they name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel.db import value_of
from portal.kernel.document_list import DocumentList
from portal.kernel.errors import NotFound
from portal.kernel.paging import Page
from portal.kernel.search_pattern import number_key


@dataclass(frozen=True, slots=True)
class AuthorisationRow:
    """An authorisation in a list. valid_to: its last day."""

    id: int
    number: str
    state: str
    dealer_code: str
    dealer_zh: str
    dealer_en: str
    region_zh: str
    region_en: str
    category_codes: list[str]
    hospitals: list[str]
    is_exclusive: bool
    valid_from: date
    valid_to: date | None
    ended_on: date | None
    proposed_by_label: str
    proposed_at: datetime

    @property
    def categories(self) -> str:
        """The beginnings of codes, as a list shows them; empty for all."""
        return ", ".join(self.category_codes)

    @property
    def named_hospitals(self) -> str:
        """The only hospitals, as a list shows them; empty for all."""
        return ", ".join(self.hospitals)

    @property
    def counts_until(self) -> date | None:
        """Its own last day, or the one on which it was ended."""
        return self.ended_on or self.valid_to


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorisationDetail:
    """One authorisation."""

    dealer_id: int
    number: str
    revision: int
    state: str
    dealer_code: str
    dealer_zh: str
    dealer_en: str
    region_zh: str
    region_en: str
    category_codes: list[str]
    hospitals: list[str]
    is_exclusive: bool
    valid_from: date
    valid_to: date | None
    note: str
    proposed_by: str
    proposed_by_label: str
    proposed_at: datetime
    decided_by_label: str | None
    decided_at: datetime | None
    reason: str
    ended_on: date | None
    ended_by_label: str | None
    ended_at: datetime | None
    end_reason: str


@dataclass(frozen=True, slots=True)
class Overlap:
    """Another dealer's authorisation for some of the same, of which one is exclusive."""

    number: str
    dealer_code: str
    dealer_zh: str
    dealer_en: str
    is_exclusive: bool
    state: str
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True, slots=True)
class CategoryName:
    """A product line."""

    code: str
    name_zh: str
    name_en: str


def authorisations(
    session: Session,
    *,
    dealer_id: int | None = None,
    state: str = "",
    region_id: int | None = None,
    only_decided: bool = False,
    q: str = "",
    limit: int = 50,
    cursor: str | None = None,
    sort: str = "",
) -> Page[AuthorisationRow]:
    """Authorisations in scope, the latest proposed first. only_decided: those in force or ended."""
    sought = _sought(dealer_id, state, region_id, only_decided, q)
    return AUTHORISATIONS.page(session, sought, limit=limit, cursor=cursor, sort=sort)


def count_authorisations(
    session: Session,
    *,
    dealer_id: int | None = None,
    state: str = "",
    region_id: int | None = None,
    only_decided: bool = False,
    q: str = "",
) -> int:
    """How many `authorisations` gives, at most one more than `paging.COUNTED_MAX`."""
    sought = _sought(dealer_id, state, region_id, only_decided, q)
    return AUTHORISATIONS.count(session, sought)


def authorisation(session: Session, number: str) -> AuthorisationDetail:
    """One authorisation. Raises NotFound outside the session's scope."""
    row = session.execute(_AUTHORISATION, {"number": number}).one_or_none()
    if row is None:
        raise NotFound()
    return value_of(AuthorisationDetail, row)


def overlaps(session: Session, number: str) -> list[Overlap]:
    """Authorisations of other dealers in scope for some of the same, where either is exclusive; at most 50.

    The same region or one within the other, product lines of which one begins the other, a hospital in
    common, days in common. For headquarters alone: it names other dealers.
    """
    return [Overlap(**row._mapping) for row in session.execute(_OVERLAPS, {"number": number})]


def categories(session: Session) -> list[CategoryName]:
    """Every product line, by code."""
    return [CategoryName(**row._mapping) for row in session.execute(_CATEGORIES)]


def category_codes(session: Session) -> frozenset[str]:
    """The codes of every product line."""
    return frozenset(session.execute(_CATEGORY_CODES).scalars())


def _sought(
    dealer_id: int | None, state: str, region_id: int | None, only_decided: bool, q: str
) -> dict[str, object]:
    return {
        "dealer_id": dealer_id,
        "state": state,
        "region_id": region_id,
        "decided": ["in_force", "ended"] if only_decided else None,
        "q": q,
    }


AUTHORISATIONS = DocumentList(
    "authorisations",
    "a",
    "proposed_at",
    AuthorisationRow,
    columns="""
    a.id, a.number, a.state, d.code AS dealer_code, d.name_zh AS dealer_zh, d.name_en AS dealer_en,
    g.name_zh AS region_zh, g.name_en AS region_en, a.category_codes, a.hospitals, a.is_exclusive,
    a.valid_from, a.valid_to, a.ended_on, a.proposed_by_label, a.proposed_at
    """,
    tables="FROM authorisation a JOIN dealer d ON d.id = a.dealer_id JOIN region g ON g.id = a.region_id",
    conditions={
        "dealer_id": "a.dealer_id = :dealer_id",
        "state": "a.state = :state",
        "region_id": "(g.id = :region_id OR g.parent_id = :region_id)",
        "decided": "a.state = ANY (CAST(:decided AS text[]))",
        "code": f"({number_key('a.number')} LIKE :code OR {number_key('d.code')} LIKE :code)",
    },
)
LATEST_FIRST = AUTHORISATIONS.latest_first
_AUTHORISATION = text(
    """
    SELECT a.dealer_id, a.number, a.revision, a.state, d.code AS dealer_code, d.name_zh AS dealer_zh,
           d.name_en AS dealer_en, g.name_zh AS region_zh, g.name_en AS region_en, a.category_codes,
           a.hospitals, a.is_exclusive, a.valid_from, a.valid_to, a.note, a.proposed_by, a.proposed_by_label,
           a.proposed_at, a.decided_by_label, a.decided_at, a.reason, a.ended_on, a.ended_by_label,
           a.ended_at, a.end_reason
      FROM authorisation a JOIN dealer d ON d.id = a.dealer_id JOIN region g ON g.id = a.region_id
     WHERE a.number = :number
    """
)
_OVERLAPS = text(
    """
    SELECT o.number, d.code AS dealer_code, d.name_zh AS dealer_zh, d.name_en AS dealer_en, o.is_exclusive,
           o.state, o.valid_from, o.valid_to
      FROM authorisation a
      JOIN region g ON g.id = a.region_id
      JOIN authorisation o ON o.dealer_id <> a.dealer_id AND o.state IN ('proposed', 'in_force')
      JOIN region h ON h.id = o.region_id
      JOIN dealer d ON d.id = o.dealer_id
     WHERE a.number = :number AND (a.is_exclusive OR o.is_exclusive)
       AND (o.region_id = a.region_id OR g.parent_id = h.id OR h.parent_id = g.id)
       AND o.valid_from <= coalesce(a.valid_to, 'infinity')
       AND a.valid_from <= coalesce(o.valid_to, 'infinity')
       AND (a.category_codes = '{}' OR o.category_codes = '{}'
            OR EXISTS (SELECT FROM unnest(a.category_codes) x(code), unnest(o.category_codes) y(code)
                        WHERE starts_with(x.code, y.code) OR starts_with(y.code, x.code)))
       AND (a.hospitals = '{}' OR o.hospitals = '{}' OR a.hospitals && o.hospitals)
     ORDER BY d.code, o.number LIMIT 50
    """
)
_CATEGORIES = text("SELECT code, name_zh, name_en FROM category ORDER BY code")
_CATEGORY_CODES = text("SELECT code FROM category")
