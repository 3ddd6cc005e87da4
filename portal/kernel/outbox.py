"""Effects of a business act, written in its transaction and carried out after it: mail, PDF, webhooks.

`add` is called by verbs. After the commit the process signals the workers; `jobs.outbox` claims rows
(`claim_next`, which counts the attempt and is committed before anything is done) and marks them in the
transaction that did the work (`hold` to `set_done`); a schedule sweeps what a crash left behind.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, Index, Integer, func, insert, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.kernel.db import Base, Key, rows_changed


@dataclass(frozen=True, slots=True)
class Effect:
    """A row of the outbox, as its handler gets it. attempts: with the one at hand."""

    id: int
    topic: str
    dealer_id: int | None
    payload: dict[str, Any]
    attempts: int
    created_at: datetime | None = None


class Outbox(Base):
    """One effect to carry out. `attempts` and `last_error` tell an operator what keeps failing."""

    __tablename__ = "outbox"
    __table_args__ = (Index("ix_outbox_waiting", "id", postgresql_where="dispatched_at IS NULL"),)

    id: Mapped[Key]
    dealer_id: Mapped[int | None] = mapped_column(BigInteger)
    topic: Mapped[str]
    payload: Mapped[dict[str, Any]]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    not_before: Mapped[datetime] = mapped_column(server_default=func.now())
    attempts: Mapped[int] = mapped_column(Integer, server_default="0")
    last_error: Mapped[str | None]
    dispatched_at: Mapped[datetime | None]


class Postponed(Exception):
    """What a handler raises that is to be called again at a moment: nothing failed, it is too early."""

    def __init__(self, until: datetime) -> None:
        super().__init__(until.isoformat())
        self.until = until


def add(session: Session, topic: str, *, dealer_id: int | None, **payload: object) -> None:
    """Record an effect of the running transaction. `payload` must be JSON."""
    _add(session, {"topic": topic, "dealer_id": dealer_id, "payload": payload})


def add_later(
    session: Session, topic: str, *, dealer_id: int | None, not_before: datetime, **payload: object
) -> None:
    """Record an effect that is to be carried out at a moment to come."""
    _add(session, {"topic": topic, "dealer_id": dealer_id, "payload": payload, "not_before": not_before})


def _add(session: Session, values: dict[str, object]) -> None:
    # Inline: nothing is returned, so that staff of one region may leave an effect of no dealer, which they
    # may not read.
    session.execute(insert(Outbox).inline().values(values))
    mark(session)


def mark(session: Session) -> None:
    """Say that this transaction left something in the outbox (for set-based SQL that inserted it itself)."""
    session.info["outbox"] = True


def added(topic: str, payload: str, source: str, *, dealer: str = ":dealer_id") -> str:
    """SQL that records an effect of a statement which does more, for each row of `source`.

    payload: SQL for JSON. dealer: SQL for the dealer, unless it is the statement's parameter. The caller of
    the statement calls `mark`.
    """
    values = f"SELECT {dealer}, '{topic}', {payload} FROM {source}"
    return f"INSERT INTO outbox (dealer_id, topic, payload) {values}"


BEGUN = "begun, and not ended: its worker was killed, or is at it"
"""What a claimed effect has as its error until it is done or fails."""
_CLAIM = text(
    """
    UPDATE outbox
       SET attempts = attempts + 1, last_error = :begun,
           not_before = CAST(:at AS timestamptz)
                        + least(interval '5 seconds' * power(2, attempts), CAST(:wait_max AS interval))
     WHERE id = (SELECT id FROM outbox
                  WHERE dispatched_at IS NULL AND not_before <= :at AND attempts < :attempts_max
                  ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED)
    RETURNING id, topic, dealer_id, payload, attempts, created_at
    """
)
# Waits: whoever looks for its next effect locks for a moment what another has claimed just then.
_HOLD = text(
    "SELECT FROM outbox WHERE id = :id AND attempts = :attempts AND dispatched_at IS NULL FOR UPDATE"
)
_FRESH = text(
    """
    SELECT id, topic, dealer_id, payload, attempts, created_at FROM outbox
     WHERE dispatched_at IS NULL AND not_before <= :at AND attempts = 0 AND topic = ANY (:topics)
     ORDER BY id LIMIT :most FOR UPDATE SKIP LOCKED
    """
)
_DONE = text("UPDATE outbox SET dispatched_at = :at, last_error = NULL WHERE id = :id")
_FAILED = text("UPDATE outbox SET last_error = :error WHERE id = :id")
_POSTPONED = text(
    "UPDATE outbox SET attempts = attempts - 1, last_error = NULL, not_before = :until WHERE id = :id"
)
_GIVEN_BACK = text(
    """
    UPDATE outbox SET attempts = attempts - 1, last_error = NULL, not_before = :at
     WHERE id = :id AND attempts = :attempts AND dispatched_at IS NULL
    """
)
_SETTLE = text(
    """
    UPDATE outbox SET dispatched_at = :at
     WHERE id IN (SELECT id FROM outbox
                   WHERE dispatched_at IS NULL AND not_before <= :at AND topic = ANY (:topics)
                   ORDER BY id FOR UPDATE SKIP LOCKED)
    RETURNING id, topic, dealer_id, payload, attempts, created_at
    """
)
_FAILED_ONE = text(
    """
    SELECT topic, dealer_id, attempts, last_error FROM outbox
     WHERE id = :id AND dispatched_at IS NULL AND attempts > 0 FOR UPDATE SKIP LOCKED
    """
)
_AGAIN = text("UPDATE outbox SET attempts = 0, last_error = NULL, not_before = :at WHERE id = :id")
_FORGET = text("DELETE FROM outbox WHERE dispatched_at < :before")


def claim_next(session: Session, *, at: datetime, attempts_max: int, wait_max: timedelta) -> Effect | None:
    """Count an attempt at the next effect that is due and was tried less than `attempts_max` times; None
    without one.

    To be committed before anything is done about it: what kills its worker is then tried later, each time
    later, and is not the first again for ever.
    """
    said = {"at": at, "attempts_max": attempts_max, "wait_max": wait_max, "begun": BEGUN}
    row = session.execute(_CLAIM, said).one_or_none()
    return None if row is None else Effect(**row._mapping)


def hold(session: Session, effect: Effect) -> bool:
    """Lock a claimed effect for whoever carries it out; False where somebody else does, or did."""
    return session.execute(_HOLD, {"id": effect.id, "attempts": effect.attempts}).one_or_none() is not None


def set_done(session: Session, effect: Effect, *, at: datetime) -> None:
    """A claimed effect was carried out."""
    session.execute(_DONE, {"id": effect.id, "at": at})


def set_failed(session: Session, effect: Effect, *, error: str) -> None:
    """The attempt at a claimed effect failed; the claim said when the next one may come."""
    session.execute(_FAILED, {"id": effect.id, "error": error})


def set_postponed(session: Session, effect: Effect, *, until: datetime) -> None:
    """A claimed effect waits for a moment; that was no attempt."""
    session.execute(_POSTPONED, {"id": effect.id, "until": until})


def give_back(session: Session, effect: Effect, *, at: datetime) -> None:
    """What was claimed could not be done, through no fault of its own: that was no attempt.

    at: when it may be tried again.
    """
    session.execute(_GIVEN_BACK, {"id": effect.id, "attempts": effect.attempts, "at": at})


def fresh(session: Session, *, topics: Collection[str], at: datetime, most: int) -> list[Effect]:
    """The first effects of some topics that wait and that nobody has tried or is carrying out, locked."""
    rows = session.execute(_FRESH, {"at": at, "topics": list(topics), "most": most})
    return [Effect(**row._mapping) for row in rows]


def settle(session: Session, *, topics: Collection[str], at: datetime) -> list[Effect]:
    """Every due effect of some topics is done without being carried out; which those are, in order."""
    rows = session.execute(_SETTLE, {"at": at, "topics": list(topics)})
    return sorted((Effect(**row._mapping) for row in rows), key=lambda effect: effect.id)


@dataclass(frozen=True, slots=True)
class FailedEffect:
    """An effect that was tried in vain, before it is tried again."""

    topic: str
    dealer_id: int | None
    attempts: int
    last_error: str | None


def try_again(session: Session, *, effect_id: int, at: datetime) -> FailedEffect | None:
    """Have an effect that failed tried again, as if it were new; None unless one waits that did and that
    nobody is carrying out.
    """
    row = session.execute(_FAILED_ONE, {"id": effect_id}).one_or_none()
    if row is None:
        return None
    session.execute(_AGAIN, {"id": effect_id, "at": at})
    mark(session)
    return FailedEffect(**row._mapping)


def forget(session: Session, *, before: datetime) -> int:
    """Delete effects that were carried out before a moment; how many."""
    return rows_changed(session, _FORGET, {"before": before})
