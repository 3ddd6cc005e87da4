"""Budgets: pots of headquarters, what documents hold of them, and activities that dealers plan.

Revision ID: 0051
Revises: 0050
"""

from __future__ import annotations

import os

import sqlalchemy as sa
from alembic import op

from migrations.tenancy import scope_table

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None

APP_ROLE = os.environ.get("TONGLU_APP_ROLE", "portal_app")
MOMENT = sa.DateTime(timezone=True)
AMOUNT = sa.Numeric(16, 2)


def upgrade() -> None:
    """Pots belong to headquarters; activities, and what documents hold, to their dealer."""
    _budgets()
    _proposals()
    _activities()
    _uses()
    for table in ("activity", "budget_use"):
        for statement in scope_table(table):
            op.execute(statement)
    op.execute(
        f"GRANT SELECT, INSERT, UPDATE (state, amount, reserved, spent) ON rebate_budget TO {APP_ROLE}"
    )
    op.execute(
        "GRANT SELECT, INSERT, UPDATE (state, decided_by, decided_by_label, decided_at, decision_note)"
        f" ON budget_proposal TO {APP_ROLE}"
    )
    op.execute(f"GRANT SELECT, INSERT, UPDATE ({_MOVES}) ON activity TO {APP_ROLE}")
    op.execute(
        "GRANT SELECT, INSERT, UPDATE (budget_id, activity_id, amount, state, changed_at)"
        f" ON budget_use TO {APP_ROLE}"
    )
    op.execute(_DECIDED)
    op.execute(_STANDS)


_MOVES = (
    "revision, kind, state, title, text, place, first_day, last_day, planned, approved, budget_id, asked_by, "
    "asked_by_label, submitted_at, decided_by, decided_by_label, decided_at, reason, ended_at, ended_by_label"
)
# Who looks at a budget later sees what was agreed.
_DECIDED = """
CREATE FUNCTION refuse_proposal_change() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RAISE EXCEPTION 'a decided proposal never changes' USING ERRCODE = 'TL051';
END $$;
CREATE TRIGGER budget_proposal_stands BEFORE UPDATE OR DELETE ON budget_proposal
  FOR EACH ROW WHEN (OLD.decided_at IS NOT NULL) EXECUTE FUNCTION refuse_proposal_change();
"""
# What is decided on is what was submitted.
_STANDS = """
CREATE FUNCTION refuse_activity_change() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RAISE EXCEPTION 'what was submitted stands' USING ERRCODE = 'TL052';
END $$;
CREATE TRIGGER activity_stands BEFORE UPDATE ON activity
  FOR EACH ROW
  WHEN (OLD.state NOT IN ('draft', 'returned')
        AND (OLD.kind, OLD.title, OLD.text, OLD.place, OLD.first_day, OLD.last_day, OLD.planned,
             OLD.asked_by) IS DISTINCT FROM
            (NEW.kind, NEW.title, NEW.text, NEW.place, NEW.first_day, NEW.last_day, NEW.planned,
             NEW.asked_by))
  EXECUTE FUNCTION refuse_activity_change();
"""


def _budgets() -> None:
    table = "rebate_budget"
    op.create_table(
        table,
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("title_zh", sa.Text(), nullable=False),
        sa.Column("title_en", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("programme_id", sa.BigInteger()),
        sa.Column("region_id", sa.BigInteger()),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("amount", AMOUNT, server_default="0", nullable=False),
        sa.Column("reserved", AMOUNT, server_default="0", nullable=False),
        sa.Column("spent", AMOUNT, server_default="0", nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.CheckConstraint(
            "kind IN ('promotion', 'marketing', 'samples', 'tender', 'price_protection', 'programme')",
            name=op.f("ck_rebate_budget_kind"),
        ),
        sa.CheckConstraint("state IN ('proposed', 'open', 'rejected')", name=op.f("ck_rebate_budget_state")),
        sa.CheckConstraint(
            "reserved >= 0 AND spent >= 0 AND reserved + spent <= amount",
            name=op.f("ck_rebate_budget_within"),
        ),
        sa.CheckConstraint("first_day <= last_day", name=op.f("ck_rebate_budget_days")),
        sa.CheckConstraint(
            "(kind = 'programme') = (programme_id IS NOT NULL)", name=op.f("ck_rebate_budget_programme")
        ),
        sa.CheckConstraint("state = 'open' OR amount = 0", name=op.f("ck_rebate_budget_open")),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["rebate_programme.id"], name=op.f("fk_rebate_budget_programme_id")
        ),
        sa.ForeignKeyConstraint(["region_id"], ["region.id"], name=op.f("fk_rebate_budget_region_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rebate_budget")),
        sa.UniqueConstraint("number", name=op.f("uq_rebate_budget_number")),
    )
    op.create_index(
        "uq_rebate_budget_programme_id",
        table,
        ["programme_id"],
        unique=True,
        postgresql_where=sa.text("state <> 'rejected'"),
    )
    op.create_index("ix_rebate_budget_region_id", table, ["region_id"])


def _proposals() -> None:
    table = "budget_proposal"
    op.create_table(
        table,
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("budget_id", sa.BigInteger(), nullable=False),
        sa.Column("amount", AMOUNT, nullable=False),
        sa.Column("before", AMOUNT, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("proposed_by", sa.Text(), nullable=False),
        sa.Column("proposed_by_label", sa.Text(), nullable=False),
        sa.Column("proposed_at", MOMENT, nullable=False),
        sa.Column("decided_by", sa.Text()),
        sa.Column("decided_by_label", sa.Text()),
        sa.Column("decided_at", MOMENT),
        sa.Column("decision_note", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint(
            "state IN ('waiting', 'approved', 'rejected')", name=op.f("ck_budget_proposal_state")
        ),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_budget_proposal_amount")),
        sa.CheckConstraint("decided_by <> proposed_by", name=op.f("ck_budget_proposal_other_person")),
        sa.CheckConstraint(
            "(state = 'waiting') = (decided_at IS NULL) AND (decided_at IS NULL) = (decided_by IS NULL)",
            name=op.f("ck_budget_proposal_decided"),
        ),
        sa.ForeignKeyConstraint(
            ["budget_id"], ["rebate_budget.id"], name=op.f("fk_budget_proposal_budget_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_budget_proposal")),
    )
    op.create_index("ix_budget_proposal_budget_id", table, ["budget_id", "id"])
    op.create_index(
        "uq_budget_proposal_waiting",
        table,
        ["budget_id"],
        unique=True,
        postgresql_where=sa.text("state = 'waiting'"),
    )


def _activities() -> None:
    op.create_table(
        "activity",
        sa.Column("dealer_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), server_default="1", nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), server_default="", nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("planned", AMOUNT, nullable=False),
        sa.Column("approved", AMOUNT),
        sa.Column("budget_id", sa.BigInteger()),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("asked_by_label", sa.Text(), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("submitted_at", MOMENT),
        sa.Column("decided_by", sa.Text()),
        sa.Column("decided_by_label", sa.Text()),
        sa.Column("decided_at", MOMENT),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("ended_at", MOMENT),
        sa.Column("ended_by_label", sa.Text()),
        *_activity_checks(),
        sa.ForeignKeyConstraint(["dealer_id"], ["dealer.id"], name=op.f("fk_activity_dealer_id")),
        sa.ForeignKeyConstraint(["budget_id"], ["rebate_budget.id"], name=op.f("fk_activity_budget_id")),
        sa.PrimaryKeyConstraint("dealer_id", "id", name=op.f("pk_activity")),
        sa.UniqueConstraint("dealer_id", "number", name=op.f("uq_activity_dealer_id_number")),
    )
    op.create_index("ix_activity_number", "activity", ["number"])
    op.create_index("ix_activity_state", "activity", ["state", "asked_at", "id"])
    op.create_index("ix_activity_asked_at", "activity", ["asked_at", "id"])
    op.create_index("ix_activity_dealer_id_asked_at", "activity", ["dealer_id", "asked_at", "id"])


def _activity_checks() -> tuple[sa.CheckConstraint, ...]:
    return (
        sa.CheckConstraint(
            "kind IN ('promotion', 'marketing', 'samples', 'tender')", name=op.f("ck_activity_kind")
        ),
        sa.CheckConstraint(
            "state IN ('draft', 'submitted', 'returned', 'approved', 'rejected', 'withdrawn', 'closed')",
            name=op.f("ck_activity_state"),
        ),
        sa.CheckConstraint("first_day <= last_day", name=op.f("ck_activity_days")),
        sa.CheckConstraint(
            "planned > 0 AND approved > 0 AND approved <= planned", name=op.f("ck_activity_amounts")
        ),
        sa.CheckConstraint("decided_by <> asked_by", name=op.f("ck_activity_other_person")),
        sa.CheckConstraint(
            "num_nulls(approved, budget_id) IN (0, 2)"
            " AND (state NOT IN ('approved', 'closed') OR approved IS NOT NULL)"
            " AND (approved IS NULL OR state IN ('approved', 'closed', 'withdrawn'))",
            name=op.f("ck_activity_approved"),
        ),
    )


def _uses() -> None:
    table = "budget_use"
    op.create_table(
        table,
        sa.Column("dealer_id", sa.BigInteger(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("budget_id", sa.BigInteger(), nullable=False),
        sa.Column("activity_id", sa.BigInteger()),
        sa.Column("amount", AMOUNT, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.CheckConstraint("state IN ('reserved', 'spent', 'released')", name=op.f("ck_budget_use_state")),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_budget_use_amount")),
        sa.ForeignKeyConstraint(["dealer_id"], ["dealer.id"], name=op.f("fk_budget_use_dealer_id")),
        sa.ForeignKeyConstraint(["budget_id"], ["rebate_budget.id"], name=op.f("fk_budget_use_budget_id")),
        sa.ForeignKeyConstraint(
            ["dealer_id", "activity_id"],
            ["activity.dealer_id", "activity.id"],
            name=op.f("fk_budget_use_dealer_id_activity_id"),
        ),
        sa.PrimaryKeyConstraint("dealer_id", "document", name=op.f("pk_budget_use")),
    )
    op.create_index("ix_budget_use_budget_id", table, ["budget_id", "state"])
    op.create_index("ix_budget_use_activity_id", table, ["dealer_id", "activity_id"])


def downgrade() -> None:
    """No budget was agreed."""
    for table in ("budget_use", "activity", "budget_proposal", "rebate_budget"):
        op.drop_table(table)
    op.execute("DROP FUNCTION refuse_proposal_change")
    op.execute("DROP FUNCTION refuse_activity_change")
