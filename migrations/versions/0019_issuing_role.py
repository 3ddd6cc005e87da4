"""What the role that signs people in may do: secrets are read and written by it only.

Here ends the baseline. What stood at 0019 of the portal before goes on from here.

Revision ID: 0019
Revises: serving_role
"""

from __future__ import annotations

import os

from alembic import op

revision = "0019"
down_revision = "serving_role"
branch_labels = None
depends_on = None

ISSUER_ROLE = os.environ.get("TONGLU_ISSUER_ROLE", "portal_issuer")

GRANTED = {
    "alembic_version": "SELECT",
    "region": "SELECT",
    "dealer": "SELECT",
    "user_account": "SELECT, INSERT, UPDATE",
    "api_client": "SELECT, INSERT, UPDATE",
    "signing_key": "SELECT, INSERT, UPDATE (retired_at)",
    "authorization_code": "SELECT, INSERT, DELETE",
    "refresh_token": "SELECT, INSERT, UPDATE (used_at, revoked_at)",
    "user_session": "SELECT, INSERT, UPDATE (expires_at, ended_at)",
    "refused_attempt": "SELECT, INSERT, UPDATE (attempts, last_at)",
    "audit_event": (
        "INSERT (actor, actor_label, dealer_id, action, subject_kind, subject, request_id, address, "
        "before, after, reason)"
    ),
}

# The issuer says of whom it writes, before anybody is signed in.
VOUCHED_FOR = f"""
CREATE POLICY audit_event_vouched_for ON audit_event FOR INSERT TO {ISSUER_ROLE}, CURRENT_USER
  WITH CHECK (app_everywhere())
"""


def upgrade() -> None:
    """Grants by name."""
    op.execute(f"GRANT USAGE ON SCHEMA public TO {ISSUER_ROLE}")
    for table, acts in GRANTED.items():
        op.execute(f"GRANT {acts} ON {table} TO {ISSUER_ROLE}")
    op.execute(VOUCHED_FOR)


def downgrade() -> None:
    """There is no way back from the first release: restore a backup."""
    raise RuntimeError("restore a backup instead")
