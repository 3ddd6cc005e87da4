"""Products kept by headquarters: packages, what belongs to what, and changes that another person approves.

Revision ID: 0038
Revises: 0037
"""

from __future__ import annotations

import os

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.tenancy import scope_table

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

TOLERATED = {
    "constraint-missing-not-valid": "read once, in milliseconds: every row has null in both columns",
}

APP_ROLE = os.environ.get("TONGLU_APP_ROLE", "portal_app")

EVERYBODY = "app_staff() OR app_dealer() IS NOT NULL"

# The words of `portal.catalogue.models` for what an approved change writes.
KEPT = (
    "name_zh, name_en, specification, udi_di, maker, maker_country, origin, device_class, category_code,"
    " unit, pack_multiple, registration_no, registration_from, registration_to,"
    " registration_renewal_asked_on, lot_controlled, serial_controlled, expiry_controlled, implantable,"
    " sterile, storage_zh, storage_en, storage_min, storage_max, registrant, generic_name, keywords, state,"
    " pinyin, search_text, search_grams, search_slips, syllables, updated_at"
)

# The owner loads and migrates; whoever serves is no member of it.
GUARD = """
CREATE FUNCTION require_approved_change() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  concerned text;
BEGIN
  IF pg_has_role((SELECT relowner FROM pg_class WHERE oid = TG_RELID), 'MEMBER') THEN
    RETURN coalesce(NEW, OLD);
  END IF;
  IF TG_TABLE_NAME = 'product' THEN
    concerned := NEW.sku;
  ELSE
    SELECT p.sku INTO concerned FROM product p WHERE p.id = coalesce(NEW.product_id, OLD.product_id);
  END IF;
  IF NOT EXISTS (SELECT FROM product_change c WHERE c.sku = concerned AND c.state = 'approved') THEN
    RAISE EXCEPTION 'product % has no approved change', concerned USING ERRCODE = '42501';
  END IF;
  RETURN coalesce(NEW, OLD);
END $$;
CREATE TRIGGER product_is_approved BEFORE INSERT OR UPDATE ON product
  FOR EACH ROW EXECUTE FUNCTION require_approved_change();
CREATE TRIGGER product_package_is_approved BEFORE INSERT OR UPDATE OR DELETE ON product_package
  FOR EACH ROW EXECUTE FUNCTION require_approved_change();
"""


def upgrade() -> None:
    """Columns of a product, its packages and relations; changes, without which nobody writes a product."""
    _columns()
    _packages()
    _relations()
    _changes()
    op.execute(GUARD)
    op.execute(f"GRANT INSERT (sku, {KEPT}), UPDATE ({KEPT}) ON product TO {APP_ROLE}")


def _columns() -> None:
    for name in ("registrant", "generic_name", "keywords"):
        op.add_column("product", sa.Column(name, sa.Text(), nullable=False, server_default=""))
    for name in ("storage_min", "storage_max"):
        op.add_column("product", sa.Column(name, sa.Numeric(4, 1), nullable=True))
    op.create_check_constraint(op.f("ck_product_storage"), "product", "storage_min <= storage_max")


def _packages() -> None:
    op.create_table(
        "product_package",
        sa.Column("product_id", sa.BigInteger(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("gtin", sa.Text(), nullable=False),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.CheckConstraint("level IN ('inner', 'case', 'pallet')", name=op.f("ck_product_package_level")),
        sa.CheckConstraint("gtin ~ '^[0-9]{14}$'", name=op.f("ck_product_package_gtin")),
        sa.CheckConstraint("units > 1", name=op.f("ck_product_package_units")),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_product_package_product_id")),
        sa.PrimaryKeyConstraint("product_id", "level", name=op.f("pk_product_package")),
        sa.UniqueConstraint("gtin", name=op.f("uq_product_package_gtin")),
    )
    for statement in scope_table("product_package", seen=EVERYBODY, written="app_staff()"):
        op.execute(statement)
    op.execute(f"GRANT SELECT, INSERT, DELETE ON product_package TO {APP_ROLE}")


def _relations() -> None:
    op.create_table(
        "product_relation",
        sa.Column("product_id", sa.BigInteger(), nullable=False),
        sa.Column("related_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("rank", sa.SmallInteger(), nullable=False),
        sa.CheckConstraint("product_id <> related_id", name=op.f("ck_product_relation_another")),
        sa.CheckConstraint("kind IN ('accessory', 'spare_part')", name=op.f("ck_product_relation_kind")),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_product_relation_product_id")),
        sa.ForeignKeyConstraint(["related_id"], ["product.id"], name=op.f("fk_product_relation_related_id")),
        sa.PrimaryKeyConstraint("product_id", "related_id", "kind", name=op.f("pk_product_relation")),
    )
    op.create_index(op.f("ix_product_relation_related_id"), "product_relation", ["related_id"])
    for statement in scope_table("product_relation", seen=EVERYBODY, written="app_staff()"):
        op.execute(statement)
    op.execute(f"GRANT SELECT, INSERT, DELETE ON product_relation TO {APP_ROLE}")


def _changes() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "product_change",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False, server_default="draft"),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("proposed", postgresql.JSONB(), nullable=False),
        sa.Column("before", postgresql.JSONB(), nullable=False, server_default="{}"),
        sa.Column("authors", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("proposed_by_label", sa.Text(), nullable=False),
        sa.Column("proposed_at", moment, nullable=False),
        sa.Column("submitted_by_label", sa.Text(), nullable=True),
        sa.Column("submitted_at", moment, nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_by_label", sa.Text(), nullable=True),
        sa.Column("decided_at", moment, nullable=True),
        sa.Column("in_force_at", moment, nullable=True),
        sa.Column("reason", sa.Text(), nullable=False, server_default=""),
        sa.CheckConstraint(
            "state IN ('draft', 'submitted', 'approved', 'in_force', 'rejected')",
            name=op.f("ck_product_change_state"),
        ),
        sa.CheckConstraint(
            "source IN ('page', 'api', 'sheet', 'eudamed', 'gudid')", name=op.f("ck_product_change_source")
        ),
        sa.CheckConstraint(
            "state NOT IN ('approved', 'in_force') OR decided_by IS NOT NULL",
            name=op.f("ck_product_change_decided"),
        ),
        sa.CheckConstraint("state <> 'rejected' OR reason <> ''", name=op.f("ck_product_change_reason")),
        sa.CheckConstraint(
            "state NOT IN ('approved', 'in_force') OR NOT decided_by = ANY (authors)",
            name=op.f("ck_product_change_another_person"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product_change")),
        sa.UniqueConstraint("number", name=op.f("uq_product_change_number")),
    )
    op.create_index(
        "uq_product_change_open",
        "product_change",
        ["sku"],
        unique=True,
        postgresql_where=sa.text("state IN ('draft', 'submitted', 'approved')"),
    )
    op.create_index("ix_product_change_sku_id", "product_change", ["sku", "id"])
    op.create_index("ix_product_change_state_id", "product_change", ["state", "id"])
    for statement in scope_table("product_change", seen="app_staff()", written="app_staff()"):
        op.execute(statement)
    written = (
        "state, source, proposed, before, authors, proposed_by_label, proposed_at, submitted_by_label,"
        " submitted_at, decided_by, decided_by_label, decided_at, in_force_at, reason"
    )
    op.execute(f"GRANT SELECT, INSERT, UPDATE ({written}) ON product_change TO {APP_ROLE}")


def downgrade() -> None:
    """Products are loaded, not edited."""
    op.execute("DROP TRIGGER product_is_approved ON product")
    op.execute(f"REVOKE INSERT, UPDATE ON product FROM {APP_ROLE}")
    for table in ("product_change", "product_relation", "product_package"):
        op.drop_table(table)
    op.execute("DROP FUNCTION require_approved_change()")
    for name in ("storage_min", "storage_max", "registrant", "generic_name", "keywords"):
        op.drop_column("product", name)
