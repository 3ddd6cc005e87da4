"""What all capabilities declare, joined. `portal.capabilities` installs it; web, workers and tests ask here.

The kernel cannot know who is there, and yet an error of the database has to be told in the words of whoever
owns the constraint, and a person's roles stand for rights of every capability.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib import import_module
from typing import TypeVar

from portal.kernel.errors import DomainError
from portal.kernel.manifest import (
    Audience,
    Capability,
    Emitted,
    Event,
    FileOwner,
    Job,
    Look,
    MenuEntry,
    Topic,
)

K = TypeVar("K")
V = TypeVar("V")

_JOBS = list(Job)


@dataclass(frozen=True, slots=True)
class Registry:
    """Everything that is declared. menus: in the order of the groups. rights: by role. Made by `join`."""

    capabilities: tuple[Capability, ...]
    menus: Mapping[Audience, tuple[MenuEntry, ...]]
    rights: Mapping[str, frozenset[str]]
    statuses: Mapping[str, Mapping[str, Look]]
    actions: Mapping[str, StrEnum]
    topics: Mapping[str, Topic]
    refusals: Mapping[str, DomainError]
    owned: Mapping[str, str]
    lists: frozenset[str]
    file_owners: Mapping[str, FileOwner]
    emits: Mapping[str, Emitted]
    events: Mapping[str, Event]

    @property
    def every_right(self) -> frozenset[str]:
        """The rights of all capabilities."""
        return frozenset(str(right) for capability in self.capabilities for right in capability.rights)


def join(capabilities: Iterable[Capability]) -> Registry:
    """Join what capabilities declare. Raises ValueError when two of them claim the same name."""
    joined = tuple(capabilities)
    return Registry(
        joined,
        {audience: _menu(joined, audience) for audience in Audience},
        _rights_by_role(joined),
        _disjoint("status", [one.statuses for one in joined]),
        _disjoint("action", [{str(action): action for action in one.actions or ()} for one in joined]),
        _disjoint("topic", [one.topics for one in joined]),
        _disjoint("refusal", [one.refusals for one in joined]),
        _disjoint("word of an address", [one.owned for one in joined]),
        frozenset(_disjoint("list", [dict.fromkeys(one.lists) for one in joined])),
        _disjoint("owner of files", [one.file_owners for one in joined]),
        _disjoint("emitted event", [one.emits for one in joined]),
        _disjoint("event", [one.tells for one in joined]),
    )


def install(capabilities: Iterable[Capability]) -> Registry:
    """From now on these are the capabilities of the process. Loads their tables, which refer to others."""
    global _installed
    _installed = join(capabilities)
    for capability in _installed.capabilities:
        if capability.models is not None:
            import_module(capability.models)
    return _installed


def registry() -> Registry:
    """What the installed capabilities declare.

    Raises RuntimeError in a process that has not imported `portal.capabilities`.
    """
    if _installed is None:
        raise RuntimeError("import portal.capabilities first")
    return _installed


_installed: Registry | None = None


def _menu(capabilities: Iterable[Capability], audience: Audience) -> tuple[MenuEntry, ...]:
    """Group by group; within one in the order of the capabilities."""
    declared = [
        entry for capability in capabilities for entry in capability.menu if entry.audience is audience
    ]
    return tuple(sorted(declared, key=lambda entry: _JOBS.index(entry.job)))


def _rights_by_role(capabilities: Iterable[Capability]) -> dict[str, frozenset[str]]:
    held: dict[str, set[str]] = {}
    for right, roles in _disjoint("right", [one.rights for one in capabilities]).items():
        for role in roles:
            held.setdefault(role, set()).add(str(right))
    return {role: frozenset(rights) for role, rights in held.items()}


def _disjoint(what: str, parts: Iterable[Mapping[K, V]]) -> dict[K, V]:
    joined: dict[K, V] = {}
    for part in parts:
        if twice := joined.keys() & part.keys():
            raise ValueError(f"two capabilities declare the same {what}: {', '.join(map(str, twice))}")
        joined |= part
    return joined
