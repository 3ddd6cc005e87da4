"""Somebody runs SQL of their own as the serving role, with any scope they like to set. What must hold even
then.

They read what the portal reads and can write new rows as it does: docs/decisions/0026 says what that leaves
open.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from psycopg.types.json import Jsonb
from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.exc import DBAPIError

from portal.identity.credentials import hash_password, hash_secret
from tests import cast, dealer_rows, servers
from tests.conftest import owner_engine

SCOPES = {
    "nobody": ("", "", ""),
    "a dealer": (str(cast.yuegang.id), "", cast.yuegang.boss.actor().key),
    "a region": ("", f"{{{cast.east.id},{cast.shanghai.id}}}", cast.east_manager.actor().key),
    "an administrator": ("", "*", cast.administrator.actor().key),
    "the portal itself": ("", "*", "system"),
    "everything at once": (str(cast.huadong.id), "*", cast.hq_finance.actor().key),
}

MINE, KEY = cast.huadong.id, dealer_rows.key_of(cast.huadong)
HASH = hash_secret("known to the intruder")

# To come in as somebody, by a key, a token, a session, a password, a client or another role of one's own.
MINTED = [
    "INSERT INTO signing_key (kid, algorithm, private_encrypted) VALUES ('mine', 'ES256', 'x')",
    "UPDATE signing_key SET retired_at = NULL",
    "DELETE FROM signing_key",
    "INSERT INTO authorization_code (code_hash, client_id, user_id, redirect_uri, scope, code_challenge,"
    " auth_time, expires_at)"
    f" VALUES ('{HASH}', 'portal-web', {cast.administrator.id}, 'http://localhost/login/callback', 'openid',"
    " 'c', now(), now() + interval '1 h')",
    "INSERT INTO refresh_token (token_hash, family, client_id, user_id, scope, expires_at)"
    f" VALUES ('{HASH}', 'f', 'portal-web', {cast.administrator.id}, 'openid', now() + interval '1 year')",
    "UPDATE refresh_token SET revoked_at = NULL, used_at = NULL",
    (
        "INSERT INTO user_session (secret_hash, user_id, expires_at)"
        f" VALUES ('{HASH}', {cast.administrator.id}, now() + interval '1 year')"
    ),
    "UPDATE user_session SET expires_at = now() + interval '1 year'",
    (
        "INSERT INTO refused_attempt (hour, subject, reason, network, attempts, last_at)"
        " VALUES (now(), 'x', 'x', 'x', 0, now())"
    ),
    "DELETE FROM refused_attempt",
    f"UPDATE user_session SET user_id = {cast.administrator.id}",
    "DELETE FROM user_session",
    f"UPDATE user_account SET password_hash = '{hash_password('known to the intruder')}'",
    "UPDATE user_account SET roles = '{administrator}'",
    "UPDATE user_account SET all_regions = true, dealer_id = NULL",
    "UPDATE user_account SET disabled_at = NULL",
    "UPDATE user_account SET email = 'me@elsewhere.example'",
    "INSERT INTO user_account (email, password_hash, display_name, roles, all_regions)"
    " VALUES ('me@elsewhere.example', 'x', 'Me', '{administrator}', true)",
    f"UPDATE api_client SET secret_hash = '{HASH}'",
    "UPDATE api_client SET scopes = '{hq:admin}', dealer_id = NULL",
    f"UPDATE api_client SET former_secret_hash = '{HASH}', former_secret_until = now() + interval '1 d'",
    "UPDATE api_client SET method = 'private_key', secret_hash = NULL, keys = '{}'",
    "UPDATE api_client SET networks = '{}', generation = 1",
    "UPDATE api_client SET last_used_at = NULL",
    "DELETE FROM api_client",
    "INSERT INTO used_assertion (client_id, token_hash, expires_at) VALUES (9, 'x', now())",
    "DELETE FROM used_assertion",
    "INSERT INTO revoked_token (token_hash, expires_at) VALUES ('x', now())",
    "UPDATE revoked_token SET token_hash = 'x'",
    "DELETE FROM revoked_token",
    (
        "INSERT INTO api_client (client_id, secret_hash, name, scopes)"
        f" VALUES ('mine', '{HASH}', 'Mine', '{{hq:admin}}')"
    ),
]

SECRETS = [
    "SELECT private_encrypted FROM signing_key",
    "SELECT * FROM signing_key",
    "SELECT token_hash FROM refresh_token",
    "SELECT count(*) FROM refresh_token",
    "SELECT code_hash FROM authorization_code",
    "SELECT nonce FROM authorization_code",
    "SELECT password_hash FROM user_account",
    "SELECT u FROM user_account u",
    "SELECT max(to_jsonb(u)::text) FROM user_account u",
    "SELECT id FROM user_account WHERE password_hash LIKE '$argon2%'",
    "SELECT id FROM user_account ORDER BY password_hash",
    "SELECT secret_hash FROM api_client",
    "SELECT former_secret_hash FROM api_client",
    "SELECT token_hash FROM used_assertion",
    "SELECT * FROM api_client",
    "TABLE user_account",
    "UPDATE user_account SET locale = password_hash",
    "COPY user_account TO STDOUT",
    "INSERT INTO outbox (topic, payload) SELECT 'x', to_jsonb(secret_hash) FROM api_client",
]

# To write another price, document, moment or name over what is settled.
ALTERED = [
    "UPDATE order_line SET unit_price = 0.01, amount = 0.01 * quantity, tax = 0",
    "UPDATE order_line SET receipt = '{}'",
    "UPDATE order_line SET tax_rate = 0",
    "UPDATE order_line SET discount = 0.01",
    "UPDATE order_line SET gift = true, unit_price = 0, amount = 0, tax = 0",
    "UPDATE order_line SET quantity = quantity + 1",
    "DELETE FROM order_line",
    "UPDATE sales_order SET total = 0, tax = 0",
    "UPDATE sales_order SET placed_at = now() - interval '1 year'",
    "UPDATE sales_order SET ship_to = '{}', placed_by = 'user:1'",
    "DELETE FROM sales_order",
    "UPDATE shipment SET tracking_no = 'elsewhere'",
    "UPDATE shipment SET status = 'picking', received_at = NULL",
    "UPDATE shipment SET status = 'shipped', received_at = NULL",
    "UPDATE shipment SET received_by = 'user:1'",
    "DELETE FROM shipment",
    "UPDATE shipment_line SET quantity = quantity + 1",
    "UPDATE shipment_line SET lot_no = 'another', expires_on = NULL",
    "UPDATE shipment_line SET serials = '{another}'",
    "DELETE FROM shipment_line",
    "UPDATE statement SET closing = 0, opening = 0",
    "DELETE FROM statement",
    "UPDATE statement_pdf SET content = 'x', sha256 = 'y'",
    "DELETE FROM statement_pdf",
    "UPDATE invoice SET due_on = due_on + 365",
    "DELETE FROM invoice_line",
    "UPDATE payment SET amount = amount * 2",
    "UPDATE journal_entry SET late = true",
    "DELETE FROM journal_line",
    "UPDATE stock_movement SET document = 'x'",
    "UPDATE allocation SET amount = amount / 2",
    "UPDATE order_line SET name_zh = 'another', sku = 'ANOTHER'",
    "UPDATE sales_order SET names = '{}'",
    "UPDATE statement SET snapshot = '{\"version\": 2}'",
    "UPDATE correction_request SET amount = 1, content = '{}', proposed_by = 'user:1'",
    "UPDATE dealer_account SET credit_limit = 1000000",
    "UPDATE dealer SET payment_terms_days = 364",
    "UPDATE dunning_letter_pdf SET content = ''",
    "UPDATE list_price SET unit_price = 0.01",
    "INSERT INTO list_price (product_id, valid_from, unit_price) SELECT id, now(), 0.01 FROM product",
    "UPDATE tax_rate SET rate = 0",
    "UPDATE lot SET expires_on = '2099-12-31'",
    "UPDATE dealer_licence SET valid_to = NULL",
    "UPDATE outbox SET payload = '{}'",
    "UPDATE sales_order SET made_in = txid_current()",
    "UPDATE shipment SET made_in = DEFAULT",
    "INSERT INTO sales_order (dealer_id, number, made_in) VALUES (1, 'x', txid_current() + 1)",
    "INSERT INTO shipment (dealer_id, number, made_in) VALUES (1, 'x', txid_current() + 1)",
]

# Statements that reach their rows only with a scope that sees them; the triggers then refuse.
PUBLISHED = [
    f"UPDATE price_policy SET valid_to = now() - interval '1 day' WHERE id = {cast.policy_in_force}",
    f"UPDATE price_policy SET state = 'draft', published_at = NULL WHERE id = {cast.policy_in_force}",
    f"UPDATE price_policy SET published_at = now() WHERE id = {cast.policy_in_force}",
    (
        "UPDATE price_policy SET state = 'published', published_at = now() - interval '1 day'"
        f" WHERE id = {cast.policy_draft}"
    ),
    (
        "UPDATE price_policy SET state = 'published', published_at = now() + interval '1 day'"
        f" WHERE id = {cast.policy_draft}"
    ),
    "INSERT INTO price_policy (number, version, title_zh, title_en, valid_from, state, published_at)"
    " VALUES ('PP-X', 1, 'x', 'x', now(), 'published', now())",
    f"DELETE FROM price_policy WHERE id = {cast.policy_in_force}",
    f"UPDATE price_rule SET \"values\" = '{{99}}' WHERE policy_id = {cast.policy_in_force}",
    f"UPDATE price_rule SET policy_id = {cast.policy_in_force} WHERE policy_id = {cast.policy_draft}",
    (
        'INSERT INTO price_rule (policy_id, kind, min_quantities, "values")'
        f" VALUES ({cast.policy_in_force}, 'net', '{{1}}', '{{0.01}}')"
    ),
    f"DELETE FROM price_rule WHERE policy_id = {cast.policy_in_force}",
]


def another(lines: str, document: int = KEY) -> str:
    """A line more for a document of the dealer's."""
    mine = f"dealer_id = {MINE} AND {lines.removesuffix('_line')}_id = {document}"
    return (
        f"INSERT INTO {lines} SELECT (jsonb_populate_record(l, '{{\"line_no\": 99}}')).*"
        f" FROM public.{lines} l WHERE {mine}"
    )


# A line more for a document that is there already: alone, or by somebody who has first written the document
# or its lines again.
SENT, PICKED = KEY + 1, KEY + dealer_rows.PICKING
ADDED = [
    another("order_line"),
    another("invoice_line"),
    another("shipment_line"),
    another("shipment_line", SENT),
    another("shipment_line", PICKED),
    f"UPDATE sales_order SET holds = holds WHERE id = {KEY}; {another('order_line')}",
    (
        "UPDATE sales_order SET status = status;"
        f" UPDATE order_line SET reserved = reserved, returned = returned; {another('order_line')}"
    ),
    f"WITH touched AS (UPDATE sales_order SET holds = holds WHERE id = {KEY}) {another('order_line')}",
    (
        f"UPDATE shipment SET status = 'received', received_at = now() WHERE id = {SENT};"
        f" {another('shipment_line', SENT)}"
    ),
    f"UPDATE shipment SET carrier = 'another' WHERE id = {PICKED}; {another('shipment_line', PICKED)}",
    f"UPDATE shipment_line SET serials = '{{1}}', returned = 1 WHERE shipment_id = {PICKED};"
    f" UPDATE shipment SET status = status WHERE id = {PICKED};"
    f" {another('shipment_line', PICKED)}",
    (
        "INSERT INTO journal_line (dealer_id, entry_id, account, amount)"
        f" VALUES ({MINE}, {KEY}, 'bank', 1), ({MINE}, {KEY}, 'opening_equity', -1)"
    ),
]

FORGED = [
    "INSERT INTO audit_event (at, actor, actor_label, action, subject_kind, subject)"
    " VALUES (now() - interval '1 day', app_actor(), 'x', 'order:released', 'order', 'x')",
    (
        "INSERT INTO audit_event (id, actor, actor_label, action, subject_kind, subject)"
        " VALUES (1, app_actor(), 'x', 'order:released', 'order', 'x')"
    ),
    "INSERT INTO audit_event (database_user, actor, actor_label, action, subject_kind, subject)"
    " VALUES ('portal_owner', app_actor(), 'x', 'order:released', 'order', 'x')",
    (
        "INSERT INTO audit_event (actor, actor_label, action, subject_kind, subject)"
        " VALUES ('user:77', 'x', 'order:released', 'order', 'x')"
    ),
    (
        "INSERT INTO audit_event (actor, actor_label, dealer_id, action, subject_kind, subject)"
        f" VALUES ('client:9', 'x', {MINE}, 'order:placed', 'order', 'x')"
    ),
    "UPDATE audit_event SET actor_label = 'somebody else'",
    "DELETE FROM audit_event",
]

UNLOCKED = [
    "ALTER TABLE order_line DISABLE TRIGGER ALL",
    "DROP TRIGGER statement_append_only ON statement",
    "SET session_replication_role = replica",
    "SET ROLE portal_owner",
    "SET SESSION AUTHORIZATION portal_issuer",
    "ALTER TABLE user_account NO FORCE ROW LEVEL SECURITY",
    "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
    "CREATE TABLE public.mine ()",
    "CREATE FUNCTION app_actor(text) RETURNS text LANGUAGE sql AS 'SELECT 1'",
    "TRUNCATE outbox",
    "GRANT SELECT ON signing_key TO PUBLIC",
    "LOCK TABLE signing_key",
]

any_scope = pytest.mark.parametrize("scope", SCOPES)


@pytest.fixture(scope="module")
def engine(cluster: servers.Cluster, filled_database: str) -> Iterator[Engine]:
    """The database as the serving role, without anything of the portal's own around it."""
    engine = create_engine(cluster.app_url(filled_database))
    yield engine
    engine.dispose()


@pytest.fixture
def intruder(engine: Engine) -> Iterator[Callable[[str], Connection]]:
    """``intruder("a dealer")``: a connection with that scope, in a transaction that comes to nothing."""
    with engine.connect() as connection:

        def within(scope: str) -> Connection:
            names = ("app.dealer_id", "app.region_ids", "app.actor_id")
            for name, value in zip(names, SCOPES[scope], strict=True):
                connection.execute(
                    text("SELECT set_config(:name, :value, true)"), {"name": name, "value": value}
                )
            return connection

        yield within


def refused(connection: Connection, statement: str, *states: str) -> None:
    """The statement must fail, for one of these reasons."""
    with pytest.raises(DBAPIError) as refusal, connection.begin_nested():
        connection.exec_driver_sql(statement.replace("%", "%%"))
        connection.exec_driver_sql("SET CONSTRAINTS ALL IMMEDIATE")
    assert refusal.value.orig.sqlstate in states, (statement, refusal.value.orig)


FORBIDDEN, SETTLED, UNBALANCED, POLICY, AGREED = "42501", "TL002", "TL001", "TL004", "TL092"


@any_scope
def test_nobody_can_be_signed_in(intruder, scope):
    for statement in MINTED:
        refused(intruder(scope), statement, FORBIDDEN)


@any_scope
def test_no_secret_is_read_by_itself_in_a_row_or_in_a_condition(intruder, scope):
    for statement in SECRETS:
        refused(intruder(scope), statement, FORBIDDEN)


@any_scope
def test_what_is_settled_is_not_written_over(intruder, scope):
    sees_it = scope not in {"nobody"}
    for statement in ALTERED:
        connection = intruder(scope)
        try:
            with connection.begin_nested():
                changed = connection.exec_driver_sql(statement.replace("%", "%%")).rowcount
        except DBAPIError as error:
            assert error.orig.sqlstate in {FORBIDDEN, SETTLED, AGREED}, (statement, error.orig)
        else:
            assert changed == 0 and not sees_it, f"{changed} rows: {statement}"


@pytest.mark.parametrize("scope", ["an administrator", "the portal itself", "everything at once"])
def test_a_published_policy_and_its_rules_stay_as_they_are(intruder, scope):
    for statement in PUBLISHED:
        refused(intruder(scope), statement, FORBIDDEN, POLICY)


@pytest.fixture(scope="module")
def shipments(cluster: servers.Cluster, filled_database: str) -> None:
    """Beside the shipment that was received and the one that is being picked, one that is under way."""
    engine = owner_engine(cluster, filled_database)
    with engine.begin() as connection:
        now = connection.execute(text("SELECT txid_current()")).scalar_one()
        head = {"id": SENT, "number": f"SH-{SENT}", "status": "shipped", "received_at": None, "made_in": now}
        for table, column, new in (
            ("shipment", "id", head),
            ("shipment_line", "shipment_id", {"shipment_id": SENT}),
        ):
            connection.execute(
                text(
                    f"INSERT INTO {table} SELECT (jsonb_populate_record(r, :new)).* FROM {table} r"
                    f" WHERE {column} = {KEY}"
                ),
                {"new": Jsonb(new)},
            )
    engine.dispose()


@pytest.mark.usefixtures("shipments")
@pytest.mark.parametrize("scope", ["an administrator", "the portal itself", "everything at once"])
def test_a_document_takes_no_more_lines(intruder, scope):
    for statement in ADDED:  # without a savepoint: in one, rows are written under a number of its own
        connection = intruder(scope)
        with pytest.raises(DBAPIError) as refusal:
            connection.exec_driver_sql(statement)
        assert refusal.value.orig.sqlstate == SETTLED, (statement, refusal.value.orig)
        connection.rollback()


@any_scope
def test_the_audit_is_neither_backdated_nor_written_for_another(intruder, scope):
    for statement in FORGED:
        refused(intruder(scope), statement, FORBIDDEN)


def test_the_audit_says_by_itself_when_and_through_which_role_it_was_written(intruder, cluster):
    connection = intruder("an administrator")
    connection.exec_driver_sql(
        "INSERT INTO audit_event (actor, actor_label, action, subject_kind, subject)"
        " VALUES (app_actor(), 'x', 'policy:edited', 'policy', 'mine')"
    )
    row = connection.exec_driver_sql(
        "SELECT actor, database_user, at BETWEEN now() AND clock_timestamp() AS in_time FROM audit_event"
        " WHERE subject = 'mine'"
    ).one()
    assert tuple(row) == (cast.administrator.actor().key, cluster.app.username, True)


@any_scope
def test_nothing_of_it_can_be_switched_off(intruder, scope):
    for statement in UNLOCKED:
        refused(intruder(scope), statement, FORBIDDEN)


@pytest.mark.parametrize("period", ["closing", "closed"])
def test_a_shut_month_is_not_opened_again(intruder, period):
    connection = intruder("the portal itself")
    connection.exec_driver_sql(
        f"INSERT INTO accounting_period (period, state) VALUES ('2001-02', '{period}')"
    )
    refused(connection, "UPDATE accounting_period SET state = 'open' WHERE period = '2001-02'", SETTLED)
    refused(
        connection,
        "UPDATE accounting_period SET period = '2001-03' WHERE period = '2001-02'",
        FORBIDDEN,
        SETTLED,
    )
    refused(connection, "DELETE FROM accounting_period WHERE period = '2001-02'", FORBIDDEN)


def test_a_table_of_the_intruders_own_is_not_asked_in_place_of_ours(intruder):
    connection = intruder("the portal itself")
    connection.exec_driver_sql("INSERT INTO accounting_period (period, state) VALUES ('2001-02', 'closed')")
    connection.exec_driver_sql(
        "CREATE TEMPORARY TABLE accounting_period AS SELECT '2001-02' AS period, 'open' AS state"
    )
    refused(
        connection,
        "INSERT INTO journal_entry (dealer_id, kind, document_no, occurred_on, period, receivable, posted_by)"
        f" VALUES ({MINE}, 'opening', 'x', '2001-02-03', '2001-02', 0, 'system')",
        "TL005",
    )
    connection.exec_driver_sql(
        f"CREATE TEMPORARY TABLE invoice AS SELECT {MINE}::bigint AS dealer_id, {KEY}::bigint AS id"
    )
    refused(connection, ADDED[1].replace("INTO invoice_line", "INTO public.invoice_line"), SETTLED)


def test_a_session_that_was_ended_is_not_revived(intruder, cluster, filled_database):
    engine = owner_engine(cluster, filled_database)
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO user_session (secret_hash, user_id, expires_at, ended_at)"
                " VALUES ('ended', :id, now() + interval '1 h', now())"
            ),
            {"id": cast.administrator.id},
        )
    engine.dispose()
    for ended_at in ("NULL", "now() + interval '1 day'"):
        refused(
            intruder("the portal itself"),
            f"UPDATE user_session SET ended_at = {ended_at} WHERE secret_hash = 'ended'",
            SETTLED,
        )


def test_the_forgetting_of_old_sign_ins_cannot_be_turned_on_good_ones(intruder, cluster, filled_database):
    engine = owner_engine(cluster, filled_database)
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO user_session (secret_hash, user_id, expires_at)"
                " VALUES ('good', :id, now()), ('old', :id, now() - interval '8 days')"
            ),
            {"id": cast.administrator.id},
        )
    engine.dispose()
    connection = intruder("the portal itself")
    connection.exec_driver_sql(
        "CREATE TEMPORARY TABLE user_session AS SELECT now() - interval '9 days' AS expires_at"
    )
    assert connection.exec_driver_sql("SELECT forget_sign_ins()").scalar_one() == 1
    left = connection.exec_driver_sql("SELECT secret_hash FROM public.user_session").scalars().all()
    assert "good" in left and "old" not in left


class TestPrices:
    """Rules and policies are read by those they concern."""

    RULES = "SELECT count(*) FROM price_rule"

    def test_without_a_scope_there_is_no_rule_and_no_policy(self, intruder):
        connection = intruder("nobody")
        assert connection.exec_driver_sql(self.RULES).scalar_one() == 0
        assert connection.exec_driver_sql("SELECT count(*) FROM price_policy").scalar_one() == 0

    def test_a_claim_that_is_not_yet_looked_up_shows_none_either(self, intruder):
        connection = intruder("nobody")
        connection.exec_driver_sql("SELECT set_config('app.actor_id', 'user:5', true)")
        assert connection.exec_driver_sql(self.RULES).scalar_one() == 0

    def test_a_dealer_sees_no_draft_no_rule_of_one_and_no_rule_of_another_dealer(self, intruder):
        connection = intruder("a dealer")
        assert (
            connection.exec_driver_sql("SELECT count(*) FROM price_policy WHERE state = 'draft'").scalar_one()
            == 0
        )
        assert (
            connection.exec_driver_sql(f"{self.RULES} WHERE policy_id = {cast.policy_draft}").scalar_one()
            == 0
        )
        seen = connection.exec_driver_sql("SELECT DISTINCT dealer_id FROM price_rule").scalars().all()
        assert set(seen) == {None, cast.yuegang.id}

    def test_headquarters_sees_both(self, intruder):
        connection = intruder("an administrator")
        assert (
            connection.exec_driver_sql(f"{self.RULES} WHERE policy_id = {cast.policy_draft}").scalar_one() > 0
        )
        assert connection.exec_driver_sql(f"{self.RULES} WHERE dealer_id IS NOT NULL").scalar_one() >= len(
            cast.dealers
        )


# Tables of no dealer: neither a forgotten condition nor an injection within a dealer's scope reads or writes
# what headquarters keeps for itself or sets.
HEADQUARTERS = (
    "audit_batch",
    "audit_horizon",
    "claim_chain_change",
    "claim_delegation",
    "close_proposal",
    "company_entry",
    "company_line",
    "rebate_liability_month",
    "rebate_run",
    "tax_invoice_limit",
)
SET_BY_HEADQUARTERS = (
    "complaint_term",
    "dunning_policy",
    "dunning_run",
    "maintenance_plan",
    "rebate_claim_chain",
    "service_duty",
    "service_target",
    "service_team",
    "warranty_rule",
    "work_day",
    "work_setting",
    "work_year",
)


@pytest.fixture(scope="module")
def kept_for_itself(cluster: servers.Cluster, filled_database: str) -> None:
    """A row that only headquarters may see."""
    engine = owner_engine(cluster, filled_database)
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO company_entry (kind, subject, month, posted_at, posted_by)"
            " VALUES ('rebate_liability', 'foothold', '2001-02-01', now(), 'system')"
        )
    engine.dispose()


@pytest.mark.usefixtures("kept_for_itself")
@pytest.mark.parametrize("scope", ["nobody", "a dealer"])
def test_what_headquarters_keeps_for_itself_is_nothing_to_a_dealer(intruder, scope):
    connection = intruder(scope)
    for table in HEADQUARTERS:
        assert connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one() == 0, table
        refused(connection, f"INSERT INTO {table} SELECT (NULL::{table}).*", FORBIDDEN, "23502", "428C9")
    connection = intruder("a region")
    seen = "SELECT count(*) FROM company_entry WHERE subject = 'foothold'"
    assert connection.exec_driver_sql(seen).scalar_one() == 1


def test_what_headquarters_sets_is_written_by_no_dealer(intruder):
    connection = intruder("a dealer")
    assert connection.exec_driver_sql("SELECT count(*) FROM work_day").scalar_one() > 0
    for table in SET_BY_HEADQUARTERS:
        [hidden] = connection.exec_driver_sql(
            "SELECT relrowsecurity AND NOT EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid"
            " AND p.polcmd IN ('*', 'a', 'w', 'd') AND pg_get_expr(p.polqual, c.oid) <> 'app_staff()')"
            f" FROM pg_class c WHERE c.oid = '{table}'::regclass"
        ).one()
        assert hidden, table
    for statement in (
        "INSERT INTO work_day (day, is_working, name_zh, name_en, source)"
        " VALUES ('2099-01-01', true, 'x', 'x', 'x')",
        "INSERT INTO dunning_policy SELECT * FROM dunning_policy",
    ):
        refused(connection, statement, FORBIDDEN)
    changed = connection.exec_driver_sql("UPDATE work_setting SET revision = revision + 1").rowcount
    assert changed == 0
