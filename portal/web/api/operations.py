"""The table of what the API offers. A call is declared once; route, checks, OpenAPI and docs all read the declaration.

    @operation("POST", "/orders", tag=Tag.ORDERS, rights=(Right.ORDERS_WRITE,), body=OrderBody, answers=PlacedOrder,
               summary=N_("Place an order"), about=N_("Judged, priced and reserved as a whole, or refused."))
    def create(body: OrderBody) -> Answer: ...
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from pydantic import BaseModel
from werkzeug.routing import BaseConverter

from portal.kernel.errors import N_

PREFIX = "/api/v1"
JSON = "application/json"
PDF = "application/pdf"

_PARAMETER = re.compile(r"<(?:[a-z]+:)?([a-z_]+)>")


class DocumentNumber(BaseConverter):
    """The number of a document in an address where words stand too: ``/orders/validation`` is no order, for no method."""

    regex = r"(?![a-z]+$)[^/]+"


class Tag(Enum):
    """Chapters of the documentation, in their order."""

    IDENTITY = N_("Identity")
    CATALOGUE = N_("Catalogue, prices and stock")
    ORDERS = N_("Orders")
    SHIPMENTS = N_("Shipments")
    ACCOUNT = N_("Account and statements")
    HEADQUARTERS = N_("Headquarters")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a view answers when it is more than 200 and a body.

    same: equal for two answers that say the same, where their bytes differ (a moment in them); goes into the ETag.
    """

    content: Any
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    same: bytes | None = None


@dataclass(frozen=True, slots=True)
class Operation:
    """One call.

    path: Flask's rule below `PREFIX`. rights: any one of them opens the call; none means any valid token.
    body, query: what is sent. answers: the JSON of the answer, None for `media` other than JSON.
    lenient: the view is called in spite of a malformed body, as a `Reading`, to add its own faults to those.
    creates: takes an Idempotency-Key. keeps_keys: its verb keeps that key with what it writes.
    located: path of what was made, filled from the answer. conflicts: may answer 409.
    """

    method: str
    path: str
    view: Callable[..., Any]
    tag: Tag
    summary: str
    about: str
    rights: tuple[str, ...] = ()
    body: type[BaseModel] | None = None
    query: type[BaseModel] | None = None
    answers: type[BaseModel] | None = None
    status: int = 200
    media: str = JSON
    lenient: bool = False
    creates: bool = False
    keeps_keys: bool = False
    located: str = ""
    conflicts: bool = False

    @property
    def name(self) -> str:
        """Identifier in the documentation, and Flask's endpoint."""
        package, _, resource = self.view.__module__.rpartition(".")
        return f"{'hq_' if package.startswith('backoffice') else ''}{resource}_{self.view.__name__}"

    @property
    def address(self) -> str:
        """Path as OpenAPI writes it: ``/api/v1/orders/{number}``."""
        return PREFIX + _PARAMETER.sub(r"{\1}", self.path)

    @property
    def parameters(self) -> list[str]:
        """Names in the path."""
        return _PARAMETER.findall(self.path)


OPERATIONS: list[Operation] = []


def operation(method: str, path: str, **declared: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Enter a view into the table."""

    def enter(view: Callable[..., Any]) -> Callable[..., Any]:
        OPERATIONS.append(Operation(method, path, view, **declared))
        return view

    return enter
