"""Put a dealer on the stop list, by hand or by a letter; and take it off again."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit import record as audit
from portal.credit.rules import AHEAD_MAX, TEXT_MAX
from portal.credit.vocabulary import STOP_ENDED, STOPPED, CreditAction
from portal.dealers import stops
from portal.dealers.account import lock_account
from portal.disputes.rules import text_faults
from portal.kernel import numbering, outbox
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Conflict, Fault, Invalid, NotFound
from portal.ledger.vocabulary import LedgerRight
from portal.notifications.tell import announce

PREFIX = "XS"

_DEALER_OF = text("SELECT dealer_id FROM dealer_stop WHERE number = :number")


def stop_dealer(
    session: Session,
    *,
    actor: Actor,
    dealer_id: int,
    reason: str,
    until: date | None,
    today: date,
    at: datetime,
    letter_no: str = "",
) -> str:
    """Hold the new orders of a dealer from now on, through the day `until`; the number of the stop.

    Orders that are confirmed already go on. letter_no: of the dunning letter that does it. Raises Invalid
    with every fault, Conflict for a dealer that is on the list, NotFound, Forbidden.
    """
    actor.require(LedgerRight.POST)
    lock_account(session, dealer_id)
    if faults := [*text_faults("/reason", reason, most=TEXT_MAX), *_until_faults(until, today)]:
        raise Invalid(faults=faults)
    standing = stops.standing_stop(session, dealer_id)
    if standing is not None:
        message, fix = N_("This dealer is on the stop list already."), N_("End that stop first.")
        raise Conflict("already_stopped", message, fix=fix, stop=standing.number)
    number = numbering.new_number(PREFIX, today)
    stops.put(
        session,
        actor=actor,
        dealer_id=dealer_id,
        number=number,
        reason=reason.strip(),
        until=until,
        letter_no=letter_no,
        at=at,
    )
    told = {"number": number, "until": until and until.isoformat()}
    after = told | {"letter": letter_no}
    audit.record(
        session, CreditAction.STOP_PUT, number, actor=actor, dealer_id=dealer_id, after=after, reason=reason
    )
    outbox.add(session, STOPPED, dealer_id=dealer_id, **told)
    announce(session, event=STOPPED, dealer_id=dealer_id, path="/credit", facts=told)
    return number


def end_stop(session: Session, *, actor: Actor, number: str, reason: str, at: datetime) -> None:
    """Take a dealer off the list; a job then lets the orders go that nothing else holds.

    Raises Invalid without a reason, Conflict for a stop that has ended, NotFound, Forbidden.
    """
    actor.require(LedgerRight.POST)
    dealer_id: int | None = session.scalar(_DEALER_OF, {"number": number})
    if dealer_id is None:
        raise NotFound()
    lock_account(session, dealer_id)
    if faults := text_faults("/reason", reason, most=TEXT_MAX):
        raise Invalid(faults=faults)
    standing = stops.standing_stop(session, dealer_id)
    if standing is None or standing.number != number:
        raise Conflict("stop_ended", N_("This stop has ended already."), fix=N_("Nothing is left to do."))
    stops.end(session, actor=actor, dealer_id=dealer_id, reason=reason.strip(), at=at)
    audit.record(
        session, CreditAction.STOP_ENDED, number, actor=actor, dealer_id=dealer_id, reason=reason.strip()
    )
    outbox.add(session, STOP_ENDED, dealer_id=dealer_id, number=number)
    announce(session, event=STOP_ENDED, dealer_id=dealer_id, path="/credit", facts={"number": number})


def _until_faults(until: date | None, today: date) -> list[Fault]:
    if until is None or today <= until <= today + AHEAD_MAX:
        return []
    message = N_("A stop ends today or later, and within three years.")
    return [Fault("/until", "until", message, N_("Choose another day, or none."))]
