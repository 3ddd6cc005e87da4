"""Hand out the reconciliation sheet as PDF or Excel; the audit tells who took it."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from portal.audit import record as audit
from portal.kernel.actor import Actor
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
