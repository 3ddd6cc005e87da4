"""Draft a recall, change it, withdraw it; make the scope of a running one wider, which is another version."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit.record import record
from portal.kernel.actor import Actor
from portal.kernel.errors import Invalid
from portal.kernel.numbering import new_number
from portal.kernel.proposals import reason_of
from portal.recalls.draft_rules import Draft, draft_faults, plain_line
from portal.recalls.locked import LockedRecall, lock_recall
from portal.recalls.resolved import products_named
from portal.recalls.rules import RecallAct, RecallState, after
from portal.recalls.vocabulary import RecallAction, RecallRight

PREFIX = "RC"


def draft_recall(session: Session, *, actor: Actor, draft: Draft, today: date, at: datetime) -> str:
    """Write a draft; its number. Nothing is blocked yet. Raises Invalid with every fault, Forbidden."""
    actor.require(RecallRight.DESK)
    draft, products = _checked(session, draft)
    number = new_number(PREFIX, today)
    told = _columns(draft)
    recall_id = session.execute(
        _DRAFT, {**told, "number": number, "actor": actor.key, "label": actor.label, "at": at}
    ).scalar_one()
    _write_scope(session, recall_id, 1, draft, products)
    after_it = {**told, "scope": len(draft.scope)}
    record(session, RecallAction.DRAFTED, number, actor=actor, dealer_id=None, after=after_it)
    return number


def edit_recall(
    session: Session, *, actor: Actor, number: str, revision: int, draft: Draft, at: datetime
) -> None:
    """Write a draft anew; a scope that was confirmed has to be confirmed again.

    `at` is part of every verb's call; this one writes no time. Whether it is a drill, and how serious it is,
    stays as it was once it runs. Raises Invalid, Conflict, NotFound, Forbidden.
    """
    actor.require(RecallRight.DESK)
    locked = lock_recall(session, number, revision)
    state = after(locked.state, RecallAct.EDIT)
    if locked.decided_at is not None:
        draft = replace(draft, is_drill=locked.is_drill, level=locked.level)
    draft, products = _checked(session, draft)
    told = _columns(draft)
    session.execute(_EDIT, {**told, **_touch(locked, actor), "state": state})
    session.execute(_CLEAR, {"id": locked.id, "version_no": locked.version_no})
    _write_scope(session, locked.id, locked.version_no, draft, products)
    after_it = {**told, "scope": len(draft.scope), "version": locked.version_no}
    before = {"title": locked.title, "state": locked.state}
    record(session, RecallAction.EDITED, number, actor=actor, dealer_id=None, before=before, after=after_it)


def widen_recall(session: Session, *, actor: Actor, number: str, revision: int, at: datetime) -> None:
    """Begin another version of a running recall's scope, to be confirmed and decided like the first.

    What is blocked stays so, and holders go on answering. `at` is part of every verb's call; this one writes
    no time. Raises Conflict, NotFound, Forbidden.
    """
    actor.require(RecallRight.DESK)
    locked = lock_recall(session, number, revision)
    state = after(locked.state, RecallAct.WIDEN)
    version_no = locked.version_no + 1
    session.execute(
        _WIDEN, {"id": locked.id, "state": state, "version_no": version_no, "written_by": [actor.key]}
    )
    session.execute(_COPY, {"id": locked.id, "version_no": version_no})
    record(
        session,
        RecallAction.WIDENED,
        number,
        actor=actor,
        dealer_id=None,
        before={"version": locked.version_no},
        after={"version": version_no},
    )


def withdraw_recall(
    session: Session, *, actor: Actor, number: str, revision: int, reason: str, at: datetime
) -> None:
    """Give up a draft; that of a wider scope leaves the recall running as it was.

    Raises Invalid without a reason, Conflict, NotFound, Forbidden.
    """
    actor.require(RecallRight.DESK)
    why = reason_of(reason)
    locked = lock_recall(session, number, revision)
    state = after(locked.state, RecallAct.WITHDRAW)
    about = {"id": locked.id, "label": actor.label, "at": at, "reason": why}
    if locked.decided_at is None:
        session.execute(_WITHDRAW, {**about, "state": state})
    else:
        state = RecallState.RUNNING
        session.execute(_CLEAR, {"id": locked.id, "version_no": locked.version_no})
        session.execute(_GO_ON, {"id": locked.id, "state": state, "version_no": locked.version_no - 1})
    record(
        session,
        RecallAction.WITHDRAWN,
        number,
        actor=actor,
        dealer_id=None,
        before={"state": locked.state, "version": locked.version_no},
        after={"state": str(state)},
        reason=why,
    )


def _checked(session: Session, draft: Draft) -> tuple[Draft, dict[str, int]]:
    """The draft as it is kept, and the ids of its products."""
    plain = replace(
        draft,
        title=draft.title.strip(),
        reason=draft.reason.strip(),
        demands=draft.demands.strip(),
        scope=tuple(plain_line(line) for line in draft.scope),
    )
    products = products_named(session, [line.sku for line in plain.scope])
    if faults := draft_faults(plain, products):
        raise Invalid(faults=faults)
    return plain, products


def _columns(draft: Draft) -> dict[str, Any]:
    return {
        "level": draft.level,
        "is_drill": draft.is_drill,
        "title": draft.title,
        "reason": draft.reason,
        "demands": draft.demands,
        "notice_text": draft.notice_text,
    }


def _touch(locked: LockedRecall, actor: Actor) -> dict[str, Any]:
    return {"id": locked.id, "written_by": sorted({*locked.written_by, actor.key})}


def _write_scope(
    session: Session, recall_id: int, version_no: int, draft: Draft, products: dict[str, int]
) -> None:
    session.execute(
        _SCOPE,
        [
            {
                "recall_id": recall_id,
                "version_no": version_no,
                "line_no": place,
                "product_id": products[line.sku],
                "kind": str(line.kind),
                "lots": list(line.lots),
                "serial_from": line.serial_from,
                "serial_to": line.serial_to,
                "without": list(line.without),
                "made_from": line.made_from,
                "made_to": line.made_to,
            }
            for place, line in enumerate(draft.scope, start=1)
        ],
    )


_DRAFT = text(
    """
    INSERT INTO recall (number, level, is_drill, title, reason, demands, notice_text, written_by,
                        drafted_by_label, drafted_at)
    VALUES (:number, :level, :is_drill, :title, :reason, :demands, :notice_text, ARRAY[CAST(:actor AS text)],
            :label, :at)
    RETURNING id
    """
)
_EDIT = text(
    """
    UPDATE recall
       SET level = :level, is_drill = :is_drill, title = :title, reason = :reason, demands = :demands,
           notice_text = :notice_text, written_by = CAST(:written_by AS text[]), state = :state,
           confirmed_by = NULL, confirmed_by_label = NULL, confirmed_at = NULL, revision = revision + 1
     WHERE id = :id
    """
)
_CLEAR = text("DELETE FROM recall_scope WHERE recall_id = :id AND version_no = :version_no")
_SCOPE = text(
    """
    INSERT INTO recall_scope (recall_id, version_no, line_no, product_id, kind, lots, serial_from, serial_to,
                              without, made_from, made_to)
    VALUES (:recall_id, :version_no, :line_no, :product_id, :kind, CAST(:lots AS text[]), :serial_from,
            :serial_to, CAST(:without AS text[]), :made_from, :made_to)
    """
)
_WIDEN = text(
    """
    UPDATE recall
       SET state = :state, version_no = :version_no, written_by = CAST(:written_by AS text[]),
           confirmed_by = NULL, confirmed_by_label = NULL, confirmed_at = NULL, revision = revision + 1
     WHERE id = :id
    """
)
_COPY = text(
    """
    INSERT INTO recall_scope (recall_id, version_no, line_no, product_id, kind, lots, serial_from, serial_to,
                              without, made_from, made_to)
    SELECT recall_id, :version_no, line_no, product_id, kind, lots, serial_from, serial_to, without,
           made_from, made_to
      FROM recall_scope WHERE recall_id = :id AND version_no = :version_no - 1
    """
)
_WITHDRAW = text(
    """
    UPDATE recall
       SET state = :state, ended_by_label = :label, ended_at = :at, end_reason = :reason,
           revision = revision + 1
     WHERE id = :id
    """
)
# Nobody wrote the version that runs on but those who did; who decides another one is asked of that one.
_GO_ON = text(
    """
    UPDATE recall
       SET state = :state, version_no = :version_no, written_by = '{}', confirmed_by = NULL,
           revision = revision + 1
     WHERE id = :id
    """
)
