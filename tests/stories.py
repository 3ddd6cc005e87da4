"""What the random stories share: a month in a database of its own, what has been begun in it, and what
has to be true after every step.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from hypothesis import HealthCheck, settings
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    run_state_machine_as_test,
)

from portal.kernel.errors import DomainError
from portal.orders.terms import SupplyTerms
from portal.shipping.ship import Shipped
from tests import servers
from tests.builders import Given
from tests.conftest import owner_engine
from tests.invariants import broken_promises
from tests.roles import Dealer, Product
from tests.transfers.acts import untrue

T = TypeVar("T")
Copy = Callable[[], tuple[str, Any]]
"""Makes a database; its name, and the server that it is on."""


class Month(RuleBasedStateMachine):
    """A month at two dealers and headquarters.

    What is refused has changed nothing; what is done keeps the promises.
    """

    def __init__(self, copy: Copy) -> None:
        super().__init__()
        self._name, self._cluster = copy()
        self._engine = owner_engine(self._cluster, self._name)
        self.owner = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        self.database = servers.database(self._cluster.app_url(self._name), pool_size=1)
        self.given = Given(self.owner, self.database)
        self.orders: list[tuple[str, Dealer]] = []
        self.parcels: list[str] = []
        self.deliveries: list[tuple[Shipped, Dealer]] = []
        self.cases: list[str] = []

    def placed(self, dealer: Dealer, lines: dict[Product, int], *, waits: bool, split: bool) -> str | None:
        """The number of an order, None where it is refused."""
        supply = SupplyTerms(backorder=waits, split=split)
        placed = tried(lambda: self.given.an_order(lines, by=dealer.buyer, supply=supply))
        if placed is None:
            return None
        self.orders.append((placed.number, dealer))
        return placed.number

    @invariant()
    def every_promise_is_kept(self) -> None:
        assert broken_promises(self.owner) == {}
        assert untrue(self.database) == []

    def teardown(self) -> None:
        self.database.dispose()
        self.owner.close()
        self._engine.dispose()
        self._cluster.drop(self._name)


def told(story: Callable[[Copy], Month], cluster: Any, template: str, counter: Any, *, steps: int) -> None:
    """Tell stories of so many steps, each in a database of its own."""

    def copy() -> tuple[str, Any]:
        return cluster.create(f"story_{next(counter)}", template=template), cluster

    run_state_machine_as_test(
        lambda: story(copy),
        settings=settings(
            max_examples=settings.default.max_examples // 8,
            stateful_step_count=steps,
            suppress_health_check=list(HealthCheck),
        ),
    )


def tried(act: Callable[[], T]) -> T | None:
    """The result of an act, None for one that the domain refuses.

    Anything else it raises is a fault of ours.
    """
    try:
        return act()
    except DomainError:
        return None


def one_of(things: Sequence[T], which: int) -> T:
    """A thing that is there, whatever number hypothesis thought of."""
    return things[which % len(things)]
