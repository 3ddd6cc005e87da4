"""The table of what the API offers.

A call is declared once; route, checks, OpenAPI and docs all read the declaration.

@operation("POST", "/orders", tag=CHAPTER, rights=(OrderRight.WRITE,), body=OrderBody, answers=PlacedOrder,
           summary=N_("Place an order"), about=N_("Judged, priced and reserved as a whole, or refused."))
def create(body: OrderBody) -> Answer: ...
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, TypeVar

from pydantic import BaseModel
from werkzeug.routing import BaseConverter

from portal.kernel.errors import N_
from portal.kernel.manifest import Capability, Chapter

PREFIX = "/api/v1"
JSON = "application/json"
LD_JSON = "application/ld+json"
XML = "application/xml"
FORM = "multipart/form-data"
PDF = "application/pdf"
FILE = "application/octet-stream"
"""Of a file whose answer names its own type."""
BODY_MAX = 2**20  # bytes; an order of 1,000 lines has 60,000

_PARAMETER = re.compile(r"<(?:[a-z]+:)?([a-z_]+)>")


class DocumentNumber(BaseConverter):
    """The number of a document in an address where words stand too.

    ``/orders/validation`` is no order, for no method.
    """

    regex = r"(?![a-z]+$)[^/]+"


HEADQUARTERS = Chapter("headquarters", N_("Headquarters"))
"""Of the calls that headquarters alone may make, whatever capability they belong to; the last one."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a view answers when it is more than the promised status and a body.

    same: equal for two answers that say the same, where their bytes differ (a moment in them); goes into the
    ETag.
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
    takes_file: the body may come as a form instead, with a file (`portal.web.api.reading.uploaded_file`), or
    has to, where it has no members. form_max: bytes of that form.
    raw: kinds of document that the body is instead, of at most raw_max bytes, which the view takes as it
    comes (`portal.web.api.reading.raw_pieces`). also: kinds of JSON that the answer may be called.
    accepted: the JSON of an answer 202, where the call may end in one that is not carried out yet.
    located: path of what was made, filled from the answer. conflicts: may answer 409. checks: may find what
    it is about incomplete, so that it answers 422 though nothing is sent. personal: of the person who asks,
    so that a program is answered 404.
    """

    method: str
    path: str
    view: Callable[..., Any]
    tag: Chapter
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
    takes_file: bool = False
    form_max: int = BODY_MAX
    raw: tuple[str, ...] = ()
    raw_max: int = BODY_MAX
    also: tuple[str, ...] = ()
    accepted: type[BaseModel] | None = None
    located: str = ""
    conflicts: bool = False
    checks: bool = False
    personal: bool = False

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


View = TypeVar("View", bound=Callable[..., Any])
OPERATIONS: list[Operation] = []


def operation(method: str, path: str, **declared: Any) -> Callable[[View], View]:
    """Enter a view into the table."""

    def enter(view: View) -> View:
        OPERATIONS.append(Operation(method, path, view, **declared))
        return view

    return enter


def chapters(capabilities: Iterable[Capability]) -> tuple[Chapter, ...]:
    """The chapters of the documentation, in their order."""
    return (*(chapter for capability in capabilities for chapter in capability.chapters), HEADQUARTERS)


def operations_of(capabilities: Sequence[Capability]) -> tuple[Operation, ...]:
    """The calls of these capabilities, chapter by chapter.

    Loads their modules, which enter them into the table.
    """
    modules = {module for capability in capabilities for module in capability.resources}
    for module in sorted(modules):
        import_module(module)
    order = chapters(capabilities)
    theirs = (entry for entry in OPERATIONS if entry.view.__module__ in modules)
    return tuple(sorted(theirs, key=lambda entry: order.index(entry.tag)))
