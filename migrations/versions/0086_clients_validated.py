"""The constraints of API clients hold for those of before, too.

Revision ID: 0086
Revises: 0085
"""

from __future__ import annotations

from alembic import op

revision = "0086"
down_revision = "0085"
branch_labels = None
depends_on = None

CONSTRAINTS = ("ck_api_client_method", "ck_api_client_credentials", "ck_api_client_former")


def upgrade() -> None:
    """Writers go on meanwhile."""
    for constraint in CONSTRAINTS:
        op.execute(f"ALTER TABLE api_client VALIDATE CONSTRAINT {constraint}")


def downgrade() -> None:
    """A constraint that was validated stays so."""
