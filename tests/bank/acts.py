"""Acts on the bank, each in a transaction of its own, and what the tables then say."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, text

from portal.bank import queries
from portal.bank.by_hand import Said, understood
from portal.bank.match_booking import Matched, Terms, match_booking
from portal.bank.queries import BookingRow
from portal.bank.read_asked import Asked
from portal.bank.take_file import Taken, keep_draft, take_file
from portal.bank.undo_match import set_aside, take_up, unmatch_booking
from portal.kernel.db import Database, transaction
from tests import cast
from tests.ledger.acts import CAUTION
from tests.roles import Person

OWN = "6222 0000 0000 0000"
TERMS = Terms(CAUTION, Decimal("0.00"))
_serial = itertools.count(1)


def booked(
    amount: str,
    *,
    party: str = "",
    told: str = "",
    number: str | None = None,
    mark: str = "",
    account: str = "",
    day=cast.TODAY,
) -> str:
    """A booking of MT940. mark: C, D, RC or RD, by the sign unless it is said."""
    value = Decimal(amount)
    said = mark or ("C" if value > 0 else "D")
    reference = f"B{next(_serial):08}" if number is None else number
    figure = f"{abs(value):.2f}".replace(".", ",")
    return (
        f":61:{day:%y%m%d}{day:%m%d}{said}{figure}NTRFNONREF//{reference}\n"
        f":86:166?00IN?20{told}?31{account}?32{party}"
    )


def mt940(*bookings: str, opening: str = "1000.00", account: str = OWN, currency: str = "CNY") -> bytes:
    """A statement that adds up."""
    total = Decimal(opening)
    signs = {"C": 1, "D": -1, "RC": -1, "RD": 1}
    for one in bookings:
        mark = one[14:].rstrip("0123456789").split("NTRF")[0]
        mark = "".join(itertools.takewhile(str.isalpha, mark))
        total += signs[mark] * Decimal(one[14 + len(mark) :].split("NTRF")[0].replace(",", "."))

    def balance(value: Decimal) -> str:
        side = "C" if value >= 0 else "D"
        return f"{side}{cast.TODAY:%y%m%d}{currency}{abs(value):.2f}".replace(".", ",")

    lines = [":20:X", f":25:{account}", f":60F:{balance(Decimal(opening))}", *bookings]
    return "\n".join([*lines, f":62F:{balance(total)}", "-"]).encode()


def taken(
    database: Database,
    content: bytes,
    *,
    by: Person = cast.hq_finance,
    name: str = "bank.sta",
    terms: Terms = TERMS,
    **asked: Any,
) -> Taken:
    """A file taken in."""
    with transaction(database.session_for(by.actor())) as session:
        return take_file(
            session,
            actor=by.actor(),
            content=content,
            name=name,
            asked=Asked(**asked),
            terms=terms,
            zone=cast.ZONE,
            today=cast.TODAY,
            at=cast.NOW,
        )


def asked_about(database: Database, content: bytes, name: str = "明细.csv") -> str:
    """A file that waits for what it asks."""
    by = cast.hq_finance
    with transaction(database.session_for(by.actor())) as session:
        return keep_draft(
            session, actor=by.actor(), content=content, name=name, today=cast.TODAY, at=cast.NOW
        )


def bookings_of(database: Database, number: str, by: Person = cast.hq_finance) -> Sequence[BookingRow]:
    """The bookings of a file."""
    with transaction(database.session_for(by.actor())) as session:
        return queries.lines(session, number=number, limit=200).items


def matched(
    database: Database,
    booking: BookingRow,
    *,
    by: Person = cast.hq_finance,
    confirmed=frozenset(),
    **said: Any,
) -> Matched:
    """A booking matched by what somebody says."""
    with transaction(database.session_for(by.actor())) as session:
        wanted = understood(
            session,
            booking_id=booking.id,
            amount=booking.amount,
            said=Said(**said),
            tolerance=TERMS.tolerance,
        )
        return match_booking(
            session,
            actor=by.actor(),
            booking_id=booking.id,
            wanted=wanted,
            today=cast.TODAY,
            at=cast.NOW,
            caution=CAUTION,
            confirmed=confirmed,
        )


def unmatched(
    database: Database, booking: BookingRow, *, by: Person = cast.hq_finance, reason: str = "wrong dealer"
) -> str:
    """A match taken back."""
    with transaction(database.session_for(by.actor())) as session:
        return unmatch_booking(
            session,
            actor=by.actor(),
            booking_id=booking.id,
            reason=reason,
            today=cast.TODAY,
            at=cast.NOW,
        )


def put_aside(database: Database, booking: BookingRow, reason: str = "interest") -> None:
    """A booking set aside."""
    with transaction(database.session_for(cast.hq_finance.actor())) as session:
        set_aside(session, actor=cast.hq_finance.actor(), booking_id=booking.id, reason=reason, at=cast.NOW)


def taken_up(database: Database, booking: BookingRow) -> None:
    """A booking that waits after all."""
    with transaction(database.session_for(cast.hq_finance.actor())) as session:
        take_up(session, actor=cast.hq_finance.actor(), booking_id=booking.id, at=cast.NOW)


def open_of(owner: Connection, number: str) -> Decimal:
    """What is left of a debt."""
    return owner.execute(
        text(
            """
            SELECT e.receivable - coalesce((SELECT sum(a.amount) FROM allocation a
                                             WHERE a.dealer_id = e.dealer_id AND a.debit_id = e.id), 0)
              FROM journal_entry e WHERE e.document_no = :number AND e.reverses_id IS NULL
            """
        ),
        {"number": number},
    ).scalar_one()


def payments(owner: Connection) -> list[tuple[int, Decimal]]:
    """Payments in the books: dealer and amount."""
    rows = owner.execute(text("SELECT dealer_id, amount FROM payment ORDER BY id"))
    return [(row.dealer_id, row.amount) for row in rows]
