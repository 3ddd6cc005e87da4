"""What an entry of the feed may say, whom it reaches, and when a digest is due. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import groupby, product

from portal.kernel.errors import N_, Fault

TITLE_MAX = 120  # characters
TEXT_MAX = 10_000
ADDRESSES_MAX = 500
REMINDED_AT_ONCE = 5000
"""People reminded by one act; who is left is reminded by the next."""


class Kind(StrEnum):
    """What an entry is about."""

    POLICY = "policy"
    PROMOTION = "promotion"
    NOTICE = "notice"
    TRAINING = "training"


class State(StrEnum):
    """A draft is published once; what is withdrawn is seen by headquarters only."""

    DRAFT = "draft"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


class Stage(StrEnum):
    """Where an entry stands at a moment: one that is published is scheduled until its minute comes."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


class LetterKind(StrEnum):
    """What a letter about the feed is."""

    DIGEST = "digest"
    REMINDER = "reminder"


@dataclass(frozen=True, slots=True)
class Address:
    """One way to be reached: a dealer, or region (with all below it), tier and product line together.

    What is None narrows nothing.
    """

    dealer_id: int | None = None
    region_id: int | None = None
    tier: str | None = None
    category_code: str | None = None


EVERYBODY = Address()


@dataclass(frozen=True, slots=True)
class Content:
    """What an entry says. valid_from is inclusive, valid_until exclusive."""

    kind: str
    title_zh: str
    title_en: str
    text_zh: str = ""
    text_en: str = ""
    must_acknowledge: bool = False
    pinned: bool = False
    valid_from: datetime | None = None
    valid_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph of an entry, line by line, or a list of items."""

    is_list: bool
    lines: tuple[str, ...]


def content_faults(content: Content) -> list[Fault]:
    """What is wrong with an entry, each beside its field."""
    faults = []
    if content.kind not in list(Kind):
        faults.append(
            Fault("/kind", "unknown_kind", N_("Choose policy, promotion, notice or training material."))
        )
    for name, title in (("title_zh", content.title_zh), ("title_en", content.title_en)):
        if not (1 <= len(title) <= TITLE_MAX and title.isprintable()):
            message, fix = N_("A title has 1 to 120 printable characters."), N_("Enter such a title.")
            faults.append(Fault(f"/{name}", "title", message, fix))
    for name, text in (("text_zh", content.text_zh), ("text_en", content.text_en)):
        if len(text) > TEXT_MAX:
            fix = N_("Shorten it, or attach a file.")
            faults.append(
                Fault(f"/{name}", "text", N_("At most %(max)s characters."), fix, {"max": TEXT_MAX})
            )
    starts, ends = content.valid_from, content.valid_until
    if starts is not None and ends is not None and starts >= ends:
        fix = N_("Choose a later day, or leave it empty.")
        faults.append(Fault("/valid_until", "dates", N_("The last day comes before the first."), fix))
    return faults


def plain(text: str) -> str:
    """A text as it is kept: one kind of line break, nothing around it."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def addresses_of(
    *,
    regions: Sequence[int],
    tiers: Sequence[str],
    categories: Sequence[str],
    dealers: Sequence[int],
) -> tuple[Address, ...]:
    """Regions, tiers and product lines narrow each other; dealers who are named are reached besides.

    Nothing at all is everybody; named dealers alone are these only.
    """
    named = tuple(Address(dealer_id=dealer) for dealer in dict.fromkeys(dealers))
    if named and not (regions or tiers or categories):
        return named
    narrowed = product(regions or (None,), tiers or (None,), categories or (None,))
    return (*(Address(None, region, tier, line) for region, tier, line in narrowed), *named)


def least(addresses: Iterable[Address]) -> tuple[Address, ...]:
    """Each address once; everybody where one of them is."""
    once = tuple(dict.fromkeys(addresses))
    return (EVERYBODY,) if not once or EVERYBODY in once else once


def blocks(text: str) -> Iterator[Block]:
    """Paragraphs of a plain text, parted by empty lines; lines that begin with ``- `` are items of a list."""
    for paragraph in plain(text).split("\n\n"):
        lines = [line.strip() for line in paragraph.split("\n") if line.strip()]
        for is_list, run in groupby(lines, key=lambda line: line.startswith("- ")):
            yield Block(is_list, tuple(line[2:].strip() if is_list else line for line in run))
