"""A recall under way that some holders have not answered, and a drill that is over, by the portal's verbs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta

import psycopg
from sqlalchemy import text

from demo.loading.acting import Acting, acting
from demo.loading.evidence import upload
from demo.scenario import Part, Scenario
from demo.world.business_days import local_date, moment
from demo.world.device_photos import device_photo
from portal.custody.holders import dealers_holding
from portal.kernel.db import Record
from portal.recalls.answer_recall import answer_recall, read_notice
from portal.recalls.clock_rules import end_of, reminders
from portal.recalls.close_recall import close_recall, note_call
from portal.recalls.confirm_scope import confirm_scope
from portal.recalls.decide_recall import decide_recall
from portal.recalls.draft_recall import draft_recall
from portal.recalls.draft_rules import Draft, ScopeLine
from portal.recalls.queries import held_by_all
from portal.recalls.remind import remind
from portal.recalls.rules import Answer, ScopeKind, effectiveness
from portal.workdays.queries import calendar

_REASON = "生产企业例行留样复测发现：该批次产品初包装封口强度低于技术要求，有效期内可能无法保持无菌状态。"
_DEMANDS = "立即停止销售和使用，清点并单独存放库存，核对流向，在期限内答复数量；已售出的通知使用单位。"
_DRILL = "年度召回演练：检验从批号找到全部持有者所需的时间和答复率，不涉及产品质量问题。"
_DRILL_DEMANDS = "请按实际召回的要求清点并答复，产品无须停售。"
# What the holders say, in turn; the first dealer of all is still silent, for whoever tries it.
_SAID = ("found", "used", "silent", "passed_on", "destroyed", "read", "found", "silent")
# Lots here that no order waits for, nobody picks, counts or moves.
_SPARE = text(
    """
    SELECT l.id AS lot_id, l.lot_no, p.id AS product_id, p.sku, p.name_zh
      FROM lot l JOIN product p ON p.id = l.product_id AND NOT p.serial_controlled
     WHERE l.expires_on > :later
       AND EXISTS (SELECT FROM lot_stock k WHERE k.lot_id = l.id AND k.on_hand > 0)
       AND NOT EXISTS (
             SELECT FROM lot_stock k
               JOIN stock_level s ON (s.warehouse_id, s.product_id) = (k.warehouse_id, k.product_id)
              WHERE k.lot_id = l.id
                AND (k.state <> 'saleable' OR k.allocated > 0 OR k.quarantined > 0
                     OR k.on_hand > s.on_hand - s.reserved))
       AND NOT EXISTS (SELECT FROM stock_count_line c WHERE c.lot_id = l.id AND c.is_open)
       AND NOT EXISTS (SELECT FROM stock_transfer_line t WHERE t.lot_id = l.id)
     ORDER BY l.id
    """
)
# Whether a lot lay still since a moment, and without it there was enough for everybody all the time.
_WAS_SPARE = text(
    """
    SELECT NOT EXISTS (SELECT FROM stock_movement m WHERE m.lot_id = :lot_id AND m.at > :since)
       AND NOT EXISTS (
             SELECT FROM lot_stock k
               JOIN stock_level s ON (s.warehouse_id, s.product_id) = (k.warehouse_id, k.product_id)
              CROSS JOIN LATERAL (
                SELECT sum(m.on_hand_delta - m.reserved_delta) OVER (ORDER BY m.at DESC, m.id DESC) AS came
                  FROM stock_movement m
                 WHERE (m.warehouse_id, m.product_id) = (k.warehouse_id, k.product_id) AND m.at > :since) t
              WHERE k.lot_id = :lot_id AND t.came > s.on_hand - s.reserved - k.on_hand)
    """
)
_PEOPLE = text(
    """
    SELECT r.dealer_id, r.held, d.code FROM recall k JOIN recall_response r ON r.recall_id = k.id
      JOIN dealer d ON d.id = r.dealer_id
      JOIN user_account u ON u.email = 'buyer@' || lower(d.code) || '.example'
     WHERE k.number = :number ORDER BY r.held DESC, r.dealer_id
    """
)
_STANDING = text("SELECT id, revision, decided_at, notices_by FROM recall WHERE number = :number")


def recall(connection: psycopg.Connection, scenario: Scenario) -> None:
    """First the drill that is over, then the recall that runs."""
    begun = moment(scenario.today - timedelta(days=2), time(10, 20))
    with acting(connection) as people:
        lots = _held_by_most(people, scenario)
        lot = next(lot for lot in lots if _was_spare(people, lot, begun))
        _drill(people, scenario, next(other for other in lots if other.product_id != lot.product_id))
        _run(people, scenario, lot, begun)


def _held_by_most(people: Acting, scenario: Scenario) -> list[Record]:
    """Lots by how many dealers hold some, most first; those of the first dealer before."""
    later = scenario.today + timedelta(days=120)
    found = list(people.session.execute(_SPARE, {"later": later}).all())
    holders: dict[int, set[int]] = {lot.lot_id: set() for lot in found}
    for one in dealers_holding(people.session, list(holders)):
        holders[one.lot_id].add(one.dealer_id)
    found.sort(key=lambda lot: (1 not in holders[lot.lot_id], -len(holders[lot.lot_id]), lot.lot_id))
    return found


def _was_spare(people: Acting, lot: Record, since: datetime) -> bool:
    about = {"lot_id": lot.lot_id, "since": since}
    return bool(people.session.execute(_WAS_SPARE, about).scalar_one())


@dataclass(frozen=True, slots=True)
class _Course:
    """One recall on its way."""

    people: Acting
    number: str

    @property
    def standing(self) -> Record:
        return self.people.session.execute(_STANDING, {"number": self.number}).one()

    def decide(self, at: datetime) -> None:
        """Quality confirms the scope, another person of it decides half an hour later."""
        session, confirmed = self.people.session, self.people.at(at - timedelta(minutes=30))
        about = {"number": self.number, "revision": self.standing.revision}
        confirm_scope(session, actor=self.people.staff("quality"), at=confirmed, **about)
        about["revision"] = self.standing.revision
        decider = self.people.staff("quality2")
        decide_recall(session, actor=decider, calendar=calendar(session), at=self.people.at(at), **about)

    def holders(self) -> Iterator[Record]:
        """Those with somebody who signs in, who holds most first."""
        return iter(self.people.session.execute(_PEOPLE, {"number": self.number}).all())

    def say(self, one: Record, said: str, at: datetime) -> None:
        """A holder reads and answers, or does not."""
        session, buyer = self.people.session, self.people.dealer(one.dealer_id, "buyer")
        if said == "silent":
            return
        about = {"actor": buyer, "number": self.number}
        read_notice(session, at=self.people.at(at), **about)
        if said == "read":
            return
        at = self.people.at(at + timedelta(minutes=25))
        part = (one.held + 1) // 2
        left = one.held - part
        told = {"at": at, **about}
        if said == "found":
            answer_recall(session, answer=Answer(found=one.held), **told)
        elif said == "used":
            answer_recall(
                session, answer=Answer(found=left, used=part), note="已植入或使用的有记录可查。", **told
            )
        elif said == "passed_on":
            whom = f"浦江医院设备科 {part} 件"
            answer_recall(session, answer=Answer(found=left, passed_on=part), passed_to=whom, **told)
        else:
            photo = upload(self.people, buyer, "销毁现场.jpg", device_photo("opened", 0), at)
            gone = Answer(found=left, destroyed=part)
            answer_recall(session, answer=gone, witness="质量管理员 周敏", photos=[photo], **told)


def _drafted(people: Acting, draft: Draft, at: datetime) -> _Course:
    number = draft_recall(
        people.session, actor=people.staff("quality"), draft=draft, today=local_date(at), at=people.at(at)
    )
    return _Course(people, number)


def _draft(lot: Record, *, level: int, is_drill: bool) -> Draft:
    scope = (ScopeLine(lot.sku, ScopeKind.LOTS, (lot.lot_no,)),)
    title = f"{lot.name_zh[:80]}{'（召回演练）' if is_drill else '：初包装封口强度不足'}"
    told = (_DRILL, _DRILL_DEMANDS) if is_drill else (_REASON, _DEMANDS)
    return Draft(level, title, *told, is_drill, scope)


def _drill(people: Acting, scenario: Scenario, lot: Record) -> None:
    """Everybody with an account answers on the same day but the last; it is closed with a reason for that."""
    day = scenario.today - timedelta(days=9)
    draft = _draft(lot, level=2, is_drill=True)
    course = _drafted(people, draft, moment(day, time(9, 10)))
    decided = moment(day, time(10, 5))
    course.decide(decided)
    asked = list(course.holders())
    for place, one in enumerate(asked[:-1] or asked):
        course.say(one, ("found", "used")[place % 2], decided + timedelta(minutes=35 + 7 * place % 420))
    at = people.at(moment(scenario.today - timedelta(days=3), time(16, 30)))
    standing = course.standing
    session = people.session
    got = effectiveness(held_by_all(session, standing.id))
    close_recall(
        session,
        actor=people.staff("quality"),
        number=course.number,
        revision=standing.revision,
        reason=f"演练完成：{got.accounted}/{got.of} 件已说明去向，{got.answers}/{got.holders} 家在当日答复。",
        reasons=dict.fromkeys(got.open, "演练期间未答复，已电话确认联系人并更新通讯录。"),
        calendar=calendar(session),
        today=local_date(at),
        at=at,
    )


def _run(people: Acting, scenario: Scenario, lot: Record, decided: datetime) -> None:
    """Decided the day before yesterday; who was silent is reminded, then telephoned."""
    draft = _draft(lot, level=1, is_drill=False)
    course = _drafted(people, draft, decided - timedelta(minutes=70))
    course.decide(decided)
    session, silent = people.session, []
    for place, one in enumerate(course.holders()):
        said = "silent" if one.dealer_id == 1 else _SAID[place % len(_SAID)]
        course.say(one, said, decided + timedelta(minutes=40 + 23 * place % 400))
        if said == "silent":
            silent.append(one)
    days = calendar(session)
    for at in reminders(decided, end_of(course.standing.notices_by, days)):
        remind(session, calendar=days, at=people.at(at))
    for one in silent[1:2]:
        at = people.at(min(moment(scenario.today, time(8, 50)), scenario.now))
        note_call(
            session,
            actor=people.staff("quality"),
            number=course.number,
            dealer_code=one.code,
            note="仓库负责人出差，答应今天下班前清点并答复。",
            at=at,
        )


PART = Part("recalls", act=recall)
