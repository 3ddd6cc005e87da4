"""Amendments of published rebate programmes, and facts about dealers that their conditions ask for.

Revision ID: 0054
Revises: 0049
"""

from __future__ import annotations

import os

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.tenancy import scope_table

revision = "0054"
down_revision = "0053"
branch_labels = None
depends_on = None

APP_ROLE = os.environ.get("TONGLU_APP_ROLE", "portal_app")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Amendments belong to headquarters, facts to a dealer; neither changes once another person agreed."""
    _amendments()
    _facts()
    for statement in scope_table("rebate_fact"):
        op.execute(statement)
    op.execute(f"GRANT SELECT, INSERT, UPDATE ({_MOVES}) ON rebate_amendment TO {APP_ROLE}")
    op.execute(
        "GRANT SELECT, INSERT, UPDATE (state, decided_by, decided_by_label, decided_at, decision_note)"
        f" ON rebate_fact TO {APP_ROLE}"
    )
    op.add_column("rebate_accrual", sa.Column("why", postgresql.JSONB(), server_default="{}", nullable=False))
    op.add_column(
        "rebate_reckoning", sa.Column("evidence", sa.BigInteger(), server_default="0", nullable=False)
    )
    op.execute(f"GRANT UPDATE (evidence) ON rebate_reckoning TO {APP_ROLE}")
    op.execute(_STANDS)
    op.execute(
        "CREATE TRIGGER rebate_amendment_stands BEFORE UPDATE OR DELETE ON rebate_amendment"
        " FOR EACH ROW WHEN (OLD.published_at IS NOT NULL) EXECUTE FUNCTION refuse_rebate_change()"
    )
    op.execute(
        "CREATE TRIGGER rebate_fact_stands BEFORE UPDATE OR DELETE ON rebate_fact"
        " FOR EACH ROW WHEN (OLD.decided_at IS NOT NULL) EXECUTE FUNCTION refuse_rebate_change()"
    )
    op.execute(_HISTORY)


_MOVES = (
    "revision, state, starts_on, tiers_of, why, written_by, submitted_by_label, submitted_at, approved_by, "
    "approved_by_label, approved_at, published_by, published_by_label, published_at, withdrawn_by, "
    "withdrawn_by_label, withdrawn_at, reason"
)
# A published amendment can only be withdrawn; a decided fact stays as it is.
_STANDS = """
CREATE FUNCTION refuse_rebate_change() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND TG_TABLE_NAME = 'rebate_amendment' AND
     to_jsonb(OLD) ->> 'state' = 'published' AND to_jsonb(NEW) ->> 'state' = 'withdrawn' AND
     (to_jsonb(NEW) - ARRAY['state', 'revision', 'withdrawn_at', 'withdrawn_by', 'withdrawn_by_label',
                            'reason'])
     = (to_jsonb(OLD) - ARRAY['state', 'revision', 'withdrawn_at', 'withdrawn_by', 'withdrawn_by_label',
                              'reason']) THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'a published amendment or a decided fact never changes' USING ERRCODE = 'TL055';
END $$
"""
# The page of a programme tells its history to whoever of headquarters answers for it.
_HISTORY = """
CREATE POLICY audit_event_of_rebates ON audit_event FOR SELECT
  USING (app_staff() AND dealer_id IS NULL AND subject_kind IN ('rebate_programme', 'rebate_amendment'))
"""


def _amendments() -> None:
    op.create_table(
        "rebate_amendment",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("programme_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), server_default="1", nullable=False),
        sa.Column("state", sa.Text(), server_default="draft", nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("tiers_of", postgresql.JSONB(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.Text(), nullable=False),
        sa.Column("proposed_by_label", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, server_default=sa.func.now(), nullable=False),
        sa.Column("written_by", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("submitted_by_label", sa.Text()),
        sa.Column("submitted_at", MOMENT),
        sa.Column("approved_by", sa.Text()),
        sa.Column("approved_by_label", sa.Text()),
        sa.Column("approved_at", MOMENT),
        sa.Column("published_by", sa.Text()),
        sa.Column("published_by_label", sa.Text()),
        sa.Column("published_at", MOMENT),
        sa.Column("withdrawn_by", sa.Text()),
        sa.Column("withdrawn_by_label", sa.Text()),
        sa.Column("withdrawn_at", MOMENT),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint(
            "state IN ('draft', 'submitted', 'approved', 'published', 'withdrawn')",
            name=op.f("ck_rebate_amendment_state"),
        ),
        sa.CheckConstraint(
            "(state IN ('published', 'withdrawn')) = (published_at IS NOT NULL)",
            name=op.f("ck_rebate_amendment_published_at"),
        ),
        sa.CheckConstraint(
            "(state = 'withdrawn') = (withdrawn_at IS NOT NULL)",
            name=op.f("ck_rebate_amendment_withdrawn_at"),
        ),
        sa.CheckConstraint("approved_by <> ALL (written_by)", name=op.f("ck_rebate_amendment_other_person")),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["rebate_programme.id"], name=op.f("fk_rebate_amendment_programme_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rebate_amendment")),
        sa.UniqueConstraint("number", name=op.f("uq_rebate_amendment_number")),
    )
    op.create_index(
        "ix_rebate_amendment_day",
        "rebate_amendment",
        ["programme_id", "starts_on"],
        unique=True,
        postgresql_where=sa.text("state <> 'withdrawn'"),
    )


def _facts() -> None:
    op.create_table(
        "rebate_fact",
        sa.Column("dealer_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("holds", sa.Boolean(), nullable=False),
        sa.Column("from_day", sa.Date(), nullable=False),
        sa.Column("to_day", sa.Date()),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default="stated", nullable=False),
        sa.Column("stated_by", sa.Text(), nullable=False),
        sa.Column("stated_by_label", sa.Text(), nullable=False),
        sa.Column("stated_at", MOMENT, nullable=False),
        sa.Column("decided_by", sa.Text()),
        sa.Column("decided_by_label", sa.Text()),
        sa.Column("decided_at", MOMENT),
        sa.Column("decision_note", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("kind IN ('no_diversion_case')", name=op.f("ck_rebate_fact_kind")),
        sa.CheckConstraint("state IN ('stated', 'confirmed', 'refused')", name=op.f("ck_rebate_fact_state")),
        sa.CheckConstraint("to_day IS NULL OR from_day <= to_day", name=op.f("ck_rebate_fact_days")),
        sa.CheckConstraint(
            "(state = 'stated') = (decided_at IS NULL)", name=op.f("ck_rebate_fact_decided_at")
        ),
        sa.CheckConstraint("decided_by <> stated_by", name=op.f("ck_rebate_fact_other_person")),
        sa.ForeignKeyConstraint(["dealer_id"], ["dealer.id"], name=op.f("fk_rebate_fact_dealer_id")),
        sa.PrimaryKeyConstraint("dealer_id", "id", name=op.f("pk_rebate_fact")),
        sa.UniqueConstraint("dealer_id", "number", name=op.f("uq_rebate_fact_dealer_id_number")),
    )
    op.create_index("ix_rebate_fact_stated_at", "rebate_fact", ["stated_at", "id"])


def downgrade() -> None:
    """No programme was amended, and no fact stated."""
    op.execute("DROP POLICY audit_event_of_rebates ON audit_event")
    op.drop_column("rebate_reckoning", "evidence")
    op.drop_column("rebate_accrual", "why")
    op.drop_table("rebate_fact")
    op.drop_table("rebate_amendment")
    op.execute("DROP FUNCTION refuse_rebate_change")
