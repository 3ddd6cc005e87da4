"""A request for service by the portal's own verbs: opened, assigned, talked over, with photos.

Before anything is done to it, whoever has it is told of the clocks that ran out meanwhile, as the job would.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from demo.loading.acting import Acting
from demo.loading.evidence import upload
from demo.world.business_days import local_date
from demo.world.device_photos import device_photo
from demo.world.network import FULLY_STAFFED
from portal.kernel.actor import SYSTEM, Actor
from portal.service.close_resolved import close_resolved
from portal.service.converse import ask_dealer, note, say
from portal.service.duties import assign_by_rule
from portal.service.escalate import escalate
from portal.service.finish import close, rate, reopen, resolve
from portal.service.open_request import RequestEntry, open_request

VARIANTS = 2  # different pictures of each kind
CLOSE_DAYS, REOPEN_DAYS = 7, 30
_SOON = timedelta(seconds=20)  # until the rules have assigned it
_LATE = timedelta(seconds=90)  # until the job has seen a clock
_CLOCKS = text(
    """
    SELECT v.at FROM service_request r
     CROSS JOIN LATERAL (VALUES
           (r.first_answer_warn_at, r.first_answered_at IS NULL),
           (r.first_answer_due_at, r.first_answered_at IS NULL),
           (r.resolution_warn_at, true), (r.resolution_due_at, true)) AS v(at, runs)
     WHERE r.number = :number AND v.runs AND r.paused_at IS NULL AND v.at BETWEEN :since AND :until
       AND r.state IN ('new', 'assigned', 'in_progress')
     ORDER BY v.at
    """
)


@dataclass(slots=True)
class Request:
    """A request on its way. server: who answers it. number: empty before it is opened."""

    people: Acting
    dealer: Actor
    server: Actor
    place: int
    number: str = ""
    since: datetime | None = None
    pictures: int = 0

    @property
    def session(self) -> Session:
        """Where verbs act."""
        return self.people.session

    def at(self, moment: datetime) -> datetime:
        """What is done next is done at this moment."""
        if self.number and self.since:
            about = {"number": self.number, "since": self.since, "until": moment - _LATE}
            for due_at in self.session.execute(_CLOCKS, about).scalars().all():
                escalate(self.session, at=self.people.at(due_at + _LATE))
        self.since = moment
        return self.people.at(moment)

    def open(self, entry: RequestEntry, kinds: Sequence[str], at: datetime) -> str:
        """Ask, with photos; the rules give it to somebody."""
        self.since = self.people.at(at)
        entry = replace(entry, files=self.photos(self.dealer, kinds, at))
        today = local_date(at)
        self.number = open_request(self.session, actor=self.dealer, entry=entry, today=today, at=at)
        then = self.at(at + _SOON)
        assign_by_rule(self.session, actor=SYSTEM, number=self.number, at=then)
        return self.number

    def answer(self, words: str, at: datetime, kinds: Sequence[str] = ()) -> None:
        """Headquarters writes."""
        self._say(self.server, words, at, kinds)

    def reply(self, words: str, at: datetime, kinds: Sequence[str] = ()) -> None:
        """The dealer writes."""
        self._say(self.dealer, words, at, kinds)

    def ask(self, words: str, at: datetime) -> None:
        """Headquarters asks; its clocks stand."""
        ask_dealer(self.session, actor=self.server, number=self.number, text=words, at=self.at(at))

    def note(self, words: str, at: datetime) -> None:
        """Headquarters writes for itself."""
        note(self.session, actor=self.server, number=self.number, text=words, at=self.at(at))

    def resolve(self, words: str, at: datetime) -> None:
        """Headquarters says what solves it."""
        resolve(self.session, actor=self.server, number=self.number, text=words, at=self.at(at))

    def rate(self, stars: int, words: str, at: datetime) -> None:
        """The dealer says how content it is."""
        about = {"actor": self.dealer, "number": self.number}
        rate(self.session, stars=stars, text=words, at=self.at(at), **about)

    def close(self, at: datetime) -> None:
        """The dealer is content."""
        close(self.session, actor=self.dealer, number=self.number, at=self.at(at))

    def expire(self, at: datetime) -> None:
        """Nobody says anything more: it is closed by itself."""
        close_resolved(self.session, actor=SYSTEM, days=CLOSE_DAYS, at=self.at(at))

    def reopen(self, words: str, at: datetime) -> None:
        """It is not solved after all."""
        about = {"actor": self.dealer, "number": self.number, "days": REOPEN_DAYS}
        reopen(self.session, text=words, at=self.at(at), **about)

    def photos(self, actor: Actor, kinds: Sequence[str], at: datetime) -> list[str]:
        """Ids of photos that somebody has sent just now."""
        ids = []
        for kind in kinds:
            name = f"IMG_{4000 + 10 * self.place + self.pictures}.jpg"
            content = device_photo(kind, (self.place + self.pictures) % VARIANTS)
            ids.append(upload(self.people, actor, name, content, at))
            self.pictures += 1
        return ids

    def _say(self, actor: Actor, words: str, at: datetime, kinds: Sequence[str]) -> None:
        at = self.at(at)
        files = self.photos(actor, kinds, at)
        say(self.session, actor=actor, number=self.number, text=words, files=files, at=at)


def asker(people: Acting, dealer_id: int) -> Actor:
    """Who asks for service at a dealer: its service engineer, where it has one with an account."""
    return people.dealer(dealer_id, "service" if dealer_id <= FULLY_STAFFED else "buyer")
