"""Where parcels are, and at which temperatures cold goods travelled.

Revision ID: 0040
Revises: 0039
"""

from __future__ import annotations

import os

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.tenancy import WITHIN, scope_table

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

TOLERATED = {
    "require-concurrent-index-creation": "before the first release, while the web stops for 0020",
}

APP_ROLE = os.environ.get("TONGLU_APP_ROLE", "portal_app")
EVERYBODY = "app_staff() OR app_dealer() IS NOT NULL"
CELSIUS = sa.Numeric(4, 1)
MOMENT = sa.DateTime(timezone=True)
STATES = "state IN ('open', 'within', 'waiting', 'released', 'condemned')"
TRANSPORTS = "transport IN ('refrigerated_van', 'cool_box', 'passive_box')"
DECIDED = "(state IN ('released', 'condemned')) = (decided_at IS NOT NULL AND reason <> '')"

# Those whose names the order desk has proposed so far.
CARRIERS = """
INSERT INTO carrier (code, name_zh, name_en, aliases, link, adapter) VALUES
  ('sf', '顺丰速运', 'SF Express', '{顺丰,顺丰医药,顺丰冷运}',
   'https://www.sf-express.com/chn/sc/waybill/waybill-detail/{number}', 'kuaidi100'),
  ('jd', '京东物流', 'JD Logistics', '{京东物流医药,京东快递}',
   'https://www.jdl.com/orderSearch/?waybillCodes={number}', 'kuaidi100'),
  ('ems', '中国邮政 EMS', 'China Post EMS', '{EMS,中国邮政,邮政EMS}',
   'https://www.ems.com.cn/queryList?mailNum={number}', 'ems'),
  ('deppon', '德邦快递', 'Deppon Express', '{德邦}', '', 'kuaidi100'),
  ('sinopharm', '国药物流', 'Sinopharm Logistics', '{国药控股物流}', '', 'none'),
  ('crpl', '华润医药物流', 'CR Pharmaceutical Logistics', '{华润物流}', '', 'none'),
  ('yanwen', '燕文物流', 'Yanwen', '{燕文}', 'https://track.yw56.com.cn/cn/querydel?nums={number}', 'yanwen'),
  ('aftership', 'AfterShip', 'AfterShip', '{}', '', 'aftership')
"""

# What the sentences of the product pages say; a limit below which or above which nothing is said stays open.
RANGES = r"""
UPDATE product p SET storage_min = r.low, storage_max = r.high
  FROM (SELECT id, m[1]::numeric AS low, m[2]::numeric AS high
          FROM (SELECT id, regexp_match(
                         storage_zh, '(-?[0-9]+(?:\.[0-9])?)\s*[～~]\s*(-?[0-9]+(?:\.[0-9])?)\s*℃') AS m
                  FROM product) read
         WHERE m IS NOT NULL) r
 WHERE r.id = p.id AND r.low <= r.high AND r.low > -200 AND r.high < 200;
UPDATE product p SET storage_max = m[1]::numeric
  FROM (SELECT id, regexp_match(storage_zh, '不高于\s*(-?[0-9]{1,3}(?:\.[0-9])?)\s*℃') AS m FROM product) r
 WHERE r.id = p.id AND m IS NOT NULL AND p.storage_max IS NULL;
UPDATE product p SET storage_min = m[1]::numeric
  FROM (SELECT id, regexp_match(storage_zh, '不低于\s*(-?[0-9]{1,3}(?:\.[0-9])?)\s*℃') AS m FROM product) r
 WHERE r.id = p.id AND m IS NOT NULL AND p.storage_max IS NULL AND p.storage_min IS NULL;
"""


def upgrade() -> None:
    """Carriers with what they tell; ranges of products; cold records with the files of their loggers."""
    _carriers()
    _events()
    _ranges()
    _cold_records()
    _cold_logs()
    _cold_receipts()


def _carriers() -> None:
    op.create_table(
        "carrier",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("aliases", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("link", sa.Text(), server_default="", nullable=False),
        sa.Column("adapter", sa.Text(), server_default="none", nullable=False),
        sa.CheckConstraint("code ~ '^[a-z0-9-]{1,20}$'", name=op.f("ck_carrier_code")),
        sa.CheckConstraint(
            "adapter IN ('none', 'kuaidi100', 'ems', 'yanwen', 'aftership')", name=op.f("ck_carrier_adapter")
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_carrier")),
    )
    op.execute(CARRIERS)
    op.create_table(
        "carrier_lead_time",
        sa.Column("warehouse_id", sa.BigInteger(), nullable=False),
        sa.Column("region_id", sa.BigInteger(), nullable=False),
        sa.Column("days", sa.SmallInteger(), nullable=False),
        sa.CheckConstraint("days BETWEEN 0 AND 60", name=op.f("ck_carrier_lead_time_days")),
        sa.ForeignKeyConstraint(
            ["warehouse_id"], ["warehouse.id"], name=op.f("fk_carrier_lead_time_warehouse_id")
        ),
        sa.ForeignKeyConstraint(["region_id"], ["region.id"], name=op.f("fk_carrier_lead_time_region_id")),
        sa.PrimaryKeyConstraint("warehouse_id", "region_id", name=op.f("pk_carrier_lead_time")),
    )
    for table in ("carrier", "carrier_lead_time"):
        for statement in scope_table(table, seen=EVERYBODY, written="app_staff()"):
            op.execute(statement)
    op.execute(
        f"GRANT SELECT, INSERT, UPDATE (name_zh, name_en, aliases, link, adapter) ON carrier TO {APP_ROLE}"
    )
    op.execute(f"GRANT SELECT, INSERT, UPDATE (days), DELETE ON carrier_lead_time TO {APP_ROLE}")


def _events() -> None:
    op.create_table(
        "tracking_event",
        sa.Column("dealer_id", sa.BigInteger(), nullable=False),
        sa.Column("shipment_id", sa.BigInteger(), nullable=False),
        sa.Column("event_key", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), server_default="", nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("raw_code", sa.Text(), server_default="", nullable=False),
        sa.Column("expected_on", sa.Date(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("recorded_by_label", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "code IN ('announced', 'accepted', 'in_transit', 'arrived_at_hub', 'in_customs',"
            " 'out_for_delivery', 'ready_for_pickup', 'exception', 'refused', 'delivered', 'returning',"
            " 'returned', 'estimated')",
            name=op.f("ck_tracking_event_code"),
        ),
        sa.CheckConstraint(
            "source IN ('desk', 'file', 'api', 'carrier')", name=op.f("ck_tracking_event_source")
        ),
        sa.CheckConstraint(
            "(code = 'estimated') = (expected_on IS NOT NULL)", name=op.f("ck_tracking_event_expected_on")
        ),
        sa.ForeignKeyConstraint(
            ["dealer_id", "shipment_id"],
            ["shipment.dealer_id", "shipment.id"],
            name=op.f("fk_tracking_event_dealer_id_shipment_id"),
        ),
        sa.PrimaryKeyConstraint("dealer_id", "shipment_id", "event_key", name=op.f("pk_tracking_event")),
    )
    op.create_table(
        "parcel_standing",
        sa.Column("dealer_id", sa.BigInteger(), nullable=False),
        sa.Column("shipment_id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("at", MOMENT, nullable=True),
        sa.Column("delivered_at", MOMENT, nullable=True),
        sa.Column("expected_on", sa.Date(), nullable=True),
        sa.Column("events", sa.Integer(), nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.CheckConstraint("(code IS NULL) = (at IS NULL)", name=op.f("ck_parcel_standing_at")),
        sa.ForeignKeyConstraint(
            ["dealer_id", "shipment_id"],
            ["shipment.dealer_id", "shipment.id"],
            name=op.f("fk_parcel_standing_dealer_id_shipment_id"),
        ),
        sa.PrimaryKeyConstraint("dealer_id", "shipment_id", name=op.f("pk_parcel_standing")),
    )
    op.create_index("ix_parcel_standing_code", "parcel_standing", ["code", "at"])
    # A carrier names its own number, and what is on its way is listed the latest first.
    op.create_index(
        "ix_shipment_tracking_no", "shipment", ["tracking_no"], postgresql_where="tracking_no <> ''"
    )
    op.create_index(
        "ix_shipment_shipped_at", "shipment", ["shipped_at", "id"], postgresql_where="status <> 'picking'"
    )
    for table in ("tracking_event", "parcel_standing"):
        for statement in scope_table(table, written=f"app_staff() AND {WITHIN}"):
            op.execute(statement)
    op.execute(
        "CREATE TRIGGER tracking_event_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON tracking_event"
        " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
    op.execute(f"GRANT SELECT, INSERT ON tracking_event TO {APP_ROLE}")
    op.execute(
        "GRANT SELECT, INSERT, UPDATE (code, at, delivered_at, expected_on, events, changed_at)"
        f" ON parcel_standing TO {APP_ROLE}"
    )


def _ranges() -> None:
    for statement in RANGES.strip().split(";\n"):
        op.execute(statement.rstrip(";"))


def _decision() -> tuple[sa.Column[object], ...]:
    return (
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_by_label", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
    )


def _cold_records() -> None:
    table = "cold_record"
    op.create_table(
        table,
        sa.Column("dealer_id", sa.BigInteger(), nullable=False),
        sa.Column("shipment_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), server_default="open", nullable=False),
        sa.Column("low", CELSIUS, nullable=True),
        sa.Column("high", CELSIUS, nullable=True),
        sa.Column("transport", sa.Text(), nullable=False),
        sa.Column("box", sa.Text(), server_default="", nullable=False),
        sa.Column("box_celsius", CELSIUS, nullable=False),
        sa.Column("packed_at", MOMENT, nullable=False),
        sa.Column("packed_by", sa.Text(), nullable=False),
        sa.Column("packed_by_label", sa.Text(), nullable=False),
        sa.Column("departed_at", MOMENT, nullable=True),
        sa.Column("departure_celsius", CELSIUS, nullable=True),
        sa.Column("departure_by", sa.Text(), nullable=True),
        sa.Column("departure_by_label", sa.Text(), nullable=True),
        sa.Column("arrived_at", MOMENT, nullable=True),
        sa.Column("arrival_celsius", CELSIUS, nullable=True),
        sa.Column("arrival_by", sa.Text(), nullable=True),
        sa.Column("arrival_by_label", sa.Text(), nullable=True),
        sa.Column("findings", postgresql.JSONB(), server_default="[]", nullable=False),
        *_decision(),
        sa.CheckConstraint(STATES, name=op.f("ck_cold_record_state")),
        sa.CheckConstraint(TRANSPORTS, name=op.f("ck_cold_record_transport")),
        sa.CheckConstraint("low IS NOT NULL OR high IS NOT NULL", name=op.f("ck_cold_record_range")),
        sa.CheckConstraint(
            "(departed_at IS NULL) = (departure_celsius IS NULL)", name=op.f("ck_cold_record_departed")
        ),
        sa.CheckConstraint(
            "(arrived_at IS NULL) = (arrival_celsius IS NULL)", name=op.f("ck_cold_record_arrived")
        ),
        sa.CheckConstraint(
            "departed_at IS NULL OR arrived_at IS NULL OR departed_at <= arrived_at",
            name=op.f("ck_cold_record_way"),
        ),
        sa.CheckConstraint(DECIDED, name=op.f("ck_cold_record_decided")),
        sa.ForeignKeyConstraint(
            ["dealer_id", "shipment_id"],
            ["shipment.dealer_id", "shipment.id"],
            name=op.f("fk_cold_record_dealer_id_shipment_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("dealer_id", "shipment_id", name=op.f("pk_cold_record")),
    )
    op.create_index("ix_cold_record_state", table, ["state", "packed_at"])
    for statement in scope_table(table):
        op.execute(statement)
    op.execute(
        "GRANT SELECT, INSERT, UPDATE (state, departed_at, departure_celsius, departure_by,"
        " departure_by_label, arrived_at, arrival_celsius, arrival_by, arrival_by_label, findings,"
        f" decided_at, decided_by, decided_by_label, reason) ON {table} TO {APP_ROLE}"
    )


def _cold_logs() -> None:
    table = "cold_log"
    op.create_table(
        table,
        sa.Column("dealer_id", sa.BigInteger(), nullable=False),
        sa.Column("shipment_id", sa.BigInteger(), nullable=False),
        sa.Column("place", sa.SmallInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("serial", sa.Text(), server_default="", nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("interval_seconds", sa.Integer(), nullable=True),
        sa.Column("at", postgresql.ARRAY(MOMENT), nullable=False),
        sa.Column("celsius", postgresql.ARRAY(sa.Numeric(6, 2)), nullable=False),
        sa.Column("days", postgresql.JSONB(), server_default="[]", nullable=False),
        sa.Column("alarms", postgresql.JSONB(), server_default="[]", nullable=False),
        sa.Column("uploaded_at", MOMENT, nullable=False),
        sa.Column("uploaded_by", sa.Text(), nullable=False),
        sa.Column("uploaded_by_label", sa.Text(), nullable=False),
        sa.CheckConstraint("cardinality(at) = cardinality(celsius)", name=op.f("ck_cold_log_readings")),
        sa.ForeignKeyConstraint(
            ["dealer_id", "shipment_id"],
            ["cold_record.dealer_id", "cold_record.shipment_id"],
            name=op.f("fk_cold_log_dealer_id_shipment_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("dealer_id", "shipment_id", "place", name=op.f("pk_cold_log")),
        sa.UniqueConstraint(
            "dealer_id", "shipment_id", "sha256", name=op.f("uq_cold_log_dealer_id_shipment_id_sha256")
        ),
    )
    for statement in scope_table(table):
        op.execute(statement)
    op.execute(f"GRANT SELECT, INSERT ON {table} TO {APP_ROLE}")


def _cold_receipts() -> None:
    table = "cold_receipt"
    op.create_table(
        table,
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("low", CELSIUS, nullable=True),
        sa.Column("high", CELSIUS, nullable=True),
        sa.Column("transport", sa.Text(), nullable=False),
        sa.Column("departed_at", MOMENT, nullable=False),
        sa.Column("departure_celsius", CELSIUS, nullable=False),
        sa.Column("arrived_at", MOMENT, nullable=False),
        sa.Column("arrival_celsius", CELSIUS, nullable=False),
        sa.Column("findings", postgresql.JSONB(), server_default="[]", nullable=False),
        sa.Column("log_name", sa.Text(), server_default="", nullable=False),
        sa.Column("log_content", sa.LargeBinary(), nullable=True),
        sa.Column("at", postgresql.ARRAY(MOMENT), server_default="{}", nullable=False),
        sa.Column("celsius", postgresql.ARRAY(sa.Numeric(6, 2)), server_default="{}", nullable=False),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("recorded_by_label", sa.Text(), nullable=False),
        *_decision(),
        sa.CheckConstraint(STATES, name=op.f("ck_cold_receipt_state")),
        sa.CheckConstraint(TRANSPORTS, name=op.f("ck_cold_receipt_transport")),
        sa.CheckConstraint("low IS NOT NULL OR high IS NOT NULL", name=op.f("ck_cold_receipt_range")),
        sa.CheckConstraint("departed_at <= arrived_at", name=op.f("ck_cold_receipt_way")),
        sa.CheckConstraint(DECIDED, name=op.f("ck_cold_receipt_decided")),
        sa.PrimaryKeyConstraint("kind", "number", name=op.f("pk_cold_receipt")),
    )
    op.create_index("ix_cold_receipt_state", table, ["state", "recorded_at"])
    for statement in scope_table(table, seen="app_staff()", written="app_staff()"):
        op.execute(statement)
    op.execute(
        "GRANT SELECT, INSERT, UPDATE (state, decided_at, decided_by, decided_by_label, reason)"
        f" ON {table} TO {APP_ROLE}"
    )


def downgrade() -> None:
    """No parcels followed, no temperatures."""
    for table in ("cold_receipt", "cold_log", "cold_record"):
        op.drop_table(table)
    op.drop_constraint(op.f("ck_product_storage"), "product")
    op.drop_index("ix_shipment_shipped_at", "shipment")
    op.drop_index("ix_shipment_tracking_no", "shipment")
    for table in ("parcel_standing", "tracking_event", "carrier_lead_time", "carrier"):
        op.drop_table(table)
