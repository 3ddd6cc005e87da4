"""What dealers have earned, were paid and are due under a programme, read for many of them at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel import money
from portal.ledger.post_rebate_note import NoteLine
from portal.rebates.rules import Basis
from portal.rebates.terms import Terms
from portal.settlements.rules import PeriodAccount, SettledPeriod, apportioned

_ZERO = Decimal(0)
_STANDARD_RATE = Decimal("0.13")  # where a rebate belongs to no invoice


@dataclass(frozen=True, slots=True)
class DealerAccount:
    """A dealer's periods of one programme, by first day. carried: what waits for its next settlement."""

    dealer_id: int
    dealer_code: str
    periods: Mapping[date, PeriodAccount] = field(default_factory=dict)
    carried: Decimal = _ZERO

    def before(self, first_day: date) -> list[PeriodAccount]:
        """The periods before one, the first first."""
        return [one for day, one in sorted(self.periods.items()) if day < first_day]


def accounts(session: Session, *, programme_id: int, dealer_ids: Sequence[int]) -> dict[int, DealerAccount]:
    """Each dealer with everything that is known under the programme, as it was last reckoned."""
    keys = {"programme_id": programme_id, "dealers": list(dealer_ids)}
    periods: dict[int, dict[date, PeriodAccount]] = defaultdict(dict)
    carried: dict[int, Decimal] = defaultdict(lambda: _ZERO)
    codes: dict[int, str] = {}
    for row in session.execute(_PERIODS, keys):
        codes[row.dealer_id] = row.dealer_code
        carried[row.dealer_id] += row.carried
        periods[row.dealer_id][row.first_day] = PeriodAccount(
            row.first_day,
            row.period,
            row.accrued,
            row.settled,
            row.advanced,
            row.is_settled,
            row.guaranteed,
            row.cut,
        )
    return {
        dealer_id: DealerAccount(dealer_id, codes[dealer_id], of, carried[dealer_id])
        for dealer_id, of in periods.items()
    }


def dealers_of(
    session: Session,
    *,
    programme_id: int,
    first_day: date,
    after: int = 0,
    limit: int = 50,
    earning_only: bool = False,
) -> list[int]:
    """Dealers who have something in a period, by key, behind one of them.

    earning_only: who earned or was settled something; without a guarantee nobody else gets anything.
    """
    keys = {
        "programme_id": programme_id,
        "first_day": first_day,
        "after": after,
        "limit": limit,
        "earning_only": earning_only,
    }
    return list(session.execute(_DEALERS, keys).scalars())


def note_lines(
    session: Session, *, dealer_id: int, programme_id: int, terms: Terms, rows: Sequence[SettledPeriod]
) -> list[NoteLine]:
    """What each settled period pays, split by the invoices that earned it and their rates of tax.

    A programme that reckons without tax is paid with the tax on top, at each line's rate.
    """
    return [
        line
        for row in rows
        if row.paid
        for line in _lines_of(session, dealer_id, programme_id, row, plus_tax=is_net(terms))
    ]


def is_net(terms: Terms) -> bool:
    """Whether the money of a programme is reckoned without tax."""
    return (terms.payout.basis if terms.payout else terms.basis) is Basis.AMOUNT_NET


def _lines_of(
    session: Session, dealer_id: int, programme_id: int, row: SettledPeriod, *, plus_tax: bool
) -> list[NoteLine]:
    keys = {"dealer_id": dealer_id, "programme_id": programme_id, "first_day": row.first_day}
    earned = session.execute(_EARNED, keys).all()
    weights = [one.amount for one in earned]
    if not sum(weights, _ZERO):
        earned_by = [("", _STANDARD_RATE, row.paid)]
    else:
        parts = apportioned(row.paid, weights)
        earned_by = [
            (one.invoice, one.tax_rate, part) for one, part in zip(earned, parts, strict=True) if part
        ]
    return [
        NoteLine(invoice, rate, money.to_fen(part * (1 + rate)) if plus_tax else part)
        for invoice, rate, part in earned_by
    ]


_DEALERS = text(
    """
    SELECT a.dealer_id FROM rebate_accrual a
     WHERE a.programme_id = :programme_id AND a.first_day = :first_day AND a.dealer_id > :after
       AND (NOT :earning_only OR a.accrued <> 0
            OR EXISTS (SELECT FROM rebate_settlement s
                        WHERE s.dealer_id = a.dealer_id AND s.programme_id = a.programme_id
                          AND (s.accrued, s.guaranteed, s.carried_in, s.advanced, s.carried_out, s.cut)
                              <> (0, 0, 0, 0, 0, 0)))
     ORDER BY a.dealer_id LIMIT :limit
    """
)
_PERIODS = text(
    """
    SELECT coalesce(a.dealer_id, s.dealer_id) AS dealer_id, d.code AS dealer_code,
           coalesce(a.first_day, s.first_day) AS first_day, coalesce(a.period, s.period) AS period,
           coalesce(a.accrued, 0) AS accrued, coalesce(s.settled, 0) AS settled,
           coalesce(-s.advanced, 0) AS advanced, coalesce(s.is_settled, false) AS is_settled,
           coalesce(s.guaranteed, 0) AS guaranteed, coalesce(s.cut, 0) AS cut,
           coalesce(s.carried, 0) AS carried
      FROM (SELECT * FROM rebate_accrual
             WHERE programme_id = :programme_id AND dealer_id = ANY (CAST(:dealers AS bigint[]))) a
      FULL JOIN (SELECT dealer_id, first_day, min(period) AS period, sum(accrued) AS settled,
                        sum(advanced) AS advanced, bool_or(kind = 'final') AS is_settled,
                        sum(guaranteed) AS guaranteed, sum(cut) AS cut,
                        sum(carried_out - carried_in) AS carried
                   FROM rebate_settlement
                  WHERE programme_id = :programme_id AND dealer_id = ANY (CAST(:dealers AS bigint[]))
                  GROUP BY dealer_id, first_day) s
        ON (s.dealer_id, s.first_day) = (a.dealer_id, a.first_day)
      JOIN dealer d ON d.id = coalesce(a.dealer_id, s.dealer_id)
     ORDER BY 1, 3
    """
)
# A product has one rate of tax on one invoice.
_EARNED = text(
    """
    SELECT l.invoice, coalesce(r.tax_rate, 0.13) AS tax_rate, sum(l.amount) AS amount
      FROM rebate_accrual_line l
      LEFT JOIN LATERAL (
        SELECT i.tax_rate FROM invoice v
          JOIN invoice_line i ON (i.dealer_id, i.invoice_id) = (v.dealer_id, v.id)
          JOIN product p ON p.id = i.product_id
         WHERE v.dealer_id = l.dealer_id AND v.number = l.invoice AND p.sku = l.sku LIMIT 1) r ON true
     WHERE l.dealer_id = :dealer_id AND l.programme_id = :programme_id AND l.first_day = :first_day
     GROUP BY l.invoice, r.tax_rate HAVING sum(l.amount) <> 0 ORDER BY l.invoice, r.tax_rate
    """
)
