"""Papers that the first dealers filed: accepted, refused, in review, ending; authorisations by two people."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import psycopg
from sqlalchemy import text

from demo.loading.acting import Acting, acting
from demo.loading.evidence import pdf_of_a_letter, upload
from demo.scenario import Part, Scenario
from demo.world.business_days import local_date, moment, working_day_before
from demo.world.papers import ISSUER, KEPT, LAPSED, LETTER, REVOKED, UNCLEAR, Filed
from portal.papers.authorise import approve_authorisation, propose_authorisation
from portal.papers.fault_rules import AuthorisationFacts, PaperFacts
from portal.papers.file_paper import file_paper
from portal.papers.remind import AT_ONCE, remind
from portal.papers.review_paper import accept_paper, refuse_paper, revoke_paper
from portal.workdays.queries import calendar

_LICENCE = text(
    "SELECT number, paper_no, valid_to FROM dealer_paper"
    " WHERE dealer_id = :dealer AND kind = 'licence' AND state = 'accepted'"
)
_CODE = text("SELECT credit_code FROM dealer WHERE id = :dealer")
_LINE = text("SELECT min(code) FROM category WHERE parent_code IS NULL")
_HOME = text(
    "SELECT d.code, r.code AS region FROM dealer d JOIN dealer_region p ON p.dealer_id = d.id"
    " JOIN region r ON r.id = p.region_id WHERE d.id = :dealer AND p.valid_to IS NULL"
)


def review(connection: psycopg.Connection, scenario: Scenario) -> None:
    """What was filed in the year and reviewed the day after; what waits since yesterday."""
    with acting(connection) as people:
        for place, one in enumerate(KEPT):
            number = _file(people, scenario, one, scenario.today - timedelta(days=one.since), place)
            _accept(people, number, moment(scenario.today - timedelta(days=one.since - 1), time(10, place)))
        _licences_of_companies(people, scenario)
        _revoke(people, scenario)
        waiting = KEPT[1]._replace(paper_no="采购授权 2027-001", since=-8, left=372)
        _file(people, scenario, waiting, working_day_before(scenario.today, 1), 30)
        _authorise(people, scenario)
        told = AT_ONCE
        while told == AT_ONCE:
            days = calendar(people.session)
            told = remind(people.session, calendar=days, today=scenario.today, at=scenario.now)


def _file(people: Acting, scenario: Scenario, one: Filed, on: date, place: int) -> str:
    """Filed on a day, with its scan."""
    owner = people.dealer(one.dealer, "owner")
    at = people.at(moment(on, time(14, place)))
    first = scenario.today - timedelta(days=one.since)
    last = None if one.left is None else scenario.today + timedelta(days=one.left)
    lines = [f"编号：{one.paper_no}", f"有效期：{first} 至 {last or '长期'}", "演示用扫描件，非真实文件"]
    label = _NAMES[one.kind]
    scan = upload(people, owner, f"{label} {one.paper_no}.pdf", pdf_of_a_letter(label, lines, at), at)
    facts = PaperFacts(one.kind, one.paper_no, one.issuer, (), first, last)
    return file_paper(people.session, actor=owner, facts=facts, files=[scan], today=on, at=at)


def _accept(people: Acting, number: str, at: datetime) -> None:
    about = {"number": number, "revision": 1, "at": people.at(at)}
    accept_paper(people.session, actor=people.staff("quality"), **about)


def _licences_of_companies(people: Acting, scenario: Scenario) -> None:
    """Business licences of two dealers: one accepted, one refused because its seal cannot be read."""
    day = working_day_before(scenario.today, 20)
    for place, dealer in enumerate((1, 3)):
        code = people.session.execute(_CODE, {"dealer": dealer}).scalar_one()
        one = Filed(dealer, "business_licence", code, ISSUER, 2000, None)
        number = _file(people, scenario, one, day, 10 + place)
        at = moment(day + timedelta(days=1), time(9, 30 + place))
        if place == 0:
            _accept(people, number, at)
            continue
        about = {"number": number, "revision": 1, "reason": UNCLEAR, "at": people.at(at)}
        refuse_paper(people.session, actor=people.staff("quality"), **about)


def _revoke(people: Acting, scenario: Scenario) -> None:
    """A licence that blocks orders of class III since the day before yesterday."""
    found = people.session.execute(_LICENCE, {"dealer": LAPSED}).one_or_none()
    if found is None:
        return
    at = people.at(scenario.now - timedelta(hours=30))
    today = local_date(at)
    revoke_paper(
        people.session,
        actor=people.staff("quality"),
        number=found.number,
        revision=1,
        ended_on=today - timedelta(days=1),
        reason=REVOKED,
        today=today,
        at=at,
    )


def _authorise(people: Acting, scenario: Scenario) -> None:
    """An exclusive one that was approved, and one of a rival that overlaps with it and waits."""
    session, manager = people.session, people.staff("channel")
    line = session.execute(_LINE).scalar_one()
    homes = [session.execute(_HOME, {"dealer": dealer}).one() for dealer in (1, 2)]
    at = people.at(scenario.now - timedelta(days=40))
    facts = AuthorisationFacts(homes[0].code, homes[0].region, (line,), (), True, local_date(at), None)
    number = propose_authorisation(session, actor=manager, facts=facts, today=local_date(at), at=at)
    at = people.at(at + timedelta(days=1))
    approve_authorisation(session, actor=people.staff("quality"), number=number, revision=1, at=at)
    at = people.at(scenario.now - timedelta(hours=20))
    last = local_date(at) + timedelta(days=365)
    facts = AuthorisationFacts(homes[1].code, homes[0].region, (line,), (), False, local_date(at), last)
    propose_authorisation(session, actor=manager, facts=facts, today=local_date(at), at=at)


_NAMES = {"quality_agreement": "质量保证协议", LETTER: "采购人员授权书", "business_licence": "营业执照"}
PART = Part("papers", act=review)
