"""What the portal finds when it checks itself.

Revision ID: 0012
Revises: 0011
"""

from __future__ import annotations

import os

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

APP_ROLE = os.environ.get("TONGLU_APP_ROLE", "portal_app")


def upgrade() -> None:
    """A table without a dealer that speaks of every dealer: seen by those who see them all."""
    op.create_table(
        "check_run",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True)),
        sa.Column("finished_at", sa.DateTime(timezone=True)),
        sa.Column("differences", sa.Integer()),
        sa.Column("results", postgresql.JSONB(astext_type=sa.Text())),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_check_run")),
        sa.CheckConstraint(
            "(finished_at IS NULL) = (started_at IS NULL) AND (finished_at IS NULL) = (differences IS NULL)",
            name=op.f("ck_check_run_finished"),
        ),
    )
    op.execute("ALTER TABLE check_run ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE check_run FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY check_run_scope ON check_run USING (app_everywhere()) WITH CHECK (app_everywhere())"
    )
    op.execute(
        "GRANT SELECT, INSERT,"
        f" UPDATE (started_at, finished_at, differences, results) ON check_run TO {APP_ROLE}"
    )


def downgrade() -> None:
    """The findings go."""
    op.drop_table("check_run")
