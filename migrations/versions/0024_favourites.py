"""People mark pages, which then stand on top of their menu.

Revision ID: 0024
Revises: 0023
"""

from __future__ import annotations

import os

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

APP_ROLE = os.environ.get("TONGLU_APP_ROLE", "portal_app")

OWN = "'user:' || user_id = app_actor()"  # not even those who see every dealer


def upgrade() -> None:
    """The table, seen by its person only."""
    op.create_table(
        "user_favourite",
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("place", sa.SmallInteger(), nullable=False),
        sa.Column("endpoint", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_user_favourite_user_id")),
        sa.PrimaryKeyConstraint("user_id", "place", name=op.f("pk_user_favourite")),
        sa.UniqueConstraint("user_id", "endpoint", name=op.f("uq_user_favourite_user_id_endpoint")),
        sa.CheckConstraint("place BETWEEN 1 AND 12", name=op.f("ck_user_favourite_place")),
        sa.CheckConstraint("length(endpoint) BETWEEN 1 AND 60", name=op.f("ck_user_favourite_endpoint")),
    )
    op.execute("ALTER TABLE user_favourite ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE user_favourite FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY user_favourite_scope ON user_favourite USING ({OWN}) WITH CHECK ({OWN})")
    op.execute(f"GRANT SELECT, INSERT, DELETE ON user_favourite TO {APP_ROLE}")


def downgrade() -> None:
    """Nobody has favourites."""
    op.drop_table("user_favourite")
