"""The form of a recall: what was typed, read; what is shown again, or out of a notice."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from portal.kernel import typed as typing
from portal.kernel.errors import N_, Fault, Invalid
from portal.recalls.draft_rules import Draft, ScopeLine
from portal.recalls.proposal import Proposal
from portal.recalls.queries import RecallDetail
from portal.recalls.rules import ScopeKind
from portal.web.forms import Flag, Form, Stripped, read_form, rows_of_form
from portal.web.request import request

BLANK_ROWS = 2
"""Of the form, beyond those that are filled."""
_BETWEEN = re.compile(r"[\s,;，；、]+")


class DraftForm(Form):
    """A recall as somebody types it."""

    level: Stripped
    title: Stripped
    reason: Stripped
    demands: Stripped
    is_drill: Flag
    notice_text: Stripped


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the scope as it stands in the form. named: the article, as a notice names it."""

    sku: str = ""
    kind: str = str(ScopeKind.LOTS)
    lots: str = ""
    serial_from: str = ""
    serial_to: str = ""
    without: str = ""
    made_from: str = ""
    made_to: str = ""
    named: str = ""


def typed_rows() -> list[Row]:
    """The lines of the scope as they were sent."""
    columns = ("sku", "kind", "lots", "serial_from", "serial_to", "without", "made_from", "made_to")
    return [Row(**dict(zip(columns, line, strict=True))) for line in rows_of_form(*columns)]


def draft_of() -> Draft:
    """What was typed. Raises Invalid for days that cannot be read."""
    form, faults, scope = read_form(DraftForm), list[Fault](), list[ScopeLine]()
    for place, row in enumerate(typed_rows()):
        if not any((row.sku, row.lots, row.serial_from, row.serial_to, row.made_from, row.made_to)):
            continue  # left blank
        if row.kind not in list(ScopeKind):
            message, fix = N_("This is not to choose from."), N_("Choose one from the list.")
            faults.append(Fault(f"/scope/{place}/kind", "choice", message, fix))
            continue
        days = [
            typing.field(typing.day, day, f"/scope/{place}/{name}", faults) if day.strip() else None
            for name, day in (("made_from", row.made_from), ("made_to", row.made_to))
        ]
        lots, without = _listed(row.lots), _listed(row.without)
        ends = row.serial_from, row.serial_to
        scope.append(ScopeLine(row.sku, ScopeKind(row.kind), lots, *ends, without, *days))
    if faults:
        raise Invalid(faults=faults)
    level = int(form.level) if form.level in ("1", "2", "3") else 0
    return Draft(level, form.title, form.reason, form.demands, form.is_drill, tuple(scope), form.notice_text)


def form_of(
    found: RecallDetail | None, *, typed: Sequence[Row] | None = None, proposal: Proposal | None = None
) -> dict[str, Any]:
    """What the form shows: what was typed, what a notice says, or what is written."""
    rows = typed
    if proposal is not None:
        rows = [_row_of(one.line, one.article) for one in proposal.lines]
    elif rows is None:
        rows = [_row_of(_line_of(one), "") for one in found.scope] if found else []
    sent = request.form if typed is not None or proposal is not None else None
    written = ("title", "reason", "demands", "notice_text")
    values = {name: sent.get(name, "") if sent else getattr(found, name, "") for name in written}
    values["level"] = sent.get("level", "") if sent else str(found.level) if found else ""
    if proposal is not None and proposal.level:
        values["level"] = str(proposal.level)
    is_drill = bool(sent.get("is_drill")) if sent else bool(found and found.is_drill)
    return {"rows": [*rows, *[Row()] * BLANK_ROWS], "values": values, "is_drill": is_drill}


def _listed(text: str) -> tuple[str, ...]:
    return tuple(one for one in _BETWEEN.split(text) if one)


def _line_of(one: Any) -> ScopeLine:
    ends = one.serial_from, one.serial_to
    lots, without = tuple(one.lots), tuple(one.without)
    return ScopeLine(one.sku, ScopeKind(one.kind), lots, *ends, without, one.made_from, one.made_to)


def _row_of(line: ScopeLine, named: str) -> Row:
    return Row(
        line.sku,
        str(line.kind),
        "\n".join(line.lots),
        line.serial_from,
        line.serial_to,
        " ".join(line.without),
        f"{line.made_from or ''}",
        f"{line.made_to or ''}",
        named if named != line.sku else "",
    )
