"""What may be offered instead of a product.

Revision ID: 0034
Revises: 0033
"""

from __future__ import annotations

import os

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

APP_ROLE = os.environ.get("TONGLU_APP_ROLE", "portal_app")


def upgrade() -> None:
    """The table: read by everybody whom it is offered to, written for headquarters only."""
    op.create_table(
        "product_substitute",
        sa.Column("product_id", sa.BigInteger(), nullable=False),
        sa.Column("substitute_id", sa.BigInteger(), nullable=False),
        sa.Column("rank", sa.SmallInteger(), nullable=False),
        sa.CheckConstraint("product_id <> substitute_id", name=op.f("ck_product_substitute_another")),
        sa.ForeignKeyConstraint(
            ["product_id"], ["product.id"], name=op.f("fk_product_substitute_product_id")
        ),
        sa.ForeignKeyConstraint(
            ["substitute_id"], ["product.id"], name=op.f("fk_product_substitute_substitute_id")
        ),
        sa.PrimaryKeyConstraint("product_id", "substitute_id", name=op.f("pk_product_substitute")),
    )
    op.create_index(op.f("ix_product_substitute_substitute_id"), "product_substitute", ["substitute_id"])
    op.execute("ALTER TABLE product_substitute ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE product_substitute FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY product_substitute_read ON product_substitute FOR SELECT"
        " USING (app_staff() OR app_dealer() IS NOT NULL)"
    )
    op.execute(
        "CREATE POLICY product_substitute_name ON product_substitute FOR INSERT WITH CHECK (app_staff())"
    )
    op.execute("CREATE POLICY product_substitute_forget ON product_substitute FOR DELETE USING (app_staff())")
    op.execute(f"GRANT SELECT, INSERT, DELETE ON product_substitute TO {APP_ROLE}")


def downgrade() -> None:
    """Nothing is offered."""
    op.drop_table("product_substitute")
