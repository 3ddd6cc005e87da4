"""Suppliers, purchase orders, goods receipts and the records of acceptance.

Revision ID: 0043
Revises: 0042
"""

from __future__ import annotations

import os

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None

APP_ROLE = os.environ.get("TONGLU_APP_ROLE", "portal_app")

TABLES = (
    "supplier",
    "purchase_order",
    "purchase_order_line",
    "goods_receipt",
    "goods_receipt_line",
    "acceptance_record",
)


def upgrade() -> None:
    """The tables, all of headquarters only; what was accepted is never rewritten."""
    _purchases()
    _receipts()
    _records()
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY {table}_scope ON {table} USING (app_staff()) WITH CHECK (app_staff())")
        op.execute(f"GRANT SELECT, INSERT ON {table} TO {APP_ROLE}")
    op.execute(f"GRANT UPDATE (name, address, contact, licence_no) ON supplier TO {APP_ROLE}")
    op.execute(
        "GRANT UPDATE (supplier_id, warehouse_id, expected_on, state, changed_at)"
        f" ON purchase_order TO {APP_ROLE}"
    )
    op.execute(f"GRANT UPDATE (quantity, received), DELETE ON purchase_order_line TO {APP_ROLE}")
    op.execute(f"GRANT UPDATE (state) ON goods_receipt TO {APP_ROLE}")
    op.execute(f"GRANT UPDATE (inspecting, accepted, refused) ON goods_receipt_line TO {APP_ROLE}")
    op.execute(
        "CREATE TRIGGER acceptance_record_append_only BEFORE UPDATE OR DELETE OR TRUNCATE"
        " ON acceptance_record FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
    with op.get_context().autocommit_block():
        op.create_index(
            "ix_lot_stock_expiry",
            "lot_stock",
            [sa.text("coalesce(expires_on, '9999-12-31'::date)"), "lot_id", "warehouse_id"],
            postgresql_concurrently=True,
        )


def _key() -> sa.Column[int]:
    return sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False)


def _text(name: str, *, optional: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), server_default="" if optional else None, nullable=False)


def _refers(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}"))


def _purchases() -> None:
    op.create_table(
        "supplier",
        _key(),
        _text("code"),
        _text("name"),
        _text("address", optional=True),
        _text("contact", optional=True),
        _text("licence_no", optional=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supplier")),
        sa.UniqueConstraint("code", name=op.f("uq_supplier_code")),
    )
    op.create_table(
        "purchase_order",
        _key(),
        _text("number"),
        sa.Column("supplier_id", sa.BigInteger(), nullable=False),
        sa.Column("warehouse_id", sa.BigInteger(), nullable=False),
        sa.Column("expected_on", sa.Date(), nullable=False),
        _text("state"),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state IN ('open', 'partly_received', 'received')", name=op.f("ck_purchase_order_state")
        ),
        _refers("purchase_order", "supplier_id", "supplier"),
        _refers("purchase_order", "warehouse_id", "warehouse"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_purchase_order")),
        sa.UniqueConstraint("number", name=op.f("uq_purchase_order_number")),
    )
    op.create_index("ix_purchase_order_expected_on", "purchase_order", ["expected_on", "id"])
    op.create_table(
        "purchase_order_line",
        sa.Column("purchase_order_id", sa.BigInteger(), nullable=False),
        sa.Column("product_id", sa.BigInteger(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("received", sa.Integer(), server_default="0", nullable=False),
        sa.CheckConstraint("quantity > 0 AND received >= 0", name=op.f("ck_purchase_order_line_units")),
        _refers("purchase_order_line", "purchase_order_id", "purchase_order"),
        _refers("purchase_order_line", "product_id", "product"),
        sa.PrimaryKeyConstraint("purchase_order_id", "product_id", name=op.f("pk_purchase_order_line")),
    )


def _receipts() -> None:
    op.create_table(
        "goods_receipt",
        _key(),
        _text("number"),
        sa.Column("warehouse_id", sa.BigInteger(), nullable=False),
        _text("reference", optional=True),
        sa.Column("supplier_id", sa.BigInteger(), nullable=True),
        sa.Column("purchase_order_id", sa.BigInteger(), nullable=True),
        _text("supply_request_no", optional=True),
        _text("state"),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        _text("received_by"),
        _text("received_by_label"),
        sa.CheckConstraint(
            "state IN ('inspecting', 'accepted', 'partly_refused', 'refused')",
            name=op.f("ck_goods_receipt_state"),
        ),
        _refers("goods_receipt", "warehouse_id", "warehouse"),
        _refers("goods_receipt", "supplier_id", "supplier"),
        _refers("goods_receipt", "purchase_order_id", "purchase_order"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_goods_receipt")),
        sa.UniqueConstraint("number", name=op.f("uq_goods_receipt_number")),
    )
    op.create_index("ix_goods_receipt_received_at", "goods_receipt", ["received_at", "id"])
    op.create_index("ix_goods_receipt_state", "goods_receipt", ["state", "received_at", "id"])
    op.create_table(
        "goods_receipt_line",
        sa.Column("receipt_id", sa.BigInteger(), nullable=False),
        sa.Column("line_no", sa.SmallInteger(), nullable=False),
        sa.Column("product_id", sa.BigInteger(), nullable=False),
        sa.Column("lot_id", sa.BigInteger(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("inspecting", sa.Integer(), nullable=False),
        sa.Column("accepted", sa.Integer(), server_default="0", nullable=False),
        sa.Column("refused", sa.Integer(), server_default="0", nullable=False),
        sa.Column("serials", ARRAY(sa.Text()), server_default="{}", nullable=False),
        _text("contract_maker", optional=True),
        _text("contract_maker_licence", optional=True),
        sa.CheckConstraint(
            "inspecting >= 0 AND accepted >= 0 AND refused >= 0"
            " AND quantity = inspecting + accepted + refused AND quantity > 0",
            name=op.f("ck_goods_receipt_line_units"),
        ),
        _refers("goods_receipt_line", "receipt_id", "goods_receipt"),
        _refers("goods_receipt_line", "product_id", "product"),
        _refers("goods_receipt_line", "lot_id", "lot"),
        sa.PrimaryKeyConstraint("receipt_id", "line_no", name=op.f("pk_goods_receipt_line")),
    )
    op.create_index("ix_goods_receipt_line_lot", "goods_receipt_line", ["lot_id"])


def _records() -> None:
    before, behind = (
        ("sku", "udi_di", "name_zh", "name_en", "specification", "unit", "registrant", "contract_maker",
         "contract_maker_licence", "registration_no", "lot_no"),
        ("fault", "supplier", "supplier_address", "supplier_contact", "supplier_licence"),
    )  # fmt: skip
    op.create_table(
        "acceptance_record",
        _key(),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        _text("actor"),
        _text("actor_label"),
        sa.Column("receipt_id", sa.BigInteger(), nullable=False),
        sa.Column("line_no", sa.SmallInteger(), nullable=False),
        sa.Column("product_id", sa.BigInteger(), nullable=False),
        *map(_text, before),
        sa.Column("serials", ARRAY(sa.Text()), nullable=False),
        sa.Column("produced_on", sa.Date(), nullable=True),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("arrived", sa.Integer(), nullable=False),
        sa.Column("accepted", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("refused_serials", ARRAY(sa.Text()), nullable=False),
        *map(_text, behind),
        sa.CheckConstraint(
            "accepted >= 0 AND refused >= 0 AND accepted + refused > 0",
            name=op.f("ck_acceptance_record_units"),
        ),
        sa.CheckConstraint("refused = 0 OR fault <> ''", name=op.f("ck_acceptance_record_fault")),
        _refers("acceptance_record", "receipt_id", "goods_receipt"),
        _refers("acceptance_record", "product_id", "product"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_acceptance_record")),
    )
    op.create_index("ix_acceptance_record_at", "acceptance_record", ["at", "id"])
    op.create_index("ix_acceptance_record_lot", "acceptance_record", ["product_id", "lot_no"])


def downgrade() -> None:
    """No receipts; the movements they made stay."""
    op.drop_index("ix_lot_stock_expiry", "lot_stock")
    for table in reversed(TABLES):
        op.drop_table(table)
