"""What issued documents show is kept with them: names and terms on statements, orders and parcels no longer
follow master data.

Documents issued before this revision keep what master data say today, which is what they showed until now.
The company is named by the settings (`TONGLU_COMPANY_…`), so this revision wants them in its environment
where they are not the default.

Revision ID: 0010
Revises: 0009
"""

from __future__ import annotations

import json
import os
import re

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

# The shape of portal.statements.snapshot, version 1. Debts due last are the open ones
# (portal.ledger.rules.settle).
STATEMENTS = """
UPDATE statement s
   SET snapshot = jsonb_build_object(
         'version', 1,
         'dealer', jsonb_build_object(
           'code', d.code, 'name_zh', d.name_zh, 'name_en', d.name_en, 'credit_code', d.credit_code,
           'address', CASE WHEN starts_with(d.address, d.city) THEN d.address ELSE d.city || d.address END),
         'issuer', CAST(:issuer AS jsonb),
         'bank', CAST(:bank AS jsonb),
         'terms_days', d.payment_terms_days,
         'payment_reference', s.number,
         'issued_at', to_char(s.issued_at, 'YYYY-MM-DD"T"HH24:MI:SS.USTZH:TZM'),
         'due', coalesce(o.due, '[]'))
  FROM dealer d, statement i
  LEFT JOIN LATERAL (
    SELECT jsonb_agg(
             jsonb_build_object(
               'document_no', e.document_no, 'date', e.occurred_on, 'due_date', e.due,
               'open_amount', least(e.receivable, i.closing - e.due_later)::text)
             ORDER BY e.due, e.occurred_on, e.id) AS due
      FROM (SELECT j.id, j.document_no, j.occurred_on, j.receivable, coalesce(j.due_on, j.occurred_on) AS due,
                   coalesce(sum(j.receivable) OVER (
                     ORDER BY coalesce(j.due_on, j.occurred_on) DESC, j.occurred_on DESC, j.id DESC
                      ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS due_later
              FROM journal_entry j
             WHERE j.dealer_id = i.dealer_id AND j.period <= i.period AND j.receivable > 0
               AND j.reverses_id IS NULL
               AND NOT EXISTS (SELECT FROM journal_entry r
                                WHERE r.dealer_id = j.dealer_id AND r.reverses_id = j.id
                                  AND r.period <= i.period)) e
     WHERE e.due_later < i.closing
  ) o ON true
 WHERE d.id = s.dealer_id AND (i.dealer_id, i.id) = (s.dealer_id, s.id)
"""

ORDERS = """
UPDATE sales_order o
   SET names = jsonb_build_object(
         'dealer', jsonb_build_object('code', d.code, 'zh', d.name_zh, 'en', d.name_en),
         'warehouse', jsonb_build_object('code', w.code, 'zh', w.name_zh, 'en', w.name_en))
  FROM dealer d, warehouse w WHERE d.id = o.dealer_id AND w.id = o.warehouse_id
"""
ORDER_LINES = """
UPDATE order_line l
   SET sku = p.sku, name_zh = p.name_zh, name_en = p.name_en, specification = p.specification, unit = p.unit
  FROM product p WHERE p.id = l.product_id
"""
SHIPMENT_LINES = (
    "UPDATE shipment_line l SET registration_no = p.registration_no FROM product p WHERE p.id = l.product_id"
)

COLUMNS = {
    "statement": {"snapshot": JSONB()},
    "sales_order": {"names": JSONB()},
    "order_line": dict.fromkeys(("sku", "name_zh", "name_en", "specification", "unit"), sa.Text()),
    "shipment_line": {"registration_no": sa.Text()},
}


def upgrade() -> None:
    """Columns, filled from today's master data, and none of them empty from now on."""
    op.execute("SELECT set_config('app.region_ids', '*', true)")
    op.execute(
        sa.text("SELECT set_config('TimeZone', :zone, true)").bindparams(
            zone=_setting("BUSINESS_TIMEZONE", "Asia/Shanghai")
        )
    )
    fills = {
        "statement": backfill_of_statements(),
        "sales_order": ORDERS,
        "order_line": ORDER_LINES,
        "shipment_line": SHIPMENT_LINES,
    }
    for table, columns in COLUMNS.items():
        for name, kind in columns.items():
            op.add_column(table, sa.Column(name, kind))
        op.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")  # what keeps issued documents as they are
        op.execute(fills[table])
        op.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        for name in columns:
            op.alter_column(table, name, nullable=False)
    op.create_check_constraint(
        op.f("ck_statement_snapshot"), "statement", "jsonb_typeof(snapshot -> 'version') = 'number'"
    )


def backfill_of_statements() -> sa.TextClause:
    """The backfill of statements with the company of the settings."""
    name = _setting("COMPANY_NAME_ZH", "通路医疗科技有限公司")
    issuer = {
        "code": "",
        "name_zh": name,
        "name_en": _setting("COMPANY_NAME_EN", "Tonglu Medical Technology Co., Ltd."),
        "credit_code": _setting("COMPANY_CREDIT_CODE", "91310000MA1FL0000X"),
        "address": _setting("COMPANY_ADDRESS", "上海市浦东新区示例路 100 号"),
    }
    account = re.fullmatch(
        r"(.*?)\s*(\d[\d ]{6,}\d)?", _setting("COMPANY_BANK", "示例银行上海分行 6222 0000 0000 0000")
    )
    bank = {"bank": account[1], "number": account[2] or "", "holder": name}
    return sa.text(STATEMENTS).bindparams(issuer=json.dumps(issuer), bank=json.dumps(bank))


def _setting(name: str, default: str) -> str:
    return os.environ.get(f"TONGLU_{name}", default)


def downgrade() -> None:
    """Follow master data again."""
    op.drop_constraint(op.f("ck_statement_snapshot"), "statement")
    for table, columns in COLUMNS.items():
        for name in columns:
            op.drop_column(table, name)
