"""What the pages of budgets show: the form as it is typed, the chart, who may do what, and what happened."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from flask_babel import gettext

from portal.budgets import cockpit
from portal.budgets.cockpit import STANDINGS, BudgetDetail, BudgetRow
from portal.budgets.queries import programmes_without_budget
from portal.budgets.rules import Pot
from portal.budgets.vocabulary import BudgetRight
from portal.budgets.words import BUDGET_KINDS
from portal.dealers.queries import regions_in_scope
from portal.kernel import typed
from portal.kernel.errors import Conflict, Fault, Invalid
from portal.kernel.formats import money
from portal.kernel.paging import Page
from portal.web.forms import Form
from portal.web.presentation import in_full, in_language, in_words
from portal.web.request import current_actor, current_session
from portal.web.status_looks import status_look

CHARTED_MAX = 12


@dataclass(frozen=True, slots=True)
class Typed:
    """A pot as somebody typed it."""

    title_zh: str = ""
    title_en: str = ""
    kind: str = ""
    programme: str = ""
    region: str = ""
    first_day: str = ""
    last_day: str = ""
    amount: str = ""
    reason: str = ""


class PotForm(Form):
    """The fields of a pot."""

    title_zh: str
    title_en: str
    kind: str
    programme: str
    region: str
    first_day: str
    last_day: str
    amount: str
    reason: str


class Charted:
    """The rows of a page, and the same as a chart: read once."""

    def __init__(self, fetch: Callable[[str | None, int], Page[BudgetRow]]) -> None:
        self._fetch = fetch
        self._rows: Sequence[BudgetRow] = ()

    def fetch(self, cursor: str | None, limit: int) -> Page[BudgetRow]:
        """A page of pots."""
        page = self._fetch(cursor, limit)
        self._rows = page.items
        return page

    def chart(self) -> dict[str, Any] | None:
        """Spent, reserved and free of the first open ones."""
        rows = [one for one in self._rows if one.state == "open"][:CHARTED_MAX]
        if not rows:
            return None
        names = (
            ("spent", gettext("Spent")),
            ("reserved", gettext("Reserved")),
            ("free", gettext("Free")),
        )
        return {
            "kind": "stacked",
            "format": "money",
            "categories": [in_language(one.title_zh, one.title_en) for one in rows],
            "series": [
                {"name": label, "values": [getattr(one, name) for one in rows]} for name, label in names
            ],
        }


def may(found: BudgetDetail) -> dict[str, bool]:
    """What the visitor may do about a pot."""
    actor, waiting = current_actor(), found.waiting
    return {
        "may_change": found.answerable
        and waiting is None
        and found.row.state == "open"
        and actor.may(BudgetRight.PROPOSE),
        "may_decide": found.answerable
        and waiting is not None
        and waiting.proposed_by != actor.key
        and actor.may(BudgetRight.APPROVE),
        "waits_for_another": waiting is not None and waiting.proposed_by == actor.key,
    }


def history_of(found: BudgetDetail) -> list[dict[str, Any]]:
    """What was proposed for a pot and decided, the latest first."""
    events: list[dict[str, Any]] = []
    for one in found.proposals:
        if one.decided_at is not None:
            look = status_look("budget proposal", one.state)
            text = " · ".join(filter(None, (one.decided_by_label, one.decision_note)))
            events.append(
                {
                    "at": one.decided_at,
                    "title": look.label,
                    "text": text,
                    "icon": look.icon,
                    "tone": look.tone,
                }
            )
        events.append(
            {
                "at": one.proposed_at,
                "title": gettext("Proposed: %(amount)s", amount=money(one.amount)),
                "text": " · ".join(filter(None, (one.proposed_by_label, one.reason))),
                "icon": "file-pencil",
                "tone": "grey",
            }
        )
    return events


def filters() -> dict[str, Any]:
    """What the cockpit can be narrowed to."""
    session, actor = current_session(), current_actor()
    standings = [(one, status_look("budget standing", one).label) for one in STANDINGS]
    return {
        "kind_options": _kinds(),
        "region_options": [
            (one.code, in_language(one.name_zh, one.name_en)) for one in regions_in_scope(session, actor)
        ],
        "year_options": [(str(one), str(one)) for one in cockpit.years(session, actor=actor)],
        "standing_options": standings,
        "may_propose": actor.may(BudgetRight.PROPOSE),
    }


def pot_of(form: PotForm) -> Pot:
    """What was typed, read; what cannot be read goes along as faults."""
    faults: list[Fault] = []
    first: date | None = typed.field(typed.day, form.first_day, "/first_day", faults)
    last: date | None = typed.field(typed.day, form.last_day, "/last_day", faults)
    wanted: Decimal | None = typed.field(typed.money, form.amount, "/amount", faults)
    return Pot(
        form.title_zh,
        form.title_en,
        form.kind,
        form.programme.strip(),
        form.region,
        first,
        last,
        wanted,
        form.reason,
        tuple(faults),
    )


def form_of(typed_pot: Typed, refusal: Invalid | Conflict | None = None) -> dict[str, Any]:
    """The form, with what was typed and what was wrong with it."""
    faults = list(refusal.faults) if refusal else []
    summary = [(f"field-{one.pointer.strip('/')}", in_words(one)) for one in faults]
    if refusal is not None and not faults:
        summary = [("field-title_zh", in_full(refusal))]
    return {
        "typed": typed_pot,
        "kind_options": _kinds(),
        "region_options": [
            (one.code, in_language(one.name_zh, one.name_en))
            for one in regions_in_scope(current_session(), current_actor())
        ],
        "programme_options": _programmes(typed_pot.programme),
        "everywhere": current_actor().region_ids is None,
        "summary": summary,
        "errors": lambda name: [in_full(one) for one in faults if one.pointer == f"/{name}"],
    }


def _programmes(chosen: str) -> list[tuple[str, str]]:
    """Programmes that may have a budget; what was chosen stays, whatever it is."""
    found = programmes_without_budget(current_session(), actor=current_actor())
    options = [(one.number, f"{in_language(one.title_zh, one.title_en)} · {one.number}") for one in found]
    known = {number for number, _ in options}
    return options + ([(chosen, chosen)] if chosen and chosen not in known else [])


def _kinds() -> list[tuple[str, str]]:
    return [(str(one), gettext(label)) for one, label in BUDGET_KINDS.items()]
