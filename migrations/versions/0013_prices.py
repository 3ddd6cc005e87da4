"""A rule that leaves no price is none: a net price above zero, a percentage below 100.

Revision ID: 0013
Revises: 0012
"""

from __future__ import annotations

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

# Where an old rule leaves no price, the constraint stays unvalidated: a published rule never changes, and
# what it priced is sold.
VALUES = """
ALTER TABLE price_rule ADD CONSTRAINT ck_price_rule_values CHECK (
  0 <= ALL ("values") AND (kind <> 'net' OR 0 < ALL ("values"))
  AND (kind <> 'percent_off' OR 100 > ALL ("values"))
) NOT VALID;
DO $$ BEGIN
  ALTER TABLE price_rule VALIDATE CONSTRAINT ck_price_rule_values;
EXCEPTION WHEN check_violation THEN
  RAISE NOTICE 'price_rule has old rules that leave no price';
END $$;
"""


def upgrade() -> None:
    """Refuse new rules that leave no price."""
    op.execute(VALUES)


def downgrade() -> None:
    """Leave it to the portal."""
    op.drop_constraint("ck_price_rule_values", "price_rule", type_="check")
