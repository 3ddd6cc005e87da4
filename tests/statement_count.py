"""Counts what the portal asks of its database, so that a page cannot grow a query per row unnoticed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlalchemy import Connection, Engine, event

_SCOPE = ("BEGIN", "SELECT set_config('app.")


@dataclass
class Counted:
    """SQL sent by the serving role.

    `scopes` begin a transaction with its scope or change that later, `work` are all others.
    """

    scopes: int = 0
    work: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        """Number of working statements."""
        return len(self.work)

    def note(self, statement: str) -> None:
        """Count one statement."""
        if statement.lstrip().startswith(_SCOPE):
            self.scopes += 1
        else:
            self.work.append(" ".join(statement.split()))

    def __str__(self) -> str:
        return "\n".join(
            f"{number:3}. {statement[:160]}" for number, statement in enumerate(self.work, start=1)
        )


@contextmanager
def counted_statements(*roles: str | None) -> Iterator[Counted]:
    """Count the statements of every engine that connects as one of `roles`, in all threads, for the length
    of the block.
    """
    counted = Counted()

    def note(connection: Connection, _cursor, statement: str, *_: object) -> None:
        if connection.engine.url.username in roles:
            counted.note(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield counted
    finally:
        event.remove(Engine, "before_cursor_execute", note)
