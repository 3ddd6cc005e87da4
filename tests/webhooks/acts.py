"""What tests of webhooks do again and again."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import httpx
from sqlalchemy import text

from portal.kernel.db import transaction
from portal.kernel.outbox import Effect, add
from portal.webhooks import deliver, queries
from portal.webhooks.deliver import Attempt
from portal.webhooks.publish import publish
from portal.webhooks.queries import DeliveryRow, SubscriptionRow
from portal.webhooks.rules import Tried
from portal.webhooks.subscribe import Secret, Wanted, subscribe
from tests import cast
from tests.roles import Dealer, Person
from tests.servers import ROOT

OWNER, RIVAL, ADMIN = cast.huadong.boss, cast.yuegang.boss, cast.administrator


_CLIENT = httpx.Client(trust_env=False, verify=False)


@dataclass(frozen=True)
class Receiving:
    """A receiver that runs."""

    port: int

    def at(self, act: str) -> str:
        """The address at which it does something."""
        return f"http://127.0.0.1:{self.port}/{act}"

    def trust(self, *secrets: str) -> None:
        """Hold signatures to these secrets."""
        _CLIENT.put(self.at("secrets"), json=secrets).raise_for_status()

    def taken(self, act: str | None = None) -> list[dict[str, Any]]:
        """The messages it took, each once; of an address."""
        found = _CLIENT.get(self.at("taken")).json()
        return [one for one in found if act is None or one["path"] == f"/{act}"]

    def calls(self, act: str) -> list[dict[str, Any]]:
        """Every call of an address."""
        return [one for one in _CLIENT.get(self.at("calls")).json() if one["path"] == f"/{act}"]


@contextmanager
def receiving() -> Iterator[Receiving]:
    """A receiver as a process of its own."""
    command = [sys.executable, "-m", "tests.webhooks.receiver"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        try:
            assert process.stdout is not None
            yield Receiving(int(process.stdout.readline()))
        finally:
            process.kill()


def subscribed(
    database,
    url: str,
    *events: str,
    who: Person = OWNER,
    ordered: bool = False,
    at: datetime = cast.NOW,
    plain: bool = True,
) -> Secret:
    """A subscription of somebody."""
    wanted = Wanted("ERP", url, events or ("order.placed",), ordered)
    with transaction(database.session_for(who.actor())) as session:
        return subscribe(session, actor=who.actor(), wanted=wanted, plain=plain, today=cast.TODAY, at=at)


def happened(database, topic: str = "order.placed", dealer=cast.huadong, **payload: object) -> None:
    """An effect of a committed act."""
    payload = payload or {"number": "SO2611-1"}
    with transaction(database.system_session()) as session:
        add(session, topic, dealer_id=dealer and dealer.id, **payload)


def of(database, number: str, who: Person = OWNER) -> SubscriptionRow:
    """A subscription as its owner sees it."""
    with database.session_for(who.actor()) as session:
        return queries.subscription(session, actor=who.actor(), number=number)


def messages(database, number: str, who: Person = OWNER, **sought: str) -> list[DeliveryRow]:
    """What was to be sent, the first one first."""
    with database.session_for(who.actor()) as session:
        found = queries.deliveries(session, actor=who.actor(), number=number, limit=200, **sought)
    return sorted(found.items, key=lambda one: one.id)


def attempts(database, number: str, message_id: str, who: Person = OWNER):
    """The attempts at a message."""
    with database.session_for(who.actor()) as session:
        return queries.delivery(session, actor=who.actor(), number=number, message_id=message_id)[1]


def a_log(database) -> tuple[str, str]:
    """The number of a subscription that pauses itself, and a message of it that was answered by an error."""
    number = subscribed(database, "https://erp.example.com/webhooks/orders").number
    effect = Effect(1, "order.placed", cast.huadong.id, {"number": "SO2611-7K3F9Q2MA"}, 0, cast.NOW)
    with transaction(database.system_session()) as session:
        publish(session, [effect], api="https://portal.example/api/v1", at=cast.NOW)
    with transaction(database.system_session()) as session:
        [due] = deliver.take_due(session, at=cast.NOW, busy=(), most=1, failing=False)
    gone = Attempt(Tried(410), cast.NOW, 0.3, "<html><body>410 Gone: this receiver was moved</body></html>")
    with transaction(database.system_session()) as session:
        deliver.note_attempt(session, due=due, attempt=gone, at=cast.NOW)
    return number, due.message_id


def a_message(database, dealer: Dealer) -> dict[str, str]:
    """A subscription of a dealer and a message that waits for it, by their kinds."""
    number = subscribed(database, "https://erp.example/hook", who=dealer.boss).number
    effect = Effect(dealer.id, "order.placed", dealer.id, {"number": "SO2611-7K3F9Q2MA"}, 0, cast.NOW)
    with transaction(database.system_session()) as session:
        publish(session, [effect], api="https://portal.example/api/v1", at=cast.NOW)
    [message] = messages(database, number, who=dealer.boss)
    return {"webhook": number, "webhook message": message.message_id}


def time_passes(owner, how_long: timedelta) -> None:
    """What was to come at a moment comes so much earlier."""
    about = {"by": how_long}
    owner.execute(text("UPDATE webhook_delivery SET next_at = next_at - CAST(:by AS interval)"), about)
    owner.execute(
        text(
            "UPDATE webhook_subscription SET failing_since = failing_since - CAST(:by AS interval),"
            " rests_until = rests_until - CAST(:by AS interval)"
        ),
        about,
    )
