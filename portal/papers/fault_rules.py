"""What is wrong with a paper or an authorisation as it is typed, and what is odd about a paper. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

from portal.kernel.errors import N_, Fault
from portal.kernel.printable import print_faults
from portal.papers.rules import ENDLESS, SCOPED, PaperKind, renewal_window
from portal.workdays.rules import WorkCalendar

NUMBER_MAX = 60
ISSUER_MAX = 120
NOTE_MAX = 500
REASON_MAX = 500
CODES_MAX = 50
DAYS_MAX = 366 * 30
FILES_MAX = 10


@dataclass(frozen=True, slots=True)
class PaperFacts:
    """A paper as somebody files it. replaces: our number of the paper that it renews, none for a new one.

    category_codes: beginnings of the codes it covers, none for all. valid_to: its last day. misread: what
    could not be read.
    """

    kind: str = ""
    paper_no: str = ""
    issuer: str = ""
    category_codes: tuple[str, ...] = ()
    valid_from: date | None = None
    valid_to: date | None = None
    note: str = ""
    replaces: str = ""
    misread: tuple[Fault, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class AuthorisationFacts:
    """What somebody proposes to authorise a dealer for. valid_to: its last day, None for no end."""

    dealer: str = ""
    region: str = ""
    category_codes: tuple[str, ...] = ()
    hospitals: tuple[str, ...] = ()
    is_exclusive: bool = False
    valid_from: date | None = None
    valid_to: date | None = None
    note: str = ""
    misread: tuple[Fault, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class Standing:
    """A paper that counts, beside which another is filed. valid_to: its last day, None for no end."""

    number: str
    kind: str
    paper_no: str
    valid_from: date
    valid_to: date | None


_PLACES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
_USUAL_NO = re.compile(rf"^[{_PLACES}][一-鿿]{{0,2}}食?药监械经营(?P<kind>[许备])\d{{4}}[0-9A-Z]{{4,6}}号?$")
_OWN_KIND = {PaperKind.LICENCE: "许", PaperKind.FILING: "备"}


def is_unusual_no(kind: str, paper_no: str) -> bool:
    """Whether the number of a licence or filing looks otherwise than those that authorities give out."""
    if kind not in SCOPED:
        return False
    read = _USUAL_NO.match(paper_no)
    return read is None or read["kind"] != _OWN_KIND[PaperKind(kind)]


def paper_faults(
    facts: PaperFacts, *, replaced: Standing | None, categories: Collection[str], today: date
) -> list[Fault]:
    """Everything that is wrong with a paper, each beside its field.

    replaced: what `facts.replaces` names, None where there is no such paper that
    counts. categories: codes that there are.
    """
    faults = [*facts.misread]
    if facts.kind not in list(PaperKind):
        message, fix = N_("Say what kind of paper it is."), N_("Choose one from the list.")
        faults.append(Fault("/kind", "kind", message, fix))
    faults += _line("/paper_no", facts.paper_no, NUMBER_MAX)
    faults += _line("/issuer", facts.issuer, ISSUER_MAX, required=facts.kind in SCOPED)
    faults += text_faults("/note", facts.note, NOTE_MAX)
    faults += code_faults(facts.category_codes, categories)
    if facts.category_codes and facts.kind not in SCOPED:
        message, fix = N_("Only licences and filings name categories."), N_("Leave it empty.")
        faults.append(Fault("/category_codes", "categories", message, fix))
    faults += _replaced_faults(facts, replaced)
    return first_of_each([*faults, *_paper_day_faults(facts, replaced, today)])


def code_faults(codes: Iterable[str], categories: Collection[str]) -> list[Fault]:
    """What is wrong with the beginnings of category codes."""
    codes = list(codes)
    if len(codes) > CODES_MAX:
        message, fix = N_("At most %(max)s categories."), N_("Name the longer groups instead.")
        return [Fault("/category_codes", "too_many", message, fix, {"max": CODES_MAX})]
    unknown = [code for code in codes if not any(one.startswith(code) for one in categories)]
    if not unknown:
        return []
    message, fix = N_("There is no category %(codes)s."), N_("Choose from the list.")
    return [Fault("/category_codes", "unknown_category", message, fix, {"codes": ", ".join(unknown)})]


def _replaced_faults(facts: PaperFacts, replaced: Standing | None) -> list[Fault]:
    if facts.kind == PaperKind.RENEWAL_RECEIPT and not facts.replaces:
        message, fix = N_("Say which licence is being renewed."), N_("Choose one from the list.")
        return [Fault("/replaces", "replaces_missing", message, fix)]
    if not facts.replaces:
        return []
    wanted = PaperKind.LICENCE if facts.kind == PaperKind.RENEWAL_RECEIPT else facts.kind
    if replaced is None or replaced.kind != wanted:
        message, fix = N_("There is no such paper of this kind in force."), N_("Choose one from the list.")
        return [Fault("/replaces", "replaces", message, fix)]
    return []


def _paper_day_faults(facts: PaperFacts, replaced: Standing | None, today: date) -> list[Fault]:
    first, last = facts.valid_from, facts.valid_to
    faults = []
    if first is None:
        message, fix = N_("Enter a valid date."), N_("Write it like 2026-10-31.")
        faults.append(Fault("/valid_from", "not_a_date", message, fix))
    if last is None and facts.kind in list(PaperKind) and facts.kind not in ENDLESS:
        message, fix = N_("This paper has a last day."), N_("Copy it from the paper.")
        faults.append(Fault("/valid_to", "end_missing", message, fix))
    faults += span_faults(first, last)
    if last is not None and last < today:
        message, fix = N_("This paper has ended already."), N_("File the one that is in force.")
        faults.append(Fault("/valid_to", "ended", message, fix))
    if first is None or replaced is None:
        return faults
    if facts.kind == PaperKind.RENEWAL_RECEIPT:
        if first > today or (replaced.valid_to is not None and first > replaced.valid_to):
            message = N_("A renewal is asked for before the licence ends, and not in the future.")
            faults.append(Fault("/valid_from", "receipt_day", message, N_("Copy the day of the receipt.")))
    elif first <= replaced.valid_from:
        message = N_("What is renewed began on %(day)s; the new paper begins later.")
        fix = N_("Copy its first day from the new paper.")
        faults.append(Fault("/valid_from", "begins_before", message, fix, {"day": replaced.valid_from}))
    return faults


def span_faults(first: date | None, last: date | None) -> list[Fault]:
    """What is wrong with first and last day together."""
    if first is None or last is None:
        return []
    if last <= first:
        message, fix = N_("It ends before it begins."), N_("Enter a later last day.")
        return [Fault("/valid_to", "ends_before", message, fix)]
    if (last - first).days > DAYS_MAX:
        message, fix = N_("It lasts thirty years at most."), N_("Enter an earlier last day.")
        return [Fault("/valid_to", "too_long", message, fix)]
    return []


def authorisation_faults(
    facts: AuthorisationFacts, *, regions: Collection[str], categories: Collection[str], today: date
) -> list[Fault]:
    """Everything that is wrong with a proposed authorisation, but for its dealer.

    regions: codes of those that the proposer answers for.
    """
    faults = [*facts.misread]
    if facts.region not in regions:
        message, fix = N_("There is no such region that you answer for."), N_("Choose one from the list.")
        faults.append(Fault("/region", "unknown_region", message, fix))
    faults += code_faults(facts.category_codes, categories)
    if len(facts.hospitals) > CODES_MAX or any(len(one) > NUMBER_MAX for one in facts.hospitals):
        message, fix = N_("At most %(max)s codes of hospitals."), N_("Name fewer.")
        faults.append(Fault("/hospitals", "hospitals", message, fix, {"max": CODES_MAX}))
    faults += print_faults("/hospitals", " ".join(facts.hospitals))
    faults += text_faults("/note", facts.note, NOTE_MAX)
    if facts.valid_from is None:
        message, fix = N_("Enter a valid date."), N_("Write it like 2026-10-31.")
        faults.append(Fault("/valid_from", "not_a_date", message, fix))
    faults += span_faults(facts.valid_from, facts.valid_to)
    if facts.valid_to is not None and facts.valid_to < today:
        message, fix = N_("This would be over already."), N_("Enter a later last day.")
        faults.append(Fault("/valid_to", "ended", message, fix))
    return first_of_each(faults)


def end_faults(day: date | None, *, valid_to: date | None, today: date) -> list[Fault]:
    """What is wrong with the last day on which something that runs is to count."""
    if day is not None and day >= today - timedelta(days=1) and (valid_to is None or day < valid_to):
        return []
    message = N_("The last day it counts is yesterday at the earliest, and before its own last day.")
    return [Fault("/ended_on", "end_day", message, N_("Enter another day."))]


def text_faults(pointer: str, text: str, most: int) -> list[Fault]:
    """What is wrong with a text that may be empty and may have lines."""
    if len(text) > most:
        message, fix = N_("At most %(max_length)s characters."), N_("Shorten it.")
        return [Fault(pointer, "too_long", message, fix, {"max_length": most})]
    return print_faults(pointer, " ".join(text.split()))


def reason_faults(reason: str, *, required: bool = True) -> list[Fault]:
    """What is wrong with a reason."""
    if required and not reason.strip():
        return [Fault("/reason", "reason_missing", N_("Say why."), N_("Enter the reason."))]
    return text_faults("/reason", reason, REASON_MAX)


def _line(pointer: str, text: str, most: int, *, required: bool = True) -> list[Fault]:
    if required and not text:
        return [Fault(pointer, "missing", N_("Nothing has been entered."), N_("Copy it from the paper."))]
    return text_faults(pointer, text, most)


def first_of_each(faults: Iterable[Fault]) -> list[Fault]:
    """The first fault of each field: what could not be read is not missing too."""
    kept: dict[str, Fault] = {}
    for fault in faults:
        kept.setdefault(fault.pointer, fault)
    return list(kept.values())


def overlapping(facts: PaperFacts, standing: Iterable[Standing]) -> list[Standing]:
    """Papers of the same kind that run at the same time, but for the one that is replaced.

    Both count then, each for what it covers; whoever files and whoever reviews is told.
    """
    first = facts.valid_from
    if first is None:
        return []
    return [
        one
        for one in standing
        if one.kind == facts.kind
        and one.number != facts.replaces
        and (one.valid_to is None or first <= one.valid_to)
        and (facts.valid_to is None or one.valid_from <= facts.valid_to)
    ]


def remarks(facts: PaperFacts, standing: Iterable[Standing], calendar: WorkCalendar) -> list[Fault]:
    """What is odd about a paper, for whoever files and whoever reviews to look at; nothing of it refuses."""
    standing = list(standing)
    told = []
    if is_unusual_no(facts.kind, facts.paper_no):
        message, fix = N_("This number looks otherwise than usual."), N_("Compare it with the scan.")
        told.append(Fault("/paper_no", "unusual_no", message, fix))
    for one in overlapping(facts, standing):
        message = N_(
            "%(paper_no)s runs at the same time, from %(first)s; both count, each for its own scope."
        )
        params = {"paper_no": one.paper_no, "first": one.valid_from}
        told.append(
            Fault("/replaces", "overlap", message, N_("Name it as renewed if this one replaces it."), params)
        )
    replaced = next((one for one in standing if one.number == facts.replaces), None)
    if replaced is None or facts.valid_from is None:
        return told
    if facts.kind == PaperKind.RENEWAL_RECEIPT and replaced.valid_to is not None:
        first, last = renewal_window(replaced.valid_to, calendar)
        if not first <= facts.valid_from <= last:
            message = N_(
                "A renewal is asked for between %(first)s and %(last)s, by the working days of the law."
            )
            fix = N_("Ask the authority whether it takes the application.")
            told.append(Fault("/valid_from", "window", message, fix, {"first": first, "last": last}))
    elif replaced.valid_to is not None and facts.valid_from > replaced.valid_to + timedelta(days=1):
        message = N_("Between %(last)s and %(first)s neither of both papers counts.")
        params = {"last": replaced.valid_to, "first": facts.valid_from}
        told.append(Fault("/valid_from", "gap", message, N_("Compare the days with the scan."), params))
    return told
