"""What has to be true of settlements: notes pay them, and the company's books say what is owed."""

from __future__ import annotations

from portal.kernel.checking import Check
from portal.kernel.errors import N_

CHECKS = (
    Check(
        "settlements/balances",
        N_("No balance of rebates is overdrawn, and what was used of it is what its notes gave."),
        """
        SELECT p.number || ' ' || d.code AS subject, c.kept, c.counted
          FROM (SELECT b.dealer_id, b.programme_id, sum(b.amount) AS balance,
                       -coalesce(sum(b.amount) FILTER (WHERE b.amount < 0), 0) AS used,
                       coalesce(-sum(n.gross), 0) AS given
                  FROM rebate_balance_entry b
                  LEFT JOIN rebate_note n ON (n.dealer_id, n.number) = (b.dealer_id, b.note_no)
                 GROUP BY b.dealer_id, b.programme_id) k
          JOIN dealer d ON d.id = k.dealer_id
          JOIN rebate_programme p ON p.id = k.programme_id
         CROSS JOIN LATERAL (VALUES (k.used, k.given), (least(k.balance, 0), 0)) AS c(kept, counted)
         WHERE c.kept <> c.counted
        """,
    ),
    Check(
        "settlements/notes",
        N_("Every rebate that was settled is paid by its note, to the fen."),
        """
        SELECT s.source || ' ' || d.code AS subject, s.paid AS kept, coalesce(-n.gross, 0) AS counted
          FROM (SELECT s.dealer_id, s.source, max(s.note_no) AS note_no, sum(s.paid) AS paid
                  FROM rebate_settlement s JOIN rebate_programme p ON p.id = s.programme_id
                 WHERE coalesce(p.terms -> 'payout' ->> 'basis', p.terms ->> 'basis') <> 'amount_net'
                   AND p.terms ->> 'usable_share' IS NULL
                 GROUP BY s.dealer_id, s.source) s
          JOIN dealer d ON d.id = s.dealer_id
          LEFT JOIN rebate_note n ON (n.dealer_id, n.number) = (s.dealer_id, s.note_no)
         WHERE s.paid <> coalesce(-n.gross, 0)
        """,
    ),
    Check(
        "settlements/owed",
        N_("The company's books owe dealers what was counted for them at the end of the last month."),
        """
        SELECT p.number AS subject, coalesce(e.net, 0) AS kept, coalesce(l.net, 0) AS counted
          FROM rebate_programme p
          LEFT JOIN (SELECT programme_id, sum(net) AS net FROM rebate_liability
                      WHERE month = (SELECT max(month) FROM rebate_liability_month
                                      WHERE posted_at IS NOT NULL)
                      GROUP BY programme_id) l ON l.programme_id = p.id
          LEFT JOIN (SELECT c.subject, -sum(i.amount) AS net
                       FROM company_entry c JOIN company_line i ON i.entry_id = c.id
                      WHERE i.account = 'rebate_liability' GROUP BY c.subject) e ON e.subject = p.number
         WHERE coalesce(e.net, 0) <> coalesce(l.net, 0)
        """,
    ),
)
