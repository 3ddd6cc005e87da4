"""What managers do with rebate programmes, and the reckoning, each in a transaction of its own."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from portal.files.store import FolderStore
from portal.kernel.db import transaction
from portal.rebates import earned
from portal.rebates.amendment_faults import Amending
from portal.rebates.decide_amendment import approve_amendment, submit_amendment
from portal.rebates.decide_programme import approve_programme, submit_programme
from portal.rebates.draft_amendment import draft_amendment
from portal.rebates.draft_programme import draft_programme
from portal.rebates.earned import Earned, EarnedLine
from portal.rebates.fact_faults import Stated
from portal.rebates.publish_amendment import publish_amendment
from portal.rebates.publish_programme import publish_programme
from portal.rebates.reckon import begin_reckonings, published_programmes, reckon_dealers, stale_dealers
from portal.rebates.rules import Basis, FactKind, Measure, Method, PeriodKind
from portal.rebates.state_fact import state_fact
from portal.rebates.terms import Terms, TierTerms
from tests import cast
from tests.files.acts import upload

AUTHOR, COLLEAGUE = cast.east_manager, cast.national_manager
MONTH_BEGINS = cast.TODAY.replace(day=1)
MONTH_ENDS = (MONTH_BEGINS + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def percents(*pairs: tuple[str, str]) -> tuple[TierTerms, ...]:
    """Tiers that pay a percentage: from, percent."""
    return tuple(TierTerms(Decimal(start), Decimal(percent)) for start, percent in pairs)


def terms(**said: Any) -> Terms:
    """Two per cent of everything invoiced in the east this month, or what is said otherwise."""
    usual: dict[str, Any] = {
        "title_zh": "月度返利",
        "title_en": "Rebate of the month",
        "valid_from": MONTH_BEGINS,
        "valid_to": MONTH_ENDS,
        "period": PeriodKind.MONTH,
        "measure": Measure.INVOICED,
        "basis": Basis.AMOUNT,
        "method": Method.ALL_UNITS,
        "tiers_of": percents(("0", "2")),
        "regions": ("east",),
    }
    return Terms(**usual | said)


def as_staff(database, person, act):
    """What `act(session, actor)` gives, committed."""
    actor = person.actor()
    with transaction(database.staff_session(actor)) as session:
        return act(session, actor)


def draft(database, person=AUTHOR, **said: Any) -> tuple[int, str]:
    """Id and number of a new draft."""

    def act(session, actor):
        made = draft_programme(session, actor=actor, terms=terms(**said), zone=cast.ZONE, at=cast.NOW)
        return made.id, made.number

    return as_staff(database, person, act)


def submit(database, programme: int, revision: int = 1, person=AUTHOR) -> int:
    """Submit a draft."""
    return as_staff(
        database,
        person,
        lambda session, actor: submit_programme(
            session, actor=actor, programme_id=programme, revision=revision, at=cast.NOW
        ),
    )


def approve(database, programme: int, revision: int = 2, person=COLLEAGUE) -> int:
    """Approve what is submitted."""
    return as_staff(
        database,
        person,
        lambda session, actor: approve_programme(
            session, actor=actor, programme_id=programme, revision=revision, at=cast.NOW
        ),
    )


def publish(database, programme: int, revision: int = 3, person=AUTHOR) -> None:
    """Publish what is approved."""
    as_staff(
        database,
        person,
        lambda session, actor: publish_programme(
            session, actor=actor, programme_id=programme, revision=revision, at=cast.NOW
        ),
    )


def published(database, *, author=AUTHOR, colleague=COLLEAGUE, **said: Any) -> tuple[int, str]:
    """Id and number of a programme that counts: written, submitted, approved by another, published."""
    programme, number = draft(database, author, **said)
    submit(database, programme, person=author)
    approve(database, programme, person=colleague)
    publish(database, programme, person=author)
    return programme, number


def published_for_all(database, **said: Any) -> tuple[int, str]:
    """The same for the whole country."""
    people = {"author": cast.national_manager, "colleague": cast.national_colleague}
    return published(database, regions=(), **people, **said)


def reckoned(database, *, today: date = cast.TODAY, at: datetime = cast.NOW, limit: int = 100) -> int:
    """Reckon whoever is stale once. Returns how many dealers that were."""
    with transaction(database.system_session()) as session:
        begin_reckonings(session)
    with transaction(database.system_session()) as session:
        programmes = published_programmes(session, today=today)
        stale = stale_dealers(session, programmes, today=today, limit=limit)
        reckon_dealers(session, programmes, stale, today=today, at=at)
    return len(stale)


def earned_by(database, number: str, *, person=cast.huadong.finance, period: str = "") -> Earned:
    """What a dealer's own person sees."""
    actor = person.actor()
    with database.dealer_session(actor) as session:
        return earned.earned(
            session, dealer_id=actor.dealer_id, number=number, period=period, today=cast.TODAY
        )


def lines_of(database, number: str, *, person=cast.huadong.finance) -> list[EarnedLine]:
    """Every line behind it."""
    actor = person.actor()
    found = earned_by(database, number, person=person)
    with database.dealer_session(actor) as session:
        page = earned.lines(
            session, dealer_id=actor.dealer_id, number=number, first_day=found.first_day, limit=200
        )
    return list(page.items)


def amending(start: date, *pairs: tuple[str, str], why: str = "agreed with the dealers") -> Amending:
    """Other percentages from a day on."""
    return Amending(start, percents(*(pairs or (("0", "3"),))), why)


def amendment_draft(database, programme: int, what: Amending, person=AUTHOR) -> int:
    """Id of a new draft of an amendment."""
    return as_staff(
        database,
        person,
        lambda session, actor: (
            draft_amendment(
                session, actor=actor, programme_id=programme, amending=what, zone=cast.ZONE, at=cast.NOW
            ).id
        ),
    )


def amendment_act(database, person, verb, amendment: int, **more: Any):
    """Any other act on an amendment."""
    return as_staff(
        database,
        person,
        lambda session, actor: verb(session, actor=actor, amendment_id=amendment, today=cast.TODAY, **more),
    )


def approved_amendment(database, programme: int, what: Amending) -> int:
    """Id of an amendment that two people agreed on."""
    amendment = amendment_draft(database, programme, what)
    amendment_act(database, AUTHOR, submit_amendment, amendment, revision=1, at=cast.NOW)
    amendment_act(database, COLLEAGUE, approve_amendment, amendment, revision=2, at=cast.NOW)
    return amendment


def publish_an_amendment(database, amendment: int) -> None:
    """Publish what is approved."""
    amendment_act(database, AUTHOR, publish_amendment, amendment, revision=3, at=cast.NOW)


def amended(database, programme: int, what: Amending) -> int:
    """Id of a published amendment."""
    amendment = approved_amendment(database, programme, what)
    publish_an_amendment(database, amendment)
    return amendment


def a_fact(database, folder: Path, person=AUTHOR, **said: Any) -> str:
    """Number of a fact that waits to be confirmed, with a file of its own as evidence."""
    file = upload(database, FolderStore(folder), person.actor()).id
    usual: dict[str, Any] = {
        "dealer": cast.huadong.code,
        "kind": FactKind.NO_DIVERSION_CASE,
        "holds": False,
        "from_day": cast.TODAY,
        "to_day": None,
        "reason": "Lot GZ-FRESH was found in Guangdong",
        "files": (file,),
    }
    return as_staff(
        database,
        person,
        lambda session, actor: state_fact(
            session, actor=actor, stated=Stated(**usual | said), zone=cast.ZONE, at=cast.NOW
        ),
    )
