"""What pages of papers and authorisations on both sides share: history, remarks, categories, packs."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable
from datetime import date
from typing import Any

from flask import make_response
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.files.open_file import open_file
from portal.kernel.errors import Fault
from portal.papers import queries
from portal.papers.authorisation_queries import AuthorisationDetail, CategoryName
from portal.papers.fault_rules import PaperFacts, remarks
from portal.papers.queries import PaperDetail
from portal.papers.rules import PaperKind, PaperState, renewal_window
from portal.web.presentation import in_full, in_language
from portal.web.request import current_actor, current_session, portal
from portal.web.status_looks import status_look
from portal.workdays.queries import calendar


def codes_of(typed: str) -> tuple[str, ...]:
    """Codes as somebody typed them: between spaces, commas or lines, each once."""
    plain = typed.upper()
    for mark in "，、；,;":
        plain = plain.replace(mark, " ")
    return tuple(dict.fromkeys(plain.split()))


def named(codes: Iterable[str], lines: Iterable[CategoryName]) -> str:
    """Product lines by their names, with the codes; empty for none."""
    by_code = {one.code: in_language(one.name_zh, one.name_en) for one in lines}
    return ", ".join(f"{code} {by_code[code]}" if code in by_code else code for code in codes)


def facts_of(found: PaperDetail) -> PaperFacts:
    """A paper as it was filed."""
    return PaperFacts(
        found.kind,
        found.paper_no,
        found.issuer,
        tuple(found.category_codes),
        found.valid_from,
        found.valid_to,
        found.note,
        found.replaces or "",
    )


def remarks_of(found: PaperDetail) -> list[Fault]:
    """What is odd about a paper that waits; nothing once it was decided on."""
    if found.state != PaperState.FILED:
        return []
    session = current_session()
    standing = [
        one for one in queries.standing_papers(session, found.dealer_id) if one.number != found.number
    ]
    return remarks(facts_of(found), standing, calendar(session))


def said(told: Iterable[Fault]) -> list[str]:
    """Remarks in words."""
    return [in_full(one) for one in told]


def window_of(found: PaperDetail) -> tuple[date, date] | None:
    """When the renewal of an accepted licence is asked for; None of other papers."""
    if found.kind != PaperKind.LICENCE or found.state != PaperState.ACCEPTED or found.valid_to is None:
        return None
    return renewal_window(found.valid_to, calendar(current_session()))


def history_of(found: PaperDetail | AuthorisationDetail) -> list[dict[str, Any]]:
    """Who filed or proposed it, decided on it and ended it, the latest first."""
    if isinstance(found, PaperDetail):
        kind, no, yes = "paper", "refused", "accepted"
        events = [_event(found.filed_at, gettext("Filed"), found.filed_by_label, "send", "blue")]
    else:
        kind, no, yes = "authorisation", "rejected", "in_force"
        events = [
            _event(
                found.proposed_at, gettext("Authorisation proposed"), found.proposed_by_label, "send", "blue"
            )
        ]
    if found.decided_at is not None:
        look = status_look(kind, no if found.state == no else yes)
        words = " · ".join(filter(None, (found.decided_by_label, found.reason)))
        events.append(_event(found.decided_at, look.label, words, look.icon, look.tone))
    if found.ended_at is not None:
        look = status_look(kind, found.state)
        words = " · ".join(filter(None, (found.ended_by_label, found.end_reason)))
        events.append(_event(found.ended_at, look.label, words, look.icon, look.tone))
    return events[::-1]


def _event(at: Any, title: str, text: str | None, icon: str, tone: str) -> dict[str, Any]:
    return {"at": at, "title": title, "text": text or "", "icon": icon, "tone": tone}


def send_pack(dealer_id: int, name: str) -> Response:
    """The scans of all papers of a dealer that count, as one archive."""
    session, actor, store = current_session(), current_actor(), portal().file_store
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for place, (paper_no, file) in enumerate(queries.pack(session, actor=actor, dealer_id=dealer_id), 1):
            opened = open_file(session, actor=actor, store=store, file_id=file.id)
            inside = f"{place:02d} {paper_no} {opened.name}".replace("/", "-")
            archive.writestr(zipfile.ZipInfo(inside), opened.content)
    answer = make_response(packed.getvalue())
    answer.mimetype = "application/zip"
    answer.headers.set("Content-Disposition", "attachment", filename=f"{name}.zip")
    answer.headers["Cache-Control"] = "no-store"
    return answer
