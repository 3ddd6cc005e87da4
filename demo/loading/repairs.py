"""Repairs in every state, by the portal's own verbs: quotes, parts, visits, reports, invoices."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from random import Random
from typing import Any

import psycopg
from sqlalchemy import text

from demo.loading.acting import Acting, acting
from demo.loading.asking import Request, asker
from demo.loading.deliveries import signature
from demo.loading.repaired_devices import Broken, Devices
from demo.scenario import Part, Scenario
from demo.world.business_days import ZONE, local_date, moment, working_day_before
from demo.world.repairs import REPAIRS, Repaired, RepairStory, Step, repair_stories
from portal.kernel.actor import SYSTEM, Actor
from portal.orders.terms import OrderLimits, OrderTerms
from portal.repairs.cancel_repair import cancel_repair
from portal.repairs.decide_quote import accept_quote, decline_quote
from portal.repairs.file_report import file_report
from portal.repairs.plan_visit import VisitEntry, plan_visit
from portal.repairs.queries import check_items, lots_for, repair_of
from portal.repairs.report_rules import ReportEntry, Used
from portal.repairs.rules import CheckResult, LineEntry, LineKind, Result
from portal.repairs.tend import tend_repair
from portal.repairs.write_quote import QuoteEntry, offer_quote, withdraw_quote, write_quote
from portal.service.escalate import escalate
from portal.service.open_request import RequestEntry
from portal.service.queries import request_of

TERMS = OrderTerms(OrderLimits(100, 100_000), "CNY", ZONE)
MARGIN = TERMS.limits.margin_days
_LABOUR_TAX, _TRAVEL_TAX = Decimal("0.13"), Decimal("0.06")
_ADDRESS = text("SELECT hospital, department FROM device WHERE dealer_id = :dealer_id AND number = :number")
_SIGNERS = ("孙静", "周文", "陈倩", "刘洋")


def repair(connection: psycopg.Connection, scenario: Scenario) -> None:
    """Everything that is asked for is repaired as far as it got; then the clocks are looked at once more."""
    with acting(connection) as people:
        devices = Devices(people.session, scenario.today)
        for place, one in enumerate(REPAIRS):
            asked_on = _day(scenario.today, one.steps[0][1])
            broken = devices.broken(one, asked_on)
            if broken is not None:
                _Course(people, scenario.today, one, place, broken).run()
        escalate(people.session, at=people.at(scenario.now))


@dataclass(slots=True)
class _Course:
    """One repair on its way. offered: the version that the dealer decides on."""

    people: Acting
    today: date
    one: Repaired
    place: int
    broken: Broken
    offered: int = 0
    request: Request = field(init=False)
    story: RepairStory = field(init=False)
    desk: Actor = field(init=False)
    technician: Actor = field(init=False)

    def __post_init__(self) -> None:
        dealer_id = self.broken.dealer_id
        self.story = repair_stories()[self.one.story]
        self.desk = self.people.staff("service")
        self.technician = self.people.staff("technician.south" if self.one.is_south else "technician")
        dealer = asker(self.people, dealer_id)
        self.request = Request(self.people, dealer, self.technician, self.place)

    def run(self) -> None:
        """One step after another."""
        for step in self.one.steps:
            self._do(step, _moment(self.today, step[1]))

    def _do(self, step: Step, at: datetime) -> None:
        act, story, request = step[0], self.story, self.request
        if act == "open":
            request.open(self._entry(), story.pictures, at)
        elif act in ("answer", "ask", "note"):
            getattr(request, act)(getattr(story, act), at)
        elif act == "say":
            request.reply(story.say, at, story.pictures[-1:])
        elif act == "rate":
            request.rate(story.stars, story.rate, at)
        elif act == "reopen":
            request.reopen(story.reopen, at)
        elif act == "close":
            request.close(at)
        elif act in ("passed", "failed", "inspect"):
            self._report(act, int(step[2]), at)
        else:
            self._work(step, at)

    def _work(self, step: Step, at: datetime) -> None:
        act, story = step[0], self.story
        session, at = self.people.session, self.request.at(at)
        about: dict[str, Any] = {"number": self.request.number, "at": at}
        buyer = self.people.dealer(self.broken.dealer_id, "buyer")
        terms = {"today": local_date(at), "margin_days": MARGIN}
        if act in ("draft", "offer", "warranty"):
            self._quote(step, at)
        elif act == "withdraw":
            withdraw_quote(session, actor=self.desk, **about)
        elif act == "accept":
            accept_quote(session, actor=buyer, version=self.offered, **terms, **about)
        elif act == "decline":
            version, today = self.offered, local_date(at)
            decline_quote(session, actor=buyer, version=version, reason=story.decline, today=today, **about)
        elif act == "expire":
            tend_repair(session, actor=SYSTEM, **terms, **about)
        elif act == "cancel":
            cancel_repair(session, actor=self.desk, reason=story.cancel, **about)
        elif act == "visit":
            plan_visit(session, actor=self.desk, entry=self._visit(step[2]), **about)

    def _entry(self) -> RequestEntry:
        story, name = self.story, self.broken.name_en if self.story.subject.isascii() else self.broken.name_zh
        return RequestEntry(
            kind="repair",
            subject=story.subject,
            text=story.text.replace("{product}", name),
            severity=story.severity,
            stops_treatment=story.stops,
            device=self.broken.serial,
            product=self.broken.sku,
            contact=f"设备科 {_SIGNERS[self.place % len(_SIGNERS)]} 139{self.place * 7919 % 10**8:08d}",
        )

    def _quote(self, step: Step, at: datetime) -> None:
        """Write a quote, and offer it unless it stays a draft; under warranty the dealer is not asked."""
        session, story, today = self.people.session, self.story, local_date(at)
        is_warranty = step[0] == "warranty"
        valid = date.fromordinal(today.toordinal() + (30 if is_warranty else int(step[2])))
        lines = [
            LineEntry(
                LineKind.LABOUR, story.labour, "", Decimal(story.hours), Decimal(story.price), _LABOUR_TAX
            ),
            LineEntry(LineKind.TRAVEL, _travel(story), "", Decimal(1), Decimal(story.travel), _TRAVEL_TAX),
        ]
        part, units = self.broken.part, story.units
        if self.one.lacks_part:
            part, units = self.broken.scarce_part, max(units, self.broken.too_many)
        if part:
            lines.append(LineEntry(LineKind.PART, sku=part, quantity=Decimal(units)))
        about: dict[str, Any] = {"number": self.request.number, "today": today, "terms": TERMS, "at": at}
        entry = QuoteEntry(lines, valid, story.quote, is_warranty)
        version = write_quote(session, actor=self.technician, entry=entry, **about)
        if step[0] != "draft":
            self.offered = version
            offer_quote(session, actor=self.desk, version=version, **about)

    def _visit(self, span: str) -> VisitEntry:
        day, hours = span.split()
        begins, ends = hours.split("-")
        about = {"dealer_id": self.broken.dealer_id, "number": self.broken.number}
        place = self.people.session.execute(_ADDRESS, about).one()
        return VisitEntry(
            technician_id=self.technician.user_id or 0,
            starts_at=_moment(self.today, f"{day} {begins}"),
            ends_at=_moment(self.today, f"{day} {ends}"),
            address=f"{place.hospital} {place.department}".strip() or "设备科",
            contact=f"设备科 {_SIGNERS[self.place % len(_SIGNERS)]}",
            phone=f"139{self.place * 7919 % 10**8:08d}",
            note=self.story.visit,
        )

    def _report(self, act: str, visit_no: int, at: datetime) -> None:
        """What was found, with check-list, photos and a signature; the parts of a test that passed."""
        at, session, number = self.request.at(at), self.people.session, self.request.number
        results = {"passed": Result.PASSED, "failed": Result.FAILED, "inspect": Result.NOT_TESTED}
        items = check_items(session, request_of(session, number, with_conversation=False).category)
        is_passed = act == "passed"
        checks = {one.id: str(CheckResult.OK) for one in items}
        if not is_passed:
            checks[items[2].id] = str(CheckResult.NOT_OK)
            checks[items[-1].id] = str(CheckResult.NOT_APPLICABLE)
        photos = self.request.photos(self.technician, ("opened", "passed" if is_passed else "error"), at)
        entry = ReportEntry(
            client_key=f"demo-{self.place}-{visit_no}",
            result=str(results[act]),
            findings=self.story.findings if is_passed else self.story.failed,
            signed_name=_SIGNERS[self.place % len(_SIGNERS)],
            signature=json.dumps(signature(Random(f"repair/{self.place}/{visit_no}"))),
            checks=checks,
            used=self._used(at) if is_passed else (),
            files=photos,
        )
        terms = {"today": local_date(at), "margin_days": MARGIN, "at": at}
        about = {"actor": self.technician, "number": number, "visit_no": visit_no}
        file_report(session, entry=entry, **about, **terms)

    def _used(self, at: datetime) -> Sequence[Used]:
        """Of what is held, all or all but one unit, which goes back."""
        about = {"today": local_date(at), "margin_days": MARGIN}
        session, number = self.people.session, self.request.number
        asked = request_of(session, number, with_conversation=False)
        repair = repair_of(session, SYSTEM, number)
        lots = lots_for(session, asked.dealer_id, repair.id, **about) if repair else []
        wanted = max(1, self.story.units - self.place % 2)
        return [
            Used(one.sku, one.lot_no, min(wanted, one.free), pointer="/used/0")
            for one in lots[:1]
            if one.free
        ]


def _travel(story: RepairStory) -> str:
    return "Travel" if story.subject.isascii() else "上门交通"


def _day(today: date, said: str) -> date:
    return working_day_before(today, int(said.split()[0]))


def _moment(today: date, said: str) -> datetime:
    return moment(_day(today, said), time.fromisoformat(said.split()[1]))


PART = Part("repairs", act=repair)
