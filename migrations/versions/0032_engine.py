"""How grave a fault of an order is, what a dealer's orders keep to, and who releases what.

Revision ID: 0032
Revises: 0031
"""

from __future__ import annotations

import os

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.tenancy import scope_table

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

TOLERATED = {
    "constraint-missing-not-valid": "read once, in milliseconds: every row of both tables has null there",
}

APP_ROLE = os.environ.get("TONGLU_APP_ROLE", "portal_app")


def upgrade() -> None:
    """Settings with versions, terms, proposals; renewals and restrictions; what an order keeps as proof."""
    _settings()
    _terms()
    _proposals()
    _rights_of_dealers()
    _kept_with_orders()


EVERYBODY = "app_staff() OR app_dealer() IS NOT NULL"


def _versioned(table: str, *columns: sa.Column[object], key: tuple[str, ...], seen: str) -> None:
    """A setting whose every version stays; only employees add one."""
    op.create_table(
        table,
        *columns,
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("set_by", sa.Text(), nullable=False),
        sa.Column("set_by_label", sa.Text(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint(*key, "version", name=op.f(f"pk_{table}")),
        sa.CheckConstraint("version > 0", name=op.f(f"ck_{table}_version")),
    )
    for statement in scope_table(table, seen=seen, written="app_staff()"):
        op.execute(statement)
    op.execute(f"GRANT SELECT, INSERT ON {table} TO {APP_ROLE}")


def _settings() -> None:
    _versioned(
        "fault_severity",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        key=("code",),
        seen=EVERYBODY,
    )
    op.create_check_constraint(
        op.f("ck_fault_severity_severity"), "fault_severity", "severity IN ('error', 'hold', 'warning')"
    )
    _versioned(
        "release_limit",
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("hold", sa.Text(), nullable=False),
        sa.Column("up_to", sa.Numeric(16, 2), nullable=True),
        key=("role", "hold"),
        seen="app_staff()",
    )
    op.create_check_constraint(op.f("ck_release_limit_up_to"), "release_limit", "up_to >= 0")


def _terms() -> None:
    op.create_table(
        "order_term",
        sa.Column("dealer_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("product_id", sa.BigInteger(), nullable=True),
        sa.Column("min_amount", sa.Numeric(16, 2), nullable=True),
        sa.Column("min_quantity", sa.Integer(), nullable=True),
        sa.Column("max_quantity", sa.Integer(), nullable=True),
        sa.Column("quota", sa.Integer(), nullable=True),
        sa.Column("quota_days", sa.SmallInteger(), nullable=True),
        sa.Column("shelf_life_days", sa.SmallInteger(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.CheckConstraint("valid_to IS NULL OR valid_from < valid_to", name=op.f("ck_order_term_dates")),
        sa.CheckConstraint("min_amount > 0", name=op.f("ck_order_term_min_amount")),
        sa.CheckConstraint(
            "min_quantity > 0 AND max_quantity > 0 AND quota > 0 AND shelf_life_days > 0",
            name=op.f("ck_order_term_quantities"),
        ),
        sa.CheckConstraint("min_quantity <= max_quantity", name=op.f("ck_order_term_range")),
        sa.CheckConstraint(
            "(quota IS NULL) = (quota_days IS NULL) AND quota_days > 0", name=op.f("ck_order_term_quota")
        ),
        sa.CheckConstraint(
            "CASE WHEN product_id IS NULL THEN num_nulls(min_quantity, max_quantity, quota) = 3"
            " ELSE min_amount IS NULL END",
            name=op.f("ck_order_term_product"),
        ),
        sa.ForeignKeyConstraint(["dealer_id"], ["dealer.id"], name=op.f("fk_order_term_dealer_id")),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_order_term_product_id")),
        sa.PrimaryKeyConstraint("dealer_id", "id", name=op.f("pk_order_term")),
    )
    for statement in scope_table("order_term"):
        op.execute(statement)
    op.execute(f"GRANT SELECT ON order_term TO {APP_ROLE}")


def _proposals() -> None:
    op.create_table(
        "release_proposal",
        sa.Column("dealer_id", sa.BigInteger(), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("holds", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("amount", sa.Numeric(16, 2), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.Text(), nullable=False),
        sa.Column("proposed_by_label", sa.Text(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["dealer_id", "order_id"],
            ["sales_order.dealer_id", "sales_order.id"],
            name=op.f("fk_release_proposal_dealer_id_order_id"),
        ),
        sa.PrimaryKeyConstraint("dealer_id", "order_id", name=op.f("pk_release_proposal")),
    )
    for statement in scope_table("release_proposal"):
        op.execute(statement)
    op.execute(
        "GRANT SELECT, INSERT, DELETE,"
        " UPDATE (holds, amount, reason, proposed_by, proposed_by_label, proposed_at) ON release_proposal"
        f" TO {APP_ROLE}"
    )


def _rights_of_dealers() -> None:
    op.add_column("dealer_licence", sa.Column("renewal_asked_on", sa.Date(), nullable=True))
    _checked("dealer_licence", "ck_dealer_licence_renewal", "renewal_asked_on <= valid_to")
    op.add_column("product", sa.Column("registration_renewal_asked_on", sa.Date(), nullable=True))
    renewal = "registration_renewal_asked_on <= registration_to"
    _checked("product", "ck_product_registration_renewal", renewal)
    for column in ("category_codes", "hospitals"):
        op.add_column(
            "dealer_authorisation",
            sa.Column(column, postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        )


def _checked(table: str, name: str, condition: str) -> None:
    op.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} CHECK ({condition})")


def _kept_with_orders() -> None:
    op.add_column("sales_order", sa.Column("hospital", sa.Text(), server_default="", nullable=False))
    op.add_column(
        "sales_order", sa.Column("verdict", postgresql.JSONB(), server_default="[]", nullable=False)
    )
    op.add_column("order_line", sa.Column("proof", postgresql.JSONB(), nullable=True))
    op.add_column("shipment", sa.Column("proof", postgresql.JSONB(), server_default="{}", nullable=False))
    op.execute(f"GRANT INSERT (hospital, verdict), UPDATE (verdict) ON sales_order TO {APP_ROLE}")
    op.execute(f"GRANT INSERT (proof), UPDATE (proof) ON shipment TO {APP_ROLE}")


def downgrade() -> None:
    """As before; what was set, agreed and proven is lost."""
    op.drop_column("shipment", "proof")
    op.drop_column("order_line", "proof")
    op.drop_column("sales_order", "verdict")
    op.drop_column("sales_order", "hospital")
    op.drop_column("dealer_authorisation", "hospitals")
    op.drop_column("dealer_authorisation", "category_codes")
    op.drop_column("product", "registration_renewal_asked_on")
    op.drop_column("dealer_licence", "renewal_asked_on")
    for table in ("release_proposal", "order_term", "release_limit", "fault_severity"):
        op.drop_table(table)
