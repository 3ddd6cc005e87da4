"""What the review of a submitted policy depended on, so that its publication need not judge the same again.

Revision ID: 0031
Revises: 0030
"""

from __future__ import annotations

import os

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

APP_ROLE = os.environ.get("TONGLU_APP_ROLE", "portal_app")


def upgrade() -> None:
    """What was submitted before has none: it is judged when it is published."""
    op.add_column("price_policy", sa.Column("review_basis", sa.Text(), nullable=True))
    op.execute(f"GRANT UPDATE (review_basis) ON price_policy TO {APP_ROLE}")


def downgrade() -> None:
    """Every publication judges again."""
    op.drop_column("price_policy", "review_basis")
