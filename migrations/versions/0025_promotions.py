"""Promotions: documents, their budgets and lots, who takes part, and what each order got.

Revision ID: 0025
Revises: 0024
"""

from __future__ import annotations

import os

import sqlalchemy as sa
from alembic import op

from migrations.tenancy import scope_table

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

APP_ROLE = os.environ.get("TONGLU_APP_ROLE", "portal_app")

TABLES = ("promotion_use", "promotion_dealer", "promotion_budget", "promotion_lot", "promotion")

# A dealer reads what was published for everybody or for it; the query adds its region and tier.
READ = """
app_staff() OR (published_at IS NOT NULL AND app_dealer() IS NOT NULL
                AND (dealer_ids = '{}' OR app_dealer() = ANY (dealer_ids)))
"""
OF_A_PROMOTION = "EXISTS (SELECT FROM promotion p WHERE p.id = promotion_id)"

# What has been submitted keeps its terms until it is taken back; what has been published ends once and never
# before now. The owner loads promotions of the past.
PUBLISHED = """
CREATE FUNCTION refuse_published_promotion() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  moving text[] := '{state,revision,written_by,submitted_by_label,submitted_at,approved_by,approved_by_label,'
                   'approved_at,published_by,published_by_label,published_at,withdrawn_by,'
                   'withdrawn_by_label,withdrawn_at,reason}';
BEGIN
  IF TG_OP = 'DELETE' THEN
    RAISE EXCEPTION 'promotion % is kept', OLD.number USING ERRCODE = 'TL020';
  END IF;
  IF OLD.state = 'draft' AND NEW.state IN ('draft', 'submitted') THEN RETURN NEW; END IF;
  IF OLD.state IN ('published', 'withdrawn') THEN
    moving := '{state,revision,valid_to,withdrawn_by,withdrawn_by_label,withdrawn_at,reason}';
    IF OLD.state = 'withdrawn' OR NEW.state NOT IN ('published', 'withdrawn')
       OR (NEW.valid_to <> OLD.valid_to AND (NEW.valid_to > OLD.valid_to OR NEW.valid_to < now())) THEN
      RAISE EXCEPTION 'promotion % is published', OLD.number USING ERRCODE = 'TL020';
    END IF;
  ELSIF NEW.state = 'published' THEN
    moving := moving || '{valid_from}'::text[];
    IF OLD.state <> 'approved' OR NEW.published_at NOT BETWEEN now() AND clock_timestamp() THEN
      RAISE EXCEPTION 'promotion % is published now, when it is approved', OLD.number USING ERRCODE = 'TL020';
    END IF;
  END IF;
  IF (to_jsonb(NEW) - moving) <> (to_jsonb(OLD) - moving) THEN
    RAISE EXCEPTION 'promotion % keeps its terms', OLD.number USING ERRCODE = 'TL020';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER promotion_published BEFORE UPDATE OR DELETE ON promotion
  FOR EACH ROW EXECUTE FUNCTION refuse_published_promotion();
"""

# Lots are terms too: they are chosen while it is a draft. The owner loads promotions of the past.
LOTS = """
CREATE FUNCTION refuse_lots_of_no_draft() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_class c WHERE c.oid = TG_RELID AND c.relowner = current_user::regrole)
     AND NOT EXISTS (SELECT FROM promotion
                      WHERE id = coalesce(NEW.promotion_id, OLD.promotion_id) AND state = 'draft') THEN
    RAISE EXCEPTION 'a promotion keeps its terms' USING ERRCODE = 'TL020';
  END IF;
  RETURN coalesce(NEW, OLD);
END $$;
CREATE TRIGGER promotion_lot_of_draft BEFORE INSERT OR DELETE ON promotion_lot
  FOR EACH ROW EXECUTE FUNCTION refuse_lots_of_no_draft();
"""

# What a draft says, and how it goes on; not who began it, nor its number.
CHANGING = """
revision, title_zh, title_en, text_zh, text_en, kind, state, region_id, valid_from, valid_to, region_ids,
tiers, dealer_ids, product_ids, category_code, min_quantity, min_amount, period_amount, first_order,
reward_percent, reward_amount, gift_product_id, gift_quantity, gift_for_each, priority, combinable, budget,
per_dealer_cap, registration_required, may_pass_floor, written_by, submitted_by_label, submitted_at,
approved_by, approved_by_label, approved_at, published_by, published_by_label, published_at, withdrawn_by,
withdrawn_by_label, withdrawn_at, reason
"""

GRANTS = (
    f"SELECT, INSERT, UPDATE ({CHANGING}) ON promotion",
    "SELECT, INSERT, DELETE, UPDATE (used) ON promotion_lot",
    "SELECT, INSERT, UPDATE (spent) ON promotion_budget",
    "SELECT, INSERT, UPDATE (spent, reached, registered_at, registered_by, registered_by_label)"
    " ON promotion_dealer",
    "SELECT, INSERT, UPDATE (cancelled) ON promotion_use",
)


# No promotion takes a price below a floor that the dealer may not read: the owner looks floors up while any
# promotion runs that the dealer may read, and for nothing else.
FLOORS = """
CREATE FUNCTION promoted_floors(skus text[], moment timestamptz) RETURNS TABLE (sku text, unit_price numeric)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT p.sku, f.unit_price
    FROM product p CROSS JOIN LATERAL (
      SELECT l.unit_price FROM floor_price l WHERE l.product_id = p.id AND l.valid_from <= moment
       ORDER BY l.valid_from DESC LIMIT 1) f
   WHERE p.sku = ANY (skus) AND f.unit_price > 0
     AND EXISTS (SELECT FROM promotion n WHERE n.published_at <= moment AND n.valid_from <= moment
                                           AND n.valid_to > moment)
$$
"""


def upgrade() -> None:
    """Tables, who sees them, and what never changes."""
    op.create_table(
        "promotion",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), server_default="1", nullable=False),
        sa.Column("title_zh", sa.Text(), nullable=False),
        sa.Column("title_en", sa.Text(), nullable=False),
        sa.Column("text_zh", sa.Text(), server_default="", nullable=False),
        sa.Column("text_en", sa.Text(), server_default="", nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default="draft", nullable=False),
        sa.Column("region_id", sa.BigInteger(), nullable=True),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_to", sa.DateTime(timezone=True), nullable=False),
        sa.Column("region_ids", sa.ARRAY(sa.BigInteger()), server_default="{}", nullable=False),
        sa.Column("tiers", sa.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("dealer_ids", sa.ARRAY(sa.BigInteger()), server_default="{}", nullable=False),
        sa.Column("product_ids", sa.ARRAY(sa.BigInteger()), server_default="{}", nullable=False),
        sa.Column("category_code", sa.Text(), nullable=True),
        sa.Column("min_quantity", sa.Integer(), nullable=True),
        sa.Column("min_amount", sa.Numeric(precision=16, scale=2), nullable=True),
        sa.Column("period_amount", sa.Numeric(precision=16, scale=2), nullable=True),
        sa.Column("first_order", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("reward_percent", sa.Numeric(precision=5, scale=2), nullable=True),
        sa.Column("reward_amount", sa.Numeric(precision=14, scale=2), nullable=True),
        sa.Column("gift_product_id", sa.BigInteger(), nullable=True),
        sa.Column("gift_quantity", sa.Integer(), nullable=True),
        sa.Column("gift_for_each", sa.Integer(), nullable=True),
        sa.Column("priority", sa.SmallInteger(), nullable=False),
        sa.Column("combinable", sa.Boolean(), nullable=False),
        sa.Column("budget", sa.Numeric(precision=16, scale=2), nullable=True),
        sa.Column("per_dealer_cap", sa.Numeric(precision=16, scale=2), nullable=True),
        sa.Column("registration_required", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("may_pass_floor", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("proposed_by", sa.Text(), nullable=False),
        sa.Column("proposed_by_label", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("written_by", sa.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("submitted_by_label", sa.Text(), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("approved_by", sa.Text(), nullable=True),
        sa.Column("approved_by_label", sa.Text(), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published_by", sa.Text(), nullable=True),
        sa.Column("published_by_label", sa.Text(), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_by", sa.Text(), nullable=True),
        sa.Column("withdrawn_by_label", sa.Text(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint(
            "(kind = 'cumulative') = (period_amount IS NOT NULL)", name=op.f("ck_promotion_period_amount")
        ),
        sa.CheckConstraint(
            "(state = 'withdrawn') = (withdrawn_at IS NOT NULL)", name=op.f("ck_promotion_withdrawn_at")
        ),
        sa.CheckConstraint(
            "(state IN ('published', 'withdrawn')) = (published_at IS NOT NULL)",
            name=op.f("ck_promotion_published_at"),
        ),
        sa.CheckConstraint(
            "kind IN ('percent_off', 'amount_off', 'gift', 'bundle', 'cumulative', 'order_amount_off')",
            name=op.f("ck_promotion_kind"),
        ),
        sa.CheckConstraint(
            "num_nonnulls(reward_percent, reward_amount, gift_product_id) = 1"
            " AND (kind = 'gift') = (gift_product_id IS NOT NULL)"
            " AND (gift_product_id IS NULL) = (gift_quantity IS NULL)",
            name=op.f("ck_promotion_reward"),
        ),
        sa.CheckConstraint("product_ids = '{}' OR category_code IS NULL", name=op.f("ck_promotion_goods")),
        sa.CheckConstraint(
            "state IN ('draft', 'submitted', 'approved', 'published', 'withdrawn')",
            name=op.f("ck_promotion_state"),
        ),
        sa.CheckConstraint(
            "reward_percent > 0 AND reward_percent < 100 AND reward_amount > 0 AND gift_quantity > 0"
            " AND gift_for_each > 0 AND min_quantity > 0 AND min_amount > 0 AND period_amount > 0"
            " AND budget > 0 AND per_dealer_cap > 0 AND priority BETWEEN 1 AND 999",
            name=op.f("ck_promotion_values"),
        ),
        sa.CheckConstraint("valid_from <= valid_to", name=op.f("ck_promotion_dates")),
        sa.CheckConstraint("approved_by <> ALL (written_by)", name=op.f("ck_promotion_other_person")),
        sa.ForeignKeyConstraint(
            ["category_code"], ["category.code"], name=op.f("fk_promotion_category_code")
        ),
        sa.ForeignKeyConstraint(
            ["gift_product_id"], ["product.id"], name=op.f("fk_promotion_gift_product_id")
        ),
        sa.ForeignKeyConstraint(["region_id"], ["region.id"], name=op.f("fk_promotion_region_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_promotion")),
        sa.UniqueConstraint("number", name=op.f("uq_promotion_number")),
    )
    op.create_index(
        "ix_promotion_in_force",
        "promotion",
        ["valid_to", "valid_from"],
        unique=False,
        postgresql_where="published_at IS NOT NULL",
    )
    op.create_table(
        "promotion_lot",
        sa.Column("promotion_id", sa.BigInteger(), nullable=False),
        sa.Column("lot_id", sa.BigInteger(), nullable=False),
        sa.Column("product_id", sa.BigInteger(), nullable=False),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.Column("used", sa.Integer(), server_default="0", nullable=False),
        sa.CheckConstraint("units >= 0 AND used >= 0 AND used <= units", name=op.f("ck_promotion_lot_used")),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_promotion_lot_lot_id")),
        sa.ForeignKeyConstraint(
            ["promotion_id"], ["promotion.id"], name=op.f("fk_promotion_lot_promotion_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("promotion_id", "lot_id", name=op.f("pk_promotion_lot")),
    )
    op.create_table(
        "promotion_budget",
        sa.Column("promotion_id", sa.BigInteger(), nullable=False),
        sa.Column("budget", sa.Numeric(precision=16, scale=2), nullable=True),
        sa.Column("spent", sa.Numeric(precision=16, scale=2), server_default="0", nullable=False),
        sa.CheckConstraint(
            "spent >= 0 AND (budget IS NULL OR spent <= budget)", name=op.f("ck_promotion_budget_spent")
        ),
        sa.ForeignKeyConstraint(
            ["promotion_id"], ["promotion.id"], name=op.f("fk_promotion_budget_promotion_id")
        ),
        sa.PrimaryKeyConstraint("promotion_id", name=op.f("pk_promotion_budget")),
    )
    op.create_table(
        "promotion_dealer",
        sa.Column("dealer_id", sa.BigInteger(), nullable=False),
        sa.Column("promotion_id", sa.BigInteger(), nullable=False),
        sa.Column("cap", sa.Numeric(precision=16, scale=2), nullable=True),
        sa.Column("spent", sa.Numeric(precision=16, scale=2), server_default="0", nullable=False),
        sa.Column("reached", sa.Numeric(precision=16, scale=2), server_default="0", nullable=False),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("registered_by", sa.Text(), nullable=True),
        sa.Column("registered_by_label", sa.Text(), nullable=True),
        sa.CheckConstraint("reached >= 0", name=op.f("ck_promotion_dealer_reached")),
        sa.CheckConstraint(
            "spent >= 0 AND (cap IS NULL OR spent <= cap)", name=op.f("ck_promotion_dealer_spent")
        ),
        sa.ForeignKeyConstraint(["dealer_id"], ["dealer.id"], name=op.f("fk_promotion_dealer_dealer_id")),
        sa.ForeignKeyConstraint(
            ["promotion_id"], ["promotion.id"], name=op.f("fk_promotion_dealer_promotion_id")
        ),
        sa.PrimaryKeyConstraint("dealer_id", "promotion_id", name=op.f("pk_promotion_dealer")),
    )
    op.create_index("ix_promotion_dealer_promotion_id", "promotion_dealer", ["promotion_id"], unique=False)
    op.create_table(
        "promotion_use",
        sa.Column("dealer_id", sa.BigInteger(), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("line_no", sa.SmallInteger(), nullable=False),
        sa.Column("promotion_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=16, scale=2), nullable=False),
        sa.Column("counted", sa.Numeric(precision=16, scale=2), server_default="0", nullable=False),
        sa.Column("lot_units", sa.Integer(), server_default="0", nullable=False),
        sa.Column("cancelled", sa.Integer(), server_default="0", nullable=False),
        sa.CheckConstraint(
            "amount >= 0 AND counted >= 0 AND lot_units >= 0", name=op.f("ck_promotion_use_amounts")
        ),
        sa.CheckConstraint("cancelled BETWEEN 0 AND quantity", name=op.f("ck_promotion_use_cancelled")),
        sa.ForeignKeyConstraint(
            ["dealer_id", "order_id"],
            ["sales_order.dealer_id", "sales_order.id"],
            name=op.f("fk_promotion_use_dealer_id_order_id"),
        ),
        sa.ForeignKeyConstraint(
            ["promotion_id"], ["promotion.id"], name=op.f("fk_promotion_use_promotion_id")
        ),
        sa.PrimaryKeyConstraint(
            "dealer_id", "order_id", "line_no", "promotion_id", name=op.f("pk_promotion_use")
        ),
    )
    op.create_index(
        "ix_promotion_use_promotion_id", "promotion_use", ["promotion_id", "dealer_id"], unique=False
    )
    op.execute(PUBLISHED)
    op.execute(LOTS)
    for table in ("promotion", "promotion_lot", "promotion_budget"):
        read = READ if table == "promotion" else OF_A_PROMOTION
        write = "app_staff()" if table == "promotion" else OF_A_PROMOTION
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY {table}_scope ON {table} USING ({read}) WITH CHECK ({write})")
    for table in ("promotion_dealer", "promotion_use"):
        for statement in scope_table(table):
            op.execute(statement)
    op.execute(FLOORS)
    op.execute("REVOKE ALL ON FUNCTION promoted_floors(text[], timestamptz) FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION promoted_floors(text[], timestamptz) TO {APP_ROLE}")
    for grant in GRANTS:
        op.execute(f"GRANT {grant} TO {APP_ROLE}")


def downgrade() -> None:
    """No promotions."""
    op.execute("DROP FUNCTION promoted_floors(text[], timestamptz)")
    for table in TABLES:
        op.drop_table(table)
    op.execute("DROP FUNCTION refuse_published_promotion(), refuse_lots_of_no_draft()")
