"""What only headquarters reads is hidden from sessions of dealers by its table; invoices on paper are kept.

Revision ID: 0067
Revises: 0066
"""

from __future__ import annotations

import os

from alembic import op

from migrations.tenancy import scope_table

revision = "0067"
down_revision = "0066"
branch_labels = None
depends_on = None

TOLERATED = {"require-concurrent-index-creation": "service_invoice gets a few rows a day"}

APP_ROLE = os.environ.get("TONGLU_APP_ROLE", "portal_app")

_ISSUED = "app_staff() OR issued_at IS NOT NULL"
_LINE_ISSUED = """
app_staff() OR EXISTS (
  SELECT FROM repair_quote q
   WHERE (q.dealer_id, q.repair_id, q.version)
         = (repair_quote_line.dealer_id, repair_quote_line.repair_id, repair_quote_line.version)
     AND q.issued_at IS NOT NULL)
"""

HIDDEN = (
    # What an act of somebody else says may be an internal note, a triage, a draft.
    ("audit_event", "SELECT", "app_staff() OR actor = app_actor()"),
    # Effects are carried out by the portal itself; a dealer leaves some, and reads none.
    ("outbox", "SELECT", "app_staff()"),
    ("outbox", "UPDATE", "app_staff()"),
    ("outbox", "DELETE", "app_staff()"),
    ("stored_file", "ALL", "app_staff() OR owner_kind NOT IN ('service note', 'rebate_fact')"),
    ("service_escalation", "ALL", "app_staff()"),
    ("repair_quote", "ALL", _ISSUED),
    ("repair_quote_line", "ALL", _LINE_ISSUED),
)
"""Table, for which statements, and of which rows alone they may be."""

PAPERS = """
CREATE TABLE invoice_pdf (
  dealer_id bigint NOT NULL,
  number text NOT NULL,
  locale text NOT NULL,
  content bytea NOT NULL,
  sha256 text NOT NULL,
  rendered_at timestamptz NOT NULL,
  CONSTRAINT pk_invoice_pdf PRIMARY KEY (dealer_id, number, locale),
  CONSTRAINT fk_invoice_pdf_dealer_id FOREIGN KEY (dealer_id) REFERENCES dealer (id)
);
CREATE TRIGGER invoice_pdf_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON invoice_pdf
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE INDEX ix_service_invoice_dealer_id_issued_on ON service_invoice (dealer_id, issued_on, id);
"""


def upgrade() -> None:
    """Each beside the policy of the scope, which still says whose rows they are."""
    for table, statements, seen in HIDDEN:
        op.execute(
            f"CREATE POLICY {_name(table, statements)} ON {table} AS RESTRICTIVE FOR {statements}"
            f" USING ({seen})"
        )
    op.execute(PAPERS)
    for statement in scope_table("invoice_pdf"):
        op.execute(statement)
    op.execute(f"GRANT SELECT, INSERT ON invoice_pdf TO {APP_ROLE}")


def downgrade() -> None:
    """Only the code hides them."""
    op.drop_index("ix_service_invoice_dealer_id_issued_on", "service_invoice")
    op.drop_table("invoice_pdf")
    for table, statements, _ in HIDDEN:
        op.execute(f"DROP POLICY {_name(table, statements)} ON {table}")


def _name(table: str, statements: str) -> str:
    return f"{table}_hidden_{statements.lower()}"
