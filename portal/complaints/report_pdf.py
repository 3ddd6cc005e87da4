"""The report of an adverse event on paper, as it was written in one version."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

from babel.support import NullTranslations

from portal.complaints.report_rules import FIELDS, Field, Kind, Part
from portal.complaints.rules import Harm
from portal.complaints.words import HARMS, PARTS
from portal.kernel.paper.page import BODY, HAIRLINE, LABEL, LEFT, RIGHT, ROOM, Paper
from portal.kernel.paper.sheet import Sheet
from portal.kernel.paper.typesetting import break_lines
from portal.kernel.translations import words as translations

_VALUE = LEFT + 150
_LEADING = 11.0


@dataclass(frozen=True, slots=True)
class ReportPaper:
    """What stands on the paper. facts: what the head says, in the language of the paper."""

    locale: str
    company: tuple[str, str]
    number: str
    version: int
    dealer: tuple[str, str]
    is_follow_up: bool
    is_group: bool
    written: str
    submitted: str
    reference: str
    created: datetime
    content: Mapping[str, str]


def render(document: ReportPaper, stream: BinaryIO) -> None:
    """Write the report as PDF to `stream`; equal reports give equal bytes."""
    catalogue = translations(document.locale)
    words = _words(document.locale)
    sheet = Sheet(
        stream,
        title=f"{words['title']} {document.number}-{document.version}",
        author=document.company[0],
        subject=words["title"],
        lang="zh-CN" if document.locale == "zh" else "en",
        created=document.created,
    )
    paper = Paper(sheet, words)
    _head(paper, document)
    for part in Part:
        paper.require(60)
        paper.heading(str(catalogue.gettext(PARTS[part])))
        for field in FIELDS:
            if field.part is part:
                _field(paper, document, field, catalogue)
    _signatures(paper)
    sheet.save(lambda page, pages: _stamp(paper, document, page, pages))


def _head(paper: Paper, document: ReportPaper) -> None:
    words = paper.words
    paper.masthead(*document.company, "")
    kind = words["follow_up"] if document.is_follow_up else words["first"]
    facts = [
        (words["number"], document.number),
        (words["version"], f"{document.version} · {kind}"),
        (words["group"], words["yes"] if document.is_group else words["no"]),
        (words["dealer"], document.dealer[0]),
        (words["written"], document.written),
        (words["submitted"], document.submitted or words["draft"]),
        (words["reference"], document.reference),
    ]
    paper.y = paper.facts(paper.y - 18, LEFT, _VALUE, RIGHT, facts) + 8


def _field(paper: Paper, document: ReportPaper, field: Field, catalogue: NullTranslations) -> None:
    """Label and value over a hairline; what is long goes on over the page."""
    value = document.content.get(field.name, "")
    if field.kind is Kind.HARM and value:
        value = str(catalogue.gettext(HARMS[Harm(value)]))
    label = break_lines(str(catalogue.gettext(field.label)), LABEL, _VALUE - LEFT - 10)
    lines = [line for part in (value or "–").split("\n") for line in break_lines(part, BODY, RIGHT - _VALUE)]
    paper.require(_LEADING * max(len(label), 2) + 8)
    paper.y -= 13
    bottom = paper.lines(LEFT, paper.y, label, LABEL, _LEADING)
    for line in lines:
        if not paper.fits(_LEADING):
            paper.turn()
            paper.y -= 13
            bottom = paper.y
        paper.sheet.text(_VALUE, paper.y, line, BODY)
        paper.y -= _LEADING
    paper.y = min(bottom, paper.y) + 5
    paper.sheet.rule(LEFT, paper.y, ROOM, HAIRLINE, 0.4)


def _signatures(paper: Paper) -> None:
    paper.require(70)
    paper.y -= 44
    for place, key in enumerate(("writer", "approver")):
        left = LEFT + place * (ROOM / 2)
        paper.sheet.text(left, paper.y, paper.words[key], LABEL)
        paper.sheet.rule(left + 80, paper.y - 2, ROOM / 2 - 110, HAIRLINE, 0.6)


def _stamp(paper: Paper, document: ReportPaper, page: int, pages: int) -> None:
    title = f"{paper.words['title']}  {document.number}"
    if page > 1:
        paper.running_head(document.dealer[0], title)
    paper.foot(title, page, pages)


def _words(locale: str) -> Mapping[str, str]:
    """Label by key; below its title, the paper bears the one of the other language."""
    other = _translated(translations("en" if locale == "zh" else "zh"))
    return _translated(translations(locale)) | {"subtitle": other["title"].upper()}


def _translated(catalogue: NullTranslations) -> dict[str, str]:
    def pgettext(context: str, message: str) -> str:
        return str(catalogue.pgettext(context, message))

    return {
        "title": pgettext("adverse event report", "Adverse event report"),
        "number": pgettext("adverse event report", "Complaint"),
        "version": pgettext("adverse event report", "Version"),
        "first": pgettext("adverse event report", "first report"),
        "follow_up": pgettext("adverse event report", "follow-up report"),
        "group": pgettext("adverse event report", "Group event"),
        "yes": pgettext("adverse event report", "yes"),
        "no": pgettext("adverse event report", "no"),
        "dealer": pgettext("adverse event report", "Told by"),
        "written": pgettext("adverse event report", "Written"),
        "submitted": pgettext("adverse event report", "Submitted"),
        "draft": pgettext("adverse event report", "not submitted yet"),
        "reference": pgettext("adverse event report", "Reference of the regulator"),
        "writer": pgettext("adverse event report", "Written by"),
        "approver": pgettext("adverse event report", "Submitted by"),
        "page": pgettext("adverse event report", "Page %(page)s of %(pages)s"),
    }
