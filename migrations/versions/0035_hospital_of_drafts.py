"""The hospital that a draft's goods are for.

Revision ID: 0035
Revises: 0034
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What was drafted before names none, and says so when it is ordered."""
    op.add_column("order_draft", sa.Column("hospital", sa.Text(), nullable=False, server_default=""))


def downgrade() -> None:
    """Drafts name no hospital."""
    op.drop_column("order_draft", "hospital")
