"""Views of lists that people keep.

Revision ID: lists
Revises: checks
"""

from __future__ import annotations

from alembic import op

revision = "lists"
down_revision = "checks"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE saved_view (
  user_id bigint NOT NULL,
  listing text NOT NULL,
  place smallint NOT NULL,
  name text NOT NULL,
  query text NOT NULL,
  CONSTRAINT pk_saved_view PRIMARY KEY (user_id, listing, place),
  CONSTRAINT uq_saved_view_user_id_listing_name UNIQUE (user_id, listing, name),
  CONSTRAINT fk_saved_view_user_id FOREIGN KEY (user_id) REFERENCES user_account (id),
  CONSTRAINT ck_saved_view_lengths
    CHECK (length(listing) BETWEEN 1 AND 40 AND length(name) BETWEEN 1 AND 60 AND length(query) <= 1000),
  CONSTRAINT ck_saved_view_place CHECK (place BETWEEN 1 AND 20)
);
"""


def upgrade() -> None:
    """The table."""
    op.execute(TABLES)


def downgrade() -> None:
    """There is no way back from the first release: restore a backup."""
    raise RuntimeError("restore a backup instead")
