"""Gifts that go back with the goods that earned them, or are billed where the dealer keeps them.

Revision ID: 0078
Revises: 0077
"""

from __future__ import annotations

import os

from alembic import op

from migrations.tenancy import scope_table

revision = "0078"
down_revision = "0077"
branch_labels = None
depends_on = None

TOLERATED = {
    "require-concurrent-index-creation": "no return has gifts yet: the table is read once for an empty index"
}

APP_ROLE = os.environ.get("TONGLU_APP_ROLE", "portal_app")

TABLES = """
CREATE TABLE return_gift (
  dealer_id bigint NOT NULL,
  return_id bigint NOT NULL,
  line_no smallint NOT NULL,
  due integer NOT NULL,
  kept integer NOT NULL DEFAULT 0,
  charge numeric(16,2) NOT NULL,
  CONSTRAINT pk_return_gift PRIMARY KEY (dealer_id, return_id, line_no),
  CONSTRAINT fk_return_gift_dealer_id_return_id
    FOREIGN KEY (dealer_id, return_id) REFERENCES return_request (dealer_id, id),
  CONSTRAINT ck_return_gift_due CHECK (due > 0),
  CONSTRAINT ck_return_gift_kept CHECK (kept BETWEEN 0 AND due),
  CONSTRAINT ck_return_gift_charge CHECK (charge >= 0 AND (kept > 0 OR charge = 0))
);
CREATE TRIGGER return_gift_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON return_gift
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE return_request ADD COLUMN gifts_of text;
CREATE INDEX ix_return_request_dealer_id_gifts_of ON return_request (dealer_id, gifts_of)
  WHERE gifts_of IS NOT NULL;
"""

GRANTS = f"GRANT SELECT, INSERT ON return_gift TO {APP_ROLE}"


def upgrade() -> None:
    """What a return asks for of gifts."""
    op.execute(TABLES)
    for statement in scope_table("return_gift"):
        op.execute(statement)
    op.execute(GRANTS)


def downgrade() -> None:
    """Gifts stay where they are."""
    op.execute("ALTER TABLE return_request DROP COLUMN gifts_of")
    op.execute("DROP TABLE return_gift")
