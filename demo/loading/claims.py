"""Claims of every kind in every state, with what they rest on, by the portal's own verbs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import psycopg
from sqlalchemy import text

from demo.loading.acting import Acting, acting
from demo.loading.budgets import open_budgets, plan_activities
from demo.loading.claim_grounds import cut_lines, period_to_claim
from demo.loading.evidence import (
    keep_evidence,
    pdf_of_a_letter,
    pdf_of_an_invoice,
    photo_of_an_activity,
    upload,
)
from demo.loading.simulated import simulate
from demo.scenario import Part, Scenario
from demo.world.business_days import ZONE, local_date, moment
from demo.world.claims import ACTIVITIES, CLAIMS, KEPT_SHARE, REASONS, Claimed
from portal.claims.decide_claim import decide_claim
from portal.claims.delegate import delegate_claims
from portal.claims.draft_claim import draft_claim, edit_claim
from portal.claims.entry import ClaimEntry, EvidenceInvoice
from portal.claims.rules import ClaimKind, Decision
from portal.claims.submit_claim import submit_claim
from portal.claims.withdraw_claim import withdraw_claim
from portal.kernel.actor import Actor
from portal.rebates.reckon import published_programmes, reckon_dealers

DELEGATED = timedelta(days=13)  # since when a signature of finance is another's
ISSUERS = ("上海博闻会展服务有限公司", "广州启明文化传播有限公司", "杭州同济会务有限公司")
SERVICES = ("会议服务", "展位租赁", "物料制作")
SIGNERS = ("channel", "finance", "finance.review")
_NAME = text("SELECT name_zh FROM dealer WHERE id = :id")
_CLAIM = text("SELECT id, revision, asked FROM rebate_claim WHERE number = :number")


def claim(connection: psycopg.Connection, scenario: Scenario) -> None:
    """Budgets, activities and claims on them, and a simulation; then what that changed is reckoned."""
    with acting(connection) as people:
        activities = plan_activities(people, scenario, open_budgets(people, scenario))
        _delegate(people, scenario)
        for place, one in enumerate(CLAIMS):
            _Claim(people, scenario, one, place, activities.get(one.activity, "")).run()
        simulate(people, scenario)
        dealers = sorted({one.dealer for one in CLAIMS})
        published = published_programmes(people.session, today=scenario.today)
        reckon_dealers(people.session, published, dealers, today=scenario.today, at=scenario.now)


def _delegate(acting: Acting, scenario: Scenario) -> None:
    at = acting.at(scenario.now - DELEGATED)
    day = local_date(at)
    delegate_claims(
        acting.session,
        actor=acting.staff("finance"),
        to="channel2@hq.example",
        from_day=day,
        to_day=scenario.today + timedelta(days=6),
        reason="出差参加集采会议",
        today=day,
        at=at,
    )


class _Claim:
    """One claim on its way."""

    def __init__(self, acting: Acting, scenario: Scenario, one: Claimed, place: int, activity: str) -> None:
        self._acting, self._scenario, self._one, self._activity = acting, scenario, one, activity
        self._place, self._chance = place, Random(f"{scenario.seed}/claim/{place}")
        self._dealer = acting.dealer(one.dealer)
        self._signed = 0
        self._number = ""

    def run(self) -> None:
        """Write it, then let happen what happens to it; nothing where there is nothing to claim."""
        entry = self._entry()
        if entry is None:
            return
        begun = self._begun(entry)
        step = min(timedelta(hours=21), (self._scenario.now - begun) / (len(self._one.course) + 2))
        at = self._acting.at(begun)
        about = {"actor": self._dealer, "today": local_date(at), "zone": ZONE, "at": at}
        entry = replace(entry, files=tuple(self._files(entry, at)))
        self._number = draft_claim(self._acting.session, entry=entry, **about).number
        for count, act in enumerate(self._one.course, start=1):
            self._do(act, entry, self._acting.at(begun + count * step))

    def _begun(self, entry: ClaimEntry) -> datetime:
        """When it was written: behind the days that it speaks of."""
        day = self._scenario.today - timedelta(days=self._one.age)
        if entry.kind is ClaimKind.PERIOD and entry.last_day:
            day = max(day, entry.last_day + timedelta(days=1))
        return min(moment(day, time(9, 40)), self._scenario.now - timedelta(hours=2))

    def _do(self, act: str, entry: ClaimEntry, at: datetime) -> None:
        session, number = self._acting.session, self._number
        about: dict[str, Any] = {"number": number, "today": local_date(at), "zone": ZONE}
        if act == "submit":
            submit_claim(session, actor=self._dealer, at=at, **about)
        elif act == "edit":
            row = session.execute(_CLAIM, {"number": number}).one()
            more = upload(self._acting, self._dealer, "签到表与会场全景.jpg", self._photo("more"), at)
            changed = replace(entry, files=(*entry.files, more))
            edit_claim(session, actor=self._dealer, revision=row.revision, entry=changed, **about)
            submit_claim(session, actor=self._dealer, at=at, **about)
        elif act == "withdraw":
            withdraw_claim(session, actor=self._dealer, number=number, at=at)
        else:
            self._decide(act, about, at)

    def _decide(self, act: str, about: dict[str, Any], at: datetime) -> None:
        decisions = {"return": Decision.RETURN, "reject": Decision.REJECT}
        signer = "channel2" if act == "delegate" else SIGNERS[self._signed]
        amount: Decimal | None = None
        if act == "less":
            row = self._acting.session.execute(_CLAIM, {"number": self._number}).one()
            amount = (row.asked * KEPT_SHARE).quantize(Decimal("0.01"))
        decide_claim(
            self._acting.session,
            actor=self._acting.staff(signer),
            decision=decisions.get(act, Decision.APPROVE),
            amount=amount,
            reason=REASONS.get(act, ""),
            at=at,
            **about,
        )
        self._signed = 0 if act == "return" else self._signed + 1

    def _entry(self) -> ClaimEntry | None:
        one, kind = self._one, ClaimKind(self._one.kind)
        about: dict[str, Any] = {"kind": kind, "note": one.note, "activity": self._activity}
        if kind is ClaimKind.PERIOD:
            return period_to_claim(self._acting.session, one.dealer, self._scenario.today)
        if kind is ClaimKind.PRICE_PROTECTION:
            found = cut_lines(self._acting.session, one.dealer, self._scenario.today)
            return found and ClaimEntry(**about, last_day=found[0], lines=found[1])
        if one.hospital:
            about |= {
                "hospital": one.hospital,
                "tender_reference": f"ZB-{self._scenario.today:%Y}-{71 + self._place}",
            }
        planned = next((plan for plan in ACTIVITIES if plan.name and plan.name == one.activity), None)
        if planned is None:
            return ClaimEntry(**about, amount=Decimal(one.asked))
        first, last = (self._scenario.today - timedelta(days=days) for days in (planned.first, planned.last))
        invoices = tuple(self._invoices(first, last))
        return ClaimEntry(
            **about, amount=Decimal(one.asked), first_day=first, last_day=last, invoices=invoices
        )

    def _invoices(self, first: date, last: date) -> Iterator[EvidenceInvoice]:
        left = Decimal(self._one.asked)
        for count in range(self._one.invoices, 0, -1):
            part = (left / count).quantize(Decimal("0.01"))
            left -= part
            day = last + timedelta(days=9) if self._one.late else first + (last - first) / 2
            number = f"{day:%y}{self._chance.randrange(10**18):018d}"
            yield EvidenceInvoice(self._chance.choice(ISSUERS), number, day, part)

    def _files(self, entry: ClaimEntry, at: datetime) -> Iterator[str]:
        """Invoices as PDF, photos of what was done, and a letter where there are neither."""
        buyer: str = self._acting.session.execute(_NAME, {"id": self._one.dealer}).scalar_one()
        for place, one in enumerate(entry.invoices):
            what = SERVICES[place % len(SERVICES)]
            content = pdf_of_an_invoice(one.issuer, one.number, buyer, what, one.on, one.amount, at)
            yield self._sent(f"发票-{one.number}.pdf", content, at)
        if entry.hospital:
            lines = (
                f"兹证明 {buyer} 参加我院耗材招标，",
                f"招标编号 {entry.tender_reference}，样品与服务已验收。",
            )
            yield self._sent(
                "中标配合证明.pdf", pdf_of_a_letter("配合证明", (entry.hospital, *lines), at), at
            )
        for place in range(self._one.photos):
            yield self._sent(f"现场照片-{place + 1}.jpg", self._photo(str(place)), at)

    def _photo(self, which: str) -> bytes:
        return photo_of_an_activity(f"{self._place}/{which}")

    def _sent(self, name: str, content: bytes, at: datetime) -> str:
        sender: Actor = self._dealer
        return upload(self._acting, sender, name, content, at)


PART = Part("claims", act=claim, keep=keep_evidence)
