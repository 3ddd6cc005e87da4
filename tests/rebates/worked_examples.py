"""The worked examples of rebates, `docs/examples/rebates.yaml`, as values of the engine."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from portal.rebates.engine import Known
from portal.rebates.evidence_rules import Evidence, Fact, Report
from portal.rebates.programme import (
    Goods,
    Grade,
    Growth,
    Mix,
    OnTime,
    Payout,
    Programme,
    Standing,
    Table,
    Tier,
    Whom,
)
from portal.rebates.rules import (
    Basis,
    GrowthBy,
    GrowthPays,
    LateReturns,
    Measure,
    Method,
    OnTimeMode,
    PeriodKind,
    ZeroBase,
)
from portal.rebates.source_lines import Bill, LineKind, SourceLine, money_received, paid_in_full_on

EXAMPLES = Path(__file__).resolve().parents[2] / "docs" / "examples" / "rebates.yaml"
ALWAYS = date(2000, 1, 1), date(2099, 12, 31)


def cases() -> Iterator[dict[str, Any]]:
    """Every case as it is written."""
    yield from yaml.safe_load(EXAMPLES.read_text(encoding="utf-8"))["cases"]


def programme(written: Mapping[str, Any], *, as_of: date = ALWAYS[1]) -> Programme:
    """A programme of a case, with the amendments that are published on a day."""
    amended = [one for one in written.get("amendments", ()) if one.get("published", as_of) <= as_of]
    return Programme(
        number=written["number"],
        valid_from=ALWAYS[0],
        valid_to=ALWAYS[1],
        period=PeriodKind(written["period"]),
        measure=Measure(written["measure"]),
        basis=Basis(written["basis"]),
        method=Method(written["method"]),
        tables=(
            Table(ALWAYS[0], _tiers(written["tiers_of"])),
            *(Table(one["from"], _tiers(one["tiers_of"])) for one in amended),
        ),
        whom=Whom(
            frozenset(written.get("regions", ())),
            frozenset(written.get("tiers", ())),
            frozenset(written.get("dealers", ())),
        ),
        goods=_goods(written),
        payout=_payout(written),
        growth=_growth(written.get("growth")),
        mix=_mix(written.get("mix")),
        on_time=_on_time(written.get("on_time")),
        returns_at_most=_amount(written.get("returns_at_most")),
        inventory_reports=written.get("inventory_reports"),
        no_diversion_case=written.get("no_diversion_case", False),
        multiplier=Decimal(written.get("multiplier", 1)),
        cap=_amount(written.get("cap")),
        late_returns=LateReturns(written.get("late_returns", "own_date")),
        priority=written.get("priority", 1),
        combinable=written.get("combinable", True),
    )


def known_of(case: Mapping[str, Any], measure: str) -> Known:
    """What is known of the dealer of a case on its day."""
    entries = [entry for entry in case["ledger"] if entry["date"] <= case["as_of"]]
    invoices: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for entry in entries:
        if entry["kind"] == "invoice":
            invoices[entry["document"]].append(entry)
    payments = defaultdict(list)
    credited = defaultdict(list)
    for entry in entries:
        if entry["kind"] == "payment":
            payments[entry["of"]].append((entry["date"], entry["document"], Decimal(entry["gross"])))
        elif entry["kind"] == "credit_note" and "of" in entry:
            credited[entry["of"]].append((entry["date"], -Decimal(entry["gross"])))
    bills = {
        number: _bill(number, lines, payments[number], credited[number]) for number, lines in invoices.items()
    }
    if measure == "paid":
        lines = [
            line
            for number, of in invoices.items()
            for line in money_received([_line(entry, invoices) for entry in of], payments[number])
        ]
    else:
        kinds = ("shipment", "goods_back") if measure == "shipped" else ("invoice", "credit_note")
        counted = [one for one in entries if one["kind"] in kinds and one.get("reason") != "rebate"]
        lines = [_line(entry, invoices) for entry in counted if not entry.get("gift")]
    lines.sort(key=lambda line: line.order)
    return Known(case["dealer"]["code"], _standings(case["dealer"]), lines, bills, _evidence(case))


def _evidence(case: Mapping[str, Any]) -> Evidence:
    reports = [Report(one["counted"], one["came"]) for one in case.get("reports", ())]
    facts = [
        Fact(one["kind"], one["holds"], one["from"], one.get("to"), one["reason"])
        for one in case.get("facts", ())
    ]
    return Evidence(case["as_of"], reports, facts)


def _bill(number: str, lines: Any, payments: Any, credited: Any) -> Bill:
    gross = sum(Decimal(line["gross"]) for line in lines)
    settled = [(day, amount) for day, _, amount in payments] + credited
    first = lines[0]
    return Bill(number, first["date"], first.get("due", first["date"]), paid_in_full_on(gross, settled))


def _line(entry: Mapping[str, Any], invoices: Mapping[str, list[dict[str, Any]]]) -> SourceLine:
    of = entry.get("of")
    return SourceLine(
        on=entry["date"],
        document=entry["document"],
        line=entry["line"],
        kind=LineKind(entry["reason"]) if entry["kind"] == "credit_note" else LineKind.SALE,
        sku=entry["sku"],
        categories=frozenset({entry["category"]}),
        quantity=entry["quantity"],
        net=Decimal(entry["net"]),
        gross=Decimal(entry["gross"]),
        invoice=of or entry["document"],
        origin_on=invoices[of][0]["date"] if of else None,
    )


def _standings(dealer: Mapping[str, Any]) -> list[Standing]:
    history = dealer.get("history", [{"from": ALWAYS[0], **dealer}])
    return [Standing(one["from"], one["tier"], frozenset({one["region"]})) for one in history]


def _tiers(written: Any) -> tuple[Tier, ...]:
    return tuple(
        Tier(
            Decimal(one["from"]),
            _amount(one.get("percent")),
            _amount(one.get("amount_per_unit")),
            _amount(one.get("fixed")),
        )
        for one in written
    )


def _goods(written: Mapping[str, Any]) -> Goods:
    categories = {written["category"]} if "category" in written else set()
    return Goods(frozenset(written.get("skus", ())), frozenset(categories))


def _payout(written: Mapping[str, Any]) -> Payout | None:
    if "payout" not in written:
        return None
    said = written["payout"]
    goods = _goods(said) if {"skus", "category"} & set(said) else _goods(written)
    return Payout(Basis(said.get("basis", written["basis"])), goods)


def _growth(written: Mapping[str, Any] | None) -> Growth | None:
    if written is None:
        return None
    return Growth(
        GrowthBy(written["by"]),
        GrowthPays(written["pays"]),
        _amount(written.get("base_at_least")),
        ZeroBase(written.get("zero_base", "skip")),
    )


def _mix(written: Mapping[str, Any] | None) -> Mix | None:
    if written is None:
        return None
    return Mix(_goods(written), Decimal(written["share_at_least"]), Decimal(written.get("otherwise", 0)))


def _on_time(written: Mapping[str, Any] | None) -> OnTime | None:
    if written is None:
        return None
    grades = tuple(Grade(one["days"], Decimal(one["pays"])) for one in written.get("grades", ()))
    return OnTime(OnTimeMode(written["rule"]), written.get("grace_days", 0), grades)


def _amount(written: Any) -> Decimal | None:
    return None if written is None else Decimal(written)
