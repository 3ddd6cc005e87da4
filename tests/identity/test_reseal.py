"""The secret key is exchanged: what lies under the former one opens, is brought under the new one, and then
the former one may go.
"""

from __future__ import annotations

import secrets

import psycopg
import pytest
from sqlalchemy import insert, select

from launch.production import main
from launch.storage import libpq_url
from portal.capabilities import CAPABILITIES, metadata
from portal.identity.keys import KeyRing
from portal.identity.models import SecondFactor
from portal.identity.second_factors import Vault
from portal.kernel.at_rest import reseal
from portal.kernel.opaque import Sealer
from portal.webhooks import secret as webhook_secret
from portal.webhooks.models import WebhookSubscription
from tests import cast
from tests.shared_portal import opened

FORMER, PRESENT = secrets.token_hex(20), secrets.token_hex(20)
COLUMNS = [column for one in CAPABILITIES for column in one.at_rest]
APP = select(SecondFactor.secret_encrypted)
HOOK = select(WebhookSubscription.secret)


@pytest.fixture
def kept(owner, issuer_database):
    """The id of a signing key under the former secret; an app's and a webhook's secrets lie there too."""
    owner.execute(
        insert(SecondFactor).values(
            user_id=cast.huadong.buyer.id,
            kind="totp",
            label="phone",
            secret_encrypted=Vault(FORMER).seal("JBSWY3DPEHPK3PXP"),
            created_at=cast.NOW,
        )
    )
    owner.execute(
        insert(WebhookSubscription).values(
            number="WH2611-AAAAAAAA1",
            name="ERP",
            url="https://erp.example",
            events=["order.placed"],
            secret=webhook_secret.sealed(Sealer(FORMER), "whsec"),
            created_by="user:1",
            created_by_label="Owner",
        )
    )
    return KeyRing(issuer_database, FORMER).signing_key().kid


def again(cluster, owner, *application_secrets):
    """Bring everything under the first of the secrets."""
    with psycopg.connect(libpq_url(cluster.owner_url(owner.engine.url.database))) as connection:
        connection.execute("SELECT set_config('app.region_ids', '*', true)")
        return reseal(connection, COLUMNS, application_secrets)


def test_what_lies_under_the_former_key_opens_with_both(kept, owner, issuer_database):
    assert KeyRing(issuer_database, PRESENT, FORMER).signing_key().kid == kept
    assert Vault(PRESENT, FORMER).opened(owner.scalar(APP)) == "JBSWY3DPEHPK3PXP"
    assert Vault(PRESENT).opened(owner.scalar(APP)) is None


def test_it_is_brought_under_the_new_one_which_opens_it_alone(kept, cluster, owner, issuer_database):
    done = again(cluster, owner, PRESENT, FORMER)
    assert done["signing_key.private_encrypted"] == (1, 0)
    assert done["second_factor.secret_encrypted"] == (1, 0)
    assert done["webhook_subscription.secret"] == (1, 0)
    assert KeyRing(issuer_database, PRESENT).signing_key().kid == kept, "nobody is signed out"
    assert Vault(PRESENT).opened(owner.scalar(APP)) == "JBSWY3DPEHPK3PXP"
    assert Vault(FORMER).opened(owner.scalar(APP)) is None
    assert webhook_secret.opened(Sealer(PRESENT), owner.scalar(HOOK)) == "whsec"
    assert again(cluster, owner, PRESENT)["second_factor.secret_encrypted"] == (1, 0), "a second time, too"


def test_what_opens_with_no_key_stays_and_is_counted(kept, cluster, owner):
    before = owner.scalar(HOOK)
    assert again(cluster, owner, PRESENT)["webhook_subscription.secret"] == (0, 1)
    assert owner.scalar(HOOK) == before


def test_every_column_is_there():
    for one in COLUMNS:
        assert one.column in metadata.tables[one.table].columns


def test_whoever_is_signed_in_under_the_former_key_stays_so(settings, sign_in):
    visitor = sign_in(cast.huadong.buyer)
    turned = {"secret_key": PRESENT, "secret_key_also": (settings.secret_key.get_secret_value(),)}
    with opened(type(settings).model_validate(settings.model_dump() | turned)) as later:
        visitor._http.application = later
        assert visitor.get("/account").status_code == 200
    with opened(type(settings).model_validate(settings.model_dump() | {"secret_key": PRESENT})) as stranger:
        visitor._http.application = stranger
        assert visitor.get("/account").status_code == 302


def test_the_command_says_what_it_needs(monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["portal", "keys", "reseal"])
    monkeypatch.delenv("OWNER_DATABASE_URL", raising=False)
    assert main() == 1 and "OWNER_DATABASE_URL" in capsys.readouterr().err
