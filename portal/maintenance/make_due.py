"""What is due next, made for every device that has no open maintenance of a plan; what is missed, told once.

Twice at once or again makes nothing twice: one open maintenance of a plan a device, by constraint.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.devices.note_event import note_missed
from portal.kernel import numbering
from portal.kernel.db import rows_changed
from portal.maintenance.rules import CountsFrom, Interval, next_due, uses_reached

AT_ONCE = 2_000
Place = tuple[int, int, int]
"""Dealer, device and plan."""
FIRST: Place = (0, 0, 0)


def make_due(
    session: Session, *, today: date, after: Place = FIRST, device: tuple[int, int] | None = None
) -> Place | None:
    """Make what is due next, so many pairs of device and plan at once, or those of one device.

    Gives the last pair that was looked at; None at the end.
    """
    about = {"dealer": after[0], "device": after[1], "plan": after[2], "limit": AT_ONCE}
    only = {"only_dealer": device and device[0], "only_device": device and device[1]}
    rows = session.execute(_PAIRS, about | only).all()
    made = []
    for row in rows:
        interval = Interval(row.every_months, row.every_uses, CountsFrom(row.counts_from))
        due = next_due(interval, begun_on=row.installed_on, last_due=row.last_due, last_done=row.last_done)
        if uses_reached(interval, uses=row.uses, uses_at_last=row.uses_at or 0):
            due = min(today, due or today)
        if due is not None:
            made.append((row.dealer_id, row.device_id, row.plan_id, due))
    if made:
        dealers, devices, plans, days = map(list, zip(*made, strict=True))
        columns = {
            "numbers": [numbering.new_number("MT", today) for _ in made],
            "dealers": dealers,
            "devices": devices,
            "plans": plans,
            "days": days,
        }
        session.execute(_MAKE, columns)
    if len(rows) < AT_ONCE:
        return None
    return rows[-1].dealer_id, rows[-1].device_id, rows[-1].plan_id


def bring_forward(session: Session, *, today: date) -> int:
    """What would be due later is due now where a device was used often enough; how many.

    What somebody is working on just now is left for the next run, here as below: it holds up no other.
    """
    return rows_changed(session, _FORWARD, {"today": today})


def drop_gone(session: Session) -> int:
    """What was due of devices that went back or are out of use is due no more; how many."""
    return rows_changed(session, _DROP)


def tell_missed(session: Session, *, before: date, at: datetime) -> int:
    """Write into the lives of devices that a maintenance was missed: once each; how many."""
    missed = session.execute(_MISSED, {"before": before, "at": at, "limit": AT_ONCE}).all()
    note_missed(session, [(one.dealer_id, one.device_id, one.number) for one in missed], at=at)
    return len(missed)


_PAIRS = text(
    """
    SELECT d.dealer_id, d.id AS device_id, n.id AS plan_id, n.every_months, n.every_uses, n.counts_from,
           d.installed_on, d.uses, l.due_on AS last_due, coalesce(l.done_on, l.due_on) AS last_done, l.uses_at
      FROM maintenance_plan n
      JOIN product p ON n.product_id = p.id OR starts_with(p.category_code, n.category_code)
      JOIN device d ON d.product_id = p.id AND d.held_until IS NULL AND d.installed_on IS NOT NULL
       AND d.state <> 'retired'
      LEFT JOIN LATERAL (
        SELECT m.due_on, m.done_on, m.uses_at FROM maintenance m
         WHERE m.dealer_id = d.dealer_id AND m.device_id = d.id AND m.plan_id = n.id
           AND m.state IN ('done', 'skipped')
         ORDER BY m.due_on DESC, m.id DESC LIMIT 1) l ON true
     WHERE n.is_active AND (d.dealer_id, d.id, n.id) > (:dealer, :device, :plan)
       AND (CAST(:only_device AS bigint) IS NULL OR (d.dealer_id, d.id) = (:only_dealer, :only_device))
       AND (n.every_months IS NOT NULL OR d.uses - coalesce(l.uses_at, 0) >= n.every_uses)
       AND NOT EXISTS (SELECT FROM maintenance o
                        WHERE o.dealer_id = d.dealer_id AND o.device_id = d.id AND o.plan_id = n.id
                          AND o.state = 'due')
     ORDER BY d.dealer_id, d.id, n.id LIMIT :limit
    """
)
_MAKE = text(
    """
    INSERT INTO maintenance (dealer_id, number, device_id, plan_id, due_on)
    SELECT dealer_id, number, device_id, plan_id, due_on
      FROM unnest(CAST(:numbers AS text[]), CAST(:dealers AS bigint[]), CAST(:devices AS bigint[]),
                  CAST(:plans AS bigint[]), CAST(:days AS date[]))
           AS n(number, dealer_id, device_id, plan_id, due_on)
    ON CONFLICT DO NOTHING
    """
)
_FORWARD = text(
    """
    UPDATE maintenance m SET due_on = :today
      FROM (SELECT m.dealer_id, m.id
              FROM maintenance m
              JOIN device d ON (d.dealer_id, d.id) = (m.dealer_id, m.device_id)
              JOIN maintenance_plan n ON n.id = m.plan_id
             WHERE m.state = 'due' AND m.due_on > :today AND n.every_uses IS NOT NULL
               AND d.uses - coalesce((SELECT l.uses_at FROM maintenance l
                                       WHERE l.dealer_id = m.dealer_id AND l.device_id = m.device_id
                                         AND l.plan_id = m.plan_id AND l.state IN ('done', 'skipped')
                                       ORDER BY l.due_on DESC, l.id DESC LIMIT 1), 0) >= n.every_uses
             ORDER BY m.dealer_id, m.id FOR NO KEY UPDATE OF m SKIP LOCKED) o
     WHERE (m.dealer_id, m.id) = (o.dealer_id, o.id)
    """
)
_DROP = text(
    """
    UPDATE maintenance m SET state = 'dropped'
      FROM (SELECT m.dealer_id, m.id
              FROM maintenance m JOIN device d ON (d.dealer_id, d.id) = (m.dealer_id, m.device_id)
             WHERE m.state = 'due' AND (d.held_until IS NOT NULL OR d.state = 'retired')
             ORDER BY m.dealer_id, m.id FOR NO KEY UPDATE OF m SKIP LOCKED) o
     WHERE (m.dealer_id, m.id) = (o.dealer_id, o.id)
    """
)
_MISSED = text(
    """
    UPDATE maintenance m SET missed_at = :at
      FROM (SELECT dealer_id, id FROM maintenance
             WHERE state = 'due' AND due_on < :before AND missed_at IS NULL
             ORDER BY dealer_id, id LIMIT :limit FOR NO KEY UPDATE SKIP LOCKED) o
     WHERE (m.dealer_id, m.id) = (o.dealer_id, o.id)
    RETURNING m.dealer_id, m.device_id, m.number
    """
)
