"""Whom an editor means by region, tier, product line and dealer; and how many dealers that is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.dealers.queries import regions_in_scope
from portal.feed import rules
from portal.feed.fragments import DEALERS, REACHED
from portal.feed.rules import Address
from portal.feed.vocabulary import FeedRight
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Fault


@dataclass(frozen=True, slots=True)
class Whom:
    """Whom an entry is for, by codes as somebody chose or typed them; nothing means everybody."""

    regions: Sequence[str] = ()
    tiers: Sequence[str] = ()
    categories: Sequence[str] = ()
    dealers: Sequence[str] = ()


# What is not found, or lies beyond the scope of the session, comes back without an id.
_FOUND = text(
    """
    SELECT 'region' AS kind, w.code, r.id, true AS known
      FROM unnest(CAST(:regions AS text[])) w(code) LEFT JOIN region r ON r.code = w.code
    UNION ALL
    SELECT 'dealer', w.code, d.id, d.id IS NOT NULL
      FROM unnest(CAST(:dealers AS text[])) w(code) LEFT JOIN dealer d ON d.code = w.code
    UNION ALL
    SELECT 'tier', w.code, NULL, t.code IS NOT NULL
      FROM unnest(CAST(:tiers AS text[])) w(code) LEFT JOIN tier t ON t.code = w.code
    UNION ALL
    SELECT 'category', w.code, NULL, c.code IS NOT NULL
      FROM unnest(CAST(:categories AS text[])) w(code) LEFT JOIN category c ON c.code = w.code
    """
)

_REACH = text(
    f"""
    SELECT count(*) FROM {DEALERS}
     WHERE d.state <> 'closed'
       AND EXISTS (SELECT FROM unnest(CAST(:parties AS text[]), CAST(:lines AS text[]))
                            AS a(party, category_code)
                    WHERE {REACHED})
    """
)


def addresses(
    session: Session, actor: Actor, whom: Whom, faults: list[Fault]
) -> tuple[tuple[Address, ...], int | None]:
    """The addresses that are meant, and the region whose managers answer for them (None: the whole country).

    A region's manager reaches the own regions only: all of them where none is named. What is wrong is added
    to `faults`.
    """
    own = home_regions(session, actor)
    parameters = {name: list(getattr(whom, name)) for name in ("regions", "dealers", "tiers", "categories")}
    ids: dict[str, list[int]] = {"region": [], "dealer": []}
    for found in session.execute(_FOUND, parameters):
        within = found.kind != "region" or actor.region_ids is None or found.id in actor.region_ids
        if not (found.known and within) or (found.kind in ids and found.id is None):
            faults.append(_unknown(found.kind, found.code))
        elif found.kind in ids:
            ids[found.kind].append(found.id)
    narrowing = bool(whom.regions or whom.tiers or whom.categories)
    regions = ids["region"] or (own if narrowing or not whom.dealers else [])
    meant = rules.addresses_of(
        regions=regions, tiers=whom.tiers, categories=whom.categories, dealers=ids["dealer"]
    )
    if len(meant) > rules.ADDRESSES_MAX:
        message, fix = N_("At most %(max)s addresses."), N_("Choose fewer, or publish it in parts.")
        faults.append(Fault("/regions", "too_many_addresses", message, fix, {"max": rules.ADDRESSES_MAX}))
    return meant, own[0] if own else None


def home_regions(session: Session, actor: Actor) -> list[int]:
    """The regions a manager answers for, without those that lie within another of them; none for all."""
    if actor.region_ids is None:
        return []
    mine = regions_in_scope(session, actor)
    ids = {region.id for region in mine}
    return [region.id for region in mine if region.parent_id not in ids]


def reach(session: Session, *, actor: Actor, whom: Whom) -> tuple[int, tuple[Fault, ...]]:
    """How many dealers would be reached, of those the actor sees; and what of it is unknown."""
    actor.require(FeedRight.EDIT, FeedRight.PUBLISH)
    faults: list[Fault] = []
    meant, _region = addresses(session, actor, whom, faults)
    if faults:
        return 0, tuple(faults)
    parameters = {
        "parties": [_party(address) for address in meant],
        "lines": [address.category_code for address in meant],
    }
    return session.execute(_REACH, parameters).scalar_one(), ()


def _party(address: Address) -> str:
    """As the database writes `feed_address.party`."""
    if address.dealer_id is not None:
        return f"d{address.dealer_id}"
    region = "" if address.region_id is None else f"r{address.region_id}"
    return region + ("" if address.tier is None else f"t{address.tier}")


def _unknown(kind: str, code: str) -> Fault:
    fix = N_("Choose one from the list, or leave it empty.")
    pointer = {"region": "/regions", "dealer": "/dealers", "category": "/categories", "tier": "/tiers"}[kind]
    return Fault(pointer, f"unknown_{kind}", N_("There is no %(value)s."), fix, {"value": code[:40]})
