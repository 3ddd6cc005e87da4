"""People keep views of lists: a name and what the list's address said.

Revision ID: 0019
Revises: 0018
"""

from __future__ import annotations

import os

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

APP_ROLE = os.environ.get("TONGLU_APP_ROLE", "portal_app")

OWN = "'user:' || user_id = app_actor()"  # not even those who see every dealer


def upgrade() -> None:
    """The table, seen by its person only."""
    op.create_table(
        "saved_view",
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("listing", sa.Text(), nullable=False),
        sa.Column("place", sa.SmallInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_saved_view_user_id")),
        sa.PrimaryKeyConstraint("user_id", "listing", "place", name=op.f("pk_saved_view")),
        sa.UniqueConstraint("user_id", "listing", "name", name=op.f("uq_saved_view_user_id_listing_name")),
        sa.CheckConstraint("place BETWEEN 1 AND 20", name=op.f("ck_saved_view_place")),
        sa.CheckConstraint(
            "length(listing) BETWEEN 1 AND 40 AND length(name) BETWEEN 1 AND 60 AND length(query) <= 1000",
            name=op.f("ck_saved_view_lengths"),
        ),
    )
    op.execute("ALTER TABLE saved_view ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE saved_view FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY saved_view_scope ON saved_view USING ({OWN}) WITH CHECK ({OWN})")
    op.execute(f"GRANT SELECT, INSERT, DELETE ON saved_view TO {APP_ROLE}")


def downgrade() -> None:
    """Nobody's views are kept."""
    op.drop_table("saved_view")
