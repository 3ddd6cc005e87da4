"""The worked examples as pages to read, from the same files that the tests of the engines read: prices and
promotions in `docs/examples.md`, rebates in `docs/rebate-examples.md`.

``python -m assets.make_examples`` writes the files, and a test compares them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

DOCS = Path(__file__).resolve().parent.parent / "docs"
SOURCE = DOCS / "examples" / "prices_promotions.yaml"
PAGE = DOCS / "examples.md"
REBATES = DOCS / "examples" / "rebates.yaml"
REBATE_PAGE = DOCS / "rebate-examples.md"

_HEAD = """\
# Worked examples of prices and promotions

Made from `docs/examples/prices_promotions.yaml` by `python -m assets.make_examples`. The tests put every one
through the engine that charges orders, to the fen. All amounts are ¥ with VAT included; how they come about
is told in [prices](pricing.md) and [promotions](promotions.md).
"""


_REBATE_HEAD = """\
# Worked examples of rebates

Made from `docs/examples/rebates.yaml` by `python -m assets.make_examples`. The tests put every one through
the engine that accrues and settles, to the fen. The conventions stand in [rebates](rebates.md).
"""


def cases(source: Path = SOURCE) -> list[dict[str, Any]]:
    """Every example of a file."""
    read: list[dict[str, Any]] = yaml.safe_load(source.read_text(encoding="utf-8"))["cases"]
    return read


def page() -> str:
    """The page."""
    found = cases()
    return "\n".join([_HEAD, *_index(found), *(line for case in found for line in _case(case))]) + "\n"


def _index(found: list[dict[str, Any]]) -> Iterator[str]:
    yield "| | Example | 算例 | Total |"
    yield "|---|---|---|---|"
    for case in found:
        name = case["id"]
        total = case["expected"].get("total", "refused")
        yield f"| [{name}](#{name.lower()}) | {case['title']} | {case['title_zh']} | {total} |"
    yield ""


def _case(case: Mapping[str, Any]) -> Iterator[str]:
    yield f"## {case['id']}"
    yield ""
    yield f"{case['title']}. {case['title_zh']}。"
    yield ""
    dealer = case["dealer"]
    yield f"- On {case['today']}, dealer {dealer['code']}, tier {dealer['tier']}, region {dealer['region']}"
    yield from (f"- Product {_said(one)}" for one in case["products"])
    yield from (f"- Policy {_said(one)}" for one in case.get("policies", ()))
    yield from (f"- Contract {_said(one)}" for one in case.get("contracts", ()))
    yield from (f"- Promotion {_said(one)}" for one in case.get("promotions", ()))
    if "cart" in case:
        bought = ", ".join(f"{line['quantity']} × {line['sku']}" for line in case["cart"])
        yield f"- Ordered: {bought}"
    yield ""
    yield from _result(case["expected"])
    yield "```text"
    yield from case["working"]
    yield "```"
    yield ""


def _result(expected: Mapping[str, Any]) -> Iterator[str]:
    if "lines" not in expected:
        yield f"Refused: {_said(expected)}"
        yield ""
        return
    yield "| SKU | Units | Unit price | By | Discounts | Amount | Tax within |"
    yield "|---|---|---|---|---|---|---|"
    for line in expected["lines"]:
        discounts = "; ".join(f"{one['promotion']} −{one['amount']}" for one in line["discounts"])
        yield (
            f"| {line['sku']} | {line['quantity']} | {line['unit_price']} | {line['rule']} | {discounts} |"
            f" {line['amount']} | {line['tax']} |"
        )
    for gift in expected["gifts"]:
        yield f"| {gift['sku']} | {gift['quantity']} | gift | {gift['promotion']} | | 0.00 | |"
    yield f"| **Total** | | | | −{expected['discount_total']} | **{expected['total']}** | {expected['tax']} |"
    yield ""
    told = [
        f"- {title}: {_said(one)}"
        for title, name in (("Hint", "hints"), ("Not applied", "not_applied"), ("Returned", "returns"))
        for one in expected.get(name, ())
    ]
    yield from [*told, ""] if told else ()


def rebate_page() -> str:
    """The page of rebates."""
    found = cases(REBATES)
    lines = (line for case in found for line in _rebate_case(case))
    return "\n".join([_REBATE_HEAD, *_rebate_index(found), *lines]) + "\n"


def _rebate_index(found: list[dict[str, Any]]) -> Iterator[str]:
    yield "| | Example | 算例 | Accrued |"
    yield "|---|---|---|---|"
    for case in found:
        name = case["id"]
        accrued = " and ".join(one["accrued"] for one in case["expected"])
        yield f"| [{name}](#{name.lower()}) | {case['title']} | {case['title_zh']} | {accrued} |"
    yield ""


def _rebate_case(case: Mapping[str, Any]) -> Iterator[str]:
    yield f"## {case['id']}"
    yield ""
    yield f"{case['title']}. {case['title_zh']}。"
    yield ""
    yield f"- Dealer {_said(case['dealer'])}"
    yield f"- Period {_said(case['period'])}; as known on {case['as_of']}"
    yield from (f"- Programme {_said(one)}" for one in case["programmes"])
    yield from (f"- Settled before: {_said(one)}" for one in case.get("settled", ()))
    yield from (f"- Stock reported: {_said(one)}" for one in case.get("reports", ()))
    yield from (f"- Fact, confirmed: {_said(one)}" for one in case.get("facts", ()))
    yield ""
    yield "| Date | Document | Kind | Goods | Units | Net | Gross |"
    yield "|---|---|---|---|---|---|---|"
    for entry in case["ledger"]:
        told = [
            entry.get(name, "") for name in ("date", "document", "kind", "sku", "quantity", "net", "gross")
        ]
        yield f"| {' | '.join(str(one) for one in told)} |"
    yield ""
    yield from (f"- **{one['programme']}**: {_said(_but(one, 'programme'))}" for one in case["expected"])
    yield ""
    yield from ("```text", *case["working"], "```", "") if case["working"] else ()


def _but(value: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {key: one for key, one in value.items() if key != name}


def _said(value: Any) -> str:
    """A value of the file in plain text: ``sku GC-6F, pack 5``."""
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_inner(one)}" for name, one in value.items())
    return str(value)


def _inner(value: Any) -> str:
    if isinstance(value, Mapping):
        return f"({_said(value)})"
    if isinstance(value, list):
        return "[" + "; ".join(_said(one) for one in value) + "]"
    return str(value).lower() if isinstance(value, bool) else str(value)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    REBATE_PAGE.write_text(rebate_page(), encoding="utf-8")
