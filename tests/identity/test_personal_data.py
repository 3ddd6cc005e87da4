"""A person is given a copy of what is kept of them: all of it, nothing of another's, and no secret."""

from __future__ import annotations

import json
import stat
import sys

import pytest
from sqlalchemy import insert, text

from launch.production import main
from portal.identity.models import SecondFactor, SignIn
from portal.lists.models import SavedView
from portal.notifications.models import NotificationSetting
from tests import cast

BUYER, OTHER = cast.huadong.buyer, cast.huadong.boss
MOBILE = "+8613800000000"


@pytest.fixture
def ask(cluster, owner, monkeypatch, tmp_path):
    """`bin/portal person export` of an address: its exit status and the file."""

    def asked(mail, out="copy.json"):
        monkeypatch.setenv("OWNER_DATABASE_URL", cluster.owner_url(owner.engine.url.database))
        monkeypatch.setattr(sys, "argv", ["portal", "person", "export", mail, "--out", str(tmp_path / out)])
        return main(), tmp_path / out

    return asked


def handed_out(owner):
    return owner.execute(
        text("SELECT subject, actor FROM audit_event WHERE action = 'user:data_exported'")
    ).all()


def test_a_copy_has_what_is_kept_of_the_person_and_of_nobody_else(ask, owner):
    for person, device in ((BUYER, "Chrome of the buyer"), (OTHER, "Safari of the owner")):
        owner.execute(
            insert(SignIn).values(user_id=person.id, at=cast.NOW, device=device, network="192.0.2.0/24")
        )
    with owner.engine.begin() as connection:
        connection.execute(text("SELECT set_config('app.actor_id', 'system', true)"))
        connection.execute(
            insert(NotificationSetting).values(
                user_id=BUYER.id,
                zone="Asia/Shanghai",
                digest_every="daily",
                digest_hour=8,
                mobile=MOBILE,
                revision=1,
            )
        )
        connection.execute(
            text("SELECT set_config('app.actor_id', :key, true)").bindparams(key=f"user:{BUYER.id}")
        )
        connection.execute(
            insert(SavedView).values(user_id=BUYER.id, listing="orders", place=1, name="Mine", query="q=1")
        )
    status, file = ask(BUYER.email.upper())
    copy = json.loads(file.read_text())
    assert status == 0 and stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [row["email"] for row in copy["user_account"]] == [BUYER.email]
    assert [row["device"] for row in copy["sign_in"]] == ["Chrome of the buyer"]
    assert [row["mobile"] for row in copy["notification_setting"]] == [MOBILE]
    assert [row["name"] for row in copy["saved_view"]] == ["Mine"], "for the person alone"
    assert "Safari" not in file.read_text() and OTHER.email not in file.read_text()


def test_a_copy_has_no_secret_of_the_person(ask, owner):
    owner.execute(
        insert(SecondFactor).values(
            user_id=BUYER.id,
            kind="totp",
            label="phone",
            secret_encrypted="sealed-secret",
            created_at=cast.NOW,
        )
    )
    kept = owner.scalar(text("SELECT password_hash FROM user_account WHERE id = :id").bindparams(id=BUYER.id))
    _, file = ask(BUYER.email)
    assert json.loads(file.read_text())["second_factor"][0]["label"] == "phone"
    assert "sealed-secret" not in file.read_text() and kept not in file.read_text()


def test_it_is_written_down_and_stands_in_the_copy(ask, owner):
    _, file = ask(BUYER.email)
    assert handed_out(owner) == [(f"user:{BUYER.id}", "system")]
    acts = json.loads(file.read_text())["acts_of_others_upon_them"]
    assert acts[-1]["action"] == "user:data_exported"


def test_a_copy_that_cannot_be_written_is_not_written_down(ask, owner, tmp_path, capsys):
    (tmp_path / "copy.json").write_text("another's")
    status, file = ask(BUYER.email)
    assert status == 1 and "cannot be written" in capsys.readouterr().err
    assert file.read_text() == "another's" and handed_out(owner) == []


def test_who_is_not_known_is_told_so(ask, owner, capsys):
    status, file = ask("nobody@example.com")
    assert status == 1 and capsys.readouterr().err == "bin/portal: nobody signs in with this address\n"
    assert not file.exists() and handed_out(owner) == []
