"""Long lists in the order in which they are read: the desk's open orders, the statements of a month, the
dealers of a region.

Revision ID: 0007
Revises: 0006
"""

from __future__ import annotations

from alembic import op
from sqlalchemy import text

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

OPEN = text("status IN ('confirmed', 'on_hold', 'picking', 'partially_shipped')")


def upgrade() -> None:
    """Lead with what a list is sorted by."""
    _desk("placed_at", "id", "status")
    op.create_index("ix_statement_period_id", "statement", ["period", "id"])
    op.drop_index("ix_dealer_region_id", "dealer")
    op.create_index("ix_dealer_region_id_id", "dealer", ["region_id", "id"])


def downgrade() -> None:
    """Lead with what a list is chosen by."""
    op.drop_index("ix_dealer_region_id_id", "dealer")
    op.create_index("ix_dealer_region_id", "dealer", ["region_id"])
    op.drop_index("ix_statement_period_id", "statement")
    _desk("status", "placed_at")


def _desk(*columns: str) -> None:
    op.drop_index("ix_sales_order_desk", "sales_order")
    op.create_index("ix_sales_order_desk", "sales_order", list(columns), postgresql_where=OPEN)
