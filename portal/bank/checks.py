"""What has to be true of the bank: a booking that is matched has its payment in the books, once and whole."""

from __future__ import annotations

from portal.kernel.checking import Check
from portal.kernel.errors import N_

CHECKS = (
    Check(
        "bank/matches",
        N_("Every bank booking that is matched has a payment of its amount in the books."),
        """
        SELECT f.number || '/' || l.line_no AS subject, b.amount AS kept,
               CASE m.kind WHEN 'reversed' THEN -p.amount ELSE p.amount END AS counted
          FROM bank_match m
          JOIN bank_booking b ON b.id = m.booking_id
          JOIN bank_line l ON l.booking_id = b.id AND l.is_new
          JOIN bank_file f ON f.id = l.file_id
          JOIN payment p ON (p.dealer_id, p.number) = (m.dealer_id, m.payment_no)
         WHERE m.undone_at IS NULL
           AND b.amount <> CASE m.kind WHEN 'reversed' THEN -p.amount ELSE p.amount END
        """,
    ),
    Check(
        "bank/standing",
        N_("No payment that was reversed is still matched with a bank booking that brought it."),
        """
        SELECT f.number || '/' || l.line_no AS subject, m.payment_no AS kept, 'reversed' AS counted
          FROM bank_match m
          JOIN bank_line l ON l.booking_id = m.booking_id AND l.is_new
          JOIN bank_file f ON f.id = l.file_id
          JOIN journal_entry e ON e.dealer_id = m.dealer_id AND e.document_no = m.payment_no
                              AND e.reverses_id IS NULL
          JOIN journal_entry r ON r.dealer_id = e.dealer_id AND r.reverses_id = e.id
         WHERE m.undone_at IS NULL AND m.kind <> 'reversed'
           AND NOT EXISTS (SELECT FROM bank_match t
                            WHERE (t.dealer_id, t.payment_no) = (m.dealer_id, m.payment_no)
                              AND t.undone_at IS NULL AND t.kind = 'reversed')
        """,
    ),
)
