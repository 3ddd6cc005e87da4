"""The cart of a person: product and quantity, nothing else.

Prices and faults are asked each time by `assess`.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, delete, select, text
from sqlalchemy.orm import Session

from portal.catalogue.models import Product
from portal.kernel.actor import Actor
from portal.kernel.errors import NotFound
from portal.orders.fill_cart import Filling, fill_cart
from portal.orders.models import CartLine
from portal.orders.rules import Wanted
from portal.orders.vocabulary import OrderRight

LINES_MAX = 1_000  # of a cart, where no setting says otherwise


def put_in_cart(
    session: Session,
    *,
    actor: Actor,
    sku: str,
    quantity: object,
    quantity_max: int,
    lines_max: int = LINES_MAX,
    add: bool = False,
) -> int:
    """Set the quantity of a product in the actor's cart, or `add` to it.

    Returns the number of lines in the cart.

    Raises Invalid for a quantity that is none or with what is there too large, a pack multiple missed or an
    unknown SKU, or a full cart; nothing is changed then.
    """
    return fill_cart(
        session,
        actor=actor,
        lines=[Wanted(sku, quantity, "")],
        filling=Filling.ADD if add else Filling.SET,
        quantity_max=quantity_max,
        lines_max=lines_max,
    )


def take_instead(
    session: Session,
    *,
    actor: Actor,
    sku: str,
    substitute: str,
    quantity: object,
    quantity_max: int,
    lines_max: int = LINES_MAX,
) -> int:
    """Put a product into the actor's cart in the place of another. Returns the number of lines in it.

    Asked again, when the other has gone already, it changes nothing. Raises Invalid as `put_in_cart`; the
    other stays then.
    """
    actor.require(OrderRight.WRITE)
    product = select(Product.id).where(Product.sku == sku).scalar_subquery()
    line = select(CartLine.product_id).where(*_mine(actor), CartLine.product_id == product)
    if session.execute(line.with_for_update()).one_or_none() is None:
        return count(session, actor=actor)
    put_in_cart(
        session,
        actor=actor,
        sku=substitute,
        quantity=quantity,
        quantity_max=quantity_max,
        lines_max=lines_max + 1,  # for as long as both are in it
        add=True,
    )
    return remove_from_cart(session, actor=actor, sku=sku)


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
