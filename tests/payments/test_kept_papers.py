"""A paper that two ask for at once is one paper."""

from __future__ import annotations

from threading import Barrier

from sqlalchemy import text

from portal.kernel import clock
from portal.kernel.db import transaction
from portal.kernel.paper.kept import handed_out
from tests import cast
from tests.ledger.acts import paid
from tests.races import together

FOUND = text(
    "SELECT content, sha256 FROM receipt_pdf"
    " WHERE (dealer_id, number, locale) = (:dealer_id, :number, :locale)"
)
KEEP = text(
    "INSERT INTO receipt_pdf (dealer_id, number, locale, content, sha256, rendered_at)"
    " VALUES (:dealer_id, :number, :locale, :content, :sha256, :at) ON CONFLICT DO NOTHING"
)


def test_of_two_who_ask_at_once_both_get_the_one_that_is_kept(database, owner):
    key = {"dealer_id": cast.huadong.id, "number": paid(database, "5.00").document_no, "locale": "zh"}
    both_rendered = Barrier(2)

    def ask(place: int) -> str:
        def render(stream) -> None:
            both_rendered.wait(20)
            stream.write(f"%PDF- {place}".encode())

        with transaction(database.session_for(cast.huadong.finance.actor())) as session:
            about = {"found": FOUND, "keep": KEEP, "key": key, "filename": "x.pdf", "at": clock.now()}
            return handed_out(session, render=render, **about).sha256

    assert len(set(together(2, ask))) == 1
