"""One writing for what is searched: columns folded by the database, products found by a slip of the finger
and by their reading.

Revision ID: 0017
Revises: 0016
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from portal.catalogue.search_keys import search_keys
from portal.kernel.searching import ALIKE, ALIKE_DIGITS, SEPARATORS, SIMPLIFIED, TRADITIONAL

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

# As portal.kernel.searching does it. Most of what is written with every order is plain ASCII, and has no need
# of the long table.
FOLD = f"""
CREATE FUNCTION search_fold(said text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT CASE WHEN said !~ '[^ -~]' THEN translate(lower(said), '{ALIKE}', '{ALIKE_DIGITS}')
              ELSE translate(lower(normalize(said, NFKC)), '{ALIKE}{TRADITIONAL}',
                             '{ALIKE_DIGITS}{SIMPLIFIED}') END
$$;
CREATE FUNCTION code_key(said text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN translate(search_fold(said), '{SEPARATORS}', '');
"""

FOLDED = {
    "category": ("code", "name_zh", "name_en"),
    "dealer": ("code", "name_zh", "name_en", "credit_code"),
    "product": ("sku", "name_zh", "name_en"),
}


def upgrade() -> None:
    """The functions first, then everything that is kept by them."""
    op.execute(FOLD)
    for table, columns in FOLDED.items():
        together = " || ' ' || ".join(columns)
        _add_computed(table, "search_key", f"search_fold({together})")
    _replace_purchase_order_key("code_key(purchase_order_no)")
    _add_computed("product", "sku_key", "code_key(sku)")
    op.create_index("ix_product_sku_key", "product", ["sku_key"])
    op.add_column(
        "product", sa.Column("search_slips", postgresql.ARRAY(sa.Text()), nullable=False, server_default="{}")
    )
    op.add_column("product", sa.Column("syllables", sa.Text(), nullable=False, server_default=""))
    _make_search_keys()
    op.create_index("ix_product_search_slips", "product", ["search_slips"], postgresql_using="gin")


def _make_search_keys() -> None:
    """Of the products there are; what they were entered with beside their names is in the text they are
    found by.
    """
    connection = op.get_bind()
    keys = [
        {"id": product.id, **search_keys([product.search_text], generic_name=product.name_zh)._asdict()}
        for product in connection.execute(sa.text("SELECT id, name_zh, search_text FROM product"))
    ]
    if keys:
        connection.execute(
            sa.text(
                "UPDATE product SET search_text = :search_text, search_grams = :search_grams,"
                " search_slips = :search_slips,"
                " syllables = :syllables WHERE id = :id"
            ),
            keys,
        )


def _replace_purchase_order_key(expression: str) -> None:
    op.drop_column("sales_order", "purchase_order_key")
    _add_computed("sales_order", "purchase_order_key", expression)
    present = sa.text("purchase_order_key <> ''")
    op.create_index(
        "ix_sales_order_purchase_order_key", "sales_order", ["purchase_order_key"], postgresql_where=present
    )


def _add_computed(table: str, column: str, expression: str) -> None:
    op.add_column(
        table, sa.Column(column, sa.Text(), sa.Computed(expression, persisted=True), nullable=False)
    )


def downgrade() -> None:
    """Only the columns go: the text a product is found by holds nothing that harms."""
    op.drop_index("ix_product_search_slips", "product")
    op.drop_column("product", "syllables")
    op.drop_column("product", "search_slips")
    op.drop_index("ix_product_sku_key", "product")
    op.drop_column("product", "sku_key")
    _replace_purchase_order_key("upper(purchase_order_no)")
    for table in FOLDED:
        op.drop_column(table, "search_key")
    op.execute("DROP FUNCTION code_key(text)")
    op.execute("DROP FUNCTION search_fold(text)")
