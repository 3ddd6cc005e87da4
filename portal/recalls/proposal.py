"""A notice's text as a scope that a person may confirm: what its articles are called here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel.actor import Actor
from portal.kernel.errors import Invalid
from portal.nonconforming.vocabulary import QualityRight
from portal.recalls.draft_rules import NOTICE_MAX, ScopeLine
from portal.recalls.notice_rules import ProposedItem, ProposedScope, Question, propose
from portal.recalls.rules import ScopeKind, text_faults
from portal.recalls.vocabulary import RecallRight


@dataclass(frozen=True, slots=True)
class NamedLine:
    """A line of the proposal. article: as the text names it; line.sku is empty where that is none of ours."""

    article: str
    name: str
    line: ScopeLine


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a text seems to recall, and what a person is asked."""

    level: int | None
    lines: tuple[NamedLine, ...]
    questions: tuple[Question, ...]


def propose_scope(session: Session, *, actor: Actor, notice: str) -> Proposal:
    """Read a notice. Nothing is written. Raises Invalid for none, Forbidden."""
    actor.require(RecallRight.DESK, QualityRight.DECIDE)
    if faults := text_faults("/notice_text", notice, NOTICE_MAX):
        raise Invalid(faults=faults)
    scope = propose(notice)
    articles = [item.article for item in scope.items]
    ours = {row.article: row.sku for row in session.execute(_OURS, {"articles": articles})}
    lines = tuple(
        NamedLine(item.article, item.name, line)
        for item in scope.items
        for line in _lines(scope, item, ours.get(item.article, ""))
    )
    asked = set(scope.questions)
    if any(not named.line.sku for named in lines):
        asked.add(Question.NOT_OURS)
    return Proposal(scope.level, lines, tuple(one for one in Question if one in asked))


def _lines(scope: ProposedScope, item: ProposedItem, sku: str) -> Iterator[ScopeLine]:
    """The lines of an article. Days of production narrow what has no lots; beside serials those are exact."""
    if item.lots:
        yield ScopeLine(sku, ScopeKind.LOTS, tuple(item.lots))
    for first, last in item.serials:
        yield ScopeLine(
            sku, ScopeKind.SERIALS, serial_from=first, serial_to=last, without=tuple(item.without)
        )
    if item.is_all and scope.made:
        yield ScopeLine(sku, ScopeKind.MADE, made_from=scope.made[0], made_to=scope.made[1])
    elif item.is_all:
        yield ScopeLine(sku, ScopeKind.ALL)


# A number that stands for several of ours is none: a person chooses.
_OURS = text(
    """
    SELECT a.article, min(p.sku) AS sku
      FROM unnest(CAST(:articles AS text[])) AS a(article)
      JOIN product p ON upper(p.sku) = upper(a.article) OR p.udi_di = lpad(a.article, 14, '0')
        OR p.specification = a.article
     GROUP BY a.article HAVING count(*) = 1
    """
)
