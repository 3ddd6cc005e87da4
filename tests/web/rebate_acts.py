"""What managers do with rebate programmes before a page shows them, as the verbs have it."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from portal.kernel.db import transaction
from portal.rebates.decide_programme import approve_programme, submit_programme
from portal.rebates.draft_programme import draft_programme
from portal.rebates.publish_programme import publish_programme
from portal.rebates.reckon import published_programmes, reckon_dealers, stale_dealers
from portal.rebates.rules import Basis, Measure, Method, PeriodKind
from portal.rebates.terms import Terms, TierTerms
from tests import cast

AUTHOR, COLLEAGUE = cast.east_manager, cast.national_manager
FIRST, LAST = date(cast.TODAY.year, 1, 1), date(cast.TODAY.year, 12, 31)
TIERS = (TierTerms(Decimal(100), percent=Decimal(2)), TierTerms(Decimal(1000), percent=Decimal(3)))


def terms(**said: Any) -> Terms:
    """2 % from ¥100, 3 % from ¥1,000 of what the east is invoiced in a year, or what is said otherwise."""
    usual: dict[str, Any] = {
        "title_zh": "年度返利",
        "title_en": "Rebate of the year",
        "valid_from": FIRST,
        "valid_to": LAST,
        "period": PeriodKind.YEAR,
        "measure": Measure.INVOICED,
        "basis": Basis.AMOUNT,
        "method": Method.ALL_UNITS,
        "tiers_of": TIERS,
        "regions": ("east",),
    }
    return Terms(**usual | said)


def drafted(database, person=AUTHOR, **said: Any) -> tuple[int, str]:
    """Id and number of a new draft."""
    actor = person.actor()
    with transaction(database.staff_session(actor)) as session:
        made = draft_programme(session, actor=actor, terms=terms(**said), zone=cast.ZONE, at=cast.NOW)
        return made.id, made.number


def published(database, **said: Any) -> tuple[int, str]:
    """Id and number of a programme that was written, submitted, approved by another and published."""
    key, number = drafted(database, **said)
    author, colleague = AUTHOR.actor(), COLLEAGUE.actor()
    with transaction(database.staff_session(author)) as session:
        submit_programme(session, actor=author, programme_id=key, revision=1, at=cast.NOW)
    with transaction(database.staff_session(colleague)) as session:
        approve_programme(session, actor=colleague, programme_id=key, revision=2, at=cast.NOW)
    with transaction(database.staff_session(author)) as session:
        publish_programme(session, actor=author, programme_id=key, revision=3, at=cast.NOW)
    return key, number


def reckoned(database, today: date = cast.TODAY) -> None:
    """What the job does: every dealer whose rebates are stale is reckoned."""
    with transaction(database.system_session()) as session:
        programmes = published_programmes(session, today=today)
        stale = stale_dealers(session, programmes, today=today, limit=10_000)
        reckon_dealers(session, programmes, stale, today=today, at=cast.NOW + timedelta(minutes=5))
