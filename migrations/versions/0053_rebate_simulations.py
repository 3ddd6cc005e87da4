"""Rebate programmes over days of the past, before anybody is promised anything.

Revision ID: 0053
Revises: 0049
"""

from __future__ import annotations

import os

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.tenancy import WITHIN, scope_table

revision = "0053"
down_revision = "0052"
branch_labels = None
depends_on = None

APP_ROLE = os.environ.get("TONGLU_APP_ROLE", "portal_app")
MOMENT = sa.DateTime(timezone=True)
HEADQUARTERS = f"app_staff() AND {WITHIN}"


def upgrade() -> None:
    """Both tables are headquarters'; of the dealers a manager sees those of its regions."""
    _simulations()
    _dealers()
    op.execute("ALTER TABLE rebate_simulation ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE rebate_simulation FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY rebate_simulation_scope ON rebate_simulation"
        " USING (app_staff()) WITH CHECK (app_staff())"
    )
    for statement in scope_table("rebate_simulation_dealer", seen=HEADQUARTERS, written=HEADQUARTERS):
        op.execute(statement)
    op.execute(
        "GRANT SELECT, INSERT, UPDATE (state, total, done, after_dealer, finished_at, error)"
        f" ON rebate_simulation TO {APP_ROLE}"
    )
    op.execute(f"GRANT SELECT, INSERT ON rebate_simulation_dealer TO {APP_ROLE}")


def _simulations() -> None:
    op.create_table(
        "rebate_simulation",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("programme_id", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("terms", postgresql.JSONB(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("state", sa.Text(), server_default="waiting", nullable=False),
        sa.Column("total", sa.Integer(), server_default="0", nullable=False),
        sa.Column("done", sa.Integer(), server_default="0", nullable=False),
        sa.Column("after_dealer", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("asked_by_label", sa.Text(), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("finished_at", MOMENT),
        sa.Column("error", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint(
            "state IN ('waiting', 'running', 'done', 'failed')", name=op.f("ck_rebate_simulation_state")
        ),
        sa.CheckConstraint("first_day <= last_day", name=op.f("ck_rebate_simulation_days")),
        sa.CheckConstraint("done BETWEEN 0 AND total", name=op.f("ck_rebate_simulation_progress")),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["rebate_programme.id"], name=op.f("fk_rebate_simulation_programme_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rebate_simulation")),
    )
    op.create_index("ix_rebate_simulation_programme_id", "rebate_simulation", ["programme_id", "id"])
    op.create_index(
        "uq_rebate_simulation_under_way",
        "rebate_simulation",
        ["programme_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('waiting', 'running')"),
    )


def _dealers() -> None:
    op.create_table(
        "rebate_simulation_dealer",
        sa.Column("dealer_id", sa.BigInteger(), nullable=False),
        sa.Column("simulation_id", sa.BigInteger(), nullable=False),
        sa.Column("sold", sa.Numeric(18, 2), nullable=False),
        sa.Column("qualified", sa.Numeric(18, 2), nullable=False),
        sa.Column("reached_tier", sa.SmallInteger(), nullable=False),
        sa.Column("accrued", sa.Numeric(16, 2), nullable=False),
        sa.Column("months", postgresql.JSONB(), nullable=False),
        sa.Column("products", postgresql.JSONB(), nullable=False),
        sa.ForeignKeyConstraint(
            ["dealer_id"], ["dealer.id"], name=op.f("fk_rebate_simulation_dealer_dealer_id")
        ),
        sa.ForeignKeyConstraint(
            ["simulation_id"],
            ["rebate_simulation.id"],
            name=op.f("fk_rebate_simulation_dealer_simulation_id"),
        ),
        sa.PrimaryKeyConstraint("dealer_id", "simulation_id", name=op.f("pk_rebate_simulation_dealer")),
    )
    op.create_index(
        "ix_rebate_simulation_dealer_simulation_id", "rebate_simulation_dealer", ["simulation_id"]
    )


def downgrade() -> None:
    """Nothing was simulated."""
    op.drop_table("rebate_simulation_dealer")
    op.drop_table("rebate_simulation")
