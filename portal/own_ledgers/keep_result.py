"""Keep what comparing a ledger came to."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel.actor import Actor
from portal.kernel.db import Record
from portal.own_ledgers.ask_match import FORGET
from portal.own_ledgers.difference_rules import Difference, Doc
from portal.own_ledgers.layout_rules import Books
from portal.own_ledgers.line_rules import Reading
from portal.own_ledgers.match_rules import Result
from portal.own_ledgers.rules import Days, money_of
from portal.own_ledgers.stored import doc_to_json
from portal.own_ledgers.supersede import supersede_older
from portal.own_ledgers.upload_ledger import remember_layout

_WRITTEN_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Compared:
    """What comparing came to."""

    days: Days
    books: Books
    is_certain: bool
    reading: Reading
    result: Result
    ours_sum: int
    theirs_sum: int
    ours: Sequence[Doc]
    names: dict[int, tuple[str, str, str]]


def keep_result(session: Session, *, actor: Actor, of: Record, compared: Compared, at: datetime) -> None:
    """Keep what differs, remember columns that somebody corrected, and replace what is older."""
    _write(session, of, compared, at)
    if of.layout.get("is_said"):
        remember_layout(session, dealer_id=of.dealer_id, layout=of.layout, at=at)
    supersede_older(session, actor=actor, dealer_id=of.dealer_id, days=compared.days)


def _write(session: Session, asked: Record, compared: Compared, at: datetime) -> None:
    key = {"dealer_id": asked.dealer_id, "id": asked.id}
    session.execute(FORGET, key)
    rows = _rows(asked, compared)
    while batch := list(islice(rows, _WRITTEN_AT_ONCE)):
        session.execute(_DIFFERENCE, batch)
    reading = compared.reading
    proof = {
        "opening": _text(reading.opening),
        "closing": _text(reading.closing),
        "proven": reading.proven,
        "wrong": reading.wrong,
        "wrong_count": reading.wrong_count,
        "skipped": reading.skipped,
        "unread": reading.fault_count,
        "unsearched": compared.result.unsearched,
        "is_certain": compared.is_certain,
    }
    session.execute(
        _DONE,
        {
            **key,
            "first_day": compared.days.first,
            "last_day": compared.days.last,
            "books": str(compared.books),
            "lines": len(reading.lines),
            "matched": compared.result.matched,
            "differences": len(compared.result.differences),
            "ours_sum": money_of(compared.ours_sum),
            "theirs_sum": money_of(compared.theirs_sum),
            "proof": json.dumps({"proof": proof}),
            "at": at,
        },
    )


def _text(fen: int | None) -> str | None:
    return None if fen is None else str(money_of(fen))


def _rows(asked: Record, compared: Compared) -> Iterator[dict[str, Any]]:
    """What differs, each from the ledger's revision on: what was seen of an earlier comparison is no more."""
    written = {line.row: line.number for line in compared.reading.lines}
    for no, one in enumerate(compared.result.differences, start=1):
        yield {
            "dealer_id": asked.dealer_id,
            "ledger_id": asked.id,
            "no": no,
            "class": str(one.kind),
            "ours": json.dumps(list(_our_docs(one, compared.names))),
            "theirs": json.dumps(
                [
                    doc_to_json(doc, {"row": str(doc.place), "document": written[doc.place]})
                    for doc in one.theirs
                ]
            ),
            "amount": money_of(one.fen),
            "confidence": one.confidence,
            "revision": asked.revision,
        }


def _our_docs(one: Difference, names: dict[int, tuple[str, str, str]]) -> Iterator[dict[str, Any]]:
    for doc in one.ours:
        number, kind, reference = names[doc.place]
        yield doc_to_json(doc, {"document": number, "kind": kind, "reference": reference})


_DIFFERENCE = text(
    """
    INSERT INTO own_ledger_difference (dealer_id, ledger_id, no, class, ours, theirs, amount, confidence,
                                       revision)
    VALUES (:dealer_id, :ledger_id, :no, :class, CAST(:ours AS jsonb), CAST(:theirs AS jsonb), :amount,
            :confidence, :revision)
    """
)
_DONE = text(
    """
    UPDATE own_ledger
       SET state = 'done', revision = revision + 1, first_day = :first_day, last_day = :last_day,
           found_books = :books, line_count = :lines, matched = :matched, difference_count = :differences,
           ours_sum = :ours_sum, theirs_sum = :theirs_sum, result = result || CAST(:proof AS jsonb),
           finished_at = :at
     WHERE dealer_id = :dealer_id AND id = :id
    """
)
