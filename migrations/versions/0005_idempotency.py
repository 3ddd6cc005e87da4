"""An answer kept under a key is kept with a dealer of its actor: nobody writes another dealer's number into
it.

Revision ID: 0005
Revises: 0004
"""

from __future__ import annotations

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

OWN = "actor = app_actor() OR app_everywhere()"
OWN_WITHIN_SCOPE = """app_everywhere()
  OR (actor = app_actor() AND (dealer_id IS NULL OR dealer_id = app_dealer()
  OR dealer_id IN (SELECT d.id FROM dealer d WHERE d.region_id = ANY (app_regions()))))"""


def upgrade() -> None:
    """Narrow what may be written."""
    op.execute(f"ALTER POLICY idempotency_key_scope ON idempotency_key WITH CHECK ({OWN_WITHIN_SCOPE})")


def downgrade() -> None:
    """Widen it again."""
    op.execute(f"ALTER POLICY idempotency_key_scope ON idempotency_key WITH CHECK ({OWN})")
