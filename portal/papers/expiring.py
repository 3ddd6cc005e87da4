"""What expires: papers of dealers and their authorisations, and registration certificates of products."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from portal.dealers.fragments import region_of
from portal.kernel import paging
from portal.kernel.actor import Actor
from portal.kernel.paging import COUNTED_MAX, Page
from portal.papers.fragments import is_renewed, of_open_dealer
from portal.papers.rules import certificate_deadline
from portal.papers.vocabulary import PaperRight
from portal.papers.words import AUTHORISATION

DAYS = (7, 30, 60, 90, 180, 365)
"""How far ahead somebody may look."""
USUAL_DAYS = 90
ENDED_DAYS = 365
"""How long something that has ended, and that nobody renewed, is still listed."""


@dataclass(frozen=True, slots=True)
class ExpiringRow:
    """Something that ends. paper_no: what stands on the paper, empty of an authorisation. is_renewed: a
    renewal waits, or was asked for.
    """

    id: int
    number: str
    kind: str
    paper_no: str
    dealer_code: str
    dealer_zh: str
    dealer_en: str
    region_zh: str
    region_en: str
    ends_on: date
    days_left: int
    is_renewed: bool


@dataclass(frozen=True, slots=True)
class CertificateRow:
    """A registration certificate with the products that stand under it. sku: the first of them."""

    id: int
    registration_no: str
    registrant: str
    device_class: int
    products: int
    sku: str
    name_zh: str
    name_en: str
    valid_from: date
    ends_on: date
    days_left: int
    renewal_asked_on: date | None

    @property
    def ask_by(self) -> date:
        """The last day on which the authority takes the application for its renewal."""
        return certificate_deadline(self.ends_on)


def expiring(
    session: Session,
    *,
    actor: Actor,
    today: date,
    days: int = USUAL_DAYS,
    kind: str = "",
    region_id: int | None = None,
    with_ended: bool = True,
    limit: int = 50,
    cursor: str | None = None,
) -> Page[ExpiringRow]:
    """What of the dealers in scope ends within some days, or ended in the last year unrenewed, soonest first.

    kind: of `EXPIRING_KINDS`. Raises Invalid for a foreign cursor, Forbidden.
    """
    actor.require(PaperRight.DESK if actor.is_staff else PaperRight.READ)
    given = _given(actor, today, days, kind, region_id, with_ended)
    cursors = paging.cursors(session, "expiring", date.fromisoformat, int)
    place = cursors.place_of(cursor)
    parameters = {**given, "limit": limit + 1}
    if place:
        parameters["from_key"], parameters["from_id"] = place.key
    statement = _list(_of_papers(kind), bool(kind), region_id is not None, place and place.back)
    rows = [ExpiringRow(**row._mapping) for row in session.execute(statement, parameters)]
    return cursors.page_of(rows, limit, lambda one: (one.ends_on, one.id), place)


def count_expiring(
    session: Session,
    *,
    actor: Actor,
    today: date,
    days: int = USUAL_DAYS,
    kind: str = "",
    region_id: int | None = None,
    with_ended: bool = True,
) -> int:
    """How many `expiring` gives, at most one more than `paging.COUNTED_MAX`."""
    actor.require(PaperRight.DESK if actor.is_staff else PaperRight.READ)
    given = _given(actor, today, days, kind, region_id, with_ended)
    statement = _count(_of_papers(kind), bool(kind), region_id is not None)
    count: int = session.execute(statement, {**given, "limit": COUNTED_MAX + 1}).scalar_one()
    return count


def certificates(
    session: Session,
    *,
    actor: Actor,
    today: date,
    days: int = USUAL_DAYS,
    limit: int = 50,
    cursor: str | None = None,
) -> Page[CertificateRow]:
    """Registration certificates of products that end within some days or have ended, the soonest first."""
    actor.require(PaperRight.DESK)
    cursors = paging.cursors(session, "certificates", date.fromisoformat, int)
    place = cursors.place_of(cursor)
    parameters: dict[str, Any] = {"today": today, "days": days, "limit": limit + 1}
    if place:
        parameters["from_key"], parameters["from_id"] = place.key
    rows = session.execute(_certificates(place and place.back), parameters)
    found = [CertificateRow(**row._mapping) for row in rows]
    return cursors.page_of(found, limit, lambda one: (one.ends_on, one.id), place)


def count_certificates(session: Session, *, actor: Actor, today: date, days: int = USUAL_DAYS) -> int:
    """How many `certificates` gives."""
    actor.require(PaperRight.DESK)
    about = {"today": today, "days": days, "limit": COUNTED_MAX + 1}
    count: int = session.execute(_COUNT_CERTIFICATES, about).scalar_one()
    return count


def _given(
    actor: Actor, today: date, days: int, kind: str, region_id: int | None, with_ended: bool
) -> dict[str, Any]:
    given: Mapping[str, Any] = {
        "today": today,
        "days": days,
        "since": today - timedelta(days=ENDED_DAYS) if with_ended else today,
        "dealer_id": actor.dealer_id,
        "kind": kind,
        "region_id": region_id,
    }
    return {name: value for name, value in given.items() if value is not None or name == "dealer_id"}


_WITHIN = """
BETWEEN CAST(:since AS date) AND CAST(:today AS date) + CAST(:days AS int)
"""
# Each part comes from its index in the order of the list; what is read is what is shown. The ids of both are
# kept apart by their last bit. A successor that counts takes what it replaced out of the list by its state.
_PAPERS = f"""
SELECT 2 * p.id AS id, p.number, p.kind, p.paper_no, p.dealer_id, p.valid_to AS ends_on,
       {is_renewed("p")} AS is_renewed
  FROM dealer_paper p
 WHERE p.state = 'accepted' AND p.valid_to {_WITHIN}
"""
_AUTHORISATIONS = f"""
SELECT 2 * a.id + 1 AS id, a.number, '{AUTHORISATION}' AS kind, '' AS paper_no, a.dealer_id,
       a.valid_to AS ends_on, false AS is_renewed
  FROM authorisation a
 WHERE a.state = 'in_force' AND a.valid_to {_WITHIN}
"""
_OF_DEALER = "AND (CAST(:dealer_id AS bigint) IS NULL OR {}.dealer_id = :dealer_id)"


def _of_papers(kind: str) -> bool:
    """Whether it is a kind of paper, not an authorisation."""
    return kind != AUTHORISATION


def _parts(of_papers: bool, with_kind: bool) -> str:
    papers = f"{_PAPERS} {_OF_DEALER.format('p')} AND {of_open_dealer('p.dealer_id')}"
    authorisations = f"{_AUTHORISATIONS} {_OF_DEALER.format('a')} AND {of_open_dealer('a.dealer_id')}"
    if not with_kind:
        return f"{papers} UNION ALL {authorisations}"
    return f"{papers} AND p.kind = :kind" if of_papers else authorisations


def _from(of_papers: bool, with_kind: bool, with_region: bool) -> str:
    region = "AND (r.id = :region_id OR r.parent_id = :region_id)" if with_region else ""
    return f"""
      FROM ({_parts(of_papers, with_kind)}) e JOIN dealer d ON d.id = e.dealer_id {region_of("d.id")}
     WHERE true {region}
    """


@cache
def _list(of_papers: bool, with_kind: bool, with_region: bool, back: bool | None) -> TextClause:
    after, order = paging.keyset("e.ends_on", "e.id", descending=False, back=back)
    beyond = f"AND {after}" if after else ""
    return text(
        f"""
        SELECT e.id, e.number, e.kind, e.paper_no, d.code AS dealer_code, d.name_zh AS dealer_zh,
               d.name_en AS dealer_en, r.name_zh AS region_zh, r.name_en AS region_en, e.ends_on,
               e.ends_on - CAST(:today AS date) AS days_left, e.is_renewed
          {_from(of_papers, with_kind, with_region)} {beyond} ORDER BY {order} LIMIT :limit
        """
    )


@cache
def _count(of_papers: bool, with_kind: bool, with_region: bool) -> TextClause:
    source = _from(of_papers, with_kind, with_region)
    return text(f"SELECT count(*) FROM (SELECT {source} LIMIT :limit) met")


# A certificate covers many products; its dates are those of each of them.
_CERTIFICATES = """
SELECT min(p.id) AS id, p.registration_no, min(p.registrant) AS registrant,
       min(p.device_class) AS device_class, count(*) AS products, min(p.sku) AS sku,
       (array_agg(p.name_zh ORDER BY p.sku))[1] AS name_zh,
       (array_agg(p.name_en ORDER BY p.sku))[1] AS name_en,
       min(p.registration_from) AS valid_from, p.registration_to AS ends_on,
       p.registration_to - CAST(:today AS date) AS days_left,
       min(p.registration_renewal_asked_on) AS renewal_asked_on
  FROM product p
 WHERE p.state = 'active' AND p.registration_no <> ''
   AND p.registration_to <= CAST(:today AS date) + CAST(:days AS int)
 GROUP BY p.registration_no, p.registration_to
"""


@cache
def _certificates(back: bool | None) -> TextClause:
    after, order = paging.keyset("c.ends_on", "c.id", descending=False, back=back)
    beyond = f"WHERE {after}" if after else ""
    return text(f"SELECT c.* FROM ({_CERTIFICATES}) c {beyond} ORDER BY {order} LIMIT :limit")


_COUNT_CERTIFICATES = text(f"SELECT count(*) FROM (SELECT FROM ({_CERTIFICATES}) c LIMIT :limit) met")
