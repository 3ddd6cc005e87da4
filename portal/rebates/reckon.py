"""Reckon what dealers have earned, and keep it: reckoned in full each time, only what changed is written.

A dealer is stale when its journal has grown, a programme was published, amended or ended, evidence about the
dealer has come that a programme asks for, or the day has changed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.rebates.documents import AMENDED_TERMS, terms_of
from portal.rebates.engine import Accrual, Known, accrue_all
from portal.rebates.known import known_of
from portal.rebates.programme import Programme
from portal.rebates.rules import Measure
from portal.rebates.terms import programme_of

KEPT_DAYS = 400
"""A programme is reckoned until so many days after its end: payments and returns come late."""
_DAY = timedelta(days=1)
_YEAR = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Published:
    """The programmes that are reckoned, by id. version: grows with every act on one or its amendments.

    ids: theirs, and those of programmes that were withdrawn before their first day was over: nothing is
    earned under them.
    titles: Chinese and English, by number.
    """

    programmes: Mapping[int, Programme]
    version: int
    ids: tuple[int, ...]
    titles: Mapping[str, tuple[str, str]]

    @property
    def since(self) -> date:
        """The first day whose documents count: last year's too, where growth is measured."""
        return min((one.valid_from - _YEAR for one in self.programmes.values()), default=date.max)

    @property
    def asks_evidence(self) -> bool:
        """Whether a programme asks for reports of the stock, or for facts."""
        return any(
            one.inventory_reports is not None or one.no_diversion_case for one in self.programmes.values()
        )


def published_programmes(session: Session, *, today: date) -> Published:
    """The programmes that are in force, and those that ended not long ago."""
    rows = session.execute(_PROGRAMMES, {"from": today - KEPT_DAYS * _DAY, "today": today}).all()
    found = {
        row.id: programme_of(
            terms_of(row), row.number, row.valid_from, min(row.valid_to, row.ended_on or row.valid_to)
        )
        for row in rows
    }
    running = {key: one for key, one in found.items() if one.valid_from <= one.valid_to}
    titles = {row.number: (row.title_zh, row.title_en) for row in rows}
    return Published(running, int(sum(row.revision for row in rows)), tuple(found), titles)


def begin_reckonings(session: Session) -> None:
    """Give every new dealer its row, in a transaction of its own: others wait for it."""
    session.execute(_BEGIN)


def stale_dealers(
    session: Session, published: Published, *, today: date, limit: int, first: Sequence[str] = ()
) -> list[int]:
    """Dealers whose rebates have to be reckoned again, at most `limit`, locked; those that another worker is
    at are left to it. first: codes of those who go before the others.
    """
    parameters = {
        "programmes": published.version,
        "asks_evidence": published.asks_evidence,
        "today": today,
        "limit": limit,
        "first": list(first),
    }
    return list(session.execute(_STALE, parameters).scalars())


def reckon_dealers(
    session: Session, published: Published, dealer_ids: Sequence[int], *, today: date, at: datetime
) -> int:
    """Reckon some dealers as of a day, and write what has changed. Returns how many accruals were written.

    Two workers that reckon one dealer wait for each other on its row.
    """
    watermark = {"programmes": published.version, "today": today, "at": at}
    session.execute(_MARK, {"dealers": sorted(dealer_ids), **watermark})
    known = known_of(session, dealer_ids, published.programmes.values(), since=published.since, until=today)
    kept = {
        (row.dealer_id, row.programme_id, row.first_day): row.digest
        for row in session.execute(_KEPT, {"dealers": list(dealer_ids), "programmes": list(published.ids)})
    }
    accruals = {
        (dealer_id, programme_id, accrual.period.first): accrual
        for dealer_id in dealer_ids
        for programme_id, accrual in reckoned(published, known.get(dealer_id, {}), until=today)
    }
    rows = {key: _Rows.of(key, accrual) for key, accrual in accruals.items()}
    changed = {key: one for key, one in rows.items() if kept.get(key) != one.head["digest"]}
    _drop(session, [key for key in kept if key not in rows or key in changed])
    _write(session, list(changed.values()))
    return len(changed)


def reckoned(
    published: Published, known: Mapping[Measure, Known], *, until: date
) -> list[tuple[int, Accrual]]:
    """Every period of every programme a dealer was in, with the programme's id."""
    if not known:
        return []
    ids = {programme.number: key for key, programme in published.programmes.items()}
    return [
        (ids[programme.number], accrual)
        for programme, accrual in accrue_all(published.programmes.values(), known, until)
    ]


def _drop(session: Session, keys: Sequence[tuple[int, int, date]]) -> None:
    if keys:
        dealers, programmes, days = zip(*keys, strict=True)
        columns = {"dealers": list(dealers), "programmes": list(programmes), "days": list(days)}
        session.execute(_DROP, columns)


def _write(session: Session, rows: Sequence[_Rows]) -> None:
    if rows:
        session.execute(_HEADS, [one.head for one in rows])
    if lines := [line for one in rows for line in one.lines]:
        session.execute(_LINES, {name: [line[name] for line in lines] for name in lines[0]})


@dataclass(frozen=True, slots=True)
class _Rows:
    """An accrual as rows. head: with the digest of all that is kept."""

    head: dict[str, Any]
    lines: list[dict[str, Any]]

    @classmethod
    def of(cls, key: tuple[int, int, date], accrual: Accrual) -> _Rows:
        head, lines = _head(key, accrual), _lines(key, accrual)
        told = repr((list(head.values()), [list(line.values()) for line in lines]))
        return cls(head | {"digest": hashlib.sha256(told.encode()).hexdigest()}, lines)


def _head(key: tuple[int, int, date], accrual: Accrual) -> dict[str, Any]:
    following = accrual.next_tier
    return {
        "dealer_id": key[0],
        "programme_id": key[1],
        "first_day": key[2],
        "last_day": accrual.period.last,
        "period": accrual.period.name,
        "qualified": accrual.qualified,
        "reached_tier": accrual.reached_tier,
        "accrued": accrual.accrued,
        "base": accrual.base,
        "growth_percent": accrual.growth_percent,
        "mix_percent": accrual.mix_percent,
        "unmet": list(accrual.unmet),
        "why": json.dumps(dict(accrual.why)),
        "next_from": following.start if following else None,
        "next_missing": following.missing if following else None,
        "next_gain": following.gain if following else None,
    }


def _lines(key: tuple[int, int, date], accrual: Accrual) -> list[dict[str, Any]]:
    return [
        {
            "dealers": key[0],
            "programmes": key[1],
            "first_days": key[2],
            "places": place,
            "days": line.source.on,
            "documents": line.source.document,
            "line_nos": line.source.line,
            "kinds": str(line.source.kind),
            "invoices": line.source.invoice or line.source.document,
            "skus": line.source.sku,
            "quantities": line.source.quantity,
            "qualifiers": line.qualifier,
            "cumulatives": line.cumulative,
            "payouts": line.payout,
            "rates": line.rate,
            "amounts": line.amount,
        }
        for place, line in enumerate(accrual.lines, start=1)
    ]


_PROGRAMMES = text(
    f"""
    SELECT p.id, p.number, p.title_zh, p.title_en, p.text_zh, p.text_en, p.valid_from, p.valid_to, p.ended_on,
           p.period, p.priority, p.combinable, p.budget, {AMENDED_TERMS} AS terms,
           p.revision + (SELECT coalesce(sum(m.revision), 0) FROM rebate_amendment m
                          WHERE m.programme_id = p.id AND m.published_at IS NOT NULL) AS revision
      FROM rebate_programme p
     WHERE p.published_at IS NOT NULL AND p.valid_to >= :from AND p.valid_from <= :today
     ORDER BY p.priority, p.number
    """
)
# The last entry of a journal is one step of its key; posting to one dealer is one after another.
_LAST_ENTRY = "(SELECT e.id FROM journal_entry e WHERE e.dealer_id = d.id ORDER BY e.id DESC LIMIT 1)"
_BEGIN = text(
    """
    INSERT INTO rebate_reckoning (dealer_id, entry_id, programmes, on_day, reckoned_at)
    SELECT d.id, 0, 0, '2000-01-01', 'epoch' FROM dealer d
     WHERE NOT EXISTS (SELECT FROM rebate_reckoning r WHERE r.dealer_id = d.id)
     ORDER BY d.id ON CONFLICT (dealer_id) DO NOTHING
    """
)
# Both only grow: the last report of its stock, and how many facts about it were confirmed.
_EVIDENCE = """
    (coalesce((SELECT i.id FROM inventory_report i WHERE i.dealer_id = d.id ORDER BY i.id DESC LIMIT 1), 0)
     + (SELECT count(*) FROM rebate_fact f WHERE f.dealer_id = d.id AND f.state = 'confirmed'))
"""
_STALE = text(
    f"""
    SELECT r.dealer_id FROM rebate_reckoning r JOIN dealer d ON d.id = r.dealer_id
     WHERE r.programmes <> :programmes OR r.on_day <> :today OR coalesce({_LAST_ENTRY}, 0) > r.entry_id
        OR :asks_evidence AND {_EVIDENCE} <> r.evidence
     ORDER BY d.code = ANY (CAST(:first AS text[])) DESC, r.dealer_id LIMIT :limit
       FOR NO KEY UPDATE OF r SKIP LOCKED
    """
)
_MARK = text(
    f"""
    INSERT INTO rebate_reckoning (dealer_id, entry_id, programmes, evidence, on_day, reckoned_at)
    SELECT d.id, coalesce({_LAST_ENTRY}, 0), :programmes, {_EVIDENCE}, :today, :at
      FROM dealer d WHERE d.id = ANY (CAST(:dealers AS bigint[])) ORDER BY d.id
    ON CONFLICT (dealer_id) DO UPDATE
       SET (entry_id, programmes, evidence, on_day, reckoned_at) =
           (excluded.entry_id, excluded.programmes, excluded.evidence, excluded.on_day, excluded.reckoned_at)
    """
)
_KEPT = text(
    """
    SELECT dealer_id, programme_id, first_day, digest FROM rebate_accrual
     WHERE dealer_id = ANY (CAST(:dealers AS bigint[])) AND programme_id = ANY (CAST(:programmes AS bigint[]))
    """
)
_DROP = text(
    """
    DELETE FROM rebate_accrual a
     USING unnest(CAST(:dealers AS bigint[]), CAST(:programmes AS bigint[]), CAST(:days AS date[]))
           AS d(dealer_id, programme_id, first_day)
     WHERE (a.dealer_id, a.programme_id, a.first_day) = (d.dealer_id, d.programme_id, d.first_day)
    """
)
_HEADS = text(
    """
    INSERT INTO rebate_accrual (dealer_id, programme_id, first_day, last_day, period, qualified, reached_tier,
                                accrued, base, growth_percent, mix_percent, unmet, why, next_from,
                                next_missing, next_gain, digest)
    VALUES (:dealer_id, :programme_id, :first_day, :last_day, :period, :qualified, :reached_tier, :accrued,
            :base, :growth_percent, :mix_percent, :unmet, CAST(:why AS jsonb), :next_from, :next_missing,
            :next_gain, :digest)
    """
)
_LINES = text(
    """
    INSERT INTO rebate_accrual_line (dealer_id, programme_id, first_day, place, on_day, document, line_no,
                                     kind, invoice, sku, quantity, qualifier, cumulative, payout, rate,
                                     amount)
    SELECT * FROM unnest(CAST(:dealers AS bigint[]), CAST(:programmes AS bigint[]),
                         CAST(:first_days AS date[]), CAST(:places AS integer[]), CAST(:days AS date[]),
                         CAST(:documents AS text[]), CAST(:line_nos AS smallint[]), CAST(:kinds AS text[]),
                         CAST(:invoices AS text[]), CAST(:skus AS text[]), CAST(:quantities AS integer[]),
                         CAST(:qualifiers AS numeric[]), CAST(:cumulatives AS numeric[]),
                         CAST(:payouts AS numeric[]), CAST(:rates AS numeric[]), CAST(:amounts AS numeric[]))
    """
)
