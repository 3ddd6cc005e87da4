"""What the domain says when it refuses.

Framework-free; mapped to HTTP status in one place (`portal.web.error_handlers`). Messages are English
templates (gettext msgids) with ``%(name)s`` parameters; the edge translates them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal


def N_(message: str) -> str:
    """Mark a message for extraction without translating it here."""
    return message


def in_both(name: str, zh: str, en: str) -> dict[str, str]:
    """A parameter that is called otherwise in each language, for `told_in`. What has none is in English."""
    return {name: en, f"{name}_zh": zh, f"{name}_en": en}


def told_in(params: Mapping[str, object], locale: str) -> Mapping[str, object]:
    """The parameters for a text in `locale`: what `in_both` gave is called as it is there."""
    return {name: params.get(f"{name}_{locale}", value) for name, value in params.items()}


@dataclass(frozen=True, slots=True)
class Proposal:
    """A product to be taken instead, if whoever asked wants it.

    quantity: units that would take the place of what was asked. available: units there are. unit_price: what
    one costs whoever asked, VAT included.
    """

    sku: str
    quantity: int
    available: int
    unit_price: Decimal


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong, and what to do about it.

    pointer: JSON pointer into the request (``/lines/3/quantity``), ``""`` for the whole.
    proposals: what may be taken instead, the best first.
    """

    pointer: str
    code: str
    message: str
    fix: str = ""
    params: Mapping[str, object] = field(default_factory=dict)
    proposals: tuple[Proposal, ...] = ()


class DomainError(Exception):
    """A refusal with a stable `code`. Rolls back the transaction it is raised in."""

    code = "refused"
    message = N_("The request was refused.")

    def __init__(
        self,
        code: str | None = None,
        message: str | None = None,
        *,
        faults: Sequence[Fault] = (),
        fix: str = "",
        **params: object,
    ) -> None:
        self.code = code or self.code
        self.message = message or self.message
        self.faults = tuple(faults)
        self.fix = fix
        self.params = params
        super().__init__(f"{self.code}: {self.message % params if params else self.message}")


class Invalid(DomainError):
    """The request is understood and wrong: every fault is listed."""

    code = "invalid"
    message = N_("Some entries need attention.")


class Unreadable(DomainError):
    """The request has no form that could be understood."""

    code = "unreadable"
    message = N_("The request cannot be read.")


class NotFound(DomainError):
    """Does not exist, or not for this actor: the two are indistinguishable on purpose."""

    code = "not_found"
    message = N_("This does not exist, or you have no access to it.")


class Forbidden(DomainError):
    """The actor is known and lacks a role or a scope for an act within its reach."""

    code = "forbidden"
    message = N_("Your role does not allow this.")


class Conflict(DomainError):
    """The state changed or does not allow the act."""

    code = "conflict"
    message = N_("The status has changed. Reload and try again.")


class Unavailable(DomainError):
    """A dependency is down; nothing was done and the act may be repeated."""

    code = "unavailable"
    message = N_("The service is briefly unavailable. Nothing was saved; try again.")
