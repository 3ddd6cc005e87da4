"""Requests to the ERP for what orders wait for.

Revision ID: 0033
Revises: 0032
"""

from __future__ import annotations

import os

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

APP_ROLE = os.environ.get("TONGLU_APP_ROLE", "portal_app")


def upgrade() -> None:
    """The table, for headquarters only; what is on its way to a level becomes the portal's to write."""
    op.create_table(
        "supply_request",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("warehouse_id", sa.BigInteger(), nullable=False),
        sa.Column("product_id", sa.BigInteger(), nullable=False),
        sa.Column("requested", sa.Integer(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), server_default="requested", nullable=False),
        sa.Column("expected_on", sa.Date(), nullable=True),
        sa.Column("reference", sa.Text(), server_default="", nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("requested > 0 AND quantity > 0", name=op.f("ck_supply_request_quantity")),
        sa.CheckConstraint(
            "state IN ('requested', 'confirmed', 'in_transit', 'received', 'rejected')",
            name=op.f("ck_supply_request_state"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('confirmed', 'in_transit') OR expected_on IS NOT NULL",
            name=op.f("ck_supply_request_expected_on"),
        ),
        sa.ForeignKeyConstraint(
            ["warehouse_id"], ["warehouse.id"], name=op.f("fk_supply_request_warehouse_id")
        ),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_supply_request_product_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supply_request")),
        sa.UniqueConstraint("number", name=op.f("uq_supply_request_number")),
    )
    op.create_index("ix_supply_request_level", "supply_request", ["warehouse_id", "product_id"])
    op.create_index("ix_supply_request_state", "supply_request", ["state", "requested_at", "id"])
    op.create_index("ix_supply_request_requested_at", "supply_request", ["requested_at", "id"])
    op.execute("ALTER TABLE supply_request ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE supply_request FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY supply_request_scope ON supply_request USING (app_staff()) WITH CHECK (app_staff())"
    )
    op.execute(
        "GRANT SELECT, INSERT, UPDATE (state, quantity, expected_on, reference, changed_at)"
        f" ON supply_request TO {APP_ROLE}"
    )
    op.execute(f"GRANT UPDATE (in_transit, next_arrival) ON stock_level TO {APP_ROLE}")


def downgrade() -> None:
    """No requests."""
    op.execute(f"REVOKE UPDATE (in_transit, next_arrival) ON stock_level FROM {APP_ROLE}")
    op.drop_table("supply_request")
