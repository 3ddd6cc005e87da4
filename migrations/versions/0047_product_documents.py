"""Documents of products: which files are in force, and parts of uploads that go on after a break.

Revision ID: 0047
Revises: 0046
"""

from __future__ import annotations

import os

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.tenancy import WITHIN, scope_table

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None

APP_ROLE = os.environ.get("TONGLU_APP_ROLE", "portal_app")

EVERYBODY = "app_staff() OR app_dealer() IS NOT NULL"

# As of packages: written with an approved change, and never otherwise.
GUARD = """
CREATE TRIGGER product_document_is_approved BEFORE INSERT OR UPDATE OR DELETE ON product_document
  FOR EACH ROW EXECUTE FUNCTION require_approved_change();
"""


def upgrade() -> None:
    """The table, read by everybody who reads products."""
    op.create_table(
        "product_document",
        sa.Column("product_id", sa.BigInteger(), nullable=False),
        sa.Column("file_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("place", sa.SmallInteger(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('picture', 'certificate', 'manual', 'brochure')", name=op.f("ck_product_document_kind")
        ),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_product_document_product_id")),
        sa.ForeignKeyConstraint(["file_id"], ["stored_file.id"], name=op.f("fk_product_document_file_id")),
        sa.PrimaryKeyConstraint("product_id", "file_id", name=op.f("pk_product_document")),
    )
    op.create_index(op.f("ix_product_document_file_id"), "product_document", ["file_id"])
    for statement in scope_table("product_document", seen=EVERYBODY, written="app_staff()"):
        op.execute(statement)
    op.execute(f"GRANT SELECT, INSERT, DELETE ON product_document TO {APP_ROLE}")
    op.execute(GUARD)
    _uploads()


def _uploads() -> None:
    """Whose an upload is, the rows tell as those of files do."""
    op.create_table(
        "file_upload",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("dealer_id", sa.BigInteger(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("received", sa.Integer(), server_default="0", nullable=False),
        sa.Column("pieces", postgresql.ARRAY(sa.Integer()), server_default="{}", nullable=False),
        sa.Column("uploaded_by", sa.Text(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("file_id", sa.Text(), nullable=True),
        sa.CheckConstraint("size BETWEEN 1 AND 62914560", name=op.f("ck_file_upload_size")),
        sa.CheckConstraint("received BETWEEN 0 AND size", name=op.f("ck_file_upload_received")),
        sa.CheckConstraint("file_id IS NULL OR received = size", name=op.f("ck_file_upload_file")),
        sa.ForeignKeyConstraint(["dealer_id"], ["dealer.id"], name=op.f("fk_file_upload_dealer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_file_upload")),
    )
    op.create_index("ix_file_upload_begun_at", "file_upload", ["begun_at"])
    own = f"{WITHIN} OR (dealer_id IS NULL AND app_staff())"
    for statement in scope_table("file_upload", seen=own, written=own):
        op.execute(statement)
    op.execute(
        f"GRANT SELECT, INSERT, DELETE, UPDATE (received, pieces, file_id) ON file_upload TO {APP_ROLE}"
    )


def downgrade() -> None:
    """Products have no documents."""
    op.drop_table("file_upload")
    op.drop_table("product_document")
