"""When somebody is told, and how: choices, quiet hours, digests, mobile numbers. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo, available_timezones

from portal.kernel.errors import N_, Fault

DIGEST_HOUR = 7
"""Of the person's day, before they chose another."""
TOLD_MAX = 50
"""What one digest tells; the rest stands in the inbox."""
POSTS_A_MINUTE = 20
"""Of one robot: all three of the kinds refuse more."""
_TIME = re.compile(r"([0-9]{1,2}):([0-9]{2})(?::[0-9]{2})?")
_MOBILE = re.compile(r"\+?[0-9]{8,15}")


class ByMail(StrEnum):
    """When somebody is told of an event by mail."""

    AT_ONCE = "at_once"
    DIGEST = "digest"
    NONE = "none"


class Every(StrEnum):
    """How often the digest comes."""

    DAILY = "daily"
    WEEKLY = "weekly"


@dataclass(frozen=True, slots=True)
class Choice:
    """How somebody wants to be told of an event."""

    in_inbox: bool = True
    mail: str = ByMail.AT_ONCE
    sms: bool = False


@dataclass(frozen=True, slots=True)
class Quiet:
    """Hours in which nothing is sent, of a person's or a robot's day; they may span midnight."""

    begins: time
    ends: time
    zone: str


@dataclass(frozen=True, slots=True)
class Setting:
    """How somebody is told, whatever the event. quiet_from and quiet_until: both or none."""

    zone: str
    digest_every: str = Every.DAILY
    digest_hour: int = DIGEST_HOUR
    quiet_from: time | None = None
    quiet_until: time | None = None
    mobile: str = ""

    @property
    def quiet(self) -> Quiet | None:
        """The quiet hours, if there are any."""
        if self.quiet_from is None or self.quiet_until is None:
            return None
        return Quiet(self.quiet_from, self.quiet_until, self.zone)


def chosen(choice: Choice | None, *, usual: str, is_mandatory: bool) -> Choice:
    """How somebody is told of an event: as they chose, else as is usual of it.

    In both ways, whatever they chose, of what is mandatory.
    """
    if is_mandatory:
        return Choice(True, str(ByMail.AT_ONCE), choice is not None and choice.sms)
    return choice or Choice(mail=usual)


def quiet_until(at: datetime, quiet: Quiet | None) -> datetime | None:
    """When the quiet hours end in which `at` lies; None outside of them. The end itself is not quiet."""
    if quiet is None or quiet.begins == quiet.ends:
        return None
    zone = ZoneInfo(quiet.zone)
    local = at.astimezone(zone)
    spans_midnight = quiet.begins > quiet.ends
    clock = local.time()
    if spans_midnight:
        is_quiet = clock >= quiet.begins or clock < quiet.ends
    else:
        is_quiet = quiet.begins <= clock < quiet.ends
    if not is_quiet:
        return None
    day = local.date()
    if spans_midnight and clock >= quiet.begins:
        day += timedelta(days=1)
    end = datetime.combine(day, quiet.ends, zone)
    # The hour that a clock leaves out or shows twice must not lead back before `at`.
    return max(end.astimezone(at.tzinfo), at + timedelta(seconds=1))


def setting_faults(setting: Setting) -> list[Fault]:
    """What is wrong with a person's settings, each beside its field."""
    faults = []
    if setting.zone not in available_timezones():
        fix = N_("Choose one of the list, as Asia/Shanghai.")
        faults.append(Fault("/zone", "unknown_zone", N_("There is no such time zone."), fix))
    if setting.digest_every not in list(Every):
        fix = N_("Choose every day or every week.")
        faults.append(Fault("/digest_every", "unknown_digest", N_("There is no such choice."), fix))
    if not 0 <= setting.digest_hour <= 23:
        message, fix = N_("A day has the hours 0 to 23."), N_("Choose one of them.")
        faults.append(Fault("/digest_hour", "hour", message, fix))
    if (setting.quiet_from is None) != (setting.quiet_until is None):
        empty = "/quiet_from" if setting.quiet_from is None else "/quiet_until"
        message = N_("Quiet hours have a beginning and an end.")
        faults.append(Fault(empty, "quiet_hours", message, N_("Enter both, or none.")))
    elif setting.quiet_from is not None and setting.quiet_from == setting.quiet_until:
        message = N_("Quiet hours end later than they begin.")
        faults.append(Fault("/quiet_until", "quiet_hours", message, N_("Enter another time.")))
    if setting.mobile and not _MOBILE.fullmatch(setting.mobile):
        message, fix = N_("This is no mobile number."), N_("Enter 8 to 15 digits, with + before a country.")
        faults.append(Fault("/mobile", "mobile", message, fix))
    return faults


def clock_time(typed: str, pointer: str, faults: list[Fault]) -> time | None:
    """A time of day as it is typed, ``22:00``; None for nothing, and with a fault for what is none."""
    plain = typed.translate(_NARROW).strip()
    if not plain:
        return None
    found = _TIME.fullmatch(plain)
    if found and int(found[1]) < 24 and int(found[2]) < 60:
        return time(int(found[1]), int(found[2]))
    message, fix = N_("This is no time of day."), N_("Write it like 22:00.")
    faults.append(Fault(pointer, "not_a_time", message, fix))
    return None


def plain_mobile(typed: str) -> str:
    """A mobile number as it is kept: without what people put between its digits."""
    return re.sub(r"[\s\-()]", "", typed.translate(_NARROW))


_NARROW = str.maketrans("０１２３４５６７８９＋－（）：", "0123456789+-():")
