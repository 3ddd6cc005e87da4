"""What has to be true of claims: each is paid once, by what was approved, its evidence counts for it, and
nobody signs twice.
"""

from __future__ import annotations

from portal.kernel.checking import Check
from portal.kernel.errors import N_

CHECKS = (
    Check(
        "claims/paid",
        N_("Every paid claim was given exactly what was approved, and no other claim was given anything."),
        """
        SELECT c.number AS subject, coalesce(c.approved, 0) AS kept, coalesce(n.given, 0) AS counted
          FROM rebate_claim c
          LEFT JOIN (SELECT n.dealer_id, n.source, -sum(n.gross) AS given FROM rebate_note n
                      GROUP BY n.dealer_id, n.source) n ON (n.dealer_id, n.source) = (c.dealer_id, c.number)
         WHERE (c.kind <> 'period' AND coalesce(n.given, 0)
                IS DISTINCT FROM CASE c.state WHEN 'paid' THEN c.approved ELSE 0 END)
            OR (c.kind = 'period' AND (c.state = 'paid') <> (n.given IS NOT NULL))
        UNION ALL
        SELECT c.number, c.approved, s.paid
          FROM rebate_claim c
          JOIN (SELECT dealer_id, source, sum(paid) AS paid FROM rebate_settlement
                 GROUP BY dealer_id, source) s ON (s.dealer_id, s.source) = (c.dealer_id, c.number)
         WHERE c.state <> 'paid' OR s.paid > c.approved
        """,
    ),
    Check(
        "claims/signed",
        N_("Every approved claim has as many signatures as its chain has steps, each of another person."),
        """
        SELECT c.number AS subject, cardinality(c.chain) AS kept, coalesce(s.people, 0) AS counted
          FROM rebate_claim c
          LEFT JOIN (SELECT dealer_id, claim_id, round, count(DISTINCT acted_by)::int AS people
                       FROM rebate_claim_step WHERE act = 'approved'
                      GROUP BY dealer_id, claim_id, round) s
            ON (s.dealer_id, s.claim_id, s.round) = (c.dealer_id, c.id, c.round)
         WHERE c.state IN ('approved', 'paid') AND cardinality(c.chain) <> coalesce(s.people, 0)
        """,
    ),
    Check(
        "claims/evidence",
        N_("The evidence of every open or approved claim counts for it."),
        """
        SELECT c.number AS subject,
               coalesce(f.files, 0) + coalesce(i.invoices, 0) + coalesce(l.lines, 0) AS kept,
               coalesce(m.marks, 0) AS counted
          FROM rebate_claim c
          LEFT JOIN (SELECT owner_number, count(DISTINCT sha256)::int AS files FROM stored_file
                      WHERE state = 'kept' AND owner_kind = 'rebate claim' GROUP BY owner_number) f
            ON f.owner_number = c.number
          LEFT JOIN (SELECT dealer_id, claim_id, count(*)::int AS invoices FROM rebate_claim_invoice
                      GROUP BY dealer_id, claim_id) i ON (i.dealer_id, i.claim_id) = (c.dealer_id, c.id)
          LEFT JOIN (SELECT dealer_id, claim_id, count(*)::int AS lines FROM rebate_claim_line
                      GROUP BY dealer_id, claim_id) l ON (l.dealer_id, l.claim_id) = (c.dealer_id, c.id)
          LEFT JOIN (SELECT claim, count(*)::int AS marks FROM rebate_claim_mark GROUP BY claim) m
            ON m.claim = c.number
         WHERE c.state IN ('submitted', 'in_approval', 'approved', 'paid')
           AND coalesce(f.files, 0) + coalesce(i.invoices, 0) + coalesce(l.lines, 0) <> coalesce(m.marks, 0)
        """,
    ),
)
