"""Robots tell their groups, a gateway sends text messages; addresses that refuse mail get no more."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import text

from jobs import bounce, outbox, resources
from portal.kernel import clock
from portal.kernel.db import transaction
from portal.kernel.errors import Forbidden, Invalid
from portal.kernel.opaque import Sealer
from portal.notifications.keep_robot import Entered, add_robot, robots
from portal.notifications.rules import Choice, Setting
from portal.notifications.sending import Way
from portal.notifications.suspend import ask_confirmation, note_bounces, suspended_people, suspension_of
from tests import cast
from tests.jobs.test_mail import body
from tests.notifications.acts import chosen, rows, told
from tests.notifications.receiver import PATHS, SECRET, SMS_BODY, receiver
from tests.notifications.test_rules import report

BUYER, RIVAL, ADMIN = cast.huadong.buyer, cast.yuegang.buyer, cast.administrator
HOSTS, PRIVATE = ("127.0.0.1",), ("127.0.0.0/8",)


@pytest.fixture
def group():
    with receiver() as received:
        yield received


@pytest.fixture
def outgoing(letters, at_work):
    """Robots may be sent to this machine; ``outgoing()`` carries the outbox out."""
    changed = resources.settings().model_copy(update={"robot_hosts": HOSTS, "outgoing_private": PRIVATE})
    at_work.setattr(resources, "settings", lambda: changed)
    return outbox.sweep


def kept(database, group, kind: str, *, person=ADMIN, events=("order.shipped",), way: Way | None = None):
    settings = resources.settings()
    usual = Way(Sealer(settings.secret_key.get_secret_value()), HOSTS, PRIVATE)
    secret = "" if kind == "wecom" else SECRET
    pattern = SMS_BODY if kind == "sms" else ""
    entered = Entered(kind, kind, "zh", group.url + PATHS[kind], secret, pattern, events, None, None, True)
    with transaction(database.session_for(person.actor())) as session:
        return add_robot(session, actor=person.actor(), entered=entered, way=way or usual)


def test_robots_tell_their_groups_of_the_events_that_they_are_to_tell(database, group, outgoing):
    for kind in ("wecom", "dingtalk", "feishu"):
        kept(database, group, kind)
    told(database, "order.shipped", [BUYER], effect=7)
    told(database, "order.shipped", [BUYER], effect=7)
    told(database, "order.filled", [BUYER])
    outgoing()
    assert group.refused == [] and len(group.accepted) == 3
    assert all("SO-1" in str(one) and "portal.example/orders/SO-1" in str(one) for one in group.accepted)
    assert rows(database, "SELECT count(*) FROM robot WHERE last_sent_at IS NOT NULL") == [(3,)]


def test_a_robot_that_is_refused_is_tried_again_and_its_page_says_why(database, group, outgoing, owner):
    kept(database, group, "wecom")
    told(database, "order.shipped", [BUYER])
    group.answer = (200, {"errcode": 93000, "errmsg": "invalid webhook url"})
    outgoing()
    assert "93000" in rows(database, "SELECT last_error FROM robot")[0][0]
    waits = text("SELECT attempts, last_error FROM outbox WHERE topic = 'notification.robot'")
    assert owner.execute(waits).one().attempts == 1
    group.answer = None
    owner.execute(text("UPDATE outbox SET not_before = now()"))
    outgoing()
    assert len(group.accepted) == 2 and rows(database, "SELECT last_error FROM robot") == [(None,)]


def test_no_robot_is_sent_more_than_its_service_takes_in_a_minute(database, group, outgoing, owner):
    robot_id = kept(database, group, "wecom")
    told(database, "order.shipped", [BUYER])
    at = clock.now() - timedelta(seconds=30)
    planted = text(
        "INSERT INTO robot_post (robot_id, source, event, path, said, created_at, sent_at)"
        " SELECT :robot, 'old:' || n, 'order.shipped', '/', '{}', :at, :at FROM generate_series(1, 20) n"
    )
    with transaction(database.system_session()) as session:
        session.execute(planted, {"robot": robot_id, "at": at})
    outgoing()
    waits = text("SELECT attempts, not_before FROM outbox WHERE topic = 'notification.robot'")
    row = owner.execute(waits).one()
    assert group.accepted == [] and (row.attempts, row.not_before) == (0, at + timedelta(seconds=60))


def test_a_text_message_goes_to_who_wants_it(database, group, outgoing):
    kept(database, group, "sms", events=())
    chosen(
        database,
        BUYER,
        Setting(str(cast.ZONE), mobile="13800000000"),
        order__shipped=Choice(mail="none", sms=True),
    )
    told(database, "order.shipped", [BUYER, RIVAL])
    outgoing()
    assert group.refused == []
    [sent] = group.accepted
    assert sent["to"] == "13800000000" and "SO-1" in sent["parameters"][0]


def test_only_an_administrator_keeps_robots_and_only_at_listed_hosts(database, group, outgoing):
    with pytest.raises(Forbidden):
        kept(database, group, "wecom", person=cast.order_desk)
    sealer = Sealer("s" * 40)
    for way, code in ((Way(sealer, (), PRIVATE), "host_not_listed"), (Way(sealer, HOSTS), "not_https")):
        with pytest.raises(Invalid) as refusal:
            kept(database, group, "wecom", way=way)
        assert [fault.code for fault in refusal.value.faults] == [code]
    with pytest.raises(Invalid) as refusal:
        kept(database, group, "feishu", events=("no.such",))
    assert [fault.pointer for fault in refusal.value.faults] == ["/events"]
    kept(database, group, "wecom")
    with transaction(database.session_for(BUYER.actor())) as session:
        assert session.execute(text("SELECT count(*) FROM robot")).scalar_one() == 0
    with transaction(database.session_for(ADMIN.actor())) as session:
        [robot] = robots(session, actor=ADMIN.actor())
        assert "K1" not in robot.sealed and robot.host == "127.0.0.1"


def noted(database, raw: str, person=ADMIN) -> int:
    actor = person.actor()
    sealer = Sealer(resources.settings().secret_key.get_secret_value())
    with transaction(database.session_for(actor)) as session:
        return note_bounces(session, actor=actor, raw=raw, sealer=sealer, at=clock.now())


def letter_name(message) -> str:
    return re.match(r"<([^@]+)@", message["Message-ID"])[1]


def report_for(person, message, status: str = "5.1.1") -> str:
    return report(letter_name(message), status).replace("Buyer@Dealer.example", person.email.upper())


def test_mail_stops_to_an_address_that_refuses_it_until_it_is_confirmed(database, letters, app, visitor):
    told(database, "order.shipped", [BUYER])
    [message] = letters(BUYER)
    assert noted(database, report_for(BUYER, message, "5.2.2")) == 0
    assert noted(database, report_for(RIVAL, message)) == 0  # not the letter's address
    assert noted(database, report_for(BUYER, message)) == 1
    assert bounce.read(report_for(BUYER, message)) == 0 and bounce.read("hello") == 1
    told(database, "order.shipped", [BUYER], number="SO-2")
    assert len(letters(BUYER)) == 1
    with transaction(database.session_for(ADMIN.actor())) as session:
        [shown] = suspended_people(session, actor=ADMIN.actor())
    assert (shown.address, shown.status) == (BUYER.email, "5.1.1")
    with transaction(database.session_for(BUYER.actor())) as session:
        assert suspension_of(session, actor=BUYER.actor())
        ask_confirmation(session, actor=BUYER.actor())
    asked = next(one for one in letters(BUYER) if one["Subject"] == "此邮箱能收到邮件吗？")
    path = re.search(r"https://portal\.example(/mail/confirm/\S+)", body(asked))[1]
    assert BUYER.email in visitor.get(path).get_data(as_text=True)
    assert rows(database, "SELECT count(*) FROM mail_suspension") == [(1,)]
    assert app.test_client().post(path).status_code == 200
    told(database, "order.shipped", [BUYER], number="SO-3")
    assert any("SO-3" in one["Subject"] for one in letters(BUYER))


def test_nobody_has_the_mail_of_others_stopped_by_a_made_up_report(database, letters):
    told(database, "order.shipped", [BUYER])
    letters(BUYER)
    assert noted(database, report("made-up-name").replace("Buyer@Dealer.example", BUYER.email)) == 0
    with pytest.raises(Forbidden):
        noted(database, report("made-up-name"), cast.order_desk)
    with pytest.raises(Invalid):
        noted(database, "hello")
