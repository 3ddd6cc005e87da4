"""The adverse event of a complaint on its way: classed, noticed, reported by two people, over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from demo.loading.asking import Request
from demo.world.business_days import ZONE, local_date
from demo.world.complaints import ComplaintStory
from portal.complaints.event_queries import prefilled
from portal.complaints.events import class_event, end_event, give_notice, open_told_event
from portal.complaints.keep_paper import LOCALES, keep_paper
from portal.complaints.report_event import submit_report, write_report
from portal.complaints.warn import warn
from portal.kernel.actor import SYSTEM, Actor

_COMPANY = ("通路医疗科技有限公司", "Tonglu Medical Technology Co., Ltd.")
_CONTACT = "质量部 孙明 021-5550 0199"
_NOTICE = "电话并书面通告所在地药监、卫生健康部门及注册人"
_OPENED = timedelta(seconds=4)  # by the portal, after the dealer has said that somebody was harmed


def told_event(request: Request) -> None:
    """The dealer said that somebody was harmed: the portal opens the event at once."""
    assert request.since is not None
    at = request.at(request.since + _OPENED)
    open_told_event(request.session, actor=SYSTEM, number=request.number, zone=ZONE, at=at)


@dataclass(slots=True)
class Event:
    """The event of a complaint. version: of the report that was written last."""

    request: Request
    story: ComplaintStory
    is_group: bool
    place: int
    version: int = 0

    def do(self, act: str, at: datetime) -> None:
        """One step: class, notice, report, later, submit, warn, end or dismiss."""
        session, at = self.request.session, self.request.at(at)
        number, writer = self.request.number, self.request.server
        if act == "class":
            about = {"harm": self.story.harm or "serious", "is_group": self.is_group, "aware_at": None}
            class_event(session, actor=writer, number=number, zone=ZONE, at=at, **about)
        elif act == "notice":
            give_notice(session, actor=writer, number=number, how=_NOTICE, at=at)
        elif act in ("report", "later"):
            said = self._said(local_date(at), is_later=act == "later")
            today = local_date(at)
            self.version = write_report(session, actor=writer, number=number, said=said, today=today, at=at)
        elif act == "submit":
            self._submit(at)
        elif act == "warn":
            warn(session, at=at)
        else:
            note, is_event = self.story.ending, act == "end"
            end_event(session, actor=writer, number=number, note=note, is_event=is_event, at=at)

    def _submit(self, at: datetime) -> None:
        """Another person of quality says that it was handed in; its paper is made, as the job would."""
        session, today = self.request.session, local_date(at)
        number, reference = self.request.number, f"{today.year}-{310_000 + self.place * 137 + self.version}"
        about = {"number": number, "submitted_on": today, "reference": reference, "today": today, "at": at}
        submit_report(session, actor=self._other(), zone=ZONE, **about)
        for locale in LOCALES:
            paper = {"version": self.version, "locale": locale, "company": _COMPANY, "zone": ZONE, "at": at}
            keep_paper(session, actor=SYSTEM, number=number, **paper)

    def _other(self) -> Actor:
        quality = self.request.people.staff("quality")
        return self.request.people.staff("quality2") if self.request.server == quality else quality

    def _said(self, today: date, *, is_later: bool) -> dict[str, str]:
        """What the form begins with, and what quality knows."""
        story = self.story
        of = {"number": self.request.number, "reporter": _COMPANY[0], "contact": _CONTACT, "zone": ZONE}
        said = prefilled(self.request.session, **of)
        day = min(date.fromisoformat(said["aware_on"]), today).isoformat()
        said |= {"event_on": day, "used_on": day, "usage": story.usage, "measures": story.measures}
        initials, age, sex = story.patient
        said |= {"patient_initials": initials, "patient_age": age, "patient_sex": sex}
        said |= {"hospital": "市第一人民医院", "first_cause": story.first_cause}
        if is_later:
            said |= {"description": f"{said['description']}\n{story.later}", "first_cause": story.later}
        return said
