"""What the feed tells of, and since when that is withdrawn; files of price policies.

Revision ID: 0029
Revises: 0028
"""

from __future__ import annotations

import os

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

APP_ROLE = os.environ.get("TONGLU_APP_ROLE", "portal_app")

TOLERATED = {
    "require-concurrent-index-creation": "before the first release, while the web stops for 0020",
}

# As with rules: what is submitted keeps its files.
OF_A_DRAFT = """
CREATE FUNCTION refuse_files_of_no_draft() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM price_policy
                  WHERE id = coalesce(NEW.policy_id, OLD.policy_id) AND state = 'draft') THEN
    RAISE EXCEPTION 'a policy keeps its files' USING ERRCODE = 'TL004';
  END IF;
  RETURN coalesce(NEW, OLD);
END $$;
CREATE TRIGGER policy_attachment_of_draft BEFORE INSERT OR DELETE ON policy_attachment
  FOR EACH ROW EXECUTE FUNCTION refuse_files_of_no_draft();
"""


def upgrade() -> None:
    """Two columns and a table that dealers read no row of: they find the files in the feed."""
    op.add_column("feed_entry", sa.Column("subject", sa.Text(), nullable=False, server_default=""))
    op.add_column("feed_entry", sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_feed_entry_subject", "feed_entry", ["subject"], postgresql_where="subject <> ''")
    op.execute(f"GRANT INSERT (subject, revoked_at), UPDATE (revoked_at) ON feed_entry TO {APP_ROLE}")
    op.create_table(
        "policy_attachment",
        sa.Column("policy_id", sa.BigInteger(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("policy_id", "place", name=op.f("pk_policy_attachment")),
        sa.ForeignKeyConstraint(
            ["policy_id"], ["price_policy.id"], name=op.f("fk_policy_attachment_policy_id")
        ),
        sa.CheckConstraint(
            "size BETWEEN 1 AND 10485760 AND size = octet_length(content)",
            name=op.f("ck_policy_attachment_size"),
        ),
        sa.CheckConstraint("place BETWEEN 1 AND 10", name=op.f("ck_policy_attachment_place")),
    )
    op.execute("ALTER TABLE policy_attachment ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE policy_attachment FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY policy_attachment_scope ON policy_attachment"
        " USING (app_staff()) WITH CHECK (app_staff())"
    )
    op.execute(f"GRANT SELECT, INSERT, DELETE ON policy_attachment TO {APP_ROLE}")
    op.execute(OF_A_DRAFT)


def downgrade() -> None:
    """Files of policies would be lost."""
    raise RuntimeError("restore a backup instead")
