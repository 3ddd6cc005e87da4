"""One writing for what is searched: folded by the database as `portal.kernel.searching` does it.

Revision ID: search
Revises: kernel
"""

from __future__ import annotations

from alembic import op

from portal.kernel.searching import ALIKE, ALIKE_DIGITS, SEPARATORS, SIMPLIFIED, TRADITIONAL

revision = "search"
down_revision = "kernel"
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


def upgrade() -> None:
    """Two functions, on which generated columns stand."""
    op.execute(FOLD)


def downgrade() -> None:
    """There is no way back from the first release: restore a backup."""
    raise RuntimeError("restore a backup instead")
