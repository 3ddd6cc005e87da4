"""Sign-ins that can be ended on the server: a copied cookie is worth nothing after its owner signed out.

Revision ID: 0003
Revises: 0002
"""

from __future__ import annotations

import os

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

APP_ROLE = os.environ.get("TONGLU_APP_ROLE", "portal_app")

# A person reads and ends the own sign-ins; only the sign-in itself, which knows nobody yet, and the sweep see
# others.
OWN = "'user:' || user_id = app_actor() OR app_everywhere()"

# As with people: a client without a dealer (headquarters' ERP) is known by its signed token before its scope
# is.
CLIENT = """(dealer_id = app_dealer() OR app_everywhere()
  OR dealer_id IN (SELECT d.id FROM dealer d WHERE d.region_id = ANY (app_regions())))"""
CLIENT_OR_SELF = f"{CLIENT} OR 'client:' || id = app_actor()"


def upgrade() -> None:
    op.create_table(
        "user_session",
        sa.Column("secret_hash", sa.Text(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_user_session_user_id")),
        sa.PrimaryKeyConstraint("secret_hash", name=op.f("pk_user_session")),
    )
    op.create_index(op.f("ix_user_session_user_id"), "user_session", ["user_id"])
    op.create_index(op.f("ix_user_session_expires_at"), "user_session", ["expires_at"])
    op.execute("ALTER TABLE user_session ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE user_session FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY user_session_scope ON user_session USING ({OWN}) WITH CHECK ({OWN})")
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON user_session TO {APP_ROLE}")
    op.execute(f"ALTER POLICY api_client_scope ON api_client USING ({CLIENT_OR_SELF})")


def downgrade() -> None:
    op.execute(f"ALTER POLICY api_client_scope ON api_client USING ({CLIENT})")
    op.drop_table("user_session")
