"""The day that an address asks for: ``at``, and ``seen`` for what was to be seen that evening."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from portal.kernel import clock, typed
from portal.kernel.errors import Fault, Invalid
from portal.ledger.ageing_rules import AsOf, require_day
from portal.web.presentation import in_full
from portal.web.request import portal, request


@dataclass(frozen=True, slots=True)
class AskedDay:
    """as_of: None where what was typed is no day of the books. errors: why."""

    as_of: AsOf | None
    at: str
    is_seen: bool
    today: date
    faults: tuple[Fault, ...] = ()

    @property
    def errors(self) -> list[str]:
        """What is wrong with the day, in words."""
        return [in_full(fault) for fault in self.faults]

    def required(self) -> AsOf:
        """The day. Raises Invalid where there is none."""
        if self.as_of is None:
            raise Invalid(faults=list(self.faults))
        return self.as_of


def asked_day() -> AskedDay:
    """Today unless the address names another day."""
    today = clock.business_date(clock.now(), portal().settings.timezone)
    said, is_seen = request.args.get("at", "").strip()[:40], bool(request.args.get("seen"))
    if not said:
        return AskedDay(as_of_day(today, is_seen), today.isoformat(), is_seen, today)
    try:
        day = typed.day(said)
        require_day(day, today)
    except typed.Misread as misread:
        return AskedDay(None, said, is_seen, today, (misread.beside("/at"),))
    except Invalid as invalid:
        return AskedDay(None, said, is_seen, today, tuple(invalid.faults))
    return AskedDay(as_of_day(day, is_seen), day.isoformat(), is_seen, today)


def as_of_day(day: date, is_seen: bool) -> AsOf:
    """The end of a day, as the books have it now or as they had it then."""
    as_of = AsOf(day)
    return as_of.as_seen_then(portal().settings.timezone) if is_seen else as_of
