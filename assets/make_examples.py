"""The worked examples of prices and promotions as a page to read: `docs/examples.md`, from the same file that
the tests of the engine read.

``python -m assets.make_examples`` writes the file, and a test compares it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

DOCS = Path(__file__).resolve().parent.parent / "docs"
SOURCE = DOCS / "examples" / "prices_promotions.yaml"
PAGE = DOCS / "examples.md"

_HEAD = """\
# Worked examples of prices and promotions

Made from `docs/examples/prices_promotions.yaml` by `python -m assets.make_examples`. The tests put every one
through the engine that charges orders, to the fen. All amounts are ¥ with VAT included; how they come about
is told in [prices](pricing.md) and [promotions](promotions.md).
"""


def cases() -> list[dict[str, Any]]:
    """Every example."""
    read: list[dict[str, Any]] = yaml.safe_load(SOURCE.read_text(encoding="utf-8"))["cases"]
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
