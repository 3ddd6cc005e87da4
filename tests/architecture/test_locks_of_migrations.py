"""Revisions after the baseline run while the release before is at work: they lock nothing for long, rewrite
no table and take nothing away, or say why not."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from assets.check_locks import VERSIONS, Finding, findings
from launch.migrate import BASELINE
from migrations.releases import last_release
from tests.architecture import tree

LATER = [path for path in sorted(VERSIONS.glob("*.py")) if path.name[:4] > BASELINE]

BAD = {
    "require-concurrent-index-creation": "op.create_index('ix', 'sales_order', ['total'])",
    "require-concurrent-index-deletion": "op.drop_index('ix_sales_order_status', 'sales_order')",
    "adding-required-field": "op.add_column('product', sa.Column('weight', sa.Integer(), nullable=False))",
    "adding-not-nullable-field": "op.alter_column('product', 'maker', nullable=False)",
    "changing-column-type": "op.alter_column('product', 'sku', type_=sa.String(20))",
    "constraint-missing-not-valid": "op.create_check_constraint('ck', 'sales_order', 'total > 0')",
    "adding-foreign-key-constraint": "op.create_foreign_key('fk', 'lot', 'product', ['product_id'], ['id'])",
    "disallowed-unique-constraint": "op.create_unique_constraint('uq', 'lot', ['lot_no'])",
    "renaming-column": "op.alter_column('dealer', 'city', new_column_name='town')",
    "ban-drop-column": "op.drop_column('dealer', 'city')",
    "ban-drop-table": "op.drop_table('cart_line')",
    "adding-field-with-default": (
        "op.execute('ALTER TABLE lot ADD COLUMN key text GENERATED ALWAYS AS (upper(lot_no)) STORED')"
    ),
}
"""What squawk calls it, and a line that does it."""

GOOD = """
op.create_table("note", sa.Column("id", sa.BigInteger(), sa.Identity(), primary_key=True),
                sa.Column("text", sa.Text(), nullable=False), sa.CheckConstraint("text <> ''", name="ck"))
    op.create_index("ix_note_text", "note", ["text"])
    op.add_column("product", sa.Column("weight", sa.Integer(), nullable=False, server_default="0"))
    op.execute("ALTER TABLE lot ADD CONSTRAINT ck_lot_no CHECK (lot_no <> '') NOT VALID")
    with op.get_context().autocommit_block():
        op.create_index("ix_lot_no", "lot", ["lot_no"], postgresql_concurrently=True)
    op.execute("CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$")
"""


def found(
    folder: Path, lines: str, tolerated: dict[str, str] | None = None, oldest: str | None = None
) -> list[Finding]:
    """What is found in a revision of these lines."""
    file = folder / "9999_sample.py"
    file.write_text(
        "import sqlalchemy as sa\nfrom alembic import op\n\n"
        f"TOLERATED = {tolerated or {}}\nOLDEST_RELEASE = {oldest!r}\n\n\n"
        f"def upgrade():\n    {lines.strip()}\n"
    )
    return list(findings(file))


def test_no_revision_after_the_baseline_stands_in_the_way():
    said = "\n".join(str(finding) for path in LATER for finding in findings(path))
    assert not said, said


@pytest.mark.parametrize("rule", BAD)
def test_what_stands_in_the_way_is_found(rule: str, tmp_path: Path):
    assert rule in [finding.rule for finding in found(tmp_path, BAD[rule])]


def test_what_stands_in_nobodys_way_is_left_alone(tmp_path: Path):
    assert found(tmp_path, GOOD) == []


def test_a_reason_is_given_for_what_is_done_and_for_nothing_else(tmp_path: Path):
    reason = {"ban-drop-table": "read by no release since 0030"}
    assert found(tmp_path, BAD["ban-drop-table"], reason, last_release()) == []
    [vain] = found(tmp_path, GOOD, reason)
    assert vain.rule == "ban-drop-table" and "Take it out" in vain.advice


@pytest.mark.parametrize("oldest", [None, "9998"])
def test_what_the_release_before_needs_is_not_taken_from_it(tmp_path: Path, oldest: str | None):
    reason = {"ban-drop-column": "nothing reads it"}
    [early] = found(tmp_path, BAD["ban-drop-column"], reason, oldest)
    assert early.rule == "oldest-release"


def test_the_command_tells_file_rule_and_statement(tmp_path: Path):
    found(tmp_path, BAD["require-concurrent-index-creation"])
    command = [sys.executable, "-m", "assets.check_locks", tmp_path / "9999_sample.py"]
    outcome = subprocess.run(command, cwd=tree.ROOT, capture_output=True, text=True)
    assert outcome.returncode == 1
    assert "9999_sample.py: require-concurrent-index-creation" in outcome.stdout
    assert "CREATE INDEX ix ON sales_order (total)" in outcome.stdout
