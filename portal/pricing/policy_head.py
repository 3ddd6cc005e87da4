"""What a policy says of itself beside its rules: titles, text, when it counts, the floor. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from portal.kernel.errors import N_, Fault
from portal.pricing.life import BelowFloor

TITLE_MAX = 120
TEXT_MAX = 10_000
YEARS = range(2000, 2101)


class _Document(Protocol):
    title_zh: str
    title_en: str
    text: str
    valid_from: datetime
    planned_to: datetime | None
    below_floor: str


@dataclass(frozen=True, slots=True)
class PolicyHead:
    """Titles, text and term as somebody typed them. valid_to: None for no end."""

    title_zh: str
    title_en: str
    text: str
    valid_from: datetime
    valid_to: datetime | None = None
    below_floor: str = "refuse"

    @classmethod
    def of(cls, policy: _Document) -> PolicyHead:
        """What a version says."""
        return cls(
            policy.title_zh,
            policy.title_en,
            policy.text,
            policy.valid_from,
            policy.planned_to,
            policy.below_floor,
        )

    def columns(self) -> dict[str, Any]:
        """Columns of `price_policy`."""
        return {
            "title_zh": self.title_zh.strip(),
            "title_en": self.title_en.strip(),
            "text": self.text.strip()[:TEXT_MAX],
            "valid_from": self.valid_from,
            "valid_to": self.valid_to,
            "planned_to": self.valid_to,
            "below_floor": self.below_floor,
        }

    def as_json(self) -> dict[str, object]:
        """For the audit."""
        return {
            "title_zh": self.title_zh.strip(),
            "title_en": self.title_en.strip(),
            "valid_from": self.valid_from.isoformat(),
            "valid_to": self.valid_to and self.valid_to.isoformat(),
            "below_floor": self.below_floor,
        }


def head_faults(head: PolicyHead) -> list[Fault]:
    """Everything wrong with it."""
    faults = [
        Fault(f"/{name}", "title", N_("A title has 1 to 120 characters."))
        for name, title in (("title_zh", head.title_zh), ("title_en", head.title_en))
        if not 1 <= len(title.strip()) <= TITLE_MAX
    ]
    faults += [
        Fault(f"/{name}", "date_range", N_("Choose a day between 2000 and 2100."))
        for name, moment in (("valid_from", head.valid_from), ("valid_to", head.valid_to))
        if moment is not None and moment.year not in YEARS
    ]
    if head.valid_to is not None and head.valid_to <= head.valid_from:
        message, fix = N_("It would end before it begins."), N_("Choose a later end, or none.")
        faults.append(Fault("/valid_to", "ends_before_it_begins", message, fix))
    if head.below_floor not in list(BelowFloor):
        message = N_("There is no %(value)s.")
        faults.append(
            Fault("/below_floor", "unknown_below_floor", message, params={"value": head.below_floor[:40]})
        )
    return faults
