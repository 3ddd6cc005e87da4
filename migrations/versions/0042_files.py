"""Files for the whole portal: whose they are and which document they belong to; the bytes lie in a store.

Revision ID: 0042
Revises: 0041
"""

from __future__ import annotations

import os

import sqlalchemy as sa
from alembic import op

from migrations.tenancy import WITHIN, scope_table

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None

APP_ROLE = os.environ.get("TONGLU_APP_ROLE", "portal_app")

# What belongs to a document stays as it is, and where it is.
KEPT = """
CREATE FUNCTION refuse_change_of_kept_file() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RAISE EXCEPTION 'file % belongs to a document', OLD.id USING ERRCODE = 'TL037';
END $$;
CREATE TRIGGER stored_file_kept BEFORE UPDATE OR DELETE ON stored_file
  FOR EACH ROW WHEN (OLD.state = 'kept') EXECUTE FUNCTION refuse_change_of_kept_file();
"""


def upgrade() -> None:
    """The table. Headquarters' own files are for its staff, unless every dealer may see their document."""
    op.create_table(
        "stored_file",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("dealer_id", sa.BigInteger(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default="draft", nullable=False),
        sa.Column("owner_kind", sa.Text(), server_default="", nullable=False),
        sa.Column("owner_number", sa.Text(), server_default="", nullable=False),
        sa.Column("place", sa.Integer(), server_default="0", nullable=False),
        sa.Column("is_shared", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("uploaded_by", sa.Text(), nullable=False),
        sa.Column("uploaded_by_label", sa.Text(), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state IN ('draft', 'kept')", name=op.f("ck_stored_file_state")),
        sa.CheckConstraint("size BETWEEN 1 AND 62914560", name=op.f("ck_stored_file_size")),
        sa.CheckConstraint(
            "(state = 'kept') = (owner_kind <> '') AND (state = 'kept') = (owner_number <> '')"
            " AND (state = 'kept') = (place > 0)",
            name=op.f("ck_stored_file_owner"),
        ),
        sa.CheckConstraint(
            "NOT is_shared OR (state = 'kept' AND dealer_id IS NULL)", name=op.f("ck_stored_file_shared")
        ),
        sa.ForeignKeyConstraint(["dealer_id"], ["dealer.id"], name=op.f("fk_stored_file_dealer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stored_file")),
    )
    op.create_index(
        "ix_stored_file_owner",
        "stored_file",
        ["owner_kind", "owner_number"],
        postgresql_where="state = 'kept'",
    )
    op.create_index(
        "ix_stored_file_drafts", "stored_file", ["uploaded_at"], postgresql_where="state = 'draft'"
    )
    own = f"{WITHIN} OR (dealer_id IS NULL AND app_staff())"
    for statement in scope_table("stored_file", seen=f"{own} OR is_shared", written=own):
        op.execute(statement)
    op.execute(
        "GRANT SELECT, INSERT, DELETE,"
        " UPDATE (dealer_id, state, owner_kind, owner_number, place, is_shared)"
        f" ON stored_file TO {APP_ROLE}"
    )
    op.execute(KEPT)


def downgrade() -> None:
    """Files would belong to nothing."""
    raise RuntimeError("restore a backup instead")
