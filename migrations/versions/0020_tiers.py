"""Tiers are data, and a dealer has its tier and its region from a day on.

Which dealers an employee reaches follows the region of today, by the database's clock in the business time
zone (`app.time_zone`, which the portal's connections set). `app_dealers_of` looks at every membership,
or the policy of the table would have to ask itself; it tells nobody more than the setting it is given.

Revision ID: 0020
Revises: 0019
"""

from __future__ import annotations

import os

import sqlalchemy as sa
from alembic import op

from migrations.tenancy import scope_table

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

TOLERATED = {
    "require-concurrent-index-deletion": "dealer has some ten thousand rows",
    "ban-drop-column": "before the first release: the web stops for this revision",
    "constraint-missing-not-valid": "price_rule is written by headquarters only, and rarely",
    "adding-foreign-key-constraint": "price_rule is written by headquarters only, and rarely",
}

APP_ROLE = os.environ.get("TONGLU_APP_ROLE", "portal_app")
ISSUER_ROLE = os.environ.get("TONGLU_ISSUER_ROLE", "portal_issuer")

TIERS = """
INSERT INTO tier (code, name_zh, name_en, rank) VALUES
  ('S', 'S 级', 'Tier S', 1), ('A', 'A 级', 'Tier A', 2),
  ('B', 'B 级', 'Tier B', 3), ('C', 'C 级', 'Tier C', 4)
"""

DAYS = """
CREATE FUNCTION app_day(at timestamptz) RETURNS date LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT (at AT TIME ZONE coalesce(nullif(current_setting('app.time_zone', true), ''),
                                    'Asia/Shanghai'))::date $$;
CREATE FUNCTION app_today() RETURNS date LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT app_day(now()) $$;
"""

# From the day the dealer is known or first ordered, whichever is earlier.
BACKFILL = """
INSERT INTO {table} (dealer_id, valid_from, {column}, assigned_by, reason)
SELECT d.id, least(app_day(d.created_at),
                   (SELECT app_day(min(o.placed_at)) FROM sales_order o WHERE o.dealer_id = d.id)),
       d.{column}, 'system', ''
  FROM dealer d
"""

# An employee sees the memberships of today in the own regions, and so reaches these dealers. The policy asks
# nothing but its row: one that asked for the dealers within reach would ask itself.
TODAY = "valid_from <= app_today() AND (valid_to IS NULL OR valid_to > app_today())"
MEMBERSHIP = f"dealer_id = app_dealer() OR app_everywhere() OR (region_id = ANY (app_regions()) AND {TODAY})"
REACH = f"""
CREATE OR REPLACE FUNCTION app_dealers() RETURNS SETOF bigint LANGUAGE sql STABLE PARALLEL SAFE ROWS 1000 AS
$$ SELECT dealer_id FROM dealer_region
    WHERE app_regions() <> '{{}}' AND region_id = ANY (app_regions()) AND {TODAY} $$
"""
REACHED = "app_everywhere() OR id IN (SELECT app_dealers())"


def upgrade() -> None:
    """The tables, filled from the columns that they replace."""
    op.create_table(
        "tier",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("rank", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_tier")),
        sa.UniqueConstraint("rank", name=op.f("uq_tier_rank")),
    )
    op.execute(TIERS)
    op.execute(DAYS)
    _dated("dealer_tier", sa.Column("tier", sa.Text(), nullable=False), "tier.code")
    _dated("dealer_region", sa.Column("region_id", sa.BigInteger(), nullable=False), "region.id")
    op.create_index(
        "ix_dealer_region_region_id_dealer_id", "dealer_region", ["region_id", "dealer_id"], unique=False
    )
    for statement in scope_table("dealer_tier"):
        op.execute(statement)
    op.execute("ALTER TABLE dealer_region ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE dealer_region FORCE ROW LEVEL SECURITY")
    op.execute(
        f"CREATE POLICY dealer_region_scope ON dealer_region USING ({MEMBERSHIP})"
        " WITH CHECK (app_everywhere())"
    )
    op.execute("SELECT set_config('app.region_ids', '*', true)")  # the policies bind the owner too
    op.execute(BACKFILL.format(table="dealer_tier", column="tier"))
    op.execute(BACKFILL.format(table="dealer_region", column="region_id"))
    op.execute("SET CONSTRAINTS ALL IMMEDIATE")  # a table with checks waiting is not altered
    op.execute("SELECT set_config('app.region_ids', '', true)")
    op.execute(REACH)
    op.execute(
        f"ALTER POLICY dealer_scope ON dealer USING (id = app_dealer() OR {REACHED}) WITH CHECK ({REACHED})"
    )
    op.drop_index("ix_dealer_region_id_id", table_name="dealer")
    op.drop_column("dealer", "tier")
    op.drop_column("dealer", "region_id")
    op.drop_constraint("ck_price_rule_tier", "price_rule")
    op.create_foreign_key(op.f("fk_price_rule_tier"), "price_rule", "tier", ["tier"], ["code"])
    op.execute(f"GRANT SELECT ON tier, dealer_tier, dealer_region TO {APP_ROLE}")
    op.execute(f"GRANT SELECT ON dealer_region TO {ISSUER_ROLE}")  # the policies ask it


def _dated(table: str, held: sa.Column[object], target: str) -> None:
    """What a dealer has from a day on: an unbroken chain of rows, the last of them open."""
    op.create_table(
        table,
        sa.Column("dealer_id", sa.BigInteger(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        held,
        sa.Column("assigned_by", sa.Text(), nullable=False),
        sa.Column("assigned_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("dealer_id", "valid_from", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint(
            "dealer_id",
            "valid_to",
            name=op.f(f"uq_{table}_dealer_id_valid_to"),
            postgresql_nulls_not_distinct=True,
        ),
        sa.CheckConstraint("valid_to IS NULL OR valid_from < valid_to", name=op.f(f"ck_{table}_dates")),
        sa.ForeignKeyConstraint(["dealer_id"], ["dealer.id"], name=op.f(f"fk_{table}_dealer_id")),
        sa.ForeignKeyConstraint([held.name], [target], name=op.f(f"fk_{table}_{held.name}")),
        sa.ForeignKeyConstraint(
            ["dealer_id", "valid_to"],
            [f"{table}.dealer_id", f"{table}.valid_from"],
            name=op.f(f"fk_{table}_dealer_id_valid_to"),
            deferrable=True,
            initially="DEFERRED",
        ),
    )


def downgrade() -> None:
    """What was assigned cannot be said by one column: restore a backup."""
    raise RuntimeError("restore a backup instead")
