"""Take a bank's file in: its statements once, its bookings once, and what is certain posted at once."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import orjson
from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit import record as audit
from portal.bank.books_rules import FileState
from portal.bank.keep_file import keep_accounts, keep_bookings, keep_layout
from portal.bank.match_booking import Terms, post_certain
from portal.bank.reach import require_bank
from portal.bank.read_asked import Asked, read_asked
from portal.bank.read_file import is_table
from portal.bank.rules import (
    BankFile,
    FileFormat,
    as_text,
    tidy,
)
from portal.bank.vocabulary import BankAction
from portal.kernel import numbering
from portal.kernel.actor import Actor
from portal.kernel.db import rows_changed
from portal.kernel.errors import Fault, NotFound

NAME_MAX = 200
ACCOUNT_NUMBER_MAX = 64


@dataclass(frozen=True, slots=True)
class Taken:
    """A file that is in. new: bookings that no file told of before. is_repeat: it was in already."""

    number: str
    new: int = 0
    is_repeat: bool = False


@dataclass(frozen=True, slots=True)
class Draft:
    """A file that waits for an answer."""

    id: int
    number: str
    name: str
    content: bytes
    sent_by_label: str


def take_file(
    session: Session,
    *,
    actor: Actor,
    content: bytes,
    name: str,
    asked: Asked,
    terms: Terms,
    zone: ZoneInfo,
    today: date,
    at: datetime,
) -> Taken:
    """Take a file in as a whole or not at all. zone: where the business is done.

    Raises Invalid with every reason and its place; Conflict with every doubt, unless it is said to be an
    extract; Forbidden.
    """
    require_bank(actor)
    if again := _taken_before(session, content):
        return again
    file = read_asked(session, content, asked, zone)
    number = numbering.new_number("BS", today)
    row = _file_row(content, name, number, file.format, actor, at)
    file_id = session.execute(_ADD_FILE, row | {"state": FileState.DRAFT}).scalar_one()
    return _take(session, actor, Draft(file_id, number, name, content, ""), file, asked, terms, today, at)


def take_draft(
    session: Session,
    *,
    actor: Actor,
    number: str,
    asked: Asked,
    terms: Terms,
    zone: ZoneInfo,
    today: date,
    at: datetime,
) -> Taken:
    """Take in a file that waited for an answer, as `take_file`. Raises NotFound where none waits."""
    require_bank(actor)
    draft = lock_draft(session, number)
    if again := _taken_before(session, draft.content):
        _discard(session, draft)
        return again
    file = read_asked(session, draft.content, asked, zone)
    return _take(session, actor, draft, file, asked, terms, today, at)


def keep_draft(
    session: Session, *, actor: Actor, content: bytes, name: str, today: date, at: datetime
) -> str:
    """Keep a file that asks something: which column is what, whose it is, whether it is an extract.

    The number under which it waits.
    """
    require_bank(actor)
    kind = FileFormat.TABLE if is_table(content) else FileFormat.MT940
    number = numbering.new_number("BS", today)
    row = _file_row(content, name, number, kind, actor, at) | {"state": FileState.DRAFT}
    session.execute(_ADD_FILE, row)
    return number


def discard_draft(session: Session, *, actor: Actor, number: str) -> None:
    """Forget a file that waits for an answer. Raises NotFound."""
    require_bank(actor)
    draft = lock_draft(session, number)
    _discard(session, draft)
    audit.record(
        session, BankAction.FILE_DISCARDED, number, actor=actor, dealer_id=None, after={"name": draft.name}
    )


def lock_draft(session: Session, number: str) -> Draft:
    """A file that waits for an answer. Raises NotFound."""
    row = session.execute(_LOCK_DRAFT, {"number": number}).one_or_none()
    if row is None:
        raise NotFound()
    return Draft(row.id, row.number, row.name, bytes(row.content), row.sent_by_label)


def _discard(session: Session, draft: Draft) -> None:
    rows_changed(session, _DROP_DRAFT, {"id": draft.id})


def _taken_before(session: Session, content: bytes) -> Taken | None:
    found = session.scalar(_SAME_FILE, {"sha256": hashlib.sha256(content).hexdigest()})
    return Taken(found, is_repeat=True) if found else None


def _take(
    session: Session,
    actor: Actor,
    draft: Draft,
    file: BankFile,
    asked: Asked,
    terms: Terms,
    today: date,
    at: datetime,
) -> Taken:
    file_id, number = draft.id, draft.number
    accounts = keep_accounts(session, file.statements, actor, at)
    if again := _taken_before(session, draft.content):  # by somebody who sent it at the same time
        _discard(session, draft)
        return again
    if asked.columns is not None and file.format == FileFormat.TABLE:
        keep_layout(session, actor, file_id, accounts[0], asked.columns, at)
    new = keep_bookings(session, file_id, file, accounts)
    told = {
        "id": file_id,
        "format": file.format,
        "is_extract": bool(file.doubts),
        "doubts": orjson.dumps([_told(one) for one in file.doubts]).decode(),
        "left_out": orjson.dumps(
            [
                {"place": one.place, "because": one.because, "amount": as_text(one.amount), "text": one.text}
                for one in file.left_out
            ]
        ).decode(),
        "label": actor.label,
        "at": at,
    }
    session.execute(_TAKEN, told)
    after = {
        "accounts": sorted({one.account for one in file.statements}),
        "bookings": len(file.bookings),
        "new": len(new),
        "extract": [one.code for one in file.doubts],
    }
    audit.record(session, BankAction.FILE_TAKEN, number, actor=actor, dealer_id=None, after=after)
    post_certain(session, actor=actor, booking_ids=new, terms=terms, today=today, at=at)
    return Taken(number, len(new))


def _told(one: Fault) -> dict[str, Any]:
    params = {name: str(value) for name, value in one.params.items()}
    return {"pointer": one.pointer, "code": one.code, "message": one.message, "params": params}


def _file_row(
    content: bytes, name: str, number: str, kind: FileFormat, actor: Actor, at: datetime
) -> dict[str, Any]:
    return {
        "number": number,
        "name": tidy(name, NAME_MAX),
        "format": kind,
        "sha256": hashlib.sha256(content).hexdigest(),
        "content": content,
        "sent_by": actor.key,
        "label": actor.label,
        "at": at,
    }


_SAME_FILE = text("SELECT number FROM bank_file WHERE sha256 = :sha256 AND state = 'taken'")
_ADD_FILE = text(
    """
    INSERT INTO bank_file (number, state, name, format, sha256, content, sent_by, sent_by_label, sent_at)
    VALUES (:number, :state, :name, :format, :sha256, :content, :sent_by, :label, :at) RETURNING id
    """
)
_TAKEN = text(
    """
    UPDATE bank_file SET state = 'taken', format = :format, is_extract = :is_extract,
           doubts = CAST(:doubts AS jsonb), left_out = CAST(:left_out AS jsonb), taken_by_label = :label,
           taken_at = :at
     WHERE id = :id
    """
)
_LOCK_DRAFT = text(
    """
    SELECT id, number, name, content, sent_by_label FROM bank_file
     WHERE number = :number AND state = 'draft' FOR UPDATE
    """
)
_DROP_DRAFT = text("DELETE FROM bank_file WHERE id = :id AND state = 'draft'")
