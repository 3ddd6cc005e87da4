"""Lines that are served from several warehouses.

Revision ID: 0030
Revises: 0029
"""

from __future__ import annotations

import os

import sqlalchemy as sa
from alembic import op

from migrations.tenancy import scope_table

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

APP_ROLE = os.environ.get("TONGLU_APP_ROLE", "portal_app")

TABLE = """
CREATE TABLE order_line_source (
  dealer_id bigint NOT NULL,
  order_id bigint NOT NULL,
  line_no smallint NOT NULL,
  warehouse_id bigint NOT NULL,
  reserved integer NOT NULL,
  CONSTRAINT pk_order_line_source PRIMARY KEY (dealer_id, order_id, line_no, warehouse_id),
  CONSTRAINT fk_order_line_source_dealer_id_order_id_line_no FOREIGN KEY (dealer_id, order_id, line_no)
    REFERENCES order_line (dealer_id, order_id, line_no),
  CONSTRAINT fk_order_line_source_warehouse_id FOREIGN KEY (warehouse_id) REFERENCES warehouse (id),
  CONSTRAINT ck_order_line_source_reserved CHECK (reserved >= 0)
);
CREATE INDEX ix_order_line_source_warehouse_id ON order_line_source (warehouse_id) WHERE reserved > 0;
"""


def upgrade() -> None:
    """What is reserved elsewhere, within its dealer."""
    op.execute(TABLE)
    for statement in scope_table("order_line_source"):
        op.execute(statement)
    op.add_column("order_draft", sa.Column("split", sa.Boolean(), server_default="false", nullable=False))
    op.execute(f"GRANT SELECT, INSERT, UPDATE (reserved) ON order_line_source TO {APP_ROLE}")


def downgrade() -> None:
    """Every line from one warehouse."""
    op.drop_column("order_draft", "split")
    op.execute("DROP TABLE order_line_source")
