"""What rebates, claims and activities pay, hold and owe: docs/rebates.md, docs/claims.md, docs/budgets.md."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, text

from tests.recount.compared import Compared, asked
from tests.recount.working_time import WorkingTime

# paid = accrued + guaranteed on top + carried in − advanced − carried out − cut; what was settled of a
# period is what it had accrued, its later changes with it; advances come off again; what is carried goes on.
_PAID = """
    SELECT 'settlement ' || id, accrued + guaranteed + carried_in - advanced - carried_out - cut, paid
      FROM rebate_settlement
"""
_ADVANCES = """
    SELECT concat_ws(' ', 'dealer', dealer_id, 'programme', programme_id, first_day), 0::numeric,
      sum(advanced)
      FROM rebate_settlement
     GROUP BY dealer_id, programme_id, first_day HAVING bool_or(kind = 'final')
"""
_CARRIED = """
    SELECT concat_ws(' ', 'dealer', dealer_id, 'programme', programme_id), true,
           sum(carried_out) - sum(carried_in) >= 0
      FROM rebate_settlement GROUP BY dealer_id, programme_id
"""
# A note gives what the settlements of one act pay, with the tax on top where a programme reckons without.
_NOTES = """
    WITH settled AS (
      SELECT s.dealer_id, s.note_no, sum(s.paid) AS paid,
             bool_and(coalesce(p.terms #>> '{payout,basis}', p.terms ->> 'basis') = 'amount_net') AS is_net
        FROM rebate_settlement s JOIN rebate_programme p ON p.id = s.programme_id
       WHERE s.note_no IS NOT NULL
         AND NOT EXISTS (SELECT FROM rebate_claim c WHERE (c.dealer_id, c.paid_no) = (s.dealer_id, s.note_no))
       GROUP BY 1, 2)
    SELECT n.number, CASE WHEN s.is_net THEN true::text ELSE (-s.paid)::text END,
           CASE WHEN s.is_net THEN (abs(n.net + s.paid) <= 0.01 * (SELECT count(*) FROM rebate_note_line l
                                     WHERE (l.dealer_id, l.note_id) = (n.dealer_id, n.id)))::text
                ELSE n.gross::text END
      FROM settled s JOIN rebate_note n ON (n.dealer_id, n.number) = (s.dealer_id, s.note_no)
"""
# Within a line of a note its tax is the part of its rate; a service carries none.
_NOTE_LINES = """
    SELECT n.number || ' line ' || l.line_no,
           CASE n.treatment WHEN 'service' THEN 0 ELSE round(l.gross * l.tax_rate / (1 + l.tax_rate), 2) END,
             l.tax
      FROM rebate_note n JOIN rebate_note_line l ON (l.dealer_id, l.note_id) = (n.dealer_id, n.id)
"""
_CLAIMS = """
    SELECT c.number, concat_ws(' ', -c.approved, c.treatment, true, c.allowed),
           concat_ws(' ', n.gross, n.treatment, c.approved <= c.asked, c.approved)
      FROM rebate_claim c JOIN rebate_note n ON (n.dealer_id, n.number) = (c.dealer_id, c.paid_no)
     WHERE c.state = 'paid'
"""
_INVOICES_OF_CLAIMS = """
    SELECT c.number, coalesce((SELECT sum(i.amount) FROM rebate_claim_invoice i
                                WHERE (i.dealer_id, i.claim_id) = (c.dealer_id, c.id)), 0), c.calculated
      FROM rebate_claim c
     WHERE c.kind IN ('promotion', 'marketing') AND c.state NOT IN ('draft', 'withdrawn')
       AND c.calculated IS NOT NULL
"""
_BUDGETS = """
    SELECT b.number, concat_ws(' ', coalesce(sum(u.amount) FILTER (WHERE u.state = 'reserved'), 0.00),
                               coalesce(sum(u.amount) FILTER (WHERE u.state = 'spent'), 0.00), true),
           concat_ws(' ', b.reserved, b.spent, b.reserved + b.spent <= b.amount)
      FROM rebate_budget b LEFT JOIN budget_use u ON u.budget_id = b.id
     GROUP BY b.id
"""
# An approved activity holds what of its money no claim holds or has spent; a closed one nothing.
_ACTIVITIES = """
    SELECT a.number,
           CASE WHEN a.state = 'approved' THEN a.approved - coalesce(
             (SELECT sum(u.amount) FROM budget_use u
               WHERE (u.dealer_id, u.activity_id) = (a.dealer_id, a.id) AND u.state IN ('reserved',
                 'spent')), 0)
                ELSE 0 END,
           coalesce((SELECT sum(u.amount) FROM budget_use u
                      WHERE (u.dealer_id, u.document) = (a.dealer_id, a.number) AND u.state = 'reserved'), 0)
      FROM activity a WHERE a.budget_id IS NOT NULL
"""
# A claim that waits holds in its activity what is asked; a paid one has spent what was approved.
_HELD = """
    SELECT c.number,
           CASE WHEN c.state IN ('submitted', 'in_approval', 'returned') THEN 'reserved ' || c.asked
                WHEN c.state = 'paid' THEN 'spent ' || c.approved ELSE 'released' END,
           CASE u.state WHEN 'released' THEN 'released' ELSE u.state || ' ' || u.amount END
      FROM rebate_claim c JOIN budget_use u ON (u.dealer_id, u.document) = (c.dealer_id, c.number)
     WHERE c.kind <> 'period'
"""
_BALANCES = """
    SELECT concat_ws(' ', 'dealer', dealer_id, 'programme', programme_id), true, sum(amount) >= 0
      FROM rebate_balance_entry GROUP BY dealer_id, programme_id
"""
_USED = """
    SELECT n.number, b.amount, n.gross
      FROM rebate_balance_entry b JOIN rebate_note n ON (n.dealer_id, n.number) = (b.dealer_id, b.note_no)
"""
# Owed at the end of a month: accrued by then less what was settled by then, advances with it.
_LIABILITY = """
    SELECT concat_ws(' ', 'dealer', l.dealer_id, 'programme', l.programme_id, l.month),
           ARRAY[coalesce(sum(s.accrued - s.advanced), 0), l.accrued - coalesce(sum(s.accrued - s.advanced),
             0)],
           ARRAY[l.settled, l.amount]
      FROM rebate_liability l
      LEFT JOIN rebate_settlement s ON (s.dealer_id, s.programme_id) = (l.dealer_id, l.programme_id)
       AND s.settled_at::date < to_date(l.month, 'YYYY-MM') + interval '1 month'
     GROUP BY l.dealer_id, l.programme_id, l.month, l.accrued, l.settled, l.amount
"""
# The company's own books have the change of a month, debit and credit.
_COMPANY = """
    WITH owed AS (
      SELECT p.number, l.month, sum(l.net) AS net
        FROM rebate_liability l JOIN rebate_programme p ON p.id = l.programme_id GROUP BY 1, 2),
    booked AS (
      SELECT e.subject AS number, e.month, sum(n.amount) FILTER (WHERE n.account = 'rebates') AS debit,
        sum(n.amount) AS both
        FROM company_entry e JOIN company_line n ON n.entry_id = e.id GROUP BY 1, 2)
    SELECT o.number || ' ' || o.month, ARRAY[o.net, 0],
           ARRAY[coalesce((SELECT sum(b.debit) FROM booked b WHERE b.number = o.number
             AND b.month <= o.month), 0),
                 coalesce((SELECT sum(b.both) FROM booked b WHERE b.number = o.number
                   AND b.month <= o.month), 0)]
      FROM owed o JOIN rebate_liability_month m ON m.month = o.month AND m.posted_at IS NOT NULL
"""
_DECIDED_BY = """
    SELECT number, kind, cardinality(chain) AS signatures, submitted_at, submitted_at::date AS day, due_at
      FROM rebate_claim WHERE due_at IS NOT NULL AND state <> 'draft'
"""


def recount(rows: Connection) -> Iterator[Compared]:
    """Settlements and their notes, claims, budgets, balances, liability, and by when a claim is decided."""
    yield from asked(rows, "paid by a settlement", _PAID)
    yield from asked(rows, "advances left of a settled period", _ADVANCES)
    yield from asked(rows, "carried of a programme", _CARRIED)
    yield from asked(rows, "note of a settlement", _NOTES)
    yield from asked(rows, "tax of a line of a rebate note", _NOTE_LINES)
    yield from asked(rows, "note of a claim", _CLAIMS)
    yield from asked(rows, "invoices of a claim", _INVOICES_OF_CLAIMS)
    yield from asked(rows, "reserved and spent of a budget", _BUDGETS)
    yield from asked(rows, "held by an activity", _ACTIVITIES)
    yield from asked(rows, "held by a claim", _HELD)
    yield from asked(rows, "balance kept of a programme", _BALANCES)
    yield from asked(rows, "note out of a kept balance", _USED)
    yield from asked(rows, "owed at the end of a month", _LIABILITY)
    yield from asked(rows, "liability in the company's books", _COMPANY)
    calendar = WorkingTime(rows)
    for claim in rows.execute(text(_DECIDED_BY)):
        # Three working days for a period, five otherwise, two for each further signature; to the end of the
        # day.
        days = (3 if claim.kind == "period" else 5) + 2 * (claim.signatures - 1)
        last = calendar.days_later(claim.day, days)
        yield Compared("day by which a claim is decided", claim.number, calendar.ends(last), claim.due_at)
