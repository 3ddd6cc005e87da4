"""Rebate claims: what dealers ask for, how it is decided, and evidence that counts once.

Revision ID: 0052
Revises: 0051
"""

from __future__ import annotations

import os

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.tenancy import scope_table

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None

APP_ROLE = os.environ.get("TONGLU_APP_ROLE", "portal_app")
MOMENT = sa.DateTime(timezone=True)
AMOUNT = sa.Numeric(16, 2)
PRICE = sa.Numeric(14, 2)
KINDS = "'period', 'promotion', 'marketing', 'price_protection', 'samples', 'tender'"
APPROVERS = "'channel_manager', 'hq_finance'"
OF_DEALERS = ("rebate_claim", "rebate_claim_step", "rebate_claim_invoice", "rebate_claim_line")

# Two dealers never see each other's marks, and neither can use what the other one has used.
HELD = "(holder_id = app_dealer() OR app_everywhere() OR holder_id IN (SELECT app_dealers()))"

_MOVES = (
    "revision, kind, treatment, state, programme, period, activity, first_day, last_day, hospital, "
    "tender_reference, note, asked, calculated, allowed, approved, chain, place, round, written_by, "
    "submitted_by_label, submitted_at, due_at, remind_at, reminded_at, approved_by, decided_at, "
    "decision_note, paid_no, paid_at"
)

# An approved claim can only be paid; one that has ended stays as it is.
_NEVER_CHANGES = """
CREATE FUNCTION refuse_claim_change() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND OLD.state = 'approved' AND NEW.state = 'paid' AND
     (to_jsonb(NEW) - ARRAY['state', 'revision', 'paid_no', 'paid_at'])
     = (to_jsonb(OLD) - ARRAY['state', 'revision', 'paid_no', 'paid_at']) THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'a decided claim never changes' USING ERRCODE = 'TL053';
END $$
"""

# What approvers have seen stays while they decide.
_EVIDENCE_STAYS = """
CREATE FUNCTION refuse_claim_evidence_change() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF (SELECT c.state FROM rebate_claim c
       WHERE c.dealer_id = coalesce(NEW.dealer_id, OLD.dealer_id)
         AND c.id = coalesce(NEW.claim_id, OLD.claim_id)) NOT IN ('draft', 'returned') THEN
    RAISE EXCEPTION 'what a submitted claim rests on never changes' USING ERRCODE = 'TL054';
  END IF;
  RETURN coalesce(NEW, OLD);
END $$
"""

# People of headquarters know their colleagues, whatever regions they answer for; dealers do not. The owner
# looks them up, for whoever is of headquarters.
_COLLEAGUES = """
CREATE FUNCTION hq_colleagues() RETURNS TABLE (
  id bigint, email text, display_name text, locale text, roles text[], all_regions boolean,
  region_ids bigint[]
) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT a.id, a.email, a.display_name, a.locale, a.roles, a.all_regions,
         ARRAY(SELECT r.id FROM region r
                WHERE r.id = ANY (a.region_ids) OR r.parent_id = ANY (a.region_ids) ORDER BY r.id)
    FROM user_account a
   WHERE app_staff() AND a.dealer_id IS NULL AND a.disabled_at IS NULL
$$
"""

# Up to ¥10,000 the region's manager signs alone; above, finance signs too; above ¥100,000 a second one.
_DEFAULTS = f"""
INSERT INTO rebate_claim_chain (kind, place, above_amount, approver)
SELECT kind, step.place, step.above_amount, step.approver
  FROM unnest(ARRAY[{KINDS}]) AS kind,
       (VALUES (1, 0, 'channel_manager'), (2, 10000, 'hq_finance'), (3, 100000, 'hq_finance'))
       AS step(place, above_amount, approver)
"""


def upgrade() -> None:
    """Claims belong to their dealer; chains and delegations to headquarters."""
    _claims()
    _steps()
    _evidence()
    _deciding()
    for table in OF_DEALERS:
        for statement in scope_table(table):
            op.execute(statement)
    for statement in scope_table("rebate_claim_mark", seen=HELD, written=HELD):
        op.execute(statement)
    op.execute(f"GRANT SELECT, INSERT, UPDATE ({_MOVES}) ON rebate_claim TO {APP_ROLE}")
    op.execute(f"GRANT SELECT, INSERT ON rebate_claim_step TO {APP_ROLE}")
    op.execute(
        "GRANT SELECT, INSERT, DELETE ON rebate_claim_invoice, rebate_claim_line, rebate_claim_mark,"
        f" rebate_claim_chain TO {APP_ROLE}"
    )
    op.execute(f"GRANT SELECT, INSERT, UPDATE (ended_at) ON claim_delegation TO {APP_ROLE}")
    op.execute(_NEVER_CHANGES)
    op.execute(
        "CREATE TRIGGER rebate_claim_stands BEFORE UPDATE OR DELETE ON rebate_claim FOR EACH ROW"
        " WHEN (OLD.state IN ('approved', 'paid', 'rejected', 'withdrawn'))"
        " EXECUTE FUNCTION refuse_claim_change()"
    )
    op.execute(_EVIDENCE_STAYS)
    for table in ("rebate_claim_invoice", "rebate_claim_line"):
        op.execute(
            f"CREATE TRIGGER {table}_stands BEFORE INSERT OR UPDATE OR DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION refuse_claim_evidence_change()"
        )
    op.execute(
        "CREATE TRIGGER rebate_claim_step_append_only BEFORE UPDATE OR DELETE OR TRUNCATE"
        " ON rebate_claim_step FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
    op.execute(_COLLEAGUES)
    op.execute("REVOKE EXECUTE ON FUNCTION hq_colleagues() FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION hq_colleagues() TO {APP_ROLE}")
    op.execute(
        "CREATE POLICY user_account_colleagues ON user_account FOR SELECT TO CURRENT_USER"
        " USING (dealer_id IS NULL)"
    )
    op.execute(_DEFAULTS)


def _claims() -> None:
    op.create_table(
        "rebate_claim",
        sa.Column("dealer_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), server_default="1", nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("treatment", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default="draft", nullable=False),
        sa.Column("programme", sa.Text(), server_default="", nullable=False),
        sa.Column("period", sa.Text(), server_default="", nullable=False),
        sa.Column("activity", sa.Text(), server_default="", nullable=False),
        sa.Column("first_day", sa.Date()),
        sa.Column("last_day", sa.Date()),
        sa.Column("hospital", sa.Text(), server_default="", nullable=False),
        sa.Column("tender_reference", sa.Text(), server_default="", nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("asked", AMOUNT, nullable=False),
        sa.Column("calculated", AMOUNT),
        sa.Column("allowed", AMOUNT),
        sa.Column("approved", AMOUNT),
        sa.Column("chain", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("place", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("round", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("written_by", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("entered_by_label", sa.Text(), nullable=False),
        sa.Column("entered_at", MOMENT, server_default=sa.func.now(), nullable=False),
        sa.Column("submitted_by_label", sa.Text()),
        sa.Column("submitted_at", MOMENT),
        sa.Column("due_at", MOMENT),
        sa.Column("remind_at", MOMENT),
        sa.Column("reminded_at", MOMENT),
        sa.Column("approved_by", sa.Text()),
        sa.Column("decided_at", MOMENT),
        sa.Column("decision_note", sa.Text(), server_default="", nullable=False),
        sa.Column("paid_no", sa.Text()),
        sa.Column("paid_at", MOMENT),
        *_checks_of_claims(),
        sa.ForeignKeyConstraint(["dealer_id"], ["dealer.id"], name=op.f("fk_rebate_claim_dealer_id")),
        sa.PrimaryKeyConstraint("dealer_id", "id", name=op.f("pk_rebate_claim")),
        sa.UniqueConstraint("dealer_id", "number", name=op.f("uq_rebate_claim_dealer_id_number")),
    )
    for columns in (["number"], ["dealer_id", "entered_at", "id"], ["entered_at", "id"]):
        name = "_".join(column for column in columns if column != "id")
        op.create_index(f"ix_rebate_claim_{name}", "rebate_claim", columns)
    op.create_index(
        "ix_rebate_claim_waiting",
        "rebate_claim",
        ["due_at"],
        postgresql_where=sa.text("state IN ('submitted', 'in_approval')"),
    )
    op.create_index(
        "uq_rebate_claim_period",
        "rebate_claim",
        ["dealer_id", "programme", "period"],
        unique=True,
        postgresql_where=sa.text("kind = 'period' AND state NOT IN ('rejected', 'withdrawn')"),
    )


def _checks_of_claims() -> list[sa.CheckConstraint]:
    checks = {
        "kind": f"kind IN ({KINDS})",
        "treatment": "treatment IN ('price_reduction', 'service')",
        "state": (
            "state IN ('draft', 'submitted', 'in_approval', 'returned', 'approved', 'paid', 'rejected',"
            " 'withdrawn')"
        ),
        "amounts": "asked > 0 AND calculated >= 0",
        "allowed": "allowed > 0 AND allowed <= asked",
        "approved": "approved > 0 AND approved <= asked",
        "approval": (
            "(state IN ('approved', 'paid')) = (approved IS NOT NULL)"
            " AND (approved IS NULL OR approved_by IS NOT NULL)"
        ),
        "other_person": "approved_by <> ALL (written_by)",
        "paid": "(state = 'paid') = (paid_no IS NOT NULL)",
        "place": "place BETWEEN 0 AND cardinality(chain)",
        "submitted": (
            "(state IN ('draft', 'withdrawn')) OR (submitted_at IS NOT NULL AND due_at IS NOT NULL)"
        ),
        "period": "(kind = 'period') = (programme <> '') AND (kind = 'period') = (period <> '')",
        "reduces": "treatment = 'price_reduction' OR kind NOT IN ('period', 'price_protection')",
    }
    return [sa.CheckConstraint(sql, name=op.f(f"ck_rebate_claim_{name}")) for name, sql in checks.items()]


def _of_a_claim(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["dealer_id", "claim_id"],
        ["rebate_claim.dealer_id", "rebate_claim.id"],
        name=op.f(f"fk_{table}_dealer_id_claim_id"),
    )


def _steps() -> None:
    op.create_table(
        "rebate_claim_step",
        sa.Column("dealer_id", sa.BigInteger(), nullable=False),
        sa.Column("claim_id", sa.BigInteger(), nullable=False),
        sa.Column("step_no", sa.SmallInteger(), nullable=False),
        sa.Column("round", sa.SmallInteger(), nullable=False),
        sa.Column("place", sa.SmallInteger(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("approver", sa.Text()),
        sa.Column("acted_by", sa.Text(), nullable=False),
        sa.Column("acted_by_label", sa.Text(), nullable=False),
        sa.Column("in_name_of", sa.Text()),
        sa.Column("in_name_of_label", sa.Text()),
        sa.Column("amount", AMOUNT),
        sa.Column("calculated", AMOUNT),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("acted_at", MOMENT, nullable=False),
        sa.CheckConstraint(
            "act IN ('submitted', 'approved', 'returned', 'rejected', 'withdrawn', 'paid')",
            name=op.f("ck_rebate_claim_step_act"),
        ),
        sa.CheckConstraint(f"approver IN ({APPROVERS})", name=op.f("ck_rebate_claim_step_approver")),
        sa.CheckConstraint("in_name_of <> acted_by", name=op.f("ck_rebate_claim_step_in_name_of")),
        _of_a_claim("rebate_claim_step"),
        sa.PrimaryKeyConstraint("dealer_id", "claim_id", "step_no", name=op.f("pk_rebate_claim_step")),
    )
    for name, column in (("person", "acted_by"), ("place", "place")):
        op.create_index(
            f"uq_rebate_claim_step_{name}",
            "rebate_claim_step",
            ["dealer_id", "claim_id", "round", column],
            unique=True,
            postgresql_where=sa.text("act = 'approved'"),
        )


def _evidence() -> None:
    op.create_table(
        "rebate_claim_invoice",
        sa.Column("dealer_id", sa.BigInteger(), nullable=False),
        sa.Column("claim_id", sa.BigInteger(), nullable=False),
        sa.Column("line_no", sa.SmallInteger(), nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("amount", AMOUNT, nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("ck_rebate_claim_invoice_amount")),
        _of_a_claim("rebate_claim_invoice"),
        sa.PrimaryKeyConstraint("dealer_id", "claim_id", "line_no", name=op.f("pk_rebate_claim_invoice")),
    )
    op.create_table(
        "rebate_claim_line",
        sa.Column("dealer_id", sa.BigInteger(), nullable=False),
        sa.Column("claim_id", sa.BigInteger(), nullable=False),
        sa.Column("line_no", sa.SmallInteger(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("old_price", PRICE, nullable=False),
        sa.Column("new_price", PRICE, nullable=False),
        sa.CheckConstraint(
            "quantity > 0 AND new_price >= 0 AND old_price > new_price",
            name=op.f("ck_rebate_claim_line_cut"),
        ),
        _of_a_claim("rebate_claim_line"),
        sa.PrimaryKeyConstraint("dealer_id", "claim_id", "line_no", name=op.f("pk_rebate_claim_line")),
    )
    op.create_table(
        "rebate_claim_mark",
        sa.Column("mark", sa.Text(), nullable=False),
        sa.Column("holder_id", sa.BigInteger(), nullable=False),
        sa.Column("claim", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["holder_id"], ["dealer.id"], name=op.f("fk_rebate_claim_mark_holder_id")),
        sa.PrimaryKeyConstraint("mark", name=op.f("pk_rebate_claim_mark")),
    )
    op.create_index("ix_rebate_claim_mark_claim", "rebate_claim_mark", ["claim"])


def _deciding() -> None:
    op.create_table(
        "rebate_claim_chain",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("place", sa.SmallInteger(), nullable=False),
        sa.Column("above_amount", AMOUNT, nullable=False),
        sa.Column("approver", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint(f"kind IN ({KINDS})", name=op.f("ck_rebate_claim_chain_kind")),
        sa.CheckConstraint(f"approver IN ({APPROVERS})", name=op.f("ck_rebate_claim_chain_approver")),
        sa.CheckConstraint(
            "above_amount >= 0 AND place > 0", name=op.f("ck_rebate_claim_chain_above_amount")
        ),
        sa.PrimaryKeyConstraint("kind", "place", name=op.f("pk_rebate_claim_chain")),
    )
    op.create_table(
        "claim_delegation",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("from_user_id", sa.BigInteger(), nullable=False),
        sa.Column("from_label", sa.Text(), nullable=False),
        sa.Column("to_user_id", sa.BigInteger(), nullable=False),
        sa.Column("to_label", sa.Text(), nullable=False),
        sa.Column("from_day", sa.Date(), nullable=False),
        sa.Column("to_day", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT),
        sa.CheckConstraint("from_day <= to_day", name=op.f("ck_claim_delegation_days")),
        sa.CheckConstraint("from_user_id <> to_user_id", name=op.f("ck_claim_delegation_other_person")),
        *(
            sa.ForeignKeyConstraint([column], ["user_account.id"], name=op.f(f"fk_claim_delegation_{column}"))
            for column in ("from_user_id", "to_user_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim_delegation")),
    )
    for column in ("from_user_id", "to_user_id"):
        op.create_index(f"ix_claim_delegation_{column}", "claim_delegation", [column, "to_day"])


def downgrade() -> None:
    """Nobody claimed anything."""
    for table in (
        *("claim_delegation", "rebate_claim_chain", "rebate_claim_mark", "rebate_claim_line"),
        *("rebate_claim_invoice", "rebate_claim_step", "rebate_claim"),
    ):
        op.drop_table(table)
    op.execute("DROP POLICY user_account_colleagues ON user_account")
    for function in ("hq_colleagues", "refuse_claim_evidence_change", "refuse_claim_change"):
        op.execute(f"DROP FUNCTION {function}")
