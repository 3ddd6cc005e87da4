"""Refused sign-ins are counted by the hour, account and network instead of being appended one by one.

Revision ID: 0014
Revises: 0013
"""

from __future__ import annotations

import os

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

OWN = "app_everywhere() OR subject = app_actor()"
APP_ROLE = os.environ.get("TONGLU_APP_ROLE", "portal_app")


def upgrade() -> None:
    """A table for the sign-in and the upkeep, which act for nobody in particular; a person adds to the own
    rows only.
    """
    op.create_table(
        "refused_attempt",
        sa.Column("hour", sa.DateTime(timezone=True), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("network", sa.Text(), nullable=False),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("hour", "subject", "reason", "network", name="pk_refused_attempt"),
    )
    op.execute("ALTER TABLE refused_attempt ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE refused_attempt FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY refused_attempt_scope ON refused_attempt USING ({OWN}) WITH CHECK ({OWN})")
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON refused_attempt TO {APP_ROLE}")


def downgrade() -> None:
    """Forget the counts."""
    op.drop_table("refused_attempt")
