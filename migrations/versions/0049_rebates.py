"""Rebates: programmes, and what dealers have earned under them.

Revision ID: 0049
Revises: 0048
"""

from __future__ import annotations

import os

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.tenancy import scope_table

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None

APP_ROLE = os.environ.get("TONGLU_APP_ROLE", "portal_app")
MOMENT = sa.DateTime(timezone=True)
AMOUNT = sa.Numeric(16, 2)
QUALIFIER = sa.Numeric(18, 2)


def upgrade() -> None:
    """Programmes belong to headquarters; accruals to their dealer, and only the reckoning writes them."""
    _programmes()
    _accruals()
    _lines()
    _reckonings()
    for table in ("rebate_accrual", "rebate_accrual_line", "rebate_reckoning"):
        for statement in scope_table(table):
            op.execute(statement)
    op.execute(f"GRANT SELECT, INSERT, DELETE ON rebate_accrual, rebate_accrual_line TO {APP_ROLE}")
    op.execute(
        "GRANT SELECT, INSERT, UPDATE (entry_id, programmes, on_day, reckoned_at)"
        f" ON rebate_reckoning TO {APP_ROLE}"
    )
    op.execute(f"GRANT SELECT, INSERT, UPDATE ({_MOVES}) ON rebate_programme TO {APP_ROLE}")
    op.execute(_NEVER_CHANGES)
    op.execute(
        "CREATE TRIGGER rebate_programme_stands BEFORE UPDATE OR DELETE ON rebate_programme"
        " FOR EACH ROW WHEN (OLD.published_at IS NOT NULL) EXECUTE FUNCTION refuse_programme_change()"
    )


_MOVES = (
    "revision, title_zh, title_en, text_zh, text_en, state, region_id, valid_from, valid_to, ended_on, "
    "period, priority, combinable, budget, terms, written_by, submitted_by_label, submitted_at, "
    "approved_by, approved_by_label, approved_at, published_by, published_by_label, published_at, "
    "withdrawn_by, withdrawn_by_label, withdrawn_at, reason"
)
# A published programme can only end.
_NEVER_CHANGES = """
CREATE FUNCTION refuse_programme_change() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND OLD.state = 'published' AND NEW.state = 'withdrawn' AND
     (to_jsonb(NEW) - ARRAY['state', 'revision', 'ended_on', 'withdrawn_at', 'withdrawn_by',
                            'withdrawn_by_label', 'reason'])
     = (to_jsonb(OLD) - ARRAY['state', 'revision', 'ended_on', 'withdrawn_at', 'withdrawn_by',
                              'withdrawn_by_label', 'reason']) THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'a published rebate programme never changes' USING ERRCODE = 'TL050';
END $$
"""


def _programmes() -> None:
    op.create_table(
        "rebate_programme",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), server_default="1", nullable=False),
        sa.Column("title_zh", sa.Text(), nullable=False),
        sa.Column("title_en", sa.Text(), nullable=False),
        sa.Column("text_zh", sa.Text(), server_default="", nullable=False),
        sa.Column("text_en", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.Text(), server_default="draft", nullable=False),
        sa.Column("region_id", sa.BigInteger()),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.Column("ended_on", sa.Date()),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("priority", sa.SmallInteger(), nullable=False),
        sa.Column("combinable", sa.Boolean(), nullable=False),
        sa.Column("budget", AMOUNT),
        sa.Column("terms", postgresql.JSONB(), nullable=False),
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
            name=op.f("ck_rebate_programme_state"),
        ),
        sa.CheckConstraint(
            "period IN ('month', 'quarter', 'half', 'year', 'whole')", name=op.f("ck_rebate_programme_period")
        ),
        sa.CheckConstraint("valid_from <= valid_to", name=op.f("ck_rebate_programme_days")),
        sa.CheckConstraint(
            "ended_on IS NULL OR ended_on <= valid_to", name=op.f("ck_rebate_programme_ended_on")
        ),
        sa.CheckConstraint(
            "(state IN ('published', 'withdrawn')) = (published_at IS NOT NULL)",
            name=op.f("ck_rebate_programme_published_at"),
        ),
        sa.CheckConstraint(
            "(state = 'withdrawn') = (withdrawn_at IS NOT NULL)"
            " AND (state = 'withdrawn') = (ended_on IS NOT NULL)",
            name=op.f("ck_rebate_programme_withdrawn_at"),
        ),
        sa.CheckConstraint("approved_by <> ALL (written_by)", name=op.f("ck_rebate_programme_other_person")),
        sa.CheckConstraint("priority BETWEEN 1 AND 999", name=op.f("ck_rebate_programme_priority")),
        sa.ForeignKeyConstraint(["region_id"], ["region.id"], name=op.f("fk_rebate_programme_region_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rebate_programme")),
        sa.UniqueConstraint("number", name=op.f("uq_rebate_programme_number")),
    )
    op.create_index(
        "ix_rebate_programme_published",
        "rebate_programme",
        ["valid_to", "valid_from"],
        postgresql_where=sa.text("published_at IS NOT NULL"),
    )


def _accruals() -> None:
    op.create_table(
        "rebate_accrual",
        sa.Column("dealer_id", sa.BigInteger(), nullable=False),
        sa.Column("programme_id", sa.BigInteger(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("qualified", QUALIFIER, nullable=False),
        sa.Column("reached_tier", sa.SmallInteger(), nullable=False),
        sa.Column("accrued", AMOUNT, nullable=False),
        sa.Column("base", QUALIFIER),
        sa.Column("growth_percent", sa.Numeric(16, 2)),
        sa.Column("mix_percent", sa.Numeric(16, 2)),
        sa.Column("unmet", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("next_from", QUALIFIER),
        sa.Column("next_missing", sa.Numeric(24, 8)),
        sa.Column("next_gain", AMOUNT),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.CheckConstraint("accrued >= 0 AND reached_tier >= 0", name=op.f("ck_rebate_accrual_amounts")),
        sa.CheckConstraint(
            "num_nulls(next_from, next_missing, next_gain) IN (0, 3) AND next_missing > 0",
            name=op.f("ck_rebate_accrual_next"),
        ),
        sa.ForeignKeyConstraint(["dealer_id"], ["dealer.id"], name=op.f("fk_rebate_accrual_dealer_id")),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["rebate_programme.id"], name=op.f("fk_rebate_accrual_programme_id")
        ),
        sa.PrimaryKeyConstraint("dealer_id", "programme_id", "first_day", name=op.f("pk_rebate_accrual")),
    )
    op.create_index("ix_rebate_accrual_programme_id", "rebate_accrual", ["programme_id", "first_day"])


def _lines() -> None:
    key = ("dealer_id", "programme_id", "first_day")
    op.create_table(
        "rebate_accrual_line",
        sa.Column("dealer_id", sa.BigInteger(), nullable=False),
        sa.Column("programme_id", sa.BigInteger(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("line_no", sa.SmallInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("qualifier", QUALIFIER, nullable=False),
        sa.Column("cumulative", QUALIFIER, nullable=False),
        sa.Column("payout", QUALIFIER, nullable=False),
        sa.Column("rate", sa.Numeric(16, 8)),
        sa.Column("amount", AMOUNT, nullable=False),
        sa.ForeignKeyConstraint(
            key,
            [f"rebate_accrual.{name}" for name in key],
            name=op.f("fk_rebate_accrual_line_dealer_id_programme_id_first_day"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(*key, "place", name=op.f("pk_rebate_accrual_line")),
    )


def _reckonings() -> None:
    op.create_table(
        "rebate_reckoning",
        sa.Column("dealer_id", sa.BigInteger(), nullable=False),
        sa.Column("entry_id", sa.BigInteger(), nullable=False),
        sa.Column("programmes", sa.BigInteger(), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("reckoned_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["dealer_id"], ["dealer.id"], name=op.f("fk_rebate_reckoning_dealer_id")),
        sa.PrimaryKeyConstraint("dealer_id", name=op.f("pk_rebate_reckoning")),
    )


def downgrade() -> None:
    """No rebate was agreed."""
    for table in ("rebate_reckoning", "rebate_accrual_line", "rebate_accrual", "rebate_programme"):
        op.drop_table(table)
    op.execute("DROP FUNCTION refuse_programme_change")
