"""Orders go on while web, worker, queue and database are killed one after the other: what was answered is
there, once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import takewhile
from queue import SimpleQueue
from threading import Event

import pytest
from sqlalchemy import Connection, text

from launch.process import wait_until
from tests import cast
from tests.crash.clients import Call, Client
from tests.crash.company import Company, company
from tests.invariants import broken_promises

BUYERS = (cast.huadong.system, cast.huadong.system, cast.yuegang.system, cast.suzhou.system)
PRODUCTS = (cast.gloves, cast.gauze, cast.syringe)
ORDERS_MAX = 2000  # of each buyer, who stops earlier: when enough have been answered after the last strike
PARCELS = 30  # of the first buyer's orders
BETWEEN_STRIKES = 26  # answers
STRIKES: Sequence[Callable[[Company], None]] = (
    Company.lose_a_web_worker,
    Company.lose_the_worker,
    Company.lose_the_database,
    Company.lose_the_queue,
    Company.lose_the_web,
    Company.stop_the_database_at_once,
    Company.lose_a_web_worker,
)

pytestmark = pytest.mark.timeout(300)  # everything is started, killed and started again


def orders_of(buyer: int, enough: Event) -> Iterator[Call]:
    """Two lines each, of products that everybody wants; the key is also the dealer's own number."""
    for place in takewhile(lambda _: not enough.is_set(), range(ORDERS_MAX)):
        key = f"buyer-{buyer}-{place}"
        wanted = (PRODUCTS[place % 3], PRODUCTS[(place + 1) % 3])
        yield (
            key,
            "/orders",
            {"purchase_order_no": key, "lines": [{"sku": product.sku, "quantity": 10} for product in wanted]},
        )


def parcels_of(numbers: SimpleQueue[str]) -> Iterator[Call]:
    """One for each of the first orders, as soon as it was placed."""
    for _ in range(PARCELS):
        number = numbers.get(timeout=60)
        yield (
            f"parcel-{number}",
            "/hq/shipments",
            {"order": number, "carrier": "顺丰医药", "tracking_no": f"T-{number}"},
        )


def test_what_was_answered_is_there_once_whatever_was_killed():
    with company(*PRODUCTS) as house:
        numbers: SimpleQueue[str] = SimpleQueue()
        enough = Event()
        buyers = [
            Client(house.address, system, orders_of(place, enough)) for place, system in enumerate(BUYERS)
        ]
        buyers[0].heard = lambda answer: numbers.put(answer["number"])
        desk = Client(house.address, cast.erp, parcels_of(numbers))
        outlive(house, buyers, desk, enough)
        assert_each_died(house)
        assert wait_until(partial(nothing_is_left_to_tell, house), 40)
        with house.owner.connect() as connection:
            assert_whole(
                connection,
                {key: answer["number"] for buyer in buyers for key, answer in buyer.answers.items()},
            )
            assert shipped(connection) == {answer["shipment"] for answer in desk.answers.values()}


def outlive(house: Company, buyers: list[Client], desk: Client, enough: Event) -> None:
    """Strike whenever everything runs again and so many more orders have been answered; restart what died,
    until all are through.
    """
    clients = (*buyers, desk)
    for client in clients:
        client.start()
    coming, due = iter((*STRIKES, lambda _house: enough.set())), BETWEEN_STRIKES
    while any(client.is_alive() for client in clients):
        answered = sum(len(buyer.answers) for buyer in buyers)
        if answered >= due and house.whole() and not enough.is_set():
            next(coming)(house)
            due = answered + BETWEEN_STRIKES
        house.tend()
        desk.join(0.02)
    assert [client.failure for client in clients] == [None] * len(clients)
    assert enough.is_set(), "a client gave up, or the orders were through before every strike had come"


def assert_each_died(house: Company) -> None:
    """The strikes hit: whatever the supervisor keeps was found dead at least so often."""
    deaths = Counter(line.partition(" ")[0] for line in house.said)
    assert deaths >= Counter({"PostgreSQL": 2, "Valkey": 1, "web": 1, "worker": 1}), house.said


def nothing_is_left_to_tell(house: Company) -> bool:
    """The outbox is empty: a worker came back and did what the killed one could not."""
    house.tend()
    with house.owner.connect() as connection:
        return not connection.execute(
            text("SELECT count(*) FROM outbox WHERE dispatched_at IS NULL")
        ).scalar_one()


def assert_whole(connection: Connection, acknowledged: dict[str, str]) -> None:
    """Every order exists exactly once, with its reservation, its line in the audit and its message."""
    rows = connection.execute(text("SELECT purchase_order_no, array_agg(number) FROM sales_order GROUP BY 1"))
    assert dict(rows.all()) == {key: [number] for key, number in acknowledged.items()}
    assert connection.execute(_UNITS).scalar_one() == 2 * 10 * len(acknowledged)
    assert connection.execute(_NOT_ONCE).all() == []
    assert broken_promises(connection) == {}


def shipped(connection: Connection) -> set[str]:
    """Numbers of the parcels that left, each billed once."""
    query = (
        "SELECT s.number FROM shipment s JOIN invoice i ON (i.dealer_id, i.shipment_id) = (s.dealer_id, s.id)"
    )
    found = connection.execute(text(query)).scalars().all()
    assert len(found) == len(set(found))
    return set(found)


_UNITS = text("SELECT sum(quantity) FROM order_line WHERE quantity = reserved + shipped")
_NOT_ONCE = text(
    """
    SELECT o.number, a.times AS in_audit, t.times AS in_outbox, k.times AS under_keys
      FROM sales_order o,
           LATERAL (SELECT count(*) AS times FROM audit_event
                     WHERE action = 'order:placed' AND subject = o.number) a,
           LATERAL (SELECT count(*) AS times FROM outbox
                     WHERE topic = 'order.placed' AND payload ->> 'number' = o.number) t,
           LATERAL (SELECT count(*) AS times FROM idempotency_key WHERE body ->> 'number' = o.number) k
     WHERE (a.times, t.times, k.times) <> (1, 1, 1)
    """
)
