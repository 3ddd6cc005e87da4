"""What has to be true of tax invoices: nothing is taken back twice, and each belongs to a document."""

from __future__ import annotations

from portal.kernel.checking import Check
from portal.kernel.errors import N_

CHECKS = (
    Check(
        "tax-invoices/red-letters",
        N_("Red-letter invoices take back no more than the invoice they name, unless somebody accepted it."),
        """
        SELECT t.number AS subject, t.gross AS kept, sum(r.gross) AS counted
          FROM tax_invoice t
          JOIN tax_invoice r ON (r.dealer_id, r.blue_no) = (t.dealer_id, t.number)
                            AND r.state = 'attached'
         WHERE t.state <> 'removed'
         GROUP BY t.dealer_id, t.id HAVING t.gross + sum(r.gross) < 0
        """,
    ),
    Check(
        "tax-invoices/documents",
        N_("Every tax invoice belongs to a document of its dealer."),
        """
        SELECT t.number AS subject, t.document_no AS kept, CAST(NULL AS text) AS counted
          FROM tax_invoice t
         WHERE t.state <> 'removed'
           AND NOT EXISTS (SELECT FROM invoice i
                            WHERE (i.dealer_id, i.number) = (t.dealer_id, t.document_no))
           AND NOT EXISTS (SELECT FROM service_invoice s
                            WHERE (s.dealer_id, s.number) = (t.dealer_id, t.document_no))
        """,
    ),
)
