"""Orders that wait for goods: what is promised, and how much of a level's arrivals is ordered already.

Revision ID: 0027
Revises: 0026
"""

from __future__ import annotations

import os

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

APP_ROLE = os.environ.get("TONGLU_APP_ROLE", "portal_app")

TOLERATED = {
    "constraint-missing-not-valid": "before the first release, while the web stops for 0020",
    "require-concurrent-index-creation": "before the first release, while the web stops for 0020",
}

STATES = "'confirmed', {more}'on_hold', 'picking', 'partially_shipped', 'shipped', 'received', 'cancelled'"


def upgrade() -> None:
    """Waiting units are counted at their level, and a line that waits knows until when."""
    op.add_column("sales_order", sa.Column("backorder", sa.Boolean(), server_default="false", nullable=False))
    op.add_column("sales_order", sa.Column("replaces", sa.Text(), server_default="", nullable=False))
    op.add_column("order_line", sa.Column("promised_on", sa.Date(), nullable=True))
    op.add_column("stock_level", sa.Column("backordered", sa.Integer(), server_default="0", nullable=False))
    op.create_check_constraint(op.f("ck_stock_level_backordered"), "stock_level", "backordered >= 0")
    op.create_index(
        "ix_order_line_missing",
        "order_line",
        ["product_id"],
        postgresql_where="reserved + shipped + cancelled < quantity",
    )
    op.create_index("ix_sales_order_replaces", "sales_order", ["replaces"], postgresql_where="replaces <> ''")
    _states("'backordered', ")
    op.execute(f"GRANT INSERT (backorder, replaces) ON sales_order TO {APP_ROLE}")
    op.execute(f"GRANT UPDATE (promised_on) ON order_line TO {APP_ROLE}")
    op.execute(
        f"GRANT INSERT (warehouse_id, product_id, on_hand), UPDATE (backordered) ON stock_level TO {APP_ROLE}"
    )


def downgrade() -> None:
    """Nobody waits; refused while an order does."""
    _states("")
    op.drop_index("ix_order_line_missing", "order_line")
    op.execute(f"REVOKE INSERT ON stock_level FROM {APP_ROLE}")
    op.drop_column("stock_level", "backordered")
    op.drop_column("order_line", "promised_on")
    op.drop_column("sales_order", "replaces")
    op.drop_column("sales_order", "backorder")


def _states(more: str) -> None:
    op.drop_constraint(op.f("ck_sales_order_status"), "sales_order", type_="check")
    op.create_check_constraint(
        op.f("ck_sales_order_status"), "sales_order", f"status IN ({STATES.format(more=more)})"
    )
