"""Hand out the reconciliation sheet as PDF or Excel; the audit tells who took it."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit import record as audit
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Conflict, NotFound
from portal.own_ledgers import sheet_pdf, sheet_xlsx
from portal.own_ledgers.queries import require_reader
from portal.own_ledgers.sheet import sheet_of
from portal.own_ledgers.vocabulary import OwnLedgerAction

_MEDIA = {
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@dataclass(frozen=True, slots=True)
class SheetFile:
    """A file with the name it is saved under."""

    filename: str
    media: str
    content: bytes


def download_sheet(
    session: Session,
    *,
    actor: Actor,
    number: str,
    form: str,
    locale: str,
    company: tuple[str, str],
    zone: ZoneInfo,
) -> SheetFile:
    """The sheet as it stands, signed or not. form: pdf or xlsx. company: its Chinese and English name.

    Raises NotFound out of scope, Conflict for a ledger that was not compared, Forbidden.
    """
    require_reader(actor)
    sheet = sheet_of(session, number)
    stream = BytesIO()
    locale = locale if locale in sheet_pdf.LOCALES else sheet_pdf.LOCALES[0]
    paper = sheet_pdf.SheetPaper(locale, company, sheet, zone)
    (sheet_pdf if form == "pdf" else sheet_xlsx).render(paper, stream)
    told = {"form": form, "locale": locale}
    audit.record(
        session, OwnLedgerAction.DOWNLOADED, number, actor=actor, dealer_id=sheet.dealer_id, after=told
    )
    return SheetFile(f"{number}-{locale}.{form}", _MEDIA[form], stream.getvalue())


def download_file(session: Session, *, actor: Actor, number: str) -> SheetFile:
    """The dealer's file as it was uploaded.

    Raises NotFound out of scope, Conflict for one that was discarded, Forbidden.
    """
    require_reader(actor)
    row = session.execute(_FILE, {"number": number}).one_or_none()
    if row is None:
        raise NotFound()
    if not row.content:
        message, fix = N_("This ledger has been discarded."), N_("Upload it once more to compare it.")
        raise Conflict("ledger_over", message, fix=fix)
    told = {"form": "file"}
    audit.record(
        session, OwnLedgerAction.DOWNLOADED, number, actor=actor, dealer_id=row.dealer_id, after=told
    )
    return SheetFile(row.filename, "application/octet-stream", row.content)


_FILE = text("SELECT dealer_id, filename, content FROM own_ledger WHERE number = :number")
