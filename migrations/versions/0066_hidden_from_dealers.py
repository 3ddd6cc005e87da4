"""What only headquarters reads is hidden from sessions of dealers by its table, not by the code alone.

Revision ID: 0066
Revises: 0065
"""

from __future__ import annotations

from alembic import op

revision = "0066"
down_revision = "0065"
branch_labels = None
depends_on = None

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


def upgrade() -> None:
    """Each beside the policy of the scope, which still says whose rows they are."""
    for table, statements, seen in HIDDEN:
        op.execute(
            f"CREATE POLICY {_name(table, statements)} ON {table} AS RESTRICTIVE FOR {statements}"
            f" USING ({seen})"
        )


def downgrade() -> None:
    """Only the code hides them."""
    for table, statements, _ in HIDDEN:
        op.execute(f"DROP POLICY {_name(table, statements)} ON {table}")


def _name(table: str, statements: str) -> str:
    return f"{table}_hidden_{statements.lower()}"
