"""Recalls are drafted, confirmed, decided, answered and closed; each act in a transaction of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from portal.kernel.db import Database, transaction
from portal.recalls.answer_recall import answer_recall, read_notice
from portal.recalls.close_recall import close_recall, note_call
from portal.recalls.confirm_scope import confirm_scope
from portal.recalls.decide_recall import Decided, decide_recall
from portal.recalls.draft_recall import draft_recall, edit_recall, widen_recall, withdraw_recall
from portal.recalls.draft_rules import Draft, ScopeLine
from portal.recalls.own_queries import OwnRecall, own_recall
from portal.recalls.queries import RecallDetail, recall
from portal.recalls.remind import remind
from portal.recalls.rules import Answer, ScopeKind
from portal.workdays.queries import calendar
from tests import cast
from tests.roles import Dealer, Person, Product, System

DRAFTER, DECIDER = cast.quality, cast.quality_colleague


def lots_of(product: Product, *lots: str) -> ScopeLine:
    """Lots of a product."""
    return ScopeLine(product.sku, ScopeKind.LOTS, lots)


def a_draft(*scope: ScopeLine, **told: Any) -> Draft:
    """A recall of level 1 as somebody writes it."""
    usual: dict[str, Any] = {
        "level": 1,
        "title": "Infusion set",
        "reason": "The seal may leak.",
        "demands": "Stop using it and answer.",
        "is_drill": False,
    }
    return Draft(scope=scope, **usual | told)


def drafted(database: Database, *scope: ScopeLine, by: Person | System = DRAFTER, **told: Any) -> str:
    """The number of a draft."""
    with transaction(database.session_for(by.actor())) as session:
        return draft_recall(
            session, actor=by.actor(), draft=a_draft(*scope, **told), today=cast.TODAY, at=cast.NOW
        )


def found(database: Database, number: str, *, by: Person | System = DRAFTER) -> RecallDetail:
    """The recall as headquarters sees it."""
    with transaction(database.session_for(by.actor())) as session:
        return recall(session, actor=by.actor(), number=number)


def a_recall_of(database: Database, dealer: Dealer) -> str:
    """The number of a drill that one dealer alone has to answer."""
    number, at = f"RC2611-{dealer.id % 1000:08}A", cast.NOW
    with transaction(database.system_session()) as session:
        session.execute(_ONE, {"number": number, "dealer_id": dealer.id, "sku": cast.gauze.sku, "at": at})
        session.execute(text("UPDATE recall SET state = 'running' WHERE number = :n"), {"n": number})
    return number


_ONE = text(
    """
    WITH made AS (
      INSERT INTO recall (number, level, is_drill, title, reason, demands, written_by, drafted_by_label,
                          drafted_at, confirmed_by, confirmed_by_label, confirmed_at, decided_by,
                          decided_by_label, decided_at, notices_by, report_by)
      VALUES (:number, 2, true, 'Gauze', 'A drill', 'Answer', '{user:3}', 'quality', :at, 'user:3', 'quality',
              :at, 'user:15', 'colleague', :at, '2099-12-31', '2099-12-31')
      RETURNING id)
    INSERT INTO recall_response (dealer_id, recall_id, version_no, held, notified_at)
    SELECT :dealer_id, id, 1, 5, :at FROM made WHERE :sku <> ''
    """
)


def revision(database: Database, number: str) -> int:
    """Its revision now."""
    return found(database, number).revision


def edited(database: Database, number: str, draft: Draft, *, by: Person | System = DRAFTER) -> None:
    """Write it anew."""
    at = revision(database, number)
    with transaction(database.session_for(by.actor())) as session:
        edit_recall(session, actor=by.actor(), number=number, revision=at, draft=draft, at=cast.NOW)


def confirmed(database: Database, number: str, *, by: Person | System = DRAFTER) -> None:
    """Quality confirms the scope."""
    at = revision(database, number)
    with transaction(database.session_for(by.actor())) as session:
        confirm_scope(session, actor=by.actor(), number=number, revision=at, at=cast.NOW)


def decided(
    database: Database,
    number: str,
    *,
    by: Person | System = DECIDER,
    at: datetime = cast.NOW,
    read: int | None = None,
) -> Decided:
    """The second person decides. read: the revision that was read."""
    of = revision(database, number) if read is None else read
    with transaction(database.session_for(by.actor())) as session:
        return decide_recall(
            session, actor=by.actor(), number=number, revision=of, calendar=calendar(session), at=at
        )


def running(database: Database, *scope: ScopeLine, **told: Any) -> str:
    """The number of a recall that was decided."""
    number = drafted(database, *scope, **told)
    confirmed(database, number)
    decided(database, number)
    return number


def widened(database: Database, number: str, *, by: Person | System = DRAFTER) -> None:
    """Begin a wider scope."""
    at = revision(database, number)
    with transaction(database.session_for(by.actor())) as session:
        widen_recall(session, actor=by.actor(), number=number, revision=at, at=cast.NOW)


def withdrawn(
    database: Database, number: str, *, by: Person | System = DRAFTER, reason: str = "a mistake"
) -> None:
    """Give a draft up."""
    at = revision(database, number)
    with transaction(database.session_for(by.actor())) as session:
        withdraw_recall(session, actor=by.actor(), number=number, revision=at, reason=reason, at=cast.NOW)


def own(database: Database, number: str, *, by: Person | System) -> OwnRecall:
    """The recall as a holder sees it."""
    with transaction(database.session_for(by.actor())) as session:
        return own_recall(session, actor=by.actor(), number=number)


def read(database: Database, number: str, *, by: Person | System) -> None:
    """A holder has read it."""
    with transaction(database.session_for(by.actor())) as session:
        read_notice(session, actor=by.actor(), number=number, at=cast.NOW)


def answered(
    database: Database,
    number: str,
    *,
    by: Person | System,
    passed_to: str = "",
    witness: str = "",
    photos: Sequence[str] = (),
    **units: int,
) -> None:
    """A holder says what became of its units."""
    with transaction(database.session_for(by.actor())) as session:
        answer_recall(
            session,
            actor=by.actor(),
            number=number,
            answer=Answer(**units),
            passed_to=passed_to,
            witness=witness,
            photos=photos,
            at=cast.NOW,
        )


def called(database: Database, number: str, code: str, *, by: Person | System = DRAFTER) -> None:
    """Somebody telephoned a silent holder."""
    with transaction(database.session_for(by.actor())) as session:
        note_call(
            session, actor=by.actor(), number=number, dealer_code=code, note="answers today", at=cast.NOW
        )


def closed(
    database: Database,
    number: str,
    *,
    by: Person | System = DRAFTER,
    reasons: Mapping[str, str] | None = None,
    otherwise: str = "",
    at: datetime = cast.NOW,
) -> None:
    """Close it."""
    of = revision(database, number)
    with transaction(database.session_for(by.actor())) as session:
        close_recall(
            session,
            actor=by.actor(),
            number=number,
            revision=of,
            reason="all answered",
            reasons=reasons or {},
            otherwise=otherwise,
            calendar=calendar(session),
            today=cast.TODAY,
            at=at,
        )


def reminded(database: Database, at: datetime) -> int:
    """The job reminds silent holders."""
    with transaction(database.system_session()) as session:
        return remind(session, calendar=calendar(session), at=at)


def told(owner: Connection, event: str) -> list[tuple[int | None, dict[str, Any]]]:
    """To whom the portal has to tell an event, with its facts."""
    rows = owner.execute(
        text(
            "SELECT dealer_id, payload FROM outbox WHERE topic = 'notification.tell'"
            " AND payload ->> 'event' = :event ORDER BY id"
        ),
        {"event": event},
    )
    return [(row.dealer_id, row.payload["facts"]) for row in rows]
