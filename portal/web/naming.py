"""The dialog that keeps something under a name, as it was filled in."""

from __future__ import annotations

from dataclasses import dataclass

from portal.kernel.errors import Conflict, Invalid
from portal.web.forms import Form, Stripped
from portal.web.presentation import in_full


class NameForm(Form):
    """The name under which something is kept."""

    name: Stripped


@dataclass(frozen=True, slots=True)
class Naming:
    """Which dialog of a page opens again, the name that was typed, and what is wrong."""

    dialog: str = ""
    name: str = ""
    errors: tuple[str, ...] = ()

    @classmethod
    def refused(cls, dialog: str, name: str, refusal: Invalid | Conflict) -> Naming:
        """The name was not taken, or nothing could be kept under it."""
        return cls(dialog, name, tuple(in_full(one) for one in refusal.faults or (refusal,)))
