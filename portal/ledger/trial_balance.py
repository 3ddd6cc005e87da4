"""The trial balance: what stood on every account before some months and after them, and what moved between.

Either end is what the last snapshot before it says, and the lines that were posted since: what lies behind a
snapshot is not read, however long the books are.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from portal.kernel import clock
from portal.ledger.kinds import Account


@dataclass(frozen=True, slots=True)
class AccountMonth:
    """A row of the trial balance; what stands to the right is negative in `opening` and `closing`."""

    account: str
    opening: Decimal
    debit: Decimal
    credit: Decimal

    @property
    def closing(self) -> Decimal:
        """What the account stands at afterwards."""
        return self.opening + self.debit - self.credit


# Both ends at once. OFFSET and CASE as in `snapshots`.
_BALANCES = """
WITH base AS MATERIALIZED (
  SELECT d.id AS dealer_id, m.is_closing, m.through, s.period, s.accounts, s.debits, s.credits
    FROM dealer d CROSS JOIN (VALUES (false, :before), (true, :last)) m(is_closing, through)
    LEFT JOIN LATERAL (
      SELECT s.* FROM account_snapshot s WHERE s.dealer_id = d.id AND s.period <= m.through
       ORDER BY s.period DESC LIMIT 1) s ON true
   WHERE {dealers}
), part AS (
  SELECT b.is_closing, t.account, t.debit, t.credit
    FROM base b CROSS JOIN LATERAL unnest(b.accounts, b.debits, b.credits) t(account, debit, credit)
  UNION ALL
  SELECT b.is_closing, l.account, greatest(l.amount, 0), greatest(-l.amount, 0)
    FROM base b
   CROSS JOIN LATERAL (
      SELECT e.dealer_id, e.id FROM journal_entry e
       WHERE e.dealer_id = b.dealer_id AND e.period > CASE WHEN b.period IS NULL THEN '' ELSE b.period END
         AND e.period <= b.through OFFSET 0) e
   CROSS JOIN LATERAL (
      SELECT l.account, l.amount FROM journal_line l
       WHERE (l.dealer_id, l.entry_id) = (e.dealer_id, e.id) AND l.amount <> 0 OFFSET 0) l
), side AS (
  SELECT account, coalesce(sum(debit) FILTER (WHERE NOT is_closing), 0) AS debit_before,
         coalesce(sum(credit) FILTER (WHERE NOT is_closing), 0) AS credit_before,
         sum(debit) FILTER (WHERE is_closing) AS debit, sum(credit) FILTER (WHERE is_closing) AS credit
    FROM part GROUP BY account
)
SELECT account, debit_before - credit_before AS opening, debit - debit_before AS debit,
       credit - credit_before AS credit
  FROM side
"""


def trial_balance(
    session: Session, *, first: str, last: str, dealer_id: int | None = None
) -> list[AccountMonth]:
    """Every account that anything was posted to, over the months `first` to `last`; debits equal credits."""
    keys: dict[str, object] = {"before": clock.previous_period(first), "last": last}
    keys |= {} if dealer_id is None else {"dealer_id": dealer_id}
    rows = session.execute(_balances(dealer_id is not None), keys)
    found = {row.account: AccountMonth(**row._mapping) for row in rows}
    return [found[account] for account in Account if account in found]


@cache
def _balances(of_dealer: bool) -> TextClause:
    return text(_BALANCES.format(dealers="d.id = :dealer_id" if of_dealer else "true"))
