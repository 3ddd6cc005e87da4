"""What headquarters keeps for itself is hidden from sessions of dealers; what it sets they only read.

These tables have no dealer, so no scope stood before them: a statement that forgot to ask who asks would have
answered a dealer, or written for one.

Revision ID: 0080
Revises: 0079
"""

from __future__ import annotations

from alembic import op

revision = "0080"
down_revision = "0079"
branch_labels = None
depends_on = None

HIDDEN = (
    "claim_chain_change",
    "claim_delegation",
    "close_proposal",
    "company_entry",
    "company_line",
    "rebate_liability_month",
    "rebate_run",
    "tax_invoice_limit",
)
"""Neither seen nor written but by headquarters and the portal's own work."""

SET = (
    "complaint_term",
    "dunning_policy",
    "dunning_run",
    "maintenance_plan",
    "rebate_claim_chain",
    "service_duty",
    "service_target",
    "service_team",
    "warranty_rule",
    "work_day",
    "work_setting",
    "work_year",
)
"""Seen by everybody whose documents go by them, written by headquarters."""


SOMEBODY = "app_dealer() IS NOT NULL"


def upgrade() -> None:
    """Not forced: the owner, who loads and looks after them, has no scope to say."""
    for table in (*HIDDEN, *SET):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY {table}_staff ON {table} USING (app_staff())")
    for table in SET:
        op.execute(f"CREATE POLICY {table}_seen ON {table} FOR SELECT USING ({SOMEBODY})")


def downgrade() -> None:
    """Only the code keeps them."""
    for table in SET:
        op.execute(f"DROP POLICY {table}_seen ON {table}")
    for table in (*HIDDEN, *SET):
        op.execute(f"DROP POLICY {table}_staff ON {table}")
        op.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
