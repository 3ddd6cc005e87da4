"""Dealers report the stock they hold and what they sold.

Revision ID: 0045
Revises: 0044
"""

from __future__ import annotations

import os

import sqlalchemy as sa
from alembic import op

from migrations.tenancy import scope_table

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None

APP_ROLE = os.environ.get("TONGLU_APP_ROLE", "portal_app")
TABLES = ("inventory_report", "inventory_report_line")


def upgrade() -> None:
    """Reports and their lines, appended only."""
    op.create_table(
        "inventory_report",
        sa.Column("dealer_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reported_by", sa.Text(), nullable=False),
        sa.Column("reported_by_label", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "source IN ('page', 'file', 'scan', 'api')", name=op.f("ck_inventory_report_source")
        ),
        sa.ForeignKeyConstraint(["dealer_id"], ["dealer.id"], name=op.f("fk_inventory_report_dealer_id")),
        sa.PrimaryKeyConstraint("dealer_id", "id", name=op.f("pk_inventory_report")),
        sa.UniqueConstraint("dealer_id", "number", name=op.f("uq_inventory_report_dealer_id_number")),
    )
    _lines()
    for table in TABLES:
        for statement in scope_table(table):
            op.execute(statement)
        op.execute(f"GRANT SELECT, INSERT ON {table} TO {APP_ROLE}")
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )


def _lines() -> None:
    op.create_table(
        "inventory_report_line",
        sa.Column("dealer_id", sa.BigInteger(), nullable=False),
        sa.Column("report_id", sa.BigInteger(), nullable=False),
        sa.Column("line_no", sa.SmallInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("lot_no", sa.Text(), nullable=False),
        sa.Column("product_id", sa.BigInteger(), nullable=True),
        sa.Column("lot_id", sa.BigInteger(), nullable=True),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("customer", sa.Text(), server_default="", nullable=False),
        sa.Column("change", sa.Integer(), nullable=False),
        sa.Column("finding", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("kind IN ('stock', 'sold')", name=op.f("ck_inventory_report_line_kind")),
        sa.CheckConstraint(
            "finding IN ('', 'unknown_product', 'not_bought', 'more_than_bought', 'more_than_held',"
            " 'counted_since')",
            name=op.f("ck_inventory_report_line_finding"),
        ),
        sa.CheckConstraint("quantity >= 0", name=op.f("ck_inventory_report_line_quantity")),
        sa.CheckConstraint("lot_id IS NOT NULL OR change = 0", name=op.f("ck_inventory_report_line_change")),
        sa.CheckConstraint(
            "(lot_id IS NULL) = (finding IN ('unknown_product', 'not_bought'))"
            " AND (product_id IS NULL) = (finding = 'unknown_product')",
            name=op.f("ck_inventory_report_line_meant"),
        ),
        sa.ForeignKeyConstraint(
            ["dealer_id", "report_id"],
            ["inventory_report.dealer_id", "inventory_report.id"],
            name=op.f("fk_inventory_report_line_dealer_id_report_id"),
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["product.id"], name=op.f("fk_inventory_report_line_product_id")
        ),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_inventory_report_line_lot_id")),
        sa.PrimaryKeyConstraint("dealer_id", "report_id", "line_no", name=op.f("pk_inventory_report_line")),
    )
    op.create_index("ix_inventory_report_line_report", "inventory_report_line", ["report_id", "line_no"])
    op.create_index(
        "ix_inventory_report_line_lot",
        "inventory_report_line",
        ["dealer_id", "lot_id"],
        postgresql_where="lot_id IS NOT NULL",
    )


def downgrade() -> None:
    """Nothing was reported."""
    for table in reversed(TABLES):
        op.drop_table(table)
