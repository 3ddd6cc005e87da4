"""What the database promises about tenants, read from its own catalogue, so that a new table cannot forget
it.
"""

from __future__ import annotations

import psycopg.errors
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

APPEND_ONLY = (
    "account_document",
    "account_snapshot",
    "allocation",
    "audit_event",
    "delivery_case_line",
    "delivery_proof",
    "delivery_proof_line",
    "device_event",
    "device_part",
    "feed_acknowledgement",
    "feed_reading",
    "installation_report",
    "epcis_event",
    "inventory_report",
    "inventory_report_line",
    "sell_out_report",
    "invoice",
    "invoice_line",
    "invoice_pdf",
    "journal_entry",
    "journal_line",
    "online_posting",
    "own_ledger_remark",
    "own_ledger_signature",
    "payment",
    "rebate_balance_entry",
    "rebate_note",
    "rebate_note_line",
    "rebate_note_pdf",
    "receipt_pdf",
    "rebate_settlement",
    "rebate_claim_step",
    "repair_part_used",
    "repair_quote_line",
    "repair_report",
    "return_finding",
    "return_gift",
    "adverse_paper",
    "adverse_report",
    "adverse_submission",
    "adverse_warning",
    "complaint_entry",
    "custody_movement",
    "dispute_entry",
    "dunning_letter_pdf",
    "dunning_reached",
    "serial_step",
    "service_entry",
    "service_escalation",
    "service_contract",
    "service_invoice",
    "service_invoice_line",
    "statement",
    "stock_movement",
    "tracking_event",
)

_WITH_DEALER = """
SELECT c.oid, c.relname, c.relrowsecurity, c.relforcerowsecurity
  FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'dealer_id' AND NOT a.attisdropped
 WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
"""


def test_every_table_with_a_dealer_forces_row_level_security(owner):
    lax = owner.execute(
        text(f"SELECT relname FROM ({_WITH_DEALER}) t WHERE NOT (relrowsecurity AND relforcerowsecurity)")
    )
    assert not lax.scalars().all(), (
        "ENABLE and FORCE row-level security in the migration that makes the table"
    )


def test_every_table_with_a_dealer_has_a_policy_for_reading_and_one_for_writing(owner):
    bare = owner.execute(
        text(
            f"SELECT relname FROM ({_WITH_DEALER}) t"
            " WHERE NOT EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = t.oid"
            " AND p.polcmd = '*' AND p.polqual IS NOT NULL AND p.polwithcheck IS NOT NULL)"
        )
    )
    assert not bare.scalars().all(), "CREATE POLICY … USING (…) WITH CHECK (…)"


def test_no_policy_lets_everything_through(owner):
    open_ = owner.execute(
        text(
            "SELECT polrelid::regclass::text FROM pg_policy"
            " WHERE pg_get_expr(polqual, polrelid) = 'true' OR pg_get_expr(polwithcheck, polrelid) = 'true'"
        )
    )
    assert not open_.scalars().all()


@pytest.mark.parametrize("role", ["app", "issuer"])
def test_the_roles_that_serve_have_no_way_around_row_level_security(owner, cluster, role):
    ways = owner.execute(
        text(
            "SELECT r.rolsuper, r.rolbypassrls, r.rolcreaterole, r.rolcreatedb,"
            " pg_has_role(r.oid, :owner, 'MEMBER') AS member,"
            " EXISTS (SELECT FROM pg_class c WHERE c.relowner = r.oid) AS owns,"
            " has_schema_privilege(r.oid, 'public', 'CREATE') AS creates"
            " FROM pg_roles r WHERE r.rolname = :app"
        ),
        {"app": getattr(cluster, role).username, "owner": cluster.owner.username},
    ).one()
    assert not any(ways), ways._asdict()


def test_no_view_looks_at_rows_with_its_makers_eyes(owner):
    views = owner.execute(
        text(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND (relkind = 'm'"
            " OR (relkind = 'v' AND NOT coalesce(reloptions::text LIKE '%security_invoker=true%', false)))"
        )
    )
    assert not views.scalars().all(), "views need security_invoker"


def test_references_between_a_dealers_rows_never_leave_the_dealer(owner):
    loose = owner.execute(
        text(
            f"WITH owned AS ({_WITH_DEALER} AND a.attnotnull)"
            " SELECT k.conrelid::regclass::text || '.' || k.conname FROM pg_constraint k"
            "  JOIN owned child ON child.oid = k.conrelid JOIN owned parent ON parent.oid = k.confrelid"
            " WHERE k.contype = 'f' AND NOT EXISTS ("
            "   SELECT FROM unnest(k.conkey, k.confkey) AS pair(own, other)"
            "     JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = pair.own"
            "      AND a.attname = 'dealer_id'"
            "     JOIN pg_attribute b ON b.attrelid = k.confrelid AND b.attnum = pair.other"
            "      AND b.attname = 'dealer_id')"
        )
    )
    assert not loose.scalars().all(), "make the foreign key (dealer_id, …)"


ACROSS = {"uq_device_holder", "uq_tax_invoice_number", "uq_red_form_number"}
"""A unit is with one dealer at a time; only headquarters' verbs make devices (docs/decisions/0067). Numbers
of the tax platform are unique in the country; only sessions of headquarters write them (0088)."""


def test_uniqueness_of_a_dealers_rows_tells_nothing_about_other_dealers(owner):
    telling = owner.execute(
        text(
            f"WITH owned AS ({_WITH_DEALER} AND a.attnotnull)"
            " SELECT i.indexrelid::regclass::text FROM pg_index i JOIN owned t ON t.oid = i.indrelid"
            " WHERE i.indisunique AND NOT EXISTS (SELECT FROM pg_attribute a"
            "   WHERE a.attrelid = i.indrelid AND a.attname = 'dealer_id'"
            "     AND a.attnum = ANY (i.indkey::int[]))"
        )
    )
    assert set(telling.scalars()) == ACROSS, "begin the unique index with dealer_id"


@pytest.mark.only_asks
@pytest.mark.parametrize("table", APPEND_ONLY)
@pytest.mark.parametrize(
    "act", ["UPDATE {} SET dealer_id = dealer_id", "DELETE FROM {}", "TRUNCATE {} CASCADE"]
)
def test_not_even_the_owner_changes_what_is_append_only(owner, table, act):
    with pytest.raises(DBAPIError) as refusal:
        owner.execute(text(act.format(table)))
    assert isinstance(refusal.value.orig, psycopg.errors.Error)
    assert refusal.value.orig.sqlstate == "TL002"
