"""What people do with papers and authorisations, each in a transaction of its own."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from sqlalchemy import text

from portal.files.scan import unscanned
from portal.files.store import FileStore, FolderStore
from portal.files.upload_file import upload_file
from portal.kernel.db import transaction
from portal.papers import authorisation_queries, queries
from portal.papers.authorise import (
    approve_authorisation,
    end_authorisation,
    propose_authorisation,
    reject_authorisation,
)
from portal.papers.fault_rules import AuthorisationFacts, PaperFacts
from portal.papers.file_paper import file_paper, withdraw_paper
from portal.papers.remind import remind
from portal.papers.review_paper import accept_paper, refuse_paper, revoke_paper
from portal.workdays.queries import calendar
from tests import cast
from tests.files.acts import a_pdf

FILER, REVIEWER, COLLEAGUE = cast.huadong.boss, cast.quality, cast.quality_colleague
PROPOSER, APPROVER = cast.east_manager, cast.national_manager
TODAY, NOW = cast.TODAY, cast.NOW
STORE = FolderStore(Path(mkdtemp(prefix="papers-")))


def day(offset: int) -> date:
    """So many days from today."""
    return TODAY + timedelta(days=offset)


def facts(**said: Any) -> PaperFacts:
    """A licence for five years from today, or what is said otherwise."""
    usual: dict[str, Any] = {
        "kind": "licence",
        "paper_no": "沪浦药监械经营许20260001号",
        "issuer": "浦东新区市场监督管理局",
        "valid_from": TODAY,
        "valid_to": day(5 * 365),
    }
    return PaperFacts(**usual | said)


def by(database, person, act):
    """What `act(session, actor)` gives, committed."""
    actor = person.actor()
    with transaction(database.session_for(actor)) as session:
        return act(session, actor)


def uploaded(
    database, person=FILER, name="许可证.pdf", content: bytes | None = None, store: FileStore = STORE
) -> str:
    """Id of a draft of a scan."""
    return by(
        database,
        person,
        lambda s, a: (
            upload_file(
                s, actor=a, store=store, scan=unscanned, name=name, content=content or a_pdf(), at=NOW
            ).id
        ),
    )


def filed(database, person=FILER, files: list[str] | None = None, **said: Any) -> str:
    """Number of a filed paper."""
    scans = [uploaded(database, person)] if files is None else files
    return by(
        database,
        person,
        lambda s, a: file_paper(s, actor=a, facts=facts(**said), files=scans, today=TODAY, at=NOW),
    )


def a_paper_and_an_authorisation(database, dealer) -> dict[str, str]:
    """What a dealer filed, and what was proposed for it."""
    number = filed(database, dealer.boss)
    area = dealer.region.code
    return {
        "paper": number,
        "authorisation": proposed(database, APPROVER, dealer=dealer.code, region=area),
    }


def revision(database, number: str) -> int:
    """As somebody who looks at it now reads it."""
    return paper(database, number).revision


def accepted(database, number: str, person=REVIEWER, read: int | None = None) -> None:
    """Quality accepts what it read."""
    at = read if read is not None else revision(database, number)
    by(database, person, lambda s, a: accept_paper(s, actor=a, number=number, revision=at, at=NOW))


def refused(database, number: str, reason: str = "看不清", person=REVIEWER) -> None:
    """Quality refuses it."""
    at = revision(database, number)
    by(
        database,
        person,
        lambda s, a: refuse_paper(s, actor=a, number=number, revision=at, reason=reason, at=NOW),
    )


def revoked(database, number: str, ended_on: date, reason: str = "被吊销", person=REVIEWER) -> None:
    """Quality has it count no longer."""
    at = revision(database, number)
    by(
        database,
        person,
        lambda s, a: revoke_paper(
            s, actor=a, number=number, revision=at, ended_on=ended_on, reason=reason, today=TODAY, at=NOW
        ),
    )


def withdrawn(database, number: str, person=FILER) -> None:
    """The dealer takes it back."""
    by(database, person, lambda s, a: withdraw_paper(s, actor=a, number=number, at=NOW))


def counting(database, person=FILER, **said: Any) -> str:
    """Number of a paper that was filed and accepted."""
    number = filed(database, person, **said)
    accepted(database, number)
    return number


def paper(database, number: str, person=REVIEWER):
    """As somebody sees it."""
    return by(database, person, lambda s, a: queries.paper(s, number))


def aged(owner, number: str, *, valid_to: date, valid_from: date | None = None) -> None:
    """As if an accepted paper had been filed long ago, with this last day."""
    said = {"number": number, "to": valid_to, "since": valid_from or valid_to - timedelta(days=5 * 365)}
    owner.execute(
        text("UPDATE dealer_licence SET valid_from = :since, valid_to = :to WHERE paper_id ="
             " (SELECT id FROM dealer_paper WHERE number = :number)"),
        said,
    )  # fmt: skip
    owner.execute(text("ALTER TABLE dealer_paper DISABLE TRIGGER dealer_paper_guard"))
    owner.execute(
        text("UPDATE dealer_paper SET valid_from = :since, valid_to = :to WHERE number = :number"), said
    )
    owner.execute(text("ALTER TABLE dealer_paper ENABLE TRIGGER dealer_paper_guard"))


def licences(owner, dealer=cast.huadong) -> list[tuple[Any, ...]]:
    """Licences that an order asks and that come from papers: number, class, days, day of the application."""
    rows = owner.execute(
        text(
            "SELECT number, device_class, valid_from, valid_to, renewal_asked_on FROM dealer_licence"
            " WHERE dealer_id = :id AND paper_id IS NOT NULL ORDER BY valid_from, id"
        ),
        {"id": dealer.id},
    )
    return [tuple(row) for row in rows]


def reminded(database, at=NOW, today: date = TODAY) -> int:
    """How many reminders a run of the job tells."""
    with transaction(database.system_session()) as session:
        return remind(session, calendar=calendar(session), today=today, at=at)


def authorisation_facts(**said: Any) -> AuthorisationFacts:
    """Huadong in its province from today on, or what is said otherwise."""
    usual: dict[str, Any] = {"dealer": "huadong", "region": "31", "valid_from": TODAY, "valid_to": day(365)}
    return AuthorisationFacts(**usual | said)


def proposed(database, person=PROPOSER, **said: Any) -> str:
    """Number of a proposed authorisation."""
    return by(
        database,
        person,
        lambda s, a: propose_authorisation(
            s, actor=a, facts=authorisation_facts(**said), today=TODAY, at=NOW
        ),
    )


def authorisation(database, number: str, person=APPROVER):
    """As somebody sees it."""
    return by(database, person, lambda s, a: authorisation_queries.authorisation(s, number))


def approved(database, number: str, person=APPROVER) -> None:
    """Another person says yes."""
    by(database, person, lambda s, a: approve_authorisation(s, actor=a, number=number, revision=1, at=NOW))


def rejected(database, number: str, reason: str = "区域已满", person=APPROVER) -> None:
    """Another person says no."""
    by(
        database,
        person,
        lambda s, a: reject_authorisation(s, actor=a, number=number, revision=1, reason=reason, at=NOW),
    )


def ended(database, number: str, ended_on: date, reason: str = "合同解除", person=PROPOSER) -> None:
    """It is ended early."""
    by(
        database,
        person,
        lambda s, a: end_authorisation(
            s, actor=a, number=number, revision=2, ended_on=ended_on, reason=reason, today=TODAY, at=NOW
        ),
    )


def overlaps(database, number: str, person=APPROVER) -> list[str]:
    """Dealers whose authorisations overlap, as somebody at headquarters sees them."""
    return by(
        database,
        person,
        lambda s, a: [one.dealer_code for one in authorisation_queries.overlaps(s, number)],
    )
