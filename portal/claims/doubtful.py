"""What looks odd about a claim, from what the portal knows of the dealer and of its other claims."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.claims.entry import ClaimEntry
from portal.claims.evidence import OWNER_KIND
from portal.claims.rules import ALIKE_DAYS, Doubt, Facts, doubts
from portal.files.attach import files_of
from portal.files.rules import Owner
from portal.kernel import clock
from portal.ledger.queries import settlement


def doubts_of(
    session: Session,
    *,
    dealer_id: int,
    number: str,
    entry: ClaimEntry,
    worth: Decimal | None,
    today: date,
    zone: ZoneInfo,
) -> tuple[Doubt, ...]:
    """The doubts of a claim, as things stand today. worth: what is calculated now."""
    about = {"dealer_id": dealer_id, "number": number, "days": ALIKE_DAYS}
    row = session.execute(_ALIKE, about).one()
    submitted = row.submitted_at
    return doubts(
        Facts(
            kind=entry.kind,
            asked=entry.amount or Decimal(0),
            calculated=worth,
            files=len(files_of(session, Owner(OWNER_KIND, number, dealer_id))),
            days=[one.on for one in entry.invoices],
            first_day=entry.first_day,
            ended_on=entry.last_day,
            submitted_on=clock.business_date(submitted, zone) if submitted else today,
            overdue=settlement(session, dealer_id).overdue(today),
            alike=row.alike,
        )
    )


_ALIKE = text(
    """
    SELECT c.submitted_at,
           (SELECT count(*)::int FROM rebate_claim o
             WHERE o.dealer_id = c.dealer_id AND o.id <> c.id AND o.asked = c.asked
               AND o.state NOT IN ('draft', 'rejected', 'withdrawn')
               AND abs(extract(epoch FROM o.entered_at - c.entered_at)) < :days * 86400) AS alike
      FROM rebate_claim c WHERE c.dealer_id = :dealer_id AND c.number = :number
    """
)
