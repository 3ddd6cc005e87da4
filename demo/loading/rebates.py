"""Rebate programmes as documents, and what the dealers have earned under them by the portal's own engine."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from demo.loading.acting import acting
from demo.loading.amended import amend
from demo.loading.keys import key, region_keys
from demo.loading.promotions import managers_of
from demo.loading.rows import put
from demo.loading.settlements import settle_past
from demo.scenario import Part, Scenario
from demo.world.business_days import moment
from demo.world.rebates import DAYS, GROWTH, PIECE, REBATES, Rebate, with_tiers
from portal.rebates.documents import columns_of
from portal.rebates.reckon import published_programmes, reckon_dealers
from portal.rebates.terms import Terms

DEALERS_AT_ONCE = 50
REVISIONS = {"draft": 1, "submitted": 2, "approved": 3, "published": 4, "withdrawn": 5}

_PROGRAMME = (
    *("id", "number", "revision", "title_zh", "title_en", "text_zh", "text_en", "state", "region_id"),
    *("valid_from", "valid_to", "ended_on", "period", "priority", "combinable", "budget", "terms"),
    *("proposed_by", "proposed_by_label", "created_at", "written_by", "submitted_by_label", "submitted_at"),
    *("approved_by", "approved_by_label", "approved_at", "published_by", "published_by_label"),
    *("published_at", "withdrawn_by", "withdrawn_by_label", "withdrawn_at", "reason"),
)
# What each dealer bought within some days, as far as the programme counts it, at the shares asked for.
_BOUGHT = """
SELECT percentile_disc(%(shares)s::float8[]) WITHIN GROUP (ORDER BY bought) FROM (
  SELECT sum(CASE %(basis)s WHEN 'quantity' THEN l.quantity WHEN 'amount' THEN l.amount
                  ELSE l.amount - l.tax END)::numeric AS bought
    FROM invoice i
    JOIN invoice_line l ON (l.dealer_id, l.invoice_id) = (i.dealer_id, i.id)
    JOIN product p ON p.id = l.product_id
    JOIN dealer_tier t ON t.dealer_id = i.dealer_id AND t.valid_to IS NULL
   WHERE i.issued_on BETWEEN %(first)s AND %(last)s
     AND (%(category)s = '' OR starts_with(p.category_code, %(category)s))
     AND (%(skus)s::text[] = '{}' OR p.sku = ANY (%(skus)s))
     AND (%(tiers)s::text[] = '{}' OR t.tier = ANY (%(tiers)s))
   GROUP BY i.dealer_id) dealers WHERE bought > 0
"""


def write_rebates(connection: psycopg.Connection, scenario: Scenario) -> None:
    """The documents, then what every dealer of the scenario has earned; of its copies a worker reckons it."""
    connection.execute("ANALYZE invoice, invoice_line, order_line, shipment, product")
    put(connection, "rebate_programme", _PROGRAMME, list(_rows(connection, scenario)))
    with acting(connection) as people:
        amend(people, scenario)
        settle_past(connection, people, scenario)
        published = published_programmes(people.session, today=scenario.today)
        dealers = [key(dealer.index) for dealer in scenario.dealers]
        for first in range(0, len(dealers), DEALERS_AT_ONCE):
            some = dealers[first : first + DEALERS_AT_ONCE]
            reckon_dealers(people.session, published, some, today=scenario.today, at=scenario.now)


def _rows(connection: psycopg.Connection, scenario: Scenario) -> Iterator[tuple[Any, ...]]:
    regions, managers = region_keys(), managers_of(connection)
    for index, one in enumerate(scenario[REBATES]):
        region = regions[one.region] if one.region else None
        author, approver = managers.get(region, managers[None])[0], managers[None][-1]
        terms = _measured(connection, scenario, one)
        row = {
            "id": key(index),
            "number": f"FL-DEMO-{terms.valid_from:%y%m}-{key(index):02d}",
            "revision": REVISIONS[one.state],
            "state": one.state,
            "region_id": region,
            "ended_on": one.ended_on,
            "reason": one.reason,
            **columns_of(terms),
            **_signed(one, author, approver, scenario.now),
        }
        row["terms"] = Jsonb(row["terms"])
        yield tuple(row.get(name) for name in _PROGRAMME)


def _measured(connection: psycopg.Connection, scenario: Scenario, one: Rebate) -> Terms:
    """The terms with thresholds that the dealers' purchases of the length of a period up to now give."""
    terms = one.terms
    wanted = [Decimal("0.5")] if one.pays == GROWTH else [step.share for step in one.steps]
    found = connection.execute(
        _BOUGHT,
        {
            "shares": wanted,
            "basis": str(terms.basis),
            "first": scenario.today - timedelta(days=DAYS[terms.period]),
            "last": scenario.today,
            "category": terms.category,
            "skus": list(terms.skus),
            "tiers": list(terms.tiers),
        },
    ).fetchone()
    bought = (found and found[0]) or [Decimal(1000)] * len(wanted)
    starts = _ascending(
        Decimal(0) if not share else value if one.pays == PIECE else _round(value)
        for share, value in zip(wanted, bought, strict=True)
    )
    return with_tiers(one, starts, starts[0])


def _round(amount: Decimal) -> Decimal:
    """Down to two figures, as people agree on thresholds."""
    unit = Decimal(10) ** max(amount.adjusted() - 1, 0)
    return (amount // unit * unit).quantize(Decimal("0.01"))


def _ascending(values: Iterator[Decimal]) -> tuple[Decimal, ...]:
    """Each above the one before it, also where few dealers bought much the same."""
    starts: list[Decimal] = []
    for value in values:
        starts.append(max(value, starts[-1] + 1) if starts else value)
    return tuple(starts)


def _signed(one: Rebate, author: tuple[str, str], approver: tuple[str, str], now: datetime) -> dict[str, Any]:
    """Who wrote, submitted, approved, published and withdrew it, as far as its state goes."""
    done = REVISIONS[one.state]
    assert one.terms.valid_from is not None
    written = min(moment(one.terms.valid_from, time(9)), now) - timedelta(days=6)
    keys, label = author
    return {
        "proposed_by": keys,
        "proposed_by_label": label,
        "created_at": written,
        "written_by": [keys],
        **({"submitted_by_label": label, "submitted_at": written + timedelta(days=1)} if done > 1 else {}),
        **(
            {
                "approved_by": approver[0],
                "approved_by_label": approver[1],
                "approved_at": written + timedelta(days=2),
            }
            if done > 2
            else {}
        ),
        **(
            {"published_by": keys, "published_by_label": label, "published_at": written + timedelta(days=3)}
            if done > 3
            else {}
        ),
        **(
            {
                "withdrawn_by": approver[0],  # not by who published it
                "withdrawn_by_label": approver[1],
                "withdrawn_at": moment(one.ended_on + timedelta(days=1), time(10)),
            }
            if one.ended_on
            else {}
        ),
    }


PART = Part(
    "rebates",
    world=REBATES,
    write=write_rebates,
    in_bulk=("rebate_accrual_line",),
)
