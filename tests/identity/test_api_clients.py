"""API clients: who looks after them, how they prove themselves, and what ends."""

from __future__ import annotations

import base64
import hmac
import json
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread

import pytest
from joserfc.jwk import RSAKey
from sqlalchemy import select, text

from portal.audit.models import AuditEvent
from portal.identity import remote_keys
from portal.identity.change_client import change_client, end_former_secret, revoke_client, rotate_secret
from portal.identity.client_keys import read_keys
from portal.identity.client_queries import client_of, clients
from portal.identity.client_rules import is_good, is_within, read_networks
from portal.identity.create_client import Wanted, create_client
from portal.identity.models import ApiClient, UsedAssertion
from portal.identity.remote_keys import KeysUnreachable, RemoteKeys
from portal.identity.sweep import sweep
from portal.identity.tokens import TokenMemory
from portal.kernel.db import transaction
from portal.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from portal.orders.vocabulary import OrderRight
from tests import cast
from tests.identity.client_acts import a_key, ask, assertion, prove, public
from tests.races import together
from tests.shared_portal import opened
from tests.web_clients import Caller

OWNER, ADMINISTRATOR = cast.huadong.boss.actor(), cast.administrator.actor()
SCOPES = [OrderRight.READ, OrderRight.WRITE]


@pytest.fixture
def as_issuer(issuer_database):
    """A transaction of the issuer's role in somebody's scope."""
    return lambda actor: transaction(issuer_database.session_for(actor))


@pytest.fixture
def made(as_issuer):
    """Make a client of huadong's."""

    def make(actor=OWNER, dealer_id=cast.huadong.id, **said):
        with as_issuer(actor) as session:
            wanted = Wanted(**({"name": "ERP", "scopes": SCOPES} | said))
            return create_client(session, actor=actor, wanted=wanted, dealer_id=dealer_id, at=cast.NOW)

    return make


def stored(owner, client):
    return owner.execute(select(ApiClient.__table__).where(ApiClient.client_id == client.client_id)).one()


def acts_of(owner, client):
    rows = owner.execute(
        select(AuditEvent).where(AuditEvent.subject == f"client:{client.id}").order_by(AuditEvent.id)
    ).all()
    return [(row.action, row.actor, row.dealer_id) for row in rows]


def token_of(app, client, secret=None, *, address="127.0.0.1"):
    form = {
        "grant_type": "client_credentials",
        "client_id": client.client_id,
        "client_secret": client.client_secret if secret is None else secret,
    }
    return ask(app, form, address=address)


def calls(app, token, *, address="127.0.0.1"):
    """Status of a call five seconds later, when no token is remembered."""
    app.token_memory = TokenMemory()
    return Caller(app, token).get("/me", environ_base={"REMOTE_ADDR": address}).status_code


class TestWhoLooksAfterThem:
    def test_the_owner_makes_one_that_may_order(self, app, made, owner):
        client = made()
        token = token_of(app, client).json["access_token"]
        me = Caller(app, token).get("/me").json
        assert (me["dealer"]["code"], set(me["scopes"])) == (cast.huadong.code, set(SCOPES))
        assert client.client_secret not in str(stored(owner, client))
        assert acts_of(owner, client)[0] == ("client:created", OWNER.key, cast.huadong.id)

    def test_the_administrator_makes_one_for_headquarters_and_for_a_dealer(self, made, owner):
        ours = made(actor=ADMINISTRATOR, dealer_id=None, scopes=["hq:orders"])
        theirs = made(actor=ADMINISTRATOR, dealer_id=cast.yuegang.id)
        assert [stored(owner, one).dealer_id for one in (ours, theirs)] == [None, cast.yuegang.id]

    @pytest.mark.parametrize(
        ("dealer_id", "scopes"),
        [(cast.huadong.id, ["hq:orders"]), (None, ["orders:read"]), (cast.huadong.id, ["openid"])],
        ids=str,
    )
    def test_scopes_of_the_other_side_are_refused(self, made, dealer_id, scopes):
        with pytest.raises(Invalid) as refusal:
            made(actor=ADMINISTRATOR, dealer_id=dealer_id, scopes=scopes)
        assert [fault.pointer for fault in refusal.value.faults] == ["/scopes"]

    def test_each_sees_their_own(self, made, database, as_issuer):
        client = made()
        for actor, seen in ((OWNER, True), (cast.yuegang.boss.actor(), False), (ADMINISTRATOR, True)):
            with database.session_for(actor) as session:
                found = {one.client_id for one in clients(session, actor=actor)}
                assert (client.client_id in found) is seen
        rival = cast.yuegang.boss.actor()
        acts = (
            lambda session: client_of(session, actor=rival, client_id=client.client_id),
            lambda session: rotate_secret(
                session, actor=rival, client_id=client.client_id, overlap=timedelta(0), at=cast.NOW
            ),
            lambda session: revoke_client(session, actor=rival, client_id=client.client_id, at=cast.NOW),
        )
        for act in acts:
            with pytest.raises(NotFound), as_issuer(rival) as session:
                act(session)

    def test_a_forgotten_condition_shows_a_dealer_no_others_client_even_to_the_issuer(
        self, made, issuer_database
    ):
        made()
        with issuer_database.session_for(cast.yuegang.boss.actor()) as session:
            seen = set(session.scalars(select(ApiClient.dealer_id)))
            written = session.execute(text("UPDATE api_client SET name = 'x'")).rowcount
        assert seen == {cast.yuegang.id} and written == 1

    @pytest.mark.parametrize("who", [cast.huadong.buyer, cast.huadong.finance], ids=str)
    def test_nobody_else_of_the_dealer_may(self, made, as_issuer, who):
        client = made()
        with pytest.raises(Forbidden), as_issuer(who.actor()) as session:
            revoke_client(session, actor=who.actor(), client_id=client.client_id, at=cast.NOW)

    def test_a_program_gives_no_more_than_it_has(self, made, as_issuer, owner):
        program = cast.huadong.system.actor()
        few = type(program)(
            **{
                **{name: getattr(program, name) for name in ("label", "client_id", "dealer_id")},
                "rights": frozenset({"clients:write", OrderRight.READ}),
            }
        )
        with pytest.raises(Invalid) as refusal:
            made(actor=few)
        assert [fault.code for fault in refusal.value.faults] == ["scopes_not_held"]
        stronger = made()
        with pytest.raises(Forbidden), as_issuer(few) as session:
            rotate_secret(session, actor=few, client_id=stronger.client_id, overlap=timedelta(0), at=cast.NOW)

    def test_there_is_an_end_to_them(self, made, monkeypatch):
        monkeypatch.setattr("portal.identity.create_client.OF_ONE_OWNER_MAX", 2)
        made()
        with pytest.raises(Conflict) as refusal:
            made()
        assert refusal.value.code == "too_many_clients"


class TestTwoSecrets:
    def rotate(self, as_issuer, client, hours, at=cast.NOW):
        with as_issuer(OWNER) as session:
            return rotate_secret(
                session,
                actor=OWNER,
                client_id=client.client_id,
                overlap=timedelta(hours=hours),
                at=at,
            )

    def test_are_both_good_while_they_overlap_and_so_are_their_tokens(self, app, made, as_issuer):
        client = made()
        before = token_of(app, client).json["access_token"]
        new = self.rotate(as_issuer, client, 24)
        answers = [token_of(app, one) for one in (client, new)]
        assert [answer.status_code for answer in answers] == [200, 200]
        tokens = [before, *(answer.json["access_token"] for answer in answers)]
        assert [calls(app, token) for token in tokens] == [200, 200, 200]

    def test_the_former_ends_with_its_tokens_at_the_moment_that_was_said(self, app, made, as_issuer, owner):
        client = made()
        before = token_of(app, client).json["access_token"]
        new = self.rotate(as_issuer, client, 24)
        after = token_of(app, new).json["access_token"]
        owner.execute(
            text("UPDATE api_client SET former_secret_until = now() WHERE client_id = :one"),
            {"one": client.client_id},
        )
        assert [token_of(app, one).status_code for one in (client, new)] == [401, 200]
        assert [calls(app, token) for token in (before, after)] == [401, 200]

    def test_the_former_ends_at_once_with_what_was_got_by_it(self, app, made, as_issuer):
        client = made()
        before = token_of(app, client).json["access_token"]
        new = self.rotate(as_issuer, client, 0)
        assert [token_of(app, one).status_code for one in (client, new)] == [401, 200]
        assert calls(app, before) == 401

    def test_the_overlap_can_be_ended_early(self, app, made, as_issuer, owner):
        client = made()
        new = self.rotate(as_issuer, client, 24)
        for _ in range(2):
            with as_issuer(OWNER) as session:
                end_former_secret(session, actor=OWNER, client_id=client.client_id)
        assert [token_of(app, one).status_code for one in (client, new)] == [401, 200]
        assert [act for act, _actor, _dealer in acts_of(owner, client)].count("client:rotated") == 2

    def test_of_two_changes_running_the_first_secret_is_out(self, app, made, as_issuer):
        client = made()
        second = self.rotate(as_issuer, client, 24)
        third = self.rotate(as_issuer, client, 24)
        assert [token_of(app, one).status_code for one in (client, second, third)] == [401, 200, 200]

    @pytest.mark.parametrize("hours", [-1, 24 * 30 + 1])
    def test_do_not_overlap_for_ever(self, made, as_issuer, hours):
        client = made()
        with pytest.raises(Invalid):
            self.rotate(as_issuer, client, hours)

    def test_no_secret_stands_in_audit_or_table(self, made, as_issuer, owner):
        client = made()
        new = self.rotate(as_issuer, client, 1)
        told = str(owner.execute(select(AuditEvent)).all()) + str(stored(owner, client))
        assert client.client_secret not in told and new.client_secret not in told


class TestRevoking:
    def test_ends_secret_and_tokens_for_good(self, app, made, as_issuer, owner):
        client = made()
        token = token_of(app, client).json["access_token"]
        with as_issuer(OWNER) as session:
            revoke_client(session, actor=OWNER, client_id=client.client_id, at=cast.NOW)
        assert token_of(app, client).status_code == 401 and calls(app, token) == 401
        with pytest.raises(NotFound), as_issuer(OWNER) as session:
            revoke_client(session, actor=OWNER, client_id=client.client_id, at=cast.NOW)
        assert acts_of(owner, client)[-1] == ("client:revoked", OWNER.key, cast.huadong.id)

    def test_less_scope_counts_at_once(self, app, made, as_issuer):
        client = made()
        token = token_of(app, client).json["access_token"]
        with as_issuer(OWNER) as session:
            change_client(
                session,
                actor=OWNER,
                client_id=client.client_id,
                revision=1,
                wanted=Wanted("ERP", [OrderRight.READ]),
            )
        app.token_memory = TokenMemory()
        assert Caller(app, token).get("/me").json["scopes"] == [OrderRight.READ]

    def test_whoever_comes_second_is_told(self, made, as_issuer):
        client = made()
        for name, good in (("A", True), ("B", False)):
            wanted = Wanted(name, SCOPES)
            act = {"actor": OWNER, "client_id": client.client_id, "revision": 1, "wanted": wanted}
            if good:
                with as_issuer(OWNER) as session:
                    change_client(session, **act)
            else:
                with pytest.raises(Conflict), as_issuer(OWNER) as session:
                    change_client(session, **act)


class TestNetworks:
    @pytest.mark.parametrize(
        ("address", "networks", "within"),
        [
            ("203.0.113.9", [], True),
            ("203.0.113.9", ["203.0.113.0/24"], True),
            ("203.0.114.9", ["203.0.113.0/24"], False),
            ("::ffff:203.0.113.9", ["203.0.113.0/24"], True),
            ("2001:db8::1", ["203.0.113.0/24", "2001:db8::/32"], True),
            ("", ["203.0.113.0/24"], False),
            ("unix:", ["0.0.0.0/1"], False),
        ],
    )
    def test_hold_an_address_or_not(self, address, networks, within):
        assert is_within(address, networks) is within

    @pytest.mark.parametrize("written", ["203.0.113.7/24", "here", "", "0.0.0.0/0", "::/0", "1.2.3.4/33"])
    def test_that_are_none_are_refused(self, written):
        assert read_networks([written]).faults

    def test_are_kept_once_each(self):
        assert read_networks(["203.0.113.7", " 203.0.113.7/32"]).networks == ("203.0.113.7/32",)
        assert read_networks([f"10.0.0.{last}" for last in range(21)]).faults

    def test_shut_out_the_secret_and_the_token_from_elsewhere(self, app, made, owner):
        client = made(networks=["203.0.113.0/24"])
        assert token_of(app, client, address="198.51.100.1").status_code == 401
        answer = token_of(app, client, address="203.0.113.5")
        token = answer.json["access_token"]
        assert calls(app, token, address="203.0.113.5") == 200
        assert Caller(app, token).get("/me", environ_base={"REMOTE_ADDR": "198.51.100.1"}).json["code"] == (
            "address_not_allowed"
        )
        refusal = owner.execute(select(AuditEvent).where(AuditEvent.action == "token:refused")).one()
        assert (refusal.subject, refusal.reason) == (f"client:{client.id}", "foreign_address")


class TestTheLastUse:
    def test_is_written_down_once_in_some_minutes(self, app, made, owner):
        client = made()
        token_of(app, client, address="203.0.113.5")
        first = stored(owner, client)
        assert first.last_used_at and first.last_used_from == "203.0.113.5"
        token_of(app, client, address="203.0.113.6")
        assert stored(owner, client).last_used_at == first.last_used_at
        owner.execute(text("UPDATE api_client SET last_used_at = now() - interval '6 minutes'"))
        token_of(app, client, address="203.0.113.6")
        assert stored(owner, client).last_used_from == "203.0.113.6"

    def test_holds_nobody_up(self, app, made, owner):
        client = made()
        with owner.engine.begin() as elsewhere:
            elsewhere.execute(
                text("SELECT FROM api_client WHERE client_id = :one FOR UPDATE"), {"one": client.client_id}
            )
            assert token_of(app, client).status_code == 200
        assert stored(owner, client).last_used_at is None


class TestKeys:
    def test_prove_a_client_without_a_secret(self, app, made, owner):
        key = a_key()
        client = made(keys=public(key))
        assert (client.client_secret, stored(owner, client).secret_hash) == ("", None)
        answer = prove(app, assertion(client.client_id, key))
        assert answer.status_code == 200 and calls(app, answer.json["access_token"]) == 200

    def test_may_be_of_rsa(self, app, made):
        key = RSAKey.generate_key(2048, {"kid": "r"})
        client = made(keys=public(key))
        assert prove(app, assertion(client.client_id, key, alg="PS256")).status_code == 200

    def test_an_assertion_is_good_once_also_for_those_who_come_together(self, app, made):
        key = a_key()
        client = made(keys=public(key))
        signed = assertion(client.client_id, key)
        statuses = together(4, lambda _place: prove(app, signed).status_code)
        assert sorted(statuses) == [200, 401, 401, 401]

    @pytest.mark.parametrize(
        "change",
        [
            {"aud": "https://elsewhere.example/oauth/token"},
            {"aud": None},
            {"iss": "somebody"},
            {"iss": None},
            {"exp": None},
            {"exp": 1},
            {"exp": 99_999_999_999},
            {"exp": "soon"},
            {"exp": True},
            {"exp": 1e400},
            {"nbf": 99_999_999_999},
            {"iat": 99_999_999_999},
            {"jti": None},
            {"jti": ""},
            {"jti": 5},
            {"jti": "x" * 300},
            {"sub": None},
            {"sub": ["a"]},
            {"sub": "a\x00b"},
        ],
        ids=str,
    )
    def test_a_wrong_assertion_is_refused_like_a_wrong_secret(self, app, made, change):
        key = a_key()
        client = made(keys=public(key))
        answer = prove(app, assertion(client.client_id, key, **change))
        assert (answer.status_code, answer.json["error"]) == (401, "invalid_client")

    def test_another_key_of_the_same_name_is_refused(self, app, made):
        client = made(keys=public(a_key()))
        assert prove(app, assertion(client.client_id, a_key())).status_code == 401

    def test_the_public_key_is_no_shared_secret(self, app, made):
        key = a_key()
        client = made(keys=public(key))
        claims = assertion(client.client_id, key).split(".")[1]
        head = base64.urlsafe_b64encode(b'{"alg": "HS256", "kid": "one"}').decode().rstrip("=")
        forged = hmac.new(key.as_pem(private=False), f"{head}.{claims}".encode(), "sha256").digest()
        signature = base64.urlsafe_b64encode(forged).decode().rstrip("=")
        assert prove(app, f"{head}.{claims}.{signature}").status_code == 401

    @pytest.mark.parametrize(
        "signed", ["", "x", "a.b.c", "....", "x" * 9000, "e30.e30.e30", "🙂.🙂.🙂", "W10.W10.a"]
    )
    def test_rubbish_is_refused(self, app, signed):
        assert prove(app, signed).status_code == 401

    def test_another_client_cannot_be_named_beside_it(self, app, made):
        key = a_key()
        client = made(keys=public(key))
        answer = prove(app, assertion(client.client_id, key), client_id=cast.huadong.system.client_id)
        assert answer.status_code == 401

    def test_a_client_with_a_key_has_no_secret_and_the_other_way_round(self, app, made, as_issuer):
        key = a_key()
        client, other = made(keys=public(key)), made()
        assert token_of(app, client, "anything").status_code == 401
        assert prove(app, assertion(other.client_id, key)).status_code == 401
        with pytest.raises(Conflict), as_issuer(OWNER) as session:
            rotate_secret(session, actor=OWNER, client_id=client.client_id, overlap=timedelta(0), at=cast.NOW)
        with pytest.raises(Invalid), as_issuer(OWNER) as session:
            change_client(
                session,
                actor=OWNER,
                client_id=client.client_id,
                revision=None,
                wanted=Wanted("ERP", SCOPES),
            )

    def test_other_keys_end_what_was_got_by_the_ones_before(self, app, made, as_issuer):
        old, new = a_key("old"), a_key("new")
        client = made(keys=public(old))
        token = prove(app, assertion(client.client_id, old)).json["access_token"]
        with as_issuer(OWNER) as session:
            change_client(
                session,
                actor=OWNER,
                client_id=client.client_id,
                revision=None,
                wanted=Wanted("ERP", SCOPES, keys=public(new)),
            )
        assert calls(app, token) == 401
        answers = [prove(app, assertion(client.client_id, key)).status_code for key in (old, new)]
        assert answers == [401, 200]

    def test_what_was_used_is_forgotten_when_it_has_run_out(self, app, made, owner, database):
        key = a_key()
        client = made(keys=public(key))
        prove(app, assertion(client.client_id, key))
        owner.execute(text("UPDATE used_assertion SET expires_at = now() - interval '25 hours'"))
        with transaction(database.system_session()) as session:
            assert sweep(session) == 1
        assert owner.execute(select(UsedAssertion)).all() == []


class TestReadingKeys:
    @pytest.mark.parametrize(
        ("entered", "code"),
        [
            ("", "jwk"),
            ("[]", "jwk"),
            ("3", "jwk"),
            ('{"keys": {}}', "jwk"),
            ('{"keys": []}', "keys"),
            ("[" * 5000, "jwk"),
            ('{"kty": "oct", "k": "AAAA"}', "private_key"),
            ('{"kty": "EC", "crv": "secp256k1", "x": "AAAA", "y": "AAAA"}', "jwk"),
            ('{"kty": "EC", "crv": "P-256", "x": "AAAA", "y": "AAAA"}', "jwk"),
            ('{"kty": "RSA", "n": "AAAA", "e": "AQAB"}', "jwk"),
            ('{"kty": "RSA", "n": 5, "e": "AQAB"}', "jwk"),
        ],
    )
    def test_tells_what_is_no_key(self, entered, code):
        kept, faults = read_keys("/jwks", entered)
        assert (kept, [fault.code for fault in faults]) == (None, [code])

    def test_never_keeps_or_repeats_a_private_one(self):
        private = json.dumps(a_key().as_dict(private=True))
        kept, faults = read_keys("/jwks", private)
        assert kept is None and a_key().as_dict(private=True)["d"] not in str(faults)
        assert [fault.code for fault in faults] == ["private_key"]

    def test_refuses_two_of_one_name_and_too_many(self):
        twice = public(a_key("a"), a_key("a"))
        many = public(*(a_key(str(number)) for number in range(6)))
        assert [read_keys("/jwks", text)[1][0].code for text in (twice, many)] == ["jwk", "keys"]


class TestKeysUnderAnAddress:
    URL = "https://erp.example.com/jwks.json"

    def test_are_asked_for_once_and_again_for_a_name_that_is_new(self):
        now, asked, old, new = [0.0], [], a_key("old"), a_key("new")
        answers = [public(old), public(old, new)]
        keys = RemoteKeys(lambda: now[0])

        def fetch():
            asked.append(now[0])
            return answers[min(len(asked), 2) - 1].encode()

        assert [key.kid for key in keys.of(self.URL, "old", fetch)] == ["old"]
        keys.of(self.URL, "old", fetch)
        assert keys.of(self.URL, "new", fetch) == [] and asked == [0.0]
        now[0] = remote_keys._HURRY_SECONDS + 1
        assert [key.kid for key in keys.of(self.URL, "new", fetch)] == ["new"]
        now[0] += remote_keys._FRESH_SECONDS + 1
        keys.of(self.URL, "old", fetch)
        assert len(asked) == 3

    def test_that_cannot_be_had_are_not_asked_for_by_everybody(self):
        now, asked = [0.0], []

        def fetch():
            asked.append(1)
            raise KeysUnreachable()

        keys = RemoteKeys(lambda: now[0])
        assert [keys.of(self.URL, None, fetch) for _ in range(5)] == [[]] * 5
        assert len(asked) == 1

    def test_are_waited_for_by_whoever_asks_meanwhile(self):
        key, begun, looked = a_key(), Event(), Event()

        def now():
            if begun.is_set():
                looked.set()
            return 0.0

        def fetch():
            begun.set()
            assert looked.wait(30)  # until the other has seen that somebody asks
            return public(key).encode()

        keys = RemoteKeys(now)

        def ask(place):
            assert place == 0 or begun.wait(30)
            return [one.kid for one in keys.of(self.URL, "one", fetch)]

        assert together(2, ask) == [["one"], ["one"]]

    def test_keep_while_the_address_is_away(self):
        now, key = [0.0], a_key()
        keys = RemoteKeys(lambda: now[0])
        keys.of(self.URL, "one", lambda: public(key).encode())
        now[0] += remote_keys._FRESH_SECONDS + 1

        def fetch():
            raise KeysUnreachable()

        assert [one.kid for one in keys.of(self.URL, "one", fetch)] == ["one"]

    @pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"keys": 3}', b'{"keys": [3]}', b"\xff"])
    def test_that_are_none_open_nothing(self, body):
        assert RemoteKeys().of(self.URL, None, lambda: body) == []

    def test_within_our_own_network_are_not_asked_for(self, app, made):
        key = a_key()
        client = made(keys_url="https://127.0.0.1/jwks.json")
        assert prove(app, assertion(client.client_id, key)).status_code == 401

    def test_are_fetched_from_where_the_client_publishes_them(self, settings, made, owner):
        key, asked = a_key(), []

        class Published(BaseHTTPRequestHandler):
            def do_GET(self):
                asked.append(self.path)
                body = public(key).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_said):
                """Nothing."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Published)
        Thread(target=server.serve_forever, daemon=True).start()
        open_to = settings.model_copy(update={"dealer_webhooks_private": ("127.0.0.0/8",)})
        try:
            with opened(open_to) as app:
                url = f"http://127.0.0.1:{server.server_port}/jwks.json?tenant=1"
                client = made(keys_url=url, plain=True)
                assert prove(app, assertion(client.client_id, key)).status_code == 200
                assert prove(app, assertion(client.client_id, key)).status_code == 200
                assert prove(app, assertion(client.client_id, a_key("other"))).status_code == 401
        finally:
            server.shutdown()
            server.server_close()
        assert asked == ["/jwks.json?tenant=1"]
        assert "tenant=1" not in str(owner.execute(select(AuditEvent)).all())

    @pytest.mark.parametrize("url", ["http://erp.example.com/jwks", "ftp://x", "https://u:p@x.example/", "x"])
    def test_need_an_address_that_may_be_asked(self, made, url):
        with pytest.raises(Invalid) as refusal:
            made(keys_url=url)
        assert [fault.pointer for fault in refusal.value.faults] == ["/jwks_uri"]


@pytest.mark.parametrize(
    ("generation", "until", "good"),
    [(3, None, True), (2, None, False), (2, 1, True), (2, -1, False), (1, 1, False), (4, 1, False)],
)
def test_a_generation_counts_while_its_secret_does(generation, until, good):
    former = None if until is None else cast.NOW + timedelta(hours=until)
    assert is_good(generation, current=3, former_until=former, at=cast.NOW) is good
