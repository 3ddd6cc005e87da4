"""The last deliveries signed for, some with differences and cases in every state; and links at the door."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any, NamedTuple

import orjson
import psycopg

from demo.scenario import Part, Scenario
from demo.world.photos import photo
from portal.deliveries.photos import CASE, PROOF
from portal.deliveries.rules import (
    Arrival,
    CaseKind,
    CaseState,
    Counted,
    Difference,
    Outcome,
    Shipped,
    Way,
    arrivals,
    differences,
)
from portal.files.content_rules import JPEG
from portal.files.pictures import preview
from portal.files.preview_file import preview_key
from portal.files.store import FileStore
from portal.kernel.signature_rules import HEIGHT, WIDTH, Strokes

SIGNED = 48  # of the latest receipts; those before were confirmed by a word
DIFFERS = 4  # every so many of them
PICTURES = 6  # different photos of each kind
UNDER_WAY = 3  # shipments with an open link
LINK_DAYS = 30

NAMES = ("王建国", "李淑芬", "张伟", "刘洋", "陈静", "杨帆", "赵磊", "黄丽娟")
NOTES = ("外箱一角受潮，已拍照", "司机在场清点", "冷链箱温度计读数正常", "")
WAYS = (Way.LINK, Way.LINK, Way.PORTAL, Way.API)


class _Course(NamedTuple):
    """How far a case has come."""

    state: CaseState
    outcome: Outcome | None
    reason: str


COURSES = (
    _Course(CaseState.OPEN, None, ""),
    _Course(CaseState.IN_REVIEW, None, ""),
    _Course(CaseState.SETTLED, Outcome.CREDIT, "仓库复核录像确认少装，按实收数量冲账"),
    _Course(CaseState.SETTLED, Outcome.RESEND, "承运商确认运输破损，随下一单补发"),
    _Course(CaseState.SETTLED, Outcome.NOTHING, "客户同意留用，批号已改登记"),
    _Course(CaseState.REJECTED, None, "签收照片显示数量相符，请核对入库记录"),
)

_RECEIVED = """
SELECT s.dealer_id, s.id, s.number, s.received_at, s.received_by, p.buyer, p.buyer_label,
       (SELECT jsonb_agg(jsonb_build_array(l.product_id, l.product_id::text, l.lot_no, l.quantity)
                         ORDER BY l.line_no, l.lot_no)
          FROM shipment_line l WHERE (l.dealer_id, l.shipment_id) = (s.dealer_id, s.id)) AS lots
  FROM shipment s JOIN party p ON p.dealer_id = s.dealer_id
 WHERE s.status = 'received' AND s.received_at BETWEEN %(since)s AND %(until)s
 ORDER BY s.dealer_id > 3, s.received_at DESC, s.id LIMIT %(count)s
"""
_PROOF = """
INSERT INTO delivery_proof (dealer_id, shipment_id, way, signed_name, signed_by, signed_by_label, signed_at,
                            signature, note)
VALUES (%(dealer_id)s, %(shipment_id)s, %(way)s, %(name)s, %(by)s, %(label)s, %(at)s, %(signature)s, %(note)s)
"""
_LINE = """
INSERT INTO delivery_proof_line (dealer_id, shipment_id, product_id, lot_no, shipped, received, damaged)
VALUES (%s, %s, %s, %s, %s, %s, %s)
"""
_PHOTO = """
INSERT INTO stored_file (id, dealer_id, name, media_type, size, sha256, state, owner_kind, owner_number,
                         place, uploaded_by, uploaded_by_label, uploaded_at)
VALUES (pg_temp.document_number('FI', CAST(%(at)s AS timestamptz)::date, %(nth)s), %(dealer_id)s, %(file)s,
        'image/jpeg', %(size)s, %(sha256)s, 'kept', %(kind)s, %(number)s,
        %(place)s, %(by)s, %(label)s, %(at)s)
"""
_PHOTOS = "SELECT id, sha256 FROM stored_file WHERE owner_kind = ANY (%s)"
_CASE = """
INSERT INTO delivery_case (dealer_id, number, shipment_id, kind, state, opened_at, reviewed_at,
                           reviewed_by_label, decided_at, decided_by, decided_by_label, outcome, reason)
SELECT %(dealer_id)s, pg_temp.document_number('DC', CAST(%(at)s AS timestamptz)::date, %(place)s),
       %(shipment_id)s, %(kind)s, %(state)s, %(at)s, %(reviewed_at)s,
       CASE WHEN CAST(%(reviewed_at)s AS timestamptz) IS NOT NULL THEN s.label END, %(decided_at)s,
       CASE WHEN CAST(%(decided_at)s AS timestamptz) IS NOT NULL THEN s.key END,
       CASE WHEN CAST(%(decided_at)s AS timestamptz) IS NOT NULL THEN s.label END,
       %(outcome)s, %(reason)s
  FROM staff s WHERE s.desk = 'orders'
RETURNING id, number
"""
_CASE_LINE = """
INSERT INTO delivery_case_line (dealer_id, case_id, product_id, lot_no, came_lot, quantity)
VALUES (%s, %s, %s, %s, %s, %s)
"""
_AUDIT = """
INSERT INTO audit_event (at, actor, actor_label, dealer_id, action, subject_kind, subject, after)
VALUES (%(at)s, %(by)s, %(label)s, %(dealer_id)s, %(action)s, %(kind)s, %(subject)s, %(after)s)
"""
_WORKED_ON = """
INSERT INTO audit_event (at, actor, actor_label, dealer_id, action, subject_kind, subject, before, after,
                         reason)
SELECT a.at, s.key, s.label, c.dealer_id, 'delivery_case:' || a.act, 'delivery_case', c.number,
       jsonb_build_object('state', a.before), a.after, a.reason
  FROM delivery_case c
 CROSS JOIN LATERAL (
   VALUES (c.reviewed_at, 'taken_up', 'open', jsonb_build_object('state', 'in_review'), NULL),
          (c.decided_at, c.state, 'in_review', jsonb_build_object('state', c.state, 'outcome', c.outcome),
           c.reason)) a(at, act, before, after, reason)
  JOIN staff s ON s.desk = 'orders'
 WHERE a.at IS NOT NULL
 ORDER BY a.at, c.id
"""
_LINKS = """
WITH opened AS (
  INSERT INTO delivery_link (dealer_id, shipment_id, mark, expires_at, made_at, made_by, made_by_label)
  SELECT s.dealer_id, s.id, substr(md5(s.number), 1, 8), s.shipped_at + make_interval(days => %(days)s),
         s.shipped_at, p.buyer, p.buyer_label
    FROM shipment s JOIN party p ON p.dealer_id = s.dealer_id
   WHERE s.status = 'shipped' AND s.shipped_at + make_interval(days => %(days)s) > %(now)s
   ORDER BY s.dealer_id > 3, s.shipped_at DESC, s.id LIMIT %(count)s
  RETURNING *
)
INSERT INTO audit_event (at, actor, actor_label, dealer_id, action, subject_kind, subject, after)
SELECT o.made_at, o.made_by, o.made_by_label, o.dealer_id, 'delivery_link:made', 'delivery_link', s.number,
       jsonb_build_object('expires_at', o.expires_at)
  FROM opened o JOIN shipment s ON (s.dealer_id, s.id) = (o.dealer_id, o.shipment_id)
"""


def write_deliveries(connection: psycopg.Connection, scenario: Scenario) -> None:
    """Proofs of the latest receipts with what differed, and links of shipments that are under way."""
    between = {"since": scenario.now - timedelta(days=60), "until": scenario.now - timedelta(hours=6)}
    rows = connection.execute(_RECEIVED, {**between, "count": SIGNED}).fetchall()
    cases = 0
    for place, row in enumerate(rows):
        chance = Random(f"{scenario.seed}/delivery/{place}")
        arrived = _arrived(row[-1], place, chance)
        proof = _sign(connection, row, arrived, place, chance)
        if proof["way"] != Way.API:
            is_damaged = any(one.damaged for one in arrived)
            _show(connection, proof, PROOF, row[2], 2 * place, is_damaged=is_damaged)
        cases = _open(connection, row, differences(arrived), cases)
    connection.execute(_WORKED_ON)
    connection.execute(_LINKS, {"days": LINK_DAYS, "now": scenario.now, "count": UNDER_WAY})


def _arrived(lots: Sequence[Sequence[Any]], place: int, chance: Random) -> list[Arrival]:
    shipped = [Shipped(*lot) for lot in lots]
    counted = list(_differing(shipped, place // DIFFERS, chance)) if place % DIFFERS == 0 else []
    arrived, _ = arrivals(shipped, counted)
    return arrived


def _differing(shipped: list[Shipped], turn: int, chance: Random) -> Iterator[Counted]:
    """The kinds of difference in turn, in the largest lot."""
    lot = max(shipped, key=lambda one: one.quantity)
    units = min(lot.quantity, chance.randint(1, 3))
    kind = list(CaseKind)[turn % len(CaseKind)]
    if kind is CaseKind.DAMAGED:
        yield Counted(lot.sku, lot.lot_no, lot.quantity, units, "")
    elif kind is CaseKind.EXCESS:
        yield Counted(lot.sku, lot.lot_no, lot.quantity + units, 0, "")
    else:
        yield Counted(lot.sku, lot.lot_no, lot.quantity - units, 0, "")
    if kind is CaseKind.WRONG_LOT:
        yield Counted(lot.sku, f"W{chance.randint(100_000, 999_999)}", units, 0, "")


def _sign(
    connection: psycopg.Connection, row: Sequence[Any], arrived: list[Arrival], place: int, chance: Random
) -> dict[str, Any]:
    """Sign for a delivery; what was signed."""
    dealer_id, shipment_id, number, received_at, received_by, buyer, label, _ = row
    way = WAYS[place % len(WAYS)]
    name = label if way is Way.API else chance.choice(NAMES)
    by = f"link:{number}" if way is Way.LINK else received_by or buyer
    proof = {
        "dealer_id": dealer_id,
        "shipment_id": shipment_id,
        "way": str(way),
        "name": name,
        "by": by,
        "label": f"Delivery link {number}" if way is Way.LINK else label,
        "at": received_at,
        "signature": None if way is Way.API else orjson.dumps(signature(chance)).decode(),
        "note": chance.choice(NOTES) if way is Way.LINK else "",
    }
    connection.execute(_PROOF, proof)
    for one in arrived:
        units = (one.shipped, one.received, one.damaged)
        connection.execute(_LINE, (dealer_id, shipment_id, *one.lot, *units))
    told = {"signed_name": name, "way": str(way)}
    _tell(connection, proof, "delivery:signed", number, told)
    return proof


def _show(
    connection: psycopg.Connection,
    by: dict[str, Any],
    kind: str,
    number: str,
    nth: int,
    *,
    is_damaged: bool,
) -> None:
    """Two photos of a document: as it stood, and closer where something is damaged."""
    for place in range(2):
        content = photo((nth + place) % PICTURES, is_damaged=is_damaged and place > 0)
        file = {
            **{name: by[name] for name in ("at", "by", "label", "dealer_id")},
            "nth": nth + place + 1,
            "file": f"IMG_{4100 + nth + place}.jpg",
            "size": len(content),
            "sha256": hashlib.sha256(content).hexdigest(),
            "kind": kind,
            "number": number,
            "place": place + 1,
        }
        connection.execute(_PHOTO, file)


def keep_photos(connection: psycopg.Connection, store: FileStore) -> None:
    """The bytes of the photos, each with its small picture."""
    drawn = [
        photo(variant, is_damaged=is_damaged) for variant in range(PICTURES) for is_damaged in (False, True)
    ]
    small = {hashlib.sha256(content).hexdigest(): (content, preview(content, JPEG)) for content in drawn}
    for file_id, sha256 in connection.execute(_PHOTOS, ([PROOF, CASE],)).fetchall():
        store.put(file_id, small[sha256][0])
        store.put(preview_key(file_id), small[sha256][1])


def _open(connection: psycopg.Connection, row: Sequence[Any], found: list[Difference], cases: int) -> int:
    """Cases of a delivery; how many there are by then."""
    dealer_id, shipment_id, number, at, *_ = row
    for kind in sorted({one.kind for one in found}):
        course = COURSES[cases % len(COURSES)]
        cases += 1
        case = {
            "dealer_id": dealer_id,
            "shipment_id": shipment_id,
            "place": cases,
            "kind": str(kind),
            "state": str(course.state),
            "at": at,
            **_moments(course, at),
            "outcome": str(course.outcome) if course.outcome else None,
            "reason": course.reason,
        }
        made = connection.execute(_CASE, case).fetchone()
        if made is None:
            raise RuntimeError("the demonstration has nobody at the order desk")
        for one in (one for one in found if one.kind is kind):
            connection.execute(_CASE_LINE, (dealer_id, made[0], *one.lot, one.came_lot, one.quantity))
        by = {"dealer_id": dealer_id, "at": at, "by": f"link:{number}", "label": f"Delivery link {number}"}
        _tell(connection, by, "delivery_case:opened", made[1], {"shipment": number, "kind": str(kind)})
        if kind is CaseKind.DAMAGED:
            _show(connection, by, CASE, made[1], 2 * (SIGNED + cases), is_damaged=True)
    return cases


def _moments(course: _Course, at: datetime) -> dict[str, datetime | None]:
    is_decided = course.state in (CaseState.SETTLED, CaseState.REJECTED)
    return {
        "reviewed_at": None if course.state is CaseState.OPEN else at + timedelta(hours=2),
        "decided_at": at + timedelta(hours=5) if is_decided else None,
    }


def _tell(
    connection: psycopg.Connection, by: dict[str, Any], action: str, subject: str, after: dict[str, Any]
) -> None:
    told = {
        **{name: by[name] for name in ("at", "by", "label", "dealer_id")},
        "action": action,
        "kind": action.partition(":")[0],
        "subject": subject,
        "after": orjson.dumps(after).decode(),
    }
    connection.execute(_AUDIT, told)


def signature(chance: Random) -> Strokes:
    """A hand of loops, and a line under it."""
    turn, lean = chance.uniform(0.35, 0.7), chance.uniform(0.2, 0.9)
    height = chance.randint(30, 60)
    loops: list[int] = []
    for step in range(chance.randint(60, 90)):
        x = 60 + step * 5 + 14 * math.cos(step * turn)
        y = HEIGHT / 2 + height * math.sin(step * turn) * math.cos(step * lean / 9)
        loops += [min(WIDTH, round(x)), min(HEIGHT, max(0, round(y)))]
    under = HEIGHT - chance.randint(20, 35)
    return [loops, [80, under, chance.randint(300, 480), under - chance.randint(0, 12)]]


PART = Part("deliveries", write=write_deliveries, keep=keep_photos)
