"""What each warehouse is advised to have, and the terms that headquarters sets for it.

Revision ID: 0046
Revises: 0045
"""

from __future__ import annotations

import os

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None

APP_ROLE = os.environ.get("TONGLU_APP_ROLE", "portal_app")

SET = "lead_days, review_days, service_level, set_by, set_by_label, set_at"
ADVISED = (
    "advised_on, advised_at, method, weeks, weekly, spread, trend, lead_days, review_days, service_level,"
    " on_hand, reserved, free, coming, waiting, safety_stock, reorder_point, order_up_to, quantity, surplus,"
    " cover_days"
)
STAFF = "USING (app_staff()) WITH CHECK (app_staff())"


def upgrade() -> None:
    """Both tables, for headquarters only."""
    _terms()
    _advice()
    for table, columns in (("replenishment_terms", SET), ("replenishment_advice", ADVISED)):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY {table}_scope ON {table} {STAFF}")
        op.execute(f"GRANT SELECT, INSERT, UPDATE ({columns}) ON {table} TO {APP_ROLE}")


def _terms() -> None:
    table = "replenishment_terms"
    op.create_table(
        table,
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("warehouse_id", sa.BigInteger(), nullable=False),
        sa.Column("product_id", sa.BigInteger(), nullable=True),
        sa.Column("lead_days", sa.SmallInteger(), nullable=True),
        sa.Column("review_days", sa.SmallInteger(), nullable=True),
        sa.Column("service_level", sa.Numeric(4, 3), nullable=True),
        sa.Column("set_by", sa.Text(), nullable=False),
        sa.Column("set_by_label", sa.Text(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("lead_days BETWEEN 1 AND 365", name=op.f(f"ck_{table}_lead_days")),
        sa.CheckConstraint("review_days BETWEEN 1 AND 90", name=op.f(f"ck_{table}_review_days")),
        sa.CheckConstraint("service_level BETWEEN 0.5 AND 0.999", name=op.f(f"ck_{table}_service_level")),
        sa.ForeignKeyConstraint(["warehouse_id"], ["warehouse.id"], name=op.f(f"fk_{table}_warehouse_id")),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f(f"fk_{table}_product_id")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint(
            "warehouse_id",
            "product_id",
            name=op.f(f"uq_{table}_warehouse_id_product_id"),
            postgresql_nulls_not_distinct=True,
        ),
    )


def _advice() -> None:
    table = "replenishment_advice"
    op.create_table(
        table,
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("warehouse_id", sa.BigInteger(), nullable=False),
        sa.Column("product_id", sa.BigInteger(), nullable=False),
        sa.Column("advised_on", sa.Date(), nullable=False),
        sa.Column("advised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("weeks", ARRAY(sa.Integer()), nullable=False),
        sa.Column("weekly", sa.Numeric(12, 3), nullable=False),
        sa.Column("spread", sa.Numeric(12, 3), nullable=False),
        sa.Column("trend", sa.Numeric(5, 3), nullable=False),
        sa.Column("lead_days", sa.SmallInteger(), nullable=False),
        sa.Column("review_days", sa.SmallInteger(), nullable=False),
        sa.Column("service_level", sa.Numeric(4, 3), nullable=False),
        *(
            sa.Column(name, sa.Integer(), nullable=False)
            for name in (
                "on_hand",
                "reserved",
                "free",
                "coming",
                "waiting",
                "safety_stock",
                "reorder_point",
                "order_up_to",
                "quantity",
                "surplus",
            )
        ),
        sa.Column("cover_days", sa.Integer(), nullable=True),
        sa.CheckConstraint("method IN ('none', 'new', 'level')", name=op.f(f"ck_{table}_method")),
        sa.CheckConstraint(
            "safety_stock >= 0 AND reorder_point >= safety_stock AND order_up_to >= reorder_point",
            name=op.f(f"ck_{table}_levels"),
        ),
        sa.CheckConstraint("quantity >= 0 AND surplus >= 0", name=op.f(f"ck_{table}_quantity")),
        sa.CheckConstraint("quantity = 0 OR surplus = 0", name=op.f(f"ck_{table}_one_way")),
        sa.ForeignKeyConstraint(["warehouse_id"], ["warehouse.id"], name=op.f(f"fk_{table}_warehouse_id")),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f(f"fk_{table}_product_id")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("warehouse_id", "product_id", name=op.f(f"uq_{table}_warehouse_id_product_id")),
        postgresql_with={"fillfactor": 70},
    )
    op.create_index("ix_replenishment_advice_quantity", table, ["quantity", "id"])
    op.create_index("ix_replenishment_advice_cover", table, [sa.text("coalesce(cover_days, 100000)"), "id"])


def downgrade() -> None:
    """No advice."""
    op.drop_table("replenishment_advice")
    op.drop_table("replenishment_terms")
