"""What a database refuses, in the words of the domain."""

from __future__ import annotations

from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from portal.kernel.errors import N_, Conflict, DomainError, Invalid, Unavailable
from portal.kernel.registry import registry

# The disk is full or broken (53100, 58030), what else the server needs has run out (53…), the server is one
# that follows another or becomes the first just now (25006), or a pooler gave the statement to a connection
# that never heard of it: nothing was saved, and it may be later.
DISK_STATES = frozenset({"53100", "58030"})
LOST_STATEMENT_STATES = frozenset({"26000", "42P05"})
_AWAY = (
    frozenset({"40001", "40P01", "55P03", "57014", "57P01", "57P02", "57P03", "25006"})
    | frozenset({"53000", "53200", "53300", "53400"})
    | DISK_STATES
    | LOST_STATEMENT_STATES
)


def sqlstate(error: Exception) -> str:
    """PostgreSQL's code for what went wrong, empty if it was not PostgreSQL that said so."""
    return getattr(getattr(error, "orig", error), "sqlstate", None) or ""


def translated(error: DBAPIError) -> DomainError:
    """The domain error behind a database error; anything unknown is re-raised as it came."""
    state = sqlstate(error)
    diagnostics = getattr(error.orig, "diag", None)
    constraint = getattr(diagnostics, "constraint_name", None) or ""
    refusals = registry().refusals
    for key in (constraint, state):
        if known := refusals.get(key):
            return type(known)(known.code, known.message)
    if isinstance(error, IntegrityError) and state in {"23505", "23P01"}:
        return Conflict("duplicate", N_("This already exists."))
    if state in {"22003", "22001"}:
        return Invalid("out_of_range", N_("A number is larger than the portal keeps."))
    if state in _AWAY or isinstance(error, OperationalError):
        return Unavailable()
    raise error
