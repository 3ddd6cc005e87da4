"""The cart of a person: product and quantity, nothing else.

Prices and faults are asked each time by `assess`.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, delete, literal, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from portal.catalogue.models import Product
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Fault, Invalid, NotFound
from portal.orders import rules
from portal.orders.models import CartLine
from portal.orders.rules import Wanted
from portal.orders.vocabulary import OrderRight


def put_in_cart(
    session: Session, *, actor: Actor, sku: str, quantity: object, quantity_max: int, add: bool = False
) -> int:
    """Set the quantity of a product in the actor's cart, or `add` to it.

    Returns the number of lines in the cart.

    Raises Invalid for a quantity that is none or with what is there too large, a pack multiple missed or an
    unknown SKU; nothing is changed then.
    """
    actor.require(OrderRight.WRITE)
    [demand], faults = rules.demands([Wanted(sku, quantity, "")], lines_max=1, quantity_max=quantity_max)
    product = session.execute(_PRODUCT, {"sku": demand.sku}).one_or_none()
    if product is None:
        unknown = N_("There is no product %(sku)s.")
        raise Invalid(
            faults=[*faults, Fault("/sku", "unknown_sku", unknown, params={"sku": demand.sku[:40]})]
        )
    if not faults:
        faults += rules.pack_faults(demand, product.pack_multiple)
    if faults:
        raise Invalid(faults=faults)
    statement = insert(CartLine).values(
        dealer_id=actor.dealer_id, user_id=actor.user_id, product_id=product.id, quantity=demand.quantity
    )
    wanted = CartLine.quantity + demand.quantity if add else literal(demand.quantity)
    statement = statement.on_conflict_do_update(
        index_elements=["dealer_id", "user_id", "product_id"],
        set_={"quantity": wanted},
        where=wanted <= quantity_max,
    )
    if session.execute(statement.returning(CartLine.quantity)).first() is None:
        raise Invalid(faults=[_more_than_goes_in(session, actor, product.id, quantity_max)])
    return count(session, actor=actor)


def _more_than_goes_in(session: Session, actor: Actor, product_id: int, quantity_max: int) -> Fault:
    held = (
        session.scalar(select(CartLine.quantity).where(*_mine(actor), CartLine.product_id == product_id)) or 0
    )
    message, fix = (
        N_("At most %(max)s units a line, and %(held)s are in the cart."),
        N_("Add at most %(more)s."),
    )
    params = {"max": quantity_max, "held": held, "more": max(quantity_max - held, 0)}
    return Fault("/quantity", "quantity_too_large", message, fix, params)


def remove_from_cart(session: Session, *, actor: Actor, sku: str) -> int:
    """Take a product out; taking out what is not in is no error. Returns the number of lines left."""
    product = select(Product.id).where(Product.sku == sku).scalar_subquery()
    session.execute(delete(CartLine).where(*_mine(actor), CartLine.product_id == product))
    return count(session, actor=actor)


def empty_cart(session: Session, *, actor: Actor) -> None:
    """Take everything out."""
    session.execute(delete(CartLine).where(*_mine(actor)))


def lines(session: Session, *, actor: Actor) -> list[Wanted]:
    """The cart in the order it was filled, as an order would take it."""
    rows = session.execute(
        select(Product.sku, CartLine.quantity)
        .join(Product, Product.id == CartLine.product_id)
        .where(*_mine(actor))
        .order_by(CartLine.added_at, CartLine.product_id)
    )
    return [Wanted(row.sku, row.quantity, f"/lines/{place}") for place, row in enumerate(rows)]


def count(session: Session, *, actor: Actor) -> int:
    """Number of lines in the cart."""
    count: int = session.execute(_COUNT, _owner(actor)).scalar_one()
    return count


def _mine(actor: Actor) -> tuple[ColumnElement[bool], ...]:
    return tuple(getattr(CartLine, column) == value for column, value in _owner(actor).items())


def _owner(actor: Actor) -> dict[str, int]:
    if actor.dealer_id is None or actor.user_id is None:
        raise NotFound()
    return {"dealer_id": actor.dealer_id, "user_id": actor.user_id}


_COUNT = text("SELECT count(*) FROM cart_line WHERE dealer_id = :dealer_id AND user_id = :user_id")
_PRODUCT = text("SELECT id, pack_multiple FROM product WHERE sku = :sku AND state = 'active'")
