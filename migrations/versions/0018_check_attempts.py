"""A run of the checks that fails leaves its traces, so that it is not begun again for ever.

Revision ID: 0018
Revises: 0017
"""

from __future__ import annotations

import os

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

APP_ROLE = os.environ.get("TONGLU_APP_ROLE", "portal_app")


def upgrade() -> None:
    """Attempts are counted and may end without a result."""
    op.add_column("check_run", sa.Column("attempts", sa.Integer(), server_default="0", nullable=False))
    op.add_column("check_run", sa.Column("failed_at", sa.DateTime(timezone=True)))
    op.add_column("check_run", sa.Column("last_error", sa.Text()))
    op.execute("SELECT set_config('app.region_ids', '*', true)")  # the policy binds the owner too
    op.execute("UPDATE check_run SET attempts = 1 WHERE started_at IS NOT NULL")
    op.drop_constraint(op.f("ck_check_run_finished"), "check_run")
    op.create_check_constraint(
        op.f("ck_check_run_begun"), "check_run", "(started_at IS NULL) = (attempts = 0)"
    )
    op.create_check_constraint(
        op.f("ck_check_run_finished"),
        "check_run",
        "(finished_at IS NULL) = (differences IS NULL) AND (finished_at IS NULL OR started_at IS NOT NULL)",
    )
    op.create_check_constraint(
        op.f("ck_check_run_failed"),
        "check_run",
        "failed_at IS NULL AND last_error IS NULL OR failed_at IS NOT NULL AND started_at IS NOT NULL"
        " AND finished_at IS NULL",
    )
    op.execute(f"GRANT UPDATE (attempts, failed_at, last_error) ON check_run TO {APP_ROLE}")


def downgrade() -> None:
    """What has no result goes."""
    op.execute("SELECT set_config('app.region_ids', '*', true)")
    op.execute("DELETE FROM check_run WHERE started_at IS NOT NULL AND finished_at IS NULL")
    for name in ("ck_check_run_begun", "ck_check_run_failed", "ck_check_run_finished"):
        op.drop_constraint(op.f(name), "check_run")
    op.create_check_constraint(
        op.f("ck_check_run_finished"),
        "check_run",
        "(finished_at IS NULL) = (started_at IS NULL) AND (finished_at IS NULL) = (differences IS NULL)",
    )
    for name in ("attempts", "failed_at", "last_error"):
        op.drop_column("check_run", name)
