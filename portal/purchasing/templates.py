"""Templates of a dealer: kept, read, given up by whoever orders for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit.record import record
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Conflict, Fault, Invalid, NotFound
from portal.orders.rules import Wanted
from portal.orders.terms import OrderLimits
from portal.orders.vocabulary import OrderRight
from portal.purchasing import rules
from portal.purchasing.goods import known_goods
from portal.purchasing.vocabulary import PurchasingAction

TEMPLATES_MAX = 200  # of a dealer


@dataclass(frozen=True, slots=True)
class TemplateSummary:
    """A template in the list of them."""

    name: str
    line_count: int
    updated_at: datetime
    updated_by_label: str


@dataclass(frozen=True, slots=True)
class TemplateLine:
    """A product of a template, as it is called today."""

    sku: str
    name_zh: str
    name_en: str
    unit: str
    quantity: int


@dataclass(frozen=True, slots=True)
class Template:
    """A template with its lines. revision: counts up with every change."""

    id: int
    name: str
    revision: int
    updated_at: datetime
    updated_by_label: str
    lines: tuple[TemplateLine, ...]

    def wanted(self) -> list[Wanted]:
        """Its lines as an order would take them."""
        return [Wanted(line.sku, line.quantity, f"/lines/{place}") for place, line in enumerate(self.lines)]


def templates(session: Session, *, actor: Actor) -> list[TemplateSummary]:
    """The dealer's templates by name."""
    rows = session.execute(_LIST, {"dealer_id": actor.own_dealer_id, "most": TEMPLATES_MAX})
    return [TemplateSummary(**row._mapping) for row in rows]


def template(session: Session, *, actor: Actor, name: str) -> Template:
    """One with its lines. Raises NotFound."""
    whose = {"dealer_id": actor.own_dealer_id, "name": rules.plain(name)}
    head = session.execute(_HEAD, whose).one_or_none()
    if head is None:
        raise NotFound()
    lines = session.execute(_LINES, {"dealer_id": actor.own_dealer_id, "template_id": head.id})
    return Template(**head._mapping, lines=tuple(TemplateLine(**line._mapping) for line in lines))


def keep_template(
    session: Session,
    *,
    actor: Actor,
    name: str,
    lines: Sequence[Wanted],
    limits: OrderLimits,
    at: datetime,
    revision: int | None = None,
) -> bool:
    """Keep a template under a name, in place of what it held; whether it is new.

    revision: of the template that is replaced as its editor saw it, 0 for one that shall be new, None from
    programs, which replace whatever there is. Raises Invalid, Conflict when a colleague changed it meanwhile.
    """
    actor.require(OrderRight.WRITE)
    dealer_id, plain = actor.own_dealer_id, rules.plain(name)
    if faults := rules.name_faults("/name", plain):
        raise Invalid(faults=faults)
    goods = known_goods(session, lines, limits=limits)
    who = {"dealer_id": dealer_id, "name": plain, "at": at, "label": actor.label}
    kept = session.execute(_KEEP, {**who, "revision": revision, "most": TEMPLATES_MAX}).one_or_none()
    if kept is None:
        raise _not_kept(session, dealer_id, plain)
    session.execute(_CLEAR, {"dealer_id": dealer_id, "template_id": kept.id})
    columns = {
        "products": [product for product, _ in goods],
        "quantities": [demand.quantity for _, demand in goods],
    }
    session.execute(_FILL, {"dealer_id": dealer_id, "template_id": kept.id, **columns})
    after = {"lines": len(goods), "revision": kept.revision}
    record(session, PurchasingAction.TEMPLATE_KEPT, plain, actor=actor, dealer_id=dealer_id, after=after)
    return bool(kept.revision == 1)


def remove_template(session: Session, *, actor: Actor, name: str) -> None:
    """Give a template up. Raises NotFound; Conflict while a recurring order is made from it."""
    actor.require(OrderRight.WRITE)
    dealer_id, plain = actor.own_dealer_id, rules.plain(name)
    if session.execute(_REMOVE, {"dealer_id": dealer_id, "name": plain}).one_or_none() is None:
        raise NotFound()
    record(session, PurchasingAction.TEMPLATE_REMOVED, plain, actor=actor, dealer_id=dealer_id)


def _not_kept(session: Session, dealer_id: int, name: str) -> Invalid | Conflict:
    if session.execute(_HEAD, {"dealer_id": dealer_id, "name": name}).one_or_none() is None:
        message, fix = N_("At most %(max)s templates."), N_("Give up one that nobody uses.")
        return Invalid(faults=[Fault("/name", "too_many_templates", message, fix, {"max": TEMPLATES_MAX})])
    message = N_("There is a template %(name)s already, or a colleague has just changed it.")
    fix = N_("Look at it again, or choose another name.")
    return Conflict("template_changed", message, fix=fix, name=name)


_LIST = text(
    """
    SELECT t.name, t.updated_at, t.updated_by_label,
           (SELECT count(*) FROM order_template_line l
             WHERE l.dealer_id = t.dealer_id AND l.template_id = t.id) AS line_count
      FROM order_template t WHERE t.dealer_id = :dealer_id ORDER BY t.name LIMIT :most
    """
)
_HEAD = text(
    """
    SELECT id, name, revision, updated_at, updated_by_label FROM order_template
     WHERE dealer_id = :dealer_id AND name = :name
    """
)
_LINES = text(
    """
    SELECT p.sku, p.name_zh, p.name_en, p.unit, l.quantity
      FROM order_template_line l JOIN product p ON p.id = l.product_id
     WHERE l.dealer_id = :dealer_id AND l.template_id = :template_id ORDER BY l.place
    """
)
# Two at once meet at the key: the second waits, and sees the revision of the first.
_KEEP = text(
    """
    INSERT INTO order_template AS t (dealer_id, name, updated_at, updated_by_label)
    SELECT :dealer_id, :name, :at, :label
     WHERE (SELECT count(*) FROM order_template o
             WHERE o.dealer_id = :dealer_id AND o.name <> :name) < :most
    ON CONFLICT (dealer_id, name) DO UPDATE
      SET revision = t.revision + 1, updated_at = excluded.updated_at,
          updated_by_label = excluded.updated_by_label
      WHERE CAST(:revision AS int) IS NULL OR t.revision = :revision
    RETURNING t.id, t.revision
    """
)
_CLEAR = text("DELETE FROM order_template_line WHERE dealer_id = :dealer_id AND template_id = :template_id")
_FILL = text(
    """
    INSERT INTO order_template_line (dealer_id, template_id, product_id, place, quantity)
    SELECT :dealer_id, :template_id, product_id, place, quantity
      FROM unnest(CAST(:products AS bigint[]), CAST(:quantities AS int[]))
           WITH ORDINALITY AS line(product_id, quantity, place)
    """
)
_REMOVE = text("DELETE FROM order_template WHERE dealer_id = :dealer_id AND name = :name RETURNING id")
