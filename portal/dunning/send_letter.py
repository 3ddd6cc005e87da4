"""A released letter is written as debts stand now, kept on paper, and sent."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit import record as audit
from portal.credit.stop_dealer import stop_dealer
from portal.dealers import stops
from portal.dealers.account import lock_account
from portal.dunning.content import Addressee, content_of
from portal.dunning.debts import debts_of
from portal.dunning.policy import policy_of
from portal.dunning.print_letter import keep_papers
from portal.dunning.rules import Demand, LetterState, Policy, demand
from portal.dunning.vocabulary import SENT, DunningAction
from portal.dunning.write_items import write_items
from portal.kernel import money, outbox
from portal.kernel.actor import Actor
from portal.kernel.db import Record
from portal.kernel.errors import NotFound
from portal.ledger.vocabulary import LedgerRight
from portal.notifications.tell import announce
from portal.statements.company import Issuer

_WAITING = text(
    "SELECT number FROM dunning_letter WHERE run_id = :run AND state = 'released' ORDER BY dealer_id LIMIT 1"
)
_DEALER_OF = text("SELECT dealer_id FROM dunning_letter WHERE number = :number")
_LETTER = text(
    """
    SELECT l.dealer_id, l.id, l.number, l.state, r.policy_version, d.code, d.name_zh, d.name_en,
           d.credit_code, d.city || d.address AS address
      FROM dunning_letter l JOIN dunning_run r ON r.id = l.run_id JOIN dealer d ON d.id = l.dealer_id
     WHERE l.number = :number FOR NO KEY UPDATE OF l
    """
)
_SETTLED = text("UPDATE dunning_letter SET state = 'settled' WHERE (dealer_id, id) = (:dealer_id, :id)")
_SENT = text(
    """
    UPDATE dunning_letter
       SET state = 'sent', sent_at = :at, level = :level, written_on = :day, pay_by = :pay_by,
           amount = :amount, interest = :interest, content = CAST(:content AS jsonb)
     WHERE (dealer_id, id) = (:dealer_id, :id)
    """
)
_REACHED = text(
    """
    INSERT INTO dunning_reached (dealer_id, entry_id, level, letter_id, reached_on)
    VALUES (:dealer_id, :entry_id, :level, :letter_id, :day)
    """
)


def next_letter(session: Session, run_id: int) -> str | None:
    """The number of a letter of a run that was released and is not sent yet."""
    number: str | None = session.scalar(_WAITING, {"run": run_id})
    return number


def send_letter(
    session: Session,
    *,
    actor: Actor,
    number: str,
    issuer: Issuer,
    phone: str,
    today: date,
    at: datetime,
) -> LetterState:
    """Write a released letter and tell the dealer's finance; what became of it.

    Its debts are those that are open behind the lock of the account: what was paid or disputed since the run
    is not in it, and a letter of which nothing is left is settled. Each debt reaches its level once. A level
    that stops puts the dealer on the stop list. Nothing happens to a letter that is sent. Raises NotFound,
    Forbidden.
    """
    actor.require(LedgerRight.POST)
    letter = _locked(session, number)
    if letter.state != LetterState.RELEASED:
        return LetterState(letter.state)
    policy = policy_of(session, letter.policy_version).policy
    due_until = today - timedelta(days=policy.days[0])
    found = demand(
        debts_of(session, [letter.dealer_id], due_until=due_until)[letter.dealer_id], policy, today
    )
    if found is None:
        session.execute(_SETTLED, {"dealer_id": letter.dealer_id, "id": letter.id})
        audit.record(session, DunningAction.LETTER_SETTLED, number, actor=actor, dealer_id=letter.dealer_id)
        return LetterState.SETTLED
    addressee = Addressee(letter.code, letter.name_zh, letter.name_en, letter.credit_code, letter.address)
    content = content_of(number, addressee, found, policy, issuer, phone, today)
    _write(session, letter, found, content, today, today + timedelta(days=policy.respite), at)
    papers = keep_papers(session, dealer_id=letter.dealer_id, letter_id=letter.id, content=content, at=at)
    _stop(session, actor, letter, found, policy, today, at)
    _tell(session, actor, letter, found, content, papers)
    return LetterState.SENT


def _locked(session: Session, number: str) -> Record:
    dealer_id: int | None = session.scalar(_DEALER_OF, {"number": number})
    if dealer_id is None:
        raise NotFound()
    lock_account(session, dealer_id)
    return session.execute(_LETTER, {"number": number}).one()


def _write(
    session: Session,
    letter: Record,
    found: Demand,
    content: Mapping[str, Any],
    today: date,
    pay_by: date,
    at: datetime,
) -> None:
    write_items(session, dealer_id=letter.dealer_id, letter_id=letter.id, items=found.items)
    rises = [one for one in found.items if one.level > one.debt.was_level]
    of_letter = {"dealer_id": letter.dealer_id, "letter_id": letter.id, "day": today}
    session.execute(
        _REACHED, [of_letter | {"entry_id": one.debt.entry_id, "level": one.level} for one in rises]
    )
    session.execute(
        _SENT,
        {
            "dealer_id": letter.dealer_id,
            "id": letter.id,
            "level": found.level,
            "day": today,
            "pay_by": pay_by,
            "amount": found.amount,
            "interest": found.interest,
            "content": orjson.dumps(content).decode(),
            "at": at,
        },
    )


def _stop(
    session: Session,
    actor: Actor,
    letter: Record,
    found: Demand,
    policy: Policy,
    today: date,
    at: datetime,
) -> None:
    if policy.stop_level is None or found.level < policy.stop_level:
        return
    if stops.standing_stop(session, letter.dealer_id) is None:
        stop_dealer(
            session,
            actor=actor,
            dealer_id=letter.dealer_id,
            reason=letter.number,
            until=None,
            today=today,
            at=at,
            letter_no=letter.number,
        )


def _tell(
    session: Session,
    actor: Actor,
    letter: Record,
    found: Demand,
    content: Mapping[str, Any],
    papers: Mapping[str, str],
) -> None:
    told = {"number": letter.number, "level": found.level}
    audit.record(
        session,
        DunningAction.LETTER_SENT,
        letter.number,
        actor=actor,
        dealer_id=letter.dealer_id,
        after=told | {"amount": money.as_text(found.amount), "papers": dict(papers)},
    )
    outbox.add(session, SENT, dealer_id=letter.dealer_id, **told)
    facts = told | {
        "amount": money.as_text(found.amount),
        "pay_by": content["pay_by"],
        "debts": len(found.items),
        "last": content["tone"] == "last",
        "sha256": papers["zh"],
    }
    path = f"/dunning-letters/{letter.number}"
    announce(session, event=SENT, dealer_id=letter.dealer_id, path=path, facts=facts)
