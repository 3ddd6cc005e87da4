"""Rehearsals of price policies over past orders.

Revision ID: 0026
Revises: 0025
"""

from __future__ import annotations

import os

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

APP_ROLE = os.environ.get("TONGLU_APP_ROLE", "portal_app")


def upgrade() -> None:
    """The table, for headquarters only."""
    op.create_table(
        "rehearsal",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("policy_id", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("months", sa.SmallInteger(), nullable=False),
        sa.Column("state", sa.Text(), server_default="waiting", nullable=False),
        sa.Column("total", sa.Integer(), server_default="0", nullable=False),
        sa.Column("done", sa.Integer(), server_default="0", nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("asked_by_label", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.Text(), server_default="", nullable=False),
        sa.Column("result", postgresql.JSONB(), nullable=True),
        sa.CheckConstraint("(state = 'done') = (result IS NOT NULL)", name=op.f("ck_rehearsal_result")),
        sa.CheckConstraint(
            "state IN ('waiting', 'running', 'done', 'failed')", name=op.f("ck_rehearsal_state")
        ),
        sa.CheckConstraint("done BETWEEN 0 AND total", name=op.f("ck_rehearsal_progress")),
        sa.CheckConstraint("months BETWEEN 1 AND 24", name=op.f("ck_rehearsal_months")),
        sa.ForeignKeyConstraint(["policy_id"], ["price_policy.id"], name=op.f("fk_rehearsal_policy_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rehearsal")),
    )
    op.create_index("ix_rehearsal_policy_id", "rehearsal", ["policy_id", "id"], unique=False)
    op.execute("ALTER TABLE rehearsal ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE rehearsal FORCE ROW LEVEL SECURITY")
    op.execute("CREATE POLICY rehearsal_scope ON rehearsal USING (app_staff()) WITH CHECK (app_staff())")
    op.execute(
        "GRANT SELECT, INSERT, UPDATE (state, total, done, finished_at, error, result) ON rehearsal"
        f" TO {APP_ROLE}"
    )


def downgrade() -> None:
    """No rehearsals."""
    op.drop_table("rehearsal")
