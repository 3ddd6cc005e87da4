"""The demo company before its past, and how a capability adds values of its own to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Generic, Self, TypeVar

from demo.source.catalogue import Catalogue, Device
from demo.world.business_days import local_date
from demo.world.network import Dealer

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Element(Generic[T]):
    """Values that a capability adds under a name: ``world[POLICIES]``.

    `build` is given the world, an element of the past also the orders; it sees the elements before it.
    """

    name: str
    build: Callable[..., T]


@dataclass(frozen=True, slots=True)
class World:
    """Who sells what to whom, as of `now` (UTC). Elements refer to `devices` and `dealers` by index or SKU.

    `ranking` holds indices into `devices`, the best seller first.
    """

    now: datetime
    seed: int
    catalogue: Catalogue
    devices: tuple[Device, ...]
    ranking: tuple[int, ...]
    dealers: tuple[Dealer, ...]
    elements: Mapping[str, Any] = field(default_factory=dict)

    @property
    def today(self) -> date:
        """Business date of the moment."""
        return local_date(self.now)

    def __getitem__(self, element: Element[T]) -> T:
        return self.elements[element.name]

    def having(self, element: Element[T], values: T) -> Self:
        """The same with the values of an element, in place of those it had."""
        return replace(self, elements={**self.elements, element.name: values})

    def built(self, elements: Sequence[Element[Any]], *more: Any) -> Self:
        """The same with elements that are built one after the other, of the world and what else is given."""
        names = set(self.elements)
        for element in elements:
            if element.name in names:
                raise ValueError(f"two parts of the demonstration call an element {element.name}; rename one")
            names.add(element.name)
        world = self
        for element in elements:
            world = world.having(element, element.build(world, *more))
        return world
