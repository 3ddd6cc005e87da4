"""The demo's feed: what headquarters tells its dealers in a year and a half, written for the demo.

Moments count back from the demo's day, so that the feed is as old as its orders.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path

from demo.world.business_days import is_working_day, moment
from demo.world.element import Element, World
from demo.world.policies import POLICIES, Policy

DATA = Path(__file__).parent.parent / "data"

WAITING_DEALER = 3
"""Position of the dealer that has not acknowledged the last recall training yet."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the feed. shown_from and the moments of validity are UTC; `policy` is the index of the
    policy it tells of.

    region: an area's code; dealer: a position. handout: title of a small PDF, empty for none.
    """

    kind: str
    shown_from: datetime
    title_zh: str
    title_en: str
    text_zh: str
    text_en: str
    region: str | None = None
    tier: str | None = None
    line: str | None = None
    dealer: int | None = None
    must_acknowledge: bool = False
    pinned: bool = False
    valid_until: datetime | None = None
    handout: str = ""
    link: str = ""


_NOTICES = DATA / "feed_notices.json"


def build_feed(world: World) -> tuple[Entry, ...]:
    """Every entry, the oldest first: the notices, one for each policy of many dealers, one that waits.

    What is for a product line of which there is no device is for everybody.
    """
    today, policies, devices = world.today, world[POLICIES], world.devices
    waiting = Entry(
        "training",
        _at(today - timedelta(days=1)),
        "召回培训：请确认后下单",
        "Recall training: acknowledge before you order",
        "贵公司尚未完成召回演练培训确认，请阅读后确认。",
        "Your company has not acknowledged the recall training yet. Please read it and do.",
        dealer=WAITING_DEALER,
        must_acknowledge=True,
    )
    return tuple(
        sorted(
            [
                *_notices(today, {device.emdn[0] for device in devices}),
                *_of_policies(policies, today),
                waiting,
            ],
            key=lambda one: one.shown_from,
        )
    )


FEED = Element("feed", build_feed)


def _notices(today: date, lines: Collection[str]) -> Iterator[Entry]:
    """What is written down by its age in days; `days` says how long it holds."""
    for told in json.loads(_NOTICES.read_text(encoding="utf-8")):
        shown = _at(today - timedelta(days=told.pop("age")))
        days = told.pop("days", None)
        line = told.pop("line", None)
        yield Entry(
            shown_from=shown,
            valid_until=days and shown + timedelta(days=days),
            line=line if line in lines else None,
            **told,
        )


def _of_policies(policies: Sequence[Policy], today: date) -> Iterator[Entry]:
    """As publishing them would have written; contract prices of single dealers are told to them alone."""
    for policy in policies:
        if policy.published_at is None or policy.published_at > moment(today, time(0)):
            continue
        tiers = {rule.tier for rule in policy.rules}
        dealers = {rule.dealer for rule in policy.rules}
        if None in dealers:
            yield Entry(
                "policy",
                policy.published_at,
                policy.title_zh,
                policy.title_en,
                policy.text,
                "",
                region=policy.region,
                tier=tiers.pop() if len(tiers) == 1 else None,
                valid_until=policy.valid_to,
                link="/catalogue",
            )


def _at(day: date) -> datetime:
    """Ten in the morning of the day, or of the working day before."""
    while not is_working_day(day):
        day -= timedelta(days=1)
    return moment(day, time(10, 0))
