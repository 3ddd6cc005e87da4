"""Documents by what they have in common, and pairs of them by how near their days are. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from portal.own_ledgers.difference_rules import Doc

Pair = tuple[Doc, Doc]


def is_nothing(docs: Sequence[Doc]) -> bool:
    """Whether documents of one number take each other back."""
    return len(docs) > 1 and sum(doc.fen for doc in docs) == 0 and all(doc.inside for doc in docs)


def grouped(docs: Iterable[Doc], key: Callable[[Doc], object]) -> dict[object, list[Doc]]:
    """Documents by a key, without those that have none."""
    groups: dict[object, list[Doc]] = {}
    for doc in docs:
        if (found := key(doc)) is not None:
            groups.setdefault(found, []).append(doc)
    return groups


def by_number(docs: Iterable[Doc]) -> dict[str, list[Doc]]:
    """Documents by their numbers."""
    groups: dict[str, list[Doc]] = {}
    for doc in docs:
        if doc.number:
            groups.setdefault(doc.number, []).append(doc)
    return groups


def nearest(ours: Sequence[Doc], theirs: Sequence[Doc], within: int | None = None) -> list[Pair]:
    """Pairs of the two lists, each document once, by how near their days are."""
    if len(ours) == 1 and len(theirs) == 1:
        pairs = [(abs((ours[0].day - theirs[0].day).days), ours[0], theirs[0])]
    elif len(ours) * len(theirs) > 10_000:
        ordered = zip(
            sorted(ours, key=lambda doc: doc.day), sorted(theirs, key=lambda doc: doc.day), strict=False
        )
        pairs = [(abs((one.day - other.day).days), one, other) for one, other in ordered]
    else:
        pairs = [(abs((one.day - other.day).days), one, other) for one in ours for other in theirs]
        pairs.sort(key=lambda pair: pair[0])
    taken: list[Pair] = []
    mine: set[int] = set()
    yours: set[int] = set()
    for days, one, other in pairs:
        if one.place not in mine and other.place not in yours and (within is None or days <= within):
            mine.add(one.place)
            yours.add(other.place)
            taken.append((one, other))
    return taken
