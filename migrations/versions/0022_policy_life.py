"""A policy is written by one, approved by another, published now or at a minute, and may be withdrawn.

Contracts are policies of one dealer; products have floors.

Revision ID: 0022
Revises: 0021
"""

from __future__ import annotations

import os

import sqlalchemy as sa
from alembic import op

from migrations.tenancy import WITHIN

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

TOLERATED = {
    "constraint-missing-not-valid": "prices are written by headquarters only, and rarely",
    "adding-foreign-key-constraint": "prices are written by headquarters only, and rarely",
    "require-concurrent-index-creation": "prices are written by headquarters only, and rarely",
}

APP_ROLE = os.environ.get("TONGLU_APP_ROLE", "portal_app")

MOMENT, WORDS = sa.DateTime(timezone=True), sa.Text()

# An instant each: no default has to be computed and no row is rewritten.
POLICY_COLUMNS = (
    sa.Column("kind", WORDS, nullable=False, server_default="policy"),
    sa.Column("dealer_id", sa.BigInteger(), nullable=True),
    sa.Column("planned_to", MOMENT, nullable=True),
    sa.Column("below_floor", WORDS, nullable=False, server_default="refuse"),
    sa.Column("created_by_label", WORDS, nullable=False, server_default=""),
    sa.Column("written_by", sa.ARRAY(WORDS), nullable=False, server_default="{}"),
    sa.Column("submitted_by", WORDS, nullable=True),
    sa.Column("submitted_by_label", WORDS, nullable=True),
    sa.Column("submitted_at", MOMENT, nullable=True),
    sa.Column("approved_by", WORDS, nullable=True),
    sa.Column("approved_by_label", WORDS, nullable=True),
    sa.Column("approved_at", MOMENT, nullable=True),
    sa.Column("returned_reason", WORDS, nullable=False, server_default=""),
    sa.Column("published_by_label", WORDS, nullable=True),
    sa.Column("ranked_at", MOMENT, nullable=True),
    sa.Column("withdrawn_by", WORDS, nullable=True),
    sa.Column("withdrawn_by_label", WORDS, nullable=True),
    sa.Column("withdrawn_at", MOMENT, nullable=True),
    sa.Column("withdrawn_reason", WORDS, nullable=False, server_default=""),
    sa.Column("restores_id", sa.BigInteger(), nullable=True),
)

# Before there was a life, a version ended when its successor began; any other end was its own. The trigger
# steps aside for its table's owner, and for no longer than this.
BACKFILL = """
ALTER TABLE price_policy DISABLE TRIGGER price_policy_published;
UPDATE price_policy p
   SET planned_to = CASE WHEN NOT EXISTS (SELECT FROM price_policy n
                                           WHERE n.number = p.number AND n.published_at IS NOT NULL
                                             AND n.valid_from = p.valid_to) THEN p.valid_to END,
       written_by = CASE WHEN p.created_by IS NULL THEN '{}' ELSE ARRAY['user:' || p.created_by] END,
       created_by_label = coalesce((SELECT u.display_name FROM user_account u WHERE u.id = p.created_by), ''),
       published_by_label = (SELECT u.display_name FROM user_account u WHERE u.id = p.published_by);
ALTER TABLE price_policy ENABLE TRIGGER price_policy_published;
"""

POLICY_CHECKS = {
    "kind": "kind IN ('policy', 'contract')",
    "contract": "(kind = 'contract') = (dealer_id IS NOT NULL)",
    "state": "state IN ('draft', 'submitted', 'approved', 'published', 'superseded', 'withdrawn')",
    "dates": "valid_to IS NULL OR valid_from < valid_to OR (state = 'withdrawn' AND valid_from = valid_to)",
    "planned_to": "planned_to IS NULL OR (valid_to IS NOT NULL AND valid_to <= planned_to)",
    "published_at": "(state IN ('draft', 'submitted', 'approved')) = (published_at IS NULL)",
    "ranked_at": "(ranked_at IS NULL) = (restores_id IS NULL OR published_at IS NULL)",
    "withdrawn_at": "(state = 'withdrawn') = (withdrawn_at IS NOT NULL)",
    "progress": (
        "CASE state WHEN 'draft' THEN submitted_at IS NULL AND approved_at IS NULL"
        " WHEN 'submitted' THEN submitted_at IS NOT NULL AND approved_at IS NULL"
        " WHEN 'approved' THEN submitted_at IS NOT NULL AND approved_at IS NOT NULL ELSE true END"
    ),
    "other_person": "approved_by <> ALL (written_by)",
    "below_floor": "below_floor IN ('refuse', 'clamp')",
}
RULE_CHECKS = {
    "breaks": (
        'cardinality(min_quantities) = cardinality("values")'
        " AND cardinality(min_quantities) BETWEEN 1 AND 20 AND min_quantities[1] >= 1"
    ),
    "breaks_are": "breaks_are IN ('all_units', 'incremental')",
    "max_quantity": "max_quantity >= min_quantities[1]",
    "tax_included": "tax_included OR kind = 'net'",
}

# What a version says is written while it is a draft, and frozen from its submission on. Which way a state may
# change is data; the owner, who loads what has happened, takes the whole way at once, and so does what a
# withdrawal puts in force again. An end that has not
# come may come sooner, and later again, up to what the document plans, when nothing of its number begins
# before: that is how a withdrawal gives a predecessor its time back.
LIFE = """
CREATE OR REPLACE FUNCTION refuse_published_policy() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  theirs boolean := EXISTS (SELECT FROM pg_class c
                             WHERE c.oid = TG_RELID AND c.relowner = current_user::regrole);
  moves text[] := '{state,revision,written_by,submitted_by,submitted_by_label,submitted_at,approved_by,
                    approved_by_label,approved_at,returned_reason}';
  publication text[] := '{valid_from,valid_to,published_by,published_by_label,published_at,ranked_at}';
  ends text[] := '{state,valid_to,withdrawn_by,withdrawn_by_label,withdrawn_at,withdrawn_reason}';
BEGIN
  IF OLD.published_at IS NULL THEN
    IF TG_OP = 'DELETE' THEN
      IF OLD.state <> 'draft' THEN
        RAISE EXCEPTION 'policy % is submitted', OLD.number USING ERRCODE = 'TL004';
      END IF;
      RETURN OLD;
    END IF;
    IF NOT theirs AND (OLD.state, NEW.state) NOT IN (
         ('draft', 'draft'), ('draft', 'submitted'), ('submitted', 'draft'), ('submitted', 'approved'),
         ('approved', 'draft'), ('approved', 'published'))
       AND NOT (OLD.state = 'draft' AND NEW.state = 'published' AND NEW.restores_id IS NOT NULL) THEN
      RAISE EXCEPTION 'policy % cannot become %', OLD.number, NEW.state USING ERRCODE = 'TL004';
    END IF;
    IF NEW.published_at IS NOT NULL AND NOT theirs
       AND NEW.published_at NOT BETWEEN now() AND clock_timestamp() THEN
      RAISE EXCEPTION 'policy % is published now or not at all', OLD.number USING ERRCODE = 'TL004';
    END IF;
    IF OLD.state <> 'draft' AND to_jsonb(NEW) - moves - (CASE WHEN NEW.state = 'published' THEN publication
                                                              ELSE '{}'::text[] END)
                             <> to_jsonb(OLD) - moves - (CASE WHEN NEW.state = 'published' THEN publication
                                                              ELSE '{}'::text[] END) THEN
      RAISE EXCEPTION 'policy % is submitted', OLD.number USING ERRCODE = 'TL004';
    END IF;
    RETURN NEW;
  END IF;
  IF TG_OP = 'DELETE' OR to_jsonb(NEW) - ends <> to_jsonb(OLD) - ends
     OR (NEW.state <> OLD.state AND NEW.state NOT IN ('superseded', 'withdrawn'))
     OR (OLD.state = 'withdrawn' AND to_jsonb(NEW) <> to_jsonb(OLD))
     OR (NEW.valid_to IS DISTINCT FROM OLD.valid_to
         AND (NEW.valid_to < now() OR OLD.valid_to < now() OR NEW.valid_to > NEW.planned_to
              OR (NEW.valid_to IS NULL AND NEW.planned_to IS NOT NULL)
              OR (coalesce(NEW.valid_to, 'infinity') > coalesce(OLD.valid_to, 'infinity')
                  AND EXISTS (SELECT FROM price_policy n
                               WHERE n.number = OLD.number AND n.id <> OLD.id AND n.published_at IS NOT NULL
                                 AND n.valid_from >= OLD.valid_to
                                 AND n.valid_from < coalesce(NEW.valid_to, 'infinity')
                                 AND n.valid_from < coalesce(n.valid_to, 'infinity'))))) THEN
    RAISE EXCEPTION 'policy % is published', OLD.number USING ERRCODE = 'TL004';
  END IF;
  RETURN NEW;
END $$;
"""

POLICY_READ = f"""
CASE WHEN app_staff() THEN dealer_id IS NULL OR {WITHIN}
     ELSE published_at IS NOT NULL AND app_dealer() IS NOT NULL
          AND (dealer_id IS NULL OR dealer_id = app_dealer()) END
"""
POLICY_WRITE = f"app_staff() AND (dealer_id IS NULL OR {WITHIN})"

# A dealer's price is lifted to a floor that the dealer may not read: the owner looks it up for the rules of
# a published policy that lifts, and for nothing else.
FLOOR = """
CREATE FUNCTION floor_lifted_to(policy bigint, product bigint, moment timestamptz) RETURNS numeric
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT nullif(f.unit_price, 0) FROM price_policy y JOIN floor_price f ON f.product_id = product
   WHERE y.id = policy AND y.below_floor = 'clamp' AND f.valid_from <= moment
   ORDER BY f.valid_from DESC LIMIT 1
$$
"""


def upgrade() -> None:
    """The columns of a life, the way it may go, and the table of floors."""
    for column in POLICY_COLUMNS:
        op.add_column("price_policy", column)
    op.add_column("price_rule", sa.Column("breaks_are", WORDS, nullable=False, server_default="all_units"))
    op.add_column("price_rule", sa.Column("max_quantity", sa.Integer(), nullable=True))
    op.add_column(
        "price_rule", sa.Column("tax_included", sa.Boolean(), nullable=False, server_default="true")
    )
    op.execute("SELECT set_config('app.region_ids', '*', true)")  # the policies bind the owner too
    op.execute(BACKFILL)
    op.execute("SELECT set_config('app.region_ids', '', true)")
    _constrain()
    op.execute(LIFE)
    op.execute(f"ALTER POLICY price_policy_scope ON price_policy USING ({POLICY_READ})")
    op.execute(f"ALTER POLICY price_policy_scope ON price_policy WITH CHECK ({POLICY_WRITE})")
    _grant()
    _floors()


def _constrain() -> None:
    for column, parent in (("dealer_id", "dealer"), ("restores_id", "price_policy")):
        op.create_foreign_key(op.f(f"fk_price_policy_{column}"), "price_policy", parent, [column], ["id"])
    for name in ("state", "dates", "published_at"):
        op.drop_constraint(op.f(f"ck_price_policy_{name}"), "price_policy", type_="check")
    op.drop_constraint(op.f("ck_price_rule_breaks"), "price_rule", type_="check")
    op.drop_constraint(op.f("uq_price_rule_scope"), "price_rule", type_="unique")
    for table, checks in (("price_policy", POLICY_CHECKS), ("price_rule", RULE_CHECKS)):
        for name, condition in checks.items():
            op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, condition)
    op.create_index(
        "ix_price_policy_dealer_id",
        "price_policy",
        ["dealer_id"],
        postgresql_where="dealer_id IS NOT NULL",
    )
    op.create_index(
        "ix_price_rule_scope",
        "price_rule",
        ["policy_id", "product_id", "dealer_id", "tier", "region_id", "category_code"],
    )


def _grant() -> None:
    drafted = "kind, dealer_id, planned_to, below_floor, created_by_label, written_by"
    op.execute(f"GRANT INSERT ({drafted}, restores_id) ON price_policy TO {APP_ROLE}")
    op.execute(
        "GRANT UPDATE (planned_to, below_floor, written_by, submitted_by, submitted_by_label, submitted_at,"
        " approved_by, approved_by_label, approved_at, returned_reason, published_by_label, ranked_at,"
        f" withdrawn_by, withdrawn_by_label, withdrawn_at, withdrawn_reason) ON price_policy TO {APP_ROLE}"
    )
    op.execute(f"GRANT UPDATE (breaks_are, max_quantity, tax_included) ON price_rule TO {APP_ROLE}")


def _floors() -> None:
    op.create_table(
        "floor_price",
        sa.Column("product_id", sa.BigInteger(), nullable=False),
        sa.Column("valid_from", MOMENT, nullable=False),
        sa.Column("unit_price", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("set_by", WORDS, nullable=False),
        sa.Column("set_by_label", WORDS, nullable=False),
        sa.CheckConstraint("unit_price >= 0", name=op.f("ck_floor_price_unit_price")),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_floor_price_product_id")),
        sa.PrimaryKeyConstraint("product_id", "valid_from", name=op.f("pk_floor_price")),
    )
    op.execute("ALTER TABLE floor_price ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE floor_price FORCE ROW LEVEL SECURITY")
    op.execute("CREATE POLICY floor_price_scope ON floor_price USING (app_staff()) WITH CHECK (app_staff())")
    op.execute(
        "CREATE POLICY floor_price_looked_up ON floor_price FOR SELECT TO CURRENT_USER"
        " USING (unit_price >= 0)"
    )
    op.execute(f"GRANT SELECT, INSERT ON floor_price TO {APP_ROLE}")
    op.execute(FLOOR)
    op.execute("REVOKE ALL ON FUNCTION floor_lifted_to(bigint, bigint, timestamptz) FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION floor_lifted_to(bigint, bigint, timestamptz) TO {APP_ROLE}")


def downgrade() -> None:
    """There is no way back to versions that nobody approved: restore a backup."""
    raise RuntimeError("restore a backup instead")
