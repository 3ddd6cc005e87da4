"""Acts of the portal: somebody is told, chooses, gets a digest."""

from __future__ import annotations

from datetime import datetime
from itertools import count
from typing import Any

from sqlalchemy import text

from portal.identity.queries import Reader
from portal.kernel import clock
from portal.kernel.db import Database, transaction
from portal.kernel.opaque import Sealer
from portal.kernel.outbox import Effect
from portal.notifications.choices import choose, preferences
from portal.notifications.keep_robot import Entered, add_robot
from portal.notifications.rules import Choice, Setting
from portal.notifications.sending import Way
from portal.notifications.tell import tell
from tests import cast
from tests.roles import Person

_effects = count(10_000_000)
FACTS: dict[str, Any] = {
    "purchase_order_no": "",
    "units": 1,
    "waiting": 0,
    "carrier": "SF",
    "tracking_no": "SF1",
    "title_zh": "通知",
    "title_en": "Notice",
}
PATHS = {"order": "/orders/", "claim": "/hq/rebates/claims/", "notice": "/feed/", "statement": "/statements/"}


def rows(database: Database, sql: str) -> list[tuple[Any, ...]]:
    """What the portal itself sees: these tables are nobody else's, not even their owner's."""
    with transaction(database.system_session()) as session:
        return [tuple(row) for row in session.execute(text(sql))]


def told(
    database: Database,
    event: str,
    people: list[Person],
    *,
    number: str = "SO-1",
    effect: int | None = None,
    at: datetime | None = None,
    **facts: Any,
) -> int:
    """These people are told of an event; how many were told who had not been."""
    what = Effect(next(_effects) if effect is None else effect, "test", None, {}, 0)
    readers = [Reader(one.id, one.email, one.display_name, "zh") for one in people]
    with transaction(database.system_session()) as session:
        return tell(
            session,
            effect=what,
            event=event,
            readers=readers,
            path=PATHS[event.partition(".")[0]] + number,
            facts={"number": number} | FACTS | facts,
            at=at or clock.now(),
        )


def a_robot(
    database: Database, kind: str = "dingtalk", url: str = "https://oapi.dingtalk.com/robot/send"
) -> int:
    """A robot that nothing is sent by."""
    way = Way(Sealer("s" * 40), ("oapi.dingtalk.com",))
    entered = Entered("华东区群", kind, "zh", url, "SEC", "", ("order.shipped",), None, None, True)
    actor = cast.administrator.actor()
    with transaction(database.session_for(actor)) as session:
        return add_robot(session, actor=actor, entered=entered, way=way)


def chosen(database: Database, person: Person, setting: Setting | None = None, **choices: Choice) -> int:
    """Somebody chooses how to be told; ``order__shipped`` is the event ``order.shipped``."""
    actor = person.actor()
    with transaction(database.session_for(actor)) as session:
        kept = preferences(session, actor=actor, zone=str(cast.ZONE))
        return choose(
            session,
            actor=actor,
            choices={name.replace("__", "."): choice for name, choice in choices.items()},
            setting=setting or kept.setting,
            revision=kept.revision,
        )
