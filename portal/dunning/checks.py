"""What has to be true of letters: their sums, their papers, and that a debt rose once at each level."""

from __future__ import annotations

from portal.kernel.checking import Check
from portal.kernel.errors import N_

CHECKS = (
    Check(
        "dunning/letters",
        N_("Every letter demands the sum of its debts, at the highest of their levels."),
        """
        SELECT l.number || ' ' || c.figure AS subject, c.kept::text AS kept, c.counted::text AS counted
          FROM dunning_letter l
          JOIN (SELECT dealer_id, letter_id, sum(amount) AS amount, sum(interest) AS interest,
                       max(level) AS level
                  FROM dunning_item GROUP BY dealer_id, letter_id) i
            ON (i.dealer_id, i.letter_id) = (l.dealer_id, l.id)
         CROSS JOIN LATERAL (VALUES ('amount', l.amount, i.amount), ('interest', l.interest, i.interest),
                                    ('level', l.level, i.level)) c(figure, kept, counted)
         WHERE c.kept <> c.counted
        """,
    ),
    Check(
        "dunning/papers",
        N_("The paper of every letter is the one that was sent."),
        """
        SELECT l.number || ' ' || p.locale AS subject, p.sha256 AS kept,
               encode(sha256(p.content), 'hex') AS counted
          FROM dunning_letter_pdf p
          JOIN dunning_letter l ON (l.dealer_id, l.id) = (p.dealer_id, p.letter_id)
         WHERE p.sha256 <> encode(sha256(p.content), 'hex')
        """,
    ),
)
