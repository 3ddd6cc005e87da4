"""The paper a statement is written on."""

from __future__ import annotations

from dataclasses import dataclass

from portal.kernel.paper.page import Paper
from portal.kernel.paper.sheet import Sheet
from portal.statements.document import StatementDocument
from portal.statements.pdf import wording


@dataclass(kw_only=True)
class StatementPaper(Paper):
    """Paper that knows the statement its parts are drawn from."""

    document: StatementDocument

    @classmethod
    def blank(cls, document: StatementDocument, sheet: Sheet) -> StatementPaper:
        return cls(document=document, sheet=sheet, words=wording.words(document.locale))
