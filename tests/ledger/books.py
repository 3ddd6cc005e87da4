"""One dealer's books from day to day, by the portal's own means, and sequences of acts on them."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import count

from hypothesis import strategies as st
from sqlalchemy import text

from portal.dealers.account import lock_account
from portal.kernel import clock
from portal.kernel.actor import SYSTEM
from portal.kernel.db import transaction
from portal.kernel.money import ZERO
from portal.ledger import rules
from portal.ledger.ageing import ageing_by_dealer, open_on
from portal.ledger.ageing_rules import AsOf, Buckets
from portal.ledger.journal import Entry, post
from portal.ledger.reverse_entry import reverse_entry
from portal.ledger.rules import EntryKind
from portal.ledger.snapshots import balance_at, keep_snapshot
from tests import cast
from tests.ledger.acts import shut
from tests.tampering import tampering

ZONE = cast.ZONE
NUMBERS = count(1)
START = date(2026, 1, 1)


class Books:
    """One dealer's account from day to day, by the portal's own means; every act is committed."""

    def __init__(self, database, owner, dealer_id: int) -> None:
        self.database, self.owner, self.dealer_id = database, owner, dealer_id
        self.standing: list[str] = []
        self.then: dict[date, list] = {}
        self.closed: dict[str, list] = {}
        self.today = START

    def at(self) -> datetime:
        return datetime.combine(self.today, time(12), ZONE)

    def posted(self, amount: Decimal, days_back: int, terms: int) -> None:
        """A debt, or a credit that arrived some days ago."""
        number, on = f"T{next(NUMBERS)}", self.today - timedelta(days=days_back)
        entry = (
            Entry(
                self.dealer_id,
                EntryKind.SERVICE,
                number,
                on,
                rules.invoice_entry(amount, ZERO),
                due_on=on + timedelta(days=terms),
            )
            if amount > 0
            else Entry(self.dealer_id, EntryKind.PAYMENT, number, on, rules.payment_entry(-amount))
        )
        with transaction(self.database.system_session()) as session:
            lock_account(session, self.dealer_id)
            post(session, entry, actor=SYSTEM, at=self.at())
        self.standing.append(number)

    def reversed(self, place: int) -> None:
        """One of the documents that stand is taken back."""
        if not self.standing:
            return
        number = self.standing.pop(place % len(self.standing))
        about = {"dealer_id": self.dealer_id, "document_no": number, "reason": "x", "today": self.today}
        with transaction(self.database.system_session()) as session:
            reverse_entry(session, actor=SYSTEM, at=self.at(), **about)

    def month_closed(self) -> None:
        """The next month that is over."""
        period = clock.next_period(max(self.closed)) if self.closed else clock.period_of(START)
        if period >= clock.period_of(self.today):
            return
        shut(self.owner, period)
        with transaction(self.database.system_session()) as session:
            keep_snapshot(session, dealer_id=self.dealer_id, period=period, at=self.at())
        self.closed[period] = self.open(clock.last_day(period))

    def open(self, day: date, *, as_seen: bool = False) -> list:
        with transaction(self.database.system_session()) as session:
            return open_on(session, dealer_id=self.dealer_id, as_of=self.as_of(day, as_seen))

    def balance(self, day: date, *, as_seen: bool = False) -> Decimal:
        with transaction(self.database.system_session()) as session:
            return balance_at(session, dealer_id=self.dealer_id, as_of=self.as_of(day, as_seen))

    def summed(self, day: date, *, as_seen: bool = False) -> Buckets:
        """As headquarters' list adds it up."""
        with transaction(self.database.system_session()) as session:
            page = ageing_by_dealer(session, as_of=self.as_of(day, as_seen), limit=1000)
        found = [row for row in page.items if row.dealer_id == self.dealer_id]
        names = list(Buckets.__dataclass_fields__)
        return Buckets(**{name: getattr(found[0], name) for name in names}) if found else Buckets()

    @staticmethod
    def as_of(day: date, as_seen: bool) -> AsOf:
        return AsOf(day).as_seen_then(ZONE) if as_seen else AsOf(day)

    def act(self, kind: str, amount: Decimal, back: int, terms: int) -> None:
        """One of `ACTS`."""
        if kind == "close":
            self.month_closed()
        elif kind == "reverse":
            self.reversed(back)
        else:
            self.posted(amount if kind == "debt" else -amount, back, terms)


_KEPT = ("account_snapshot", "allocation", "journal_line", "journal_entry", "accounting_period")


def fresh(database, owner) -> Books:
    """Empty books of a dealer."""
    with tampering(owner, *_KEPT):
        for table in _KEPT:
            owner.execute(text(f"DELETE FROM {table}"))
    owner.execute(text("UPDATE dealer_account SET balance = 0"))
    return Books(database, owner, cast.huadong.id)


fen = st.integers(1, 40).map(lambda units: Decimal(units) * Decimal("0.05"))
ACTS = st.lists(
    st.tuples(
        st.sampled_from(["debt", "credit", "debt", "credit", "reverse", "close"]),
        fen,
        st.integers(0, 25),  # days back, or which of the documents that stand
        st.integers(0, 100),  # terms
        st.sampled_from([0, 0, 1, 3, 9, 20, 40]),  # days that pass then
    ),
    min_size=6,
    max_size=12,
)
