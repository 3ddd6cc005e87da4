"""Letters: to the right people of the dealer, in their language, with the figures of the document."""

from __future__ import annotations

from base64 import b64encode
from email.message import EmailMessage
from socketserver import StreamRequestHandler, TCPServer
from threading import Thread

import pytest
from sqlalchemy import text

from jobs import outbox, resources
from portal.kernel import mail
from portal.kernel.db import transaction
from portal.orders.terms import SupplyTerms
from tests import cast
from tests.ledger.acts import delivered, no_books_yet, paid
from tests.statements.acts import LAST_DAY, closed, statement_row


def body(message: EmailMessage, kind: str = "plain") -> str:
    return message.get_body((kind,)).get_content()


def test_the_buyers_are_told_of_an_order(given, letters):
    order = given.an_order({cast.gloves: 3}, purchase_order_no="采购-7")
    message = letters(cast.huadong.buyer)[0]
    assert message["Subject"] == f"订单 {order.number} 已收到"
    said = body(message)
    assert all(
        word in said
        for word in (order.number, "采购-7", "¥60.00", f"https://portal.example/orders/{order.number}")
    )
    assert "库存已为您预留" in said


def test_nobody_else_is_told_of_an_order(given, letters):
    given.an_order({cast.gloves: 3})
    assert [person for person in cast.people if letters(person)] == [cast.huadong.buyer]


def test_a_letter_is_in_the_readers_language(given, letters, owner):
    owner.execute(text("UPDATE user_account SET locale = 'en' WHERE id = :u"), {"u": cast.huadong.buyer.id})
    order = given.an_order({cast.gloves: 3})
    message = letters(cast.huadong.buyer)[0]
    assert message["Subject"] == f"Order {order.number} received"
    assert "reserved its stock" in body(message)
    assert '<html lang="en">' in body(message, "html")


def test_a_held_order_is_told_as_held(given, letters):
    given.credit_limit_of(cast.huadong, "1.00")
    given.an_order({cast.gloves: 3})
    assert "总部审核后即可发货" in body(letters(cast.huadong.buyer)[0])


def test_the_buyers_are_told_of_a_parcel(given, database, letters):
    delivered(given, database, {cast.gloves: 3})
    assert {message["Subject"].split()[-1] for message in letters(cast.huadong.buyer)} == {"已收到", "已发货"}
    assert any("SF1020304050" in body(message) for message in letters(cast.huadong.buyer))


def test_finance_is_told_of_the_statement(database, owner, letters):
    no_books_yet(owner)
    paid(database, "10.00", on=LAST_DAY)
    closed(database)
    message = letters(cast.huadong.finance)[0]
    number = statement_row(owner).number
    assert message["Subject"] == f"{LAST_DAY.year}年{LAST_DAY.month}月 对账单已出具"
    assert "-¥10.00" in body(message) and f"/statements/{number}" in body(message, "html")


def test_who_has_left_gets_no_mail(given, letters, owner):
    owner.execute(
        text("UPDATE user_account SET disabled_at = now() WHERE id = :u"), {"u": cast.huadong.buyer.id}
    )
    given.an_order({cast.gloves: 3})
    assert letters(cast.huadong.buyer) == []


def test_the_same_letter_sent_twice_is_the_same_letter(given, letters, owner, database):
    given.an_order({cast.gloves: 3})
    first = letters(cast.huadong.buyer)[0]
    owner.execute(text("UPDATE outbox SET dispatched_at = NULL"))
    with transaction(database.system_session()) as session:  # as if the worker had died before its commit
        session.execute(text("UPDATE notification SET mailed_at = NULL"))
    second = letters(cast.huadong.buyer)[0]
    assert first["Message-ID"] == second["Message-ID"]


def test_what_dealers_write_is_shown_and_not_run(given, letters):
    given.an_order({cast.gloves: 3}, purchase_order_no="<b>&1")
    message = letters(cast.huadong.buyer)[0]
    assert "<b>&1" in body(message)
    assert "&lt;b&gt;&amp;1" in body(message, "html")


def test_a_mail_server_that_is_away_leaves_the_letter_waiting(given, at_work, settings, owner):
    at_work.setattr(
        resources, "settings", lambda: settings.model_copy(update={"mail_url": "smtp://127.0.0.1:1"})
    )
    given.an_order({cast.gloves: 3})
    outbox.sweep()
    row = owner.execute(
        text("SELECT attempts, dispatched_at, last_error FROM outbox WHERE topic = 'notification.mail'")
    ).one()
    assert (row.attempts, row.dispatched_at) == (1, None)
    assert row.last_error.startswith("ConnectionRefusedError")


class PostOffice(StreamRequestHandler):
    """As much of a mail server as a letter needs; what it was told is in ``server.told``."""

    def handle(self) -> None:
        self._say("220 here")
        while line := self.rfile.readline().decode().strip():
            self.server.told.append(line)
            command = line.split()[0].upper()
            if command == "DATA":
                self._say("354 go on")
                while (text := self.rfile.readline()) != b".\r\n":
                    self.server.told.append(text.decode().rstrip())
            self._say(
                {"EHLO": "250-here\r\n250 AUTH PLAIN", "AUTH": "235 welcome", "QUIT": "221 bye"}.get(
                    command, "250 ok"
                )
            )
            if command == "QUIT":
                return

    def _say(self, words: str) -> None:
        self.wfile.write(f"{words}\r\n".encode())


def test_a_mail_server_gets_the_letter_from_who_signs_in(given, at_work, settings, owner):
    with TCPServer(("127.0.0.1", 0), PostOffice) as server:
        server.told = []
        thread = Thread(target=server.handle_request, daemon=True)
        thread.start()
        url = f"smtp://portal%40example.com:p%2Fw@127.0.0.1:{server.server_address[1]}"
        at_work.setattr(resources, "settings", lambda: settings.model_copy(update={"mail_url": url}))
        given.an_order({cast.gloves: 3})
        outbox.sweep()
        thread.join(10)
    credentials = b64encode(b"\0portal@example.com\0p/w").decode()
    assert f"AUTH PLAIN {credentials}" in server.told
    assert f"To: {cast.huadong.buyer.display_name} <{cast.huadong.buyer.email}>" in server.told
    assert owner.execute(text("SELECT count(*) FROM outbox WHERE dispatched_at IS NULL")).scalar_one() == 0


def test_mail_goes_by_smtp_or_into_a_folder_only():
    with pytest.raises(ValueError, match="mail cannot be sent by 'https'"):
        mail.send("https://example.com", EmailMessage())


def test_a_letter_claims_no_stock_for_units_that_wait(given, letters):
    given.an_order({cast.gauze: 100 + 7}, supply=SupplyTerms(backorder=True))
    said = body(letters(cast.huadong.buyer)[0])
    assert "其余到货后发出" in said and "待到货数量：7" in said.replace(": ", "：")
    assert "预计可发" in said


def test_a_letter_of_an_order_of_which_nothing_is_there_says_that_it_waits(given, letters):
    given.an_order({cast.gauze: 100})
    number = given.an_order({cast.gauze: 5}, supply=SupplyTerms(backorder=True)).number
    [said] = [text for text in map(body, letters(cast.huadong.buyer)) if number in text]
    assert "货物到货后发出" in said and "预留" not in said
