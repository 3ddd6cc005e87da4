"""What somebody looks for among the lines of a statement, out of the address of its page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from portal.kernel import typed
from portal.kernel.errors import Fault
from portal.statements.document import EntryKind
from portal.statements.line_filter_rules import LineFilter
from portal.web.presentation import in_full
from portal.web.request import request

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class AskedLines:
    """What the address looks for among the lines. said: as it was typed. errors: by field."""

    wanted: LineFilter
    said: dict[str, str]
    errors: dict[str, list[str]]


def asked_lines() -> AskedLines:
    """What the address of a statement's page looks for; a field that cannot be read narrows nothing."""
    names = ("kind", "q", "from", "to", "least", "most")
    said = {name: request.args.get(name, "").strip()[:100] for name in names}
    faults: list[Fault] = []

    def read(reader: Callable[[Any], T], name: str) -> T | None:
        return typed.field(reader, said[name], f"/{name}", faults) if said[name] else None

    wanted = LineFilter(
        said["kind"] if said["kind"] in list(EntryKind) else "",
        said["q"],
        read(typed.day, "from"),
        read(typed.day, "to"),
        read(typed.money, "least"),
        read(typed.money, "most"),
    )
    errors: dict[str, list[str]] = {}
    for fault in faults:
        errors.setdefault(fault.pointer.removeprefix("/"), []).append(in_full(fault))
    return AskedLines(wanted, said, errors)
