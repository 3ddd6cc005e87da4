"""The report of an adverse event as PDF: made once in each language by a job, or when somebody asks first."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit.record import record
from portal.complaints.event_queries import EventDetail, Version, event
from portal.complaints.report_pdf import ReportPaper, render
from portal.complaints.report_rules import ReportKind
from portal.complaints.vocabulary import ComplaintAction
from portal.kernel.actor import Actor
from portal.kernel.errors import NotFound
from portal.kernel.formats import date_time
from portal.nonconforming.vocabulary import QualityRight

LOCALES = ("zh", "en")


@dataclass(frozen=True, slots=True)
class Paper:
    """A PDF with the name it is saved under and the hash of its bytes."""

    filename: str
    content: bytes
    sha256: str


def keep_paper(
    session: Session,
    *,
    actor: Actor,
    number: str,
    version: int,
    locale: str,
    company: tuple[str, str],
    zone: ZoneInfo,
    at: datetime,
) -> Paper:
    """A version in a language, Chinese for one that it is not printed in. A submitted one is kept.

    What was not submitted yet is printed as a draft, and not kept. company: its name in Chinese and English.
    Raises NotFound, Forbidden: the paper names the patient, so it is quality's alone.
    """
    actor.require(QualityRight.DECIDE)
    locale = locale if locale in LOCALES else LOCALES[0]
    found = event(session, actor=actor, number=number)
    of = next((one for one in found.versions if one.version_no == version), None)
    if of is None:
        raise NotFound()
    key = {"number": number, "version": version, "locale": locale}
    kept = session.execute(_KEPT, key).one_or_none()
    content, sha256 = (kept.content, kept.sha256) if kept else (b"", "")
    if kept is None:
        stream = BytesIO()
        render(_paper(found, of, locale, company, zone), stream)
        content = stream.getvalue()
        sha256 = hashlib.sha256(content).hexdigest()
        if of.submitted_on is not None:
            session.execute(_KEEP, key | {"content": content, "sha256": sha256, "at": at})
    if actor.is_person or actor.client_id is not None:
        after = {"version": version, "locale": locale}
        action = ComplaintAction.REPORT_DOWNLOADED
        record(session, action, number, actor=actor, dealer_id=found.dealer_id, after=after)
    return Paper(f"{number}-{version}-{locale}.pdf", content, sha256)


def _paper(
    found: EventDetail, of: Version, locale: str, company: tuple[str, str], zone: ZoneInfo
) -> ReportPaper:
    is_chinese = locale == "zh"
    names = (found.dealer_zh, found.dealer_en)
    written = date_time(of.written_at, timezone=zone, locale=locale)
    submitted = f"{of.submitted_on.isoformat()} · {of.submitted_by_label}" if of.submitted_on else ""
    return ReportPaper(
        locale=locale,
        company=company if is_chinese else (company[1], company[0]),
        number=found.number,
        version=of.version_no,
        dealer=names if is_chinese else (names[1], names[0]),
        is_follow_up=of.kind == ReportKind.FOLLOW_UP,
        is_group=found.is_group,
        written=f"{written} · {of.written_by_label}",
        submitted=submitted,
        reference=of.reference or "",
        created=of.written_at,
        content=of.content,
    )


_KEPT = text(
    """
    SELECT f.content, f.sha256
      FROM service_request r
      JOIN adverse_paper f ON (f.dealer_id, f.event_id) = (r.dealer_id, r.id)
     WHERE r.number = :number AND f.version_no = :version AND f.locale = :locale
    """
)
_KEEP = text(
    """
    INSERT INTO adverse_paper (dealer_id, event_id, version_no, locale, content, sha256, rendered_at)
    SELECT r.dealer_id, r.id, :version, :locale, :content, :sha256, :at
      FROM service_request r WHERE r.number = :number
        ON CONFLICT DO NOTHING
    """
)
