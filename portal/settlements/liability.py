"""What is owed in rebates at the end of a month: counted dealer by dealer, posted to the company's books.

Accrued as of the month's last day, whatever came since; less what was settled by then. It can be done again
from where it stopped: each batch of dealers says how far it came.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.company.post_entry import post_entry
from portal.company.rules import CompanyEntryKind, liability_entry
from portal.kernel import clock, money
from portal.kernel.actor import Actor
from portal.kernel.money import ZERO
from portal.rebates.engine import Accrual
from portal.rebates.known import known_of
from portal.rebates.reckon import Published, published_programmes, reckoned
from portal.rebates.rules import Basis

_MONTHS_BACK = 24
_STANDARD = Decimal("1.13")  # of an amount that belongs to no line


def next_month(session: Session, *, today: date) -> str | None:
    """The first month that is over and whose liability is not posted yet; None where all is done."""
    last = clock.previous_period(clock.period_of(today))
    found = session.execute(_POSTED).one()
    if found.posted is not None:
        following = clock.next_period(found.posted)
        return following if following <= last else None
    if found.begins is None or clock.period_of(found.begins) > last:
        return None
    return max(clock.period_of(found.begins), _months_before(last, _MONTHS_BACK))


def count_dealers(session: Session, *, month: str, zone: ZoneInfo, limit: int) -> int:
    """Count what is owed to the next dealers of a month. Returns how many there were; 0 when all are done.

    Whoever counts holds the month's row until the commit.
    """
    session.execute(_BEGIN, {"month": month})
    after = session.execute(_LOCK, {"month": month}).one()
    if after.posted_at is not None:
        return 0
    dealers = list(session.execute(_DEALERS, {"after": after.through_dealer_id, "limit": limit}).scalars())
    if not dealers:
        return 0
    last = clock.last_day(month)
    published = published_programmes(session, today=last)
    known = known_of(session, dealers, published.programmes.values(), since=published.since, until=last)
    settled = {
        (row.dealer_id, row.programme_id): row.settled
        for row in session.execute(
            _SETTLED, {"dealers": dealers, "last": last, "zone": zone.key, "ids": list(published.ids)}
        )
    }
    rows = [
        row
        for dealer_id in dealers
        for row in _owed(
            dealer_id, month, reckoned(published, known.get(dealer_id, {}), until=last), settled, published
        )
    ]
    if rows:
        session.execute(_KEEP, rows)
    session.execute(_THROUGH, {"month": month, "dealer_id": dealers[-1]})
    return len(dealers)


def post_month(session: Session, *, actor: Actor, month: str, at: datetime) -> int:
    """Post the change of each programme's liability since the month before. Returns how many entries.

    Nothing where it was posted before.
    """
    if session.execute(_LOCK, {"month": month}).one().posted_at is not None:
        return 0
    posted = 0
    for row in session.execute(_TOTALS, {"month": month}).all():
        if row.now == row.before:
            continue
        post_entry(
            session,
            actor=actor,
            kind=CompanyEntryKind.REBATE_LIABILITY,
            subject=row.number,
            month=month,
            lines=liability_entry(row.before, row.now),
            at=at,
        )
        posted += 1
    session.execute(_DONE, {"month": month, "at": at})
    return posted


def net_of(owed: Decimal, accruals: Iterable[Accrual], *, is_net: bool) -> Decimal:
    """An amount owed without its tax: at the rates of the lines that earned it, rounded once, half-up."""
    if is_net:
        return owed
    earned = net = Decimal(0)
    for accrual in accruals:
        for line in accrual.lines:
            if line.amount and line.source.gross:
                earned += line.amount
                net += line.amount * line.source.net / line.source.gross
    return money.to_fen(owed * net / earned if earned else owed / _STANDARD)


def _owed(
    dealer_id: int,
    month: str,
    accruals: Sequence[tuple[int, Accrual]],
    settled: Mapping[tuple[int, int], Decimal],
    published: Published,
) -> list[dict[str, object]]:
    by_programme: dict[int, list[Accrual]] = {}
    for programme_id, accrual in accruals:
        by_programme.setdefault(programme_id, []).append(accrual)
    found = []
    for programme_id, programme in published.programmes.items():
        own = by_programme.get(programme_id, [])
        accrued = sum((one.accrued for one in own), ZERO)
        paid = settled.get((dealer_id, programme_id), ZERO)
        if not accrued and not paid:
            continue
        basis = programme.payout.basis if programme.payout else programme.basis
        net = net_of(accrued - paid, own, is_net=basis is Basis.AMOUNT_NET)
        found.append(
            {
                "dealer_id": dealer_id,
                "programme_id": programme_id,
                "month": month,
                "accrued": accrued,
                "settled": paid,
                "amount": accrued - paid,
                "net": net,
            }
        )
    return found


def _months_before(period: str, count: int) -> str:
    for _ in range(count):
        period = clock.previous_period(period)
    return period


_POSTED = text(
    """
    SELECT (SELECT max(month) FROM rebate_liability_month WHERE posted_at IS NOT NULL) AS posted,
           (SELECT min(valid_from) FROM rebate_programme WHERE published_at IS NOT NULL) AS begins
    """
)
_BEGIN = text("INSERT INTO rebate_liability_month (month) VALUES (:month) ON CONFLICT (month) DO NOTHING")
_LOCK = text(
    "SELECT through_dealer_id, posted_at FROM rebate_liability_month WHERE month = :month FOR NO KEY UPDATE"
)
_DEALERS = text("SELECT id FROM dealer WHERE id > :after ORDER BY id LIMIT :limit")
# Paid, and cut for good; less what a guarantee added to what was accrued, and what is kept and not used.
_SETTLED = text(
    """
    SELECT dealer_id, programme_id, sum(settled) AS settled FROM (
      SELECT dealer_id, programme_id, paid + cut - guaranteed AS settled FROM rebate_settlement
       WHERE CAST(settled_at AT TIME ZONE :zone AS date) <= :last
       UNION ALL
      SELECT dealer_id, programme_id, -amount FROM rebate_balance_entry WHERE entered_on <= :last) s
     WHERE dealer_id = ANY (CAST(:dealers AS bigint[])) AND programme_id = ANY (CAST(:ids AS bigint[]))
     GROUP BY dealer_id, programme_id
    """
)
_KEEP = text(
    """
    INSERT INTO rebate_liability (dealer_id, programme_id, month, accrued, settled, amount, net)
    VALUES (:dealer_id, :programme_id, :month, :accrued, :settled, :amount, :net)
    """
)
_THROUGH = text("UPDATE rebate_liability_month SET through_dealer_id = :dealer_id WHERE month = :month")
_TOTALS = text(
    """
    SELECT p.number, coalesce(l.net, 0) AS now, coalesce(e.net, 0) AS before
      FROM rebate_programme p
      LEFT JOIN (SELECT programme_id, sum(net) AS net FROM rebate_liability WHERE month = :month
                  GROUP BY programme_id) l ON l.programme_id = p.id
      LEFT JOIN (SELECT c.subject, -sum(i.amount) AS net
                   FROM company_entry c JOIN company_line i ON i.entry_id = c.id
                  WHERE c.kind = 'rebate_liability' AND i.account = 'rebate_liability'
                  GROUP BY c.subject) e ON e.subject = p.number
     WHERE l.net IS NOT NULL OR e.net IS NOT NULL ORDER BY p.number
    """
)
_DONE = text("UPDATE rebate_liability_month SET posted_at = :at WHERE month = :month")
