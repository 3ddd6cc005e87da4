"""The feed: entries addressed to dealers, their attachments, who has read and who has acknowledged them.

Revision ID: 0021
Revises: 0020
"""

from __future__ import annotations

import os

import sqlalchemy as sa
from alembic import op

from migrations.tenancy import WITHIN, scope_table

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

APP_ROLE = os.environ.get("TONGLU_APP_ROLE", "portal_app")

PARTY = (
    "CASE WHEN dealer_id IS NOT NULL THEN 'd' || (dealer_id)::text"
    " ELSE coalesce('r' || (region_id)::text, '') || coalesce('t' || tier, '') END"
)
SEARCHED = "search_fold(number || ' ' || title_zh || ' ' || title_en || ' ' || text_zh || ' ' || text_en)"
MOMENT = sa.DateTime(timezone=True)

# What an address may say that reaches a dealer (the generated column `party`), and whether its licences let
# it buy of a product line.
REACH = """
CREATE FUNCTION feed_parties(dealer bigint, tier text, province bigint, area bigint) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN ARRAY['', 'd' || CAST(dealer AS text), 't' || tier,
             'r' || CAST(province AS text), 'r' || CAST(province AS text) || 't' || tier,
             'r' || CAST(area AS text), 'r' || CAST(area AS text) || 't' || tier];
CREATE FUNCTION feed_deals_in(dealer bigint, line text) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT EXISTS (SELECT FROM dealer_licence l
                  WHERE l.dealer_id = dealer
                    AND (l.category_codes = '{}'
                         OR EXISTS (SELECT FROM unnest(l.category_codes) c
                                     WHERE starts_with(line, c) OR starts_with(c, line))))
$$;
"""

# Volatile on purpose: its query sees what was committed before it runs, not before the statement around it.
# An order calls it behind the gate of publications, so what was published while it waited there counts.
DEMANDED = """
CREATE FUNCTION feed_demanded(
  of_dealer bigint, of_tier text, province bigint, area bigint, moment timestamptz
) RETURNS json LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN (
    SELECT json_agg(json_build_array(w.number, w.title_zh, w.title_en) ORDER BY w.shown_from, w.id)
      FROM (SELECT DISTINCT e.id, e.number, e.title_zh, e.title_en, e.shown_from
              FROM feed_address a JOIN feed_entry e ON e.id = a.entry_id
             WHERE a.demands AND a.party = ANY (feed_parties(of_dealer, of_tier, province, area))
               AND a.shown_from <= moment AND (e.valid_until IS NULL OR e.valid_until > moment)
               AND (a.category_code IS NULL OR feed_deals_in(of_dealer, a.category_code))
               AND NOT EXISTS (SELECT FROM feed_acknowledgement k
                                WHERE k.dealer_id = of_dealer AND k.entry_id = a.entry_id)
             ORDER BY e.shown_from, e.id LIMIT 20) w
  );
END $$;
"""

OWN = "('user:' || user_id = app_actor() OR app_everywhere())"
ANYBODYS = f"dealer_id IS NULL OR {WITHIN}"


def upgrade() -> None:
    """Six tables and what they are asked by."""
    _entry()
    _address()
    _attachment()
    _readers()
    _mail()
    op.execute(REACH)
    op.execute(DEMANDED)
    _secure()
    _grant()


def _entry() -> None:
    texts = ("title_zh", "title_en", "text_zh", "text_en", "link", "created_by", "created_by_label")
    op.create_table(
        "feed_entry",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in texts),
        sa.Column("region_id", sa.BigInteger()),
        sa.Column("state", sa.Text(), server_default="draft", nullable=False),
        sa.Column("must_acknowledge", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("pinned", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("valid_from", MOMENT),
        sa.Column("valid_until", MOMENT),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("shown_from", MOMENT),
        sa.Column("published_by", sa.Text()),
        sa.Column("published_by_label", sa.Text()),
        sa.Column("withdrawn_at", MOMENT),
        sa.Column("corrected_at", MOMENT),
        sa.Column("revision", sa.Integer(), server_default="1", nullable=False),
        sa.Column("search_key", sa.Text(), sa.Computed(SEARCHED, persisted=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feed_entry")),
        sa.ForeignKeyConstraint(["region_id"], ["region.id"], name=op.f("fk_feed_entry_region_id")),
        sa.UniqueConstraint("number", name=op.f("uq_feed_entry_number")),
        sa.CheckConstraint(
            "kind IN ('policy', 'promotion', 'notice', 'training')", name=op.f("ck_feed_entry_kind")
        ),
        sa.CheckConstraint("state IN ('draft', 'published', 'withdrawn')", name=op.f("ck_feed_entry_state")),
        sa.CheckConstraint(
            "(state = 'published') <= (shown_from IS NOT NULL) AND (state = 'draft') <= (shown_from IS NULL)",
            name=op.f("ck_feed_entry_shown_from"),
        ),
        sa.CheckConstraint(
            "valid_from IS NULL OR valid_until IS NULL OR valid_from < valid_until",
            name=op.f("ck_feed_entry_dates"),
        ),
    )
    op.create_index("ix_feed_entry_created_at_id", "feed_entry", ["created_at", "id"])
    op.create_index(
        "ix_feed_entry_pinned", "feed_entry", ["id"], postgresql_where="pinned AND state = 'published'"
    )


def _address() -> None:
    op.create_table(
        "feed_address",
        sa.Column("entry_id", sa.BigInteger(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("dealer_id", sa.BigInteger()),
        sa.Column("region_id", sa.BigInteger()),
        sa.Column("tier", sa.Text()),
        sa.Column("category_code", sa.Text()),
        sa.Column("party", sa.Text(), sa.Computed(PARTY, persisted=True), nullable=False),
        sa.Column("shown_from", MOMENT),
        sa.Column("demands", sa.Boolean(), server_default="false", nullable=False),
        sa.PrimaryKeyConstraint("entry_id", "place", name=op.f("pk_feed_address")),
        sa.ForeignKeyConstraint(["entry_id"], ["feed_entry.id"], name=op.f("fk_feed_address_entry_id")),
        sa.ForeignKeyConstraint(["dealer_id"], ["dealer.id"], name=op.f("fk_feed_address_dealer_id")),
        sa.ForeignKeyConstraint(["region_id"], ["region.id"], name=op.f("fk_feed_address_region_id")),
        sa.ForeignKeyConstraint(
            ["category_code"], ["category.code"], name=op.f("fk_feed_address_category_code")
        ),
        sa.ForeignKeyConstraint(["tier"], ["tier.code"], name=op.f("fk_feed_address_tier")),
        sa.CheckConstraint(
            "dealer_id IS NULL OR (region_id IS NULL AND tier IS NULL AND category_code IS NULL)",
            name=op.f("ck_feed_address_party"),
        ),
        sa.CheckConstraint("NOT demands OR shown_from IS NOT NULL", name=op.f("ck_feed_address_demands")),
    )
    op.create_index(
        "ix_feed_address_shown",
        "feed_address",
        ["party", "shown_from", "entry_id"],
        postgresql_where="shown_from IS NOT NULL",
    )
    op.create_index("ix_feed_address_demanding", "feed_address", ["party"], postgresql_where="demands")


def _attachment() -> None:
    op.create_table(
        "feed_attachment",
        sa.Column("entry_id", sa.BigInteger(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("entry_id", "place", name=op.f("pk_feed_attachment")),
        sa.ForeignKeyConstraint(["entry_id"], ["feed_entry.id"], name=op.f("fk_feed_attachment_entry_id")),
        sa.CheckConstraint(
            "size BETWEEN 1 AND 10485760 AND size = octet_length(content)",
            name=op.f("ck_feed_attachment_size"),
        ),
        sa.CheckConstraint("place BETWEEN 1 AND 10", name=op.f("ck_feed_attachment_place")),
    )


def _readers() -> None:
    for table, moment, key in (
        ("feed_reading", "read_at", ["dealer_id", "entry_id", "reader"]),
        ("feed_acknowledgement", "acknowledged_at", ["dealer_id", "entry_id"]),
    ):
        op.create_table(
            table,
            sa.Column("dealer_id", sa.BigInteger(), nullable=False),
            sa.Column("entry_id", sa.BigInteger(), nullable=False),
            sa.Column("reader", sa.Text(), nullable=False),
            sa.Column("reader_label", sa.Text(), nullable=False),
            sa.Column(moment, MOMENT, nullable=False),
            sa.PrimaryKeyConstraint(*key, name=op.f(f"pk_{table}")),
            sa.ForeignKeyConstraint(["dealer_id"], ["dealer.id"], name=op.f(f"fk_{table}_dealer_id")),
            sa.ForeignKeyConstraint(["entry_id"], ["feed_entry.id"], name=op.f(f"fk_{table}_entry_id")),
        )
        op.create_index(f"ix_{table}_entry_id", table, ["entry_id"])


def _mail() -> None:
    op.create_table(
        "feed_digest_choice",
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_feed_digest_choice")),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_feed_digest_choice_user_id")),
        sa.CheckConstraint(
            "digest IN ('none', 'daily', 'weekly')", name=op.f("ck_feed_digest_choice_digest")
        ),
    )
    op.create_table(
        "feed_letter",
        sa.Column("dealer_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("dealer_id", "user_id", "kind", "day", name=op.f("pk_feed_letter")),
        sa.ForeignKeyConstraint(["dealer_id"], ["dealer.id"], name=op.f("fk_feed_letter_dealer_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_feed_letter_user_id")),
        sa.CheckConstraint("kind IN ('digest', 'reminder')", name=op.f("ck_feed_letter_kind")),
    )


def _secure() -> None:
    rules = {
        "feed_entry": ("state = 'published' OR app_staff()", "app_staff()"),
        "feed_address": (ANYBODYS, f"app_staff() AND ({ANYBODYS})"),
        # Of an entry that is seen: its own policy applies within.
        "feed_attachment": ("EXISTS (SELECT FROM feed_entry e WHERE e.id = entry_id)", "app_staff()"),
        "feed_digest_choice": (OWN, OWN),
    }
    for table, (seen, written) in rules.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY {table}_scope ON {table} USING ({seen}) WITH CHECK ({written})")
    for table in ("feed_reading", "feed_acknowledgement", "feed_letter"):
        for statement in scope_table(table):
            op.execute(statement)
    for table in ("feed_reading", "feed_acknowledgement"):
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )


def _grant() -> None:
    said = "kind, title_zh, title_en, text_zh, text_en, must_acknowledge, pinned, valid_from, valid_until"
    progress = "state, shown_from, published_by, published_by_label, withdrawn_at, corrected_at, revision"
    made = "id, number, link, region_id, created_by, created_by_label, created_at"
    addressed = "entry_id, place, dealer_id, region_id, tier, category_code, shown_from, demands"
    for grants in (
        f"SELECT, INSERT ({said}, {progress}, {made}), UPDATE ({said}, {progress}) ON feed_entry",
        f"SELECT, INSERT ({addressed}), UPDATE (shown_from, demands), DELETE ON feed_address",
        "SELECT, INSERT, DELETE ON feed_attachment",
        "SELECT, INSERT ON feed_reading",
        "SELECT, INSERT ON feed_acknowledgement",
        "SELECT, INSERT, UPDATE (digest) ON feed_digest_choice",
        "SELECT, INSERT ON feed_letter",
    ):
        op.execute(f"GRANT {grants} TO {APP_ROLE}")


def downgrade() -> None:
    """Who acknowledged what would be lost."""
    raise RuntimeError("restore a backup instead")
