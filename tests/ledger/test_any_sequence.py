"""Any sequence of documents, reversals and allocations: lines sum to nothing, the balance is its receivable,
what is open stands on one side, and no deposit is taken twice. Each example is one transaction, rolled back.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from hypothesis import HealthCheck, settings
from hypothesis import given as any_of
from hypothesis import strategies as st
from sqlalchemy import text

from portal.kernel.errors import Conflict, Invalid
from portal.ledger.deposits import held
from portal.ledger.open_entries import NamedDebt, open_entries
from portal.ledger.pay_back import propose_deposit_return, propose_refund
from portal.ledger.post_interest import post_interest
from portal.ledger.post_openings import OpenItem, post_openings
from portal.ledger.receive_deposit import receive_deposit, use_deposit
from portal.ledger.record_payment import record_payment
from portal.ledger.reverse_entry import reverse_entry
from portal.ledger.write_off import propose_write_off
from tests import cast
from tests.invariants import PROMISES
from tests.ledger.acts import CAUTION

KINDS = ("opening", "payment", "deposit", "use", "return", "write_off", "refund", "interest", "reversal")
ACTS = st.lists(
    st.tuples(st.sampled_from(KINDS), st.integers(1, 30_000), st.integers(0, 9)), min_size=1, max_size=14
)
NOW = {"today": cast.TODAY, "at": cast.NOW}
HOW = {"method": "bank transfer", "reference": ""}
BACK = HOW | {"reason": "agreed", "alone_max": Decimal(10**9)}
WRONG = """
SELECT (SELECT count(*) FROM (SELECT FROM journal_line GROUP BY dealer_id, entry_id
                               HAVING sum(amount) <> 0) x) AS torn,
       (SELECT coalesce(sum(amount), 0) FROM journal_line WHERE dealer_id = :d AND account = 'receivable')
       - (SELECT balance FROM dealer_account WHERE dealer_id = :d) AS off,
       (SELECT -coalesce(sum(amount), 0) FROM journal_line WHERE dealer_id = :d
          AND account = 'deposits_held') AS deposits
"""


class Books:
    """One dealer's account, acted on at random."""

    def __init__(self, session) -> None:
        self.session, self.actor, self.dealer = session, cast.hq_finance.actor(), cast.huadong.id
        self.deposits: list[str] = []
        self.documents: list[str] = []

    def act(self, kind: str, fen: int, which: int) -> None:
        """Do it, or be refused, with nothing done."""
        amount = Decimal(fen) / 100
        try:
            number = getattr(self, f"_{kind}")(amount, which)
        except (Conflict, Invalid):
            return
        if number:
            self.documents.append(number)

    def _opening(self, amount, which):
        due = cast.TODAY - timedelta(days=which)
        item = OpenItem(f"OLD-{len(self.documents)}-{amount}", due, due, amount if which else -amount)
        return post_openings(self.session, actor=self.actor, dealer_id=self.dealer, items=[item], **NOW)[
            0
        ].document_no

    def _payment(self, amount, which):
        return record_payment(
            self.session,
            actor=self.actor,
            dealer_id=self.dealer,
            amount=amount,
            received_on=cast.TODAY,
            caution=CAUTION,
            **HOW,
            **NOW,
        ).document_no

    def _deposit(self, amount, which):
        number = receive_deposit(
            self.session,
            actor=self.actor,
            dealer_id=self.dealer,
            amount=amount,
            received_on=cast.TODAY,
            **HOW,
            **NOW,
        ).document_no
        self.deposits.append(number)
        return number

    def _use(self, amount, which):
        debts = open_entries(self.session, self.dealer, debts=True)
        if not debts or not self.deposits:
            return None
        named = NamedDebt(debts[which % len(debts)].document_no, amount)
        deposit = self.deposits[which % len(self.deposits)]
        return use_deposit(self.session, actor=self.actor, number=deposit, debts=[named], **NOW).document_no

    def _return(self, amount, which):
        if not self.deposits:
            return None
        deposit = self.deposits[which % len(self.deposits)]
        about = {"number": deposit, "amount": amount, "paid_on": cast.TODAY}
        return propose_deposit_return(self.session, actor=self.actor, **about, **BACK, **NOW).document_no

    def _write_off(self, amount, which):
        debts = open_entries(self.session, self.dealer, debts=True)
        if not debts:
            return None
        named = NamedDebt(debts[which % len(debts)].document_no, None if which % 2 else amount)
        about = {"dealer_id": self.dealer, "debts": [named], "reason": "gone"}
        return propose_write_off(
            self.session, actor=self.actor, alone_max=Decimal(10**9), **about, **NOW
        ).document_no

    def _refund(self, amount, which):
        credits = open_entries(self.session, self.dealer, debts=False)
        if not credits:
            return None
        about = {"credit": credits[which % len(credits)].document_no, "amount": amount}
        return propose_refund(
            self.session, actor=self.actor, paid_on=cast.TODAY, **about, **BACK, **NOW
        ).document_no

    def _interest(self, amount, which):
        return post_interest(
            self.session,
            actor=self.actor,
            dealer_id=self.dealer,
            amount=amount,
            occurred_on=cast.TODAY,
            due_on=cast.TODAY + timedelta(days=which),
            source="DL-1",
            at=cast.NOW,
        ).document_no

    def _reversal(self, amount, which):
        if self.documents:
            number = self.documents[which % len(self.documents)]
            reverse_entry(
                self.session,
                actor=self.actor,
                dealer_id=self.dealer,
                document_no=number,
                reason="wrong",
                **NOW,
            )


def broken(session) -> dict[str, list]:
    """Promises about money that do not hold now."""
    about = (
        "every entry balances",
        "a balance equals the ledger",
        "what is open of the entries is the balance, on one side only",
        "no entry is allocated beyond its amount",
    )
    return {name: rows for name in about if (rows := session.execute(text(PROMISES[name])).all())}


def test_any_sequence_of_documents_and_reversals_keeps_the_books_true(database):
    session = database.session_for(cast.hq_finance.actor())

    @settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @any_of(ACTS)
    def told(acts) -> None:
        with session.begin():
            books = Books(session)
            for kind, fen, which in acts:
                books.act(kind, fen, which)
            session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
            found = session.execute(text(WRONG), {"d": books.dealer}).one()
            assert (found.torn, found.off) == (0, 0)
            assert found.deposits == held(session, books.dealer) >= 0
            assert broken(session) == {}
            session.rollback()

    told()
