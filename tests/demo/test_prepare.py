"""The derivation of the order rhythm, on a handful of source lines."""

from __future__ import annotations

from demo.past.rhythm import read_counts, read_purchases
from demo.source.prepare import Purchase, RetailLine, by_popularity, clean_retail, grouped, link_credits


def row(
    invoice: str = "536365",
    item: str = "85123A",
    quantity: int = 6,
    time: str = "08:26",
    customer: str = "17850.0",
) -> dict[str, str]:
    """A line as the source has it."""
    return {
        "InvoiceNo": invoice,
        "StockCode": item,
        "Description": "HEART HOLDER",
        "Quantity": str(quantity),
        "InvoiceDate": f"2010-12-01 {time}:00",
        "UnitPrice": "2.55",
        "CustomerID": customer,
        "Country": "United Kingdom",
    }


def test_good_lines_lose_everything_but_four_facts():
    lines, counts = clean_retail([row()])
    assert lines == [RetailLine("536365", "85123A", 6, 8 * 60 + 26, "17850")]
    assert counts == {"source_lines": 1, "source_invoices": 1}


def test_what_is_no_sale_of_a_product_is_counted_and_dropped():
    rows = [
        row(),
        row(),
        row(item="POST"),
        row(item="BANK CHARGES"),
        row(item="gift_0001_20"),
        row(item="M"),
        row(quantity=-4),
        row("C536379", quantity=4),
        row("C536380", quantity=-1, customer=""),
    ]
    lines, counts = clean_retail(rows)
    assert len(lines) == 1
    assert counts["exact_duplicates_dropped"] == 1
    assert counts["non_product_lines_dropped"] == 4
    assert counts["stock_corrections_dropped"] == 2
    assert counts["unnamed_credits_dropped"] == 1


def test_a_purchase_without_customer_is_kept_without_a_name():
    lines, _ = clean_retail([row(customer="")])
    assert grouped(lines)[0].customer == ""


def test_a_credit_goes_to_the_latest_purchase_that_still_holds_it():
    purchases = [
        Purchase("1", 0, "A", [("x", 10)]),
        Purchase("2", 50, "A", [("x", 10)]),
        Purchase("3", 60, "B", [("x", 10)]),
    ]
    credit_lines = [
        RetailLine("C1", "x", -8, 100, "A"),
        RetailLine("C2", "x", -8, 110, "A"),
        RetailLine("C3", "x", -8, 120, "A"),
        RetailLine("C4", "x", -1, 55, "B"),
    ]
    linked, unlinked = link_credits(purchases, credit_lines)
    assert linked == [(1, 100, "x", 8), (0, 110, "x", 8)]
    assert unlinked == 2


def test_ranks_follow_frequency_then_the_alphabet():
    assert by_popularity(["b", "a", "c", "c"]) == {"c": 0, "a": 1, "b": 2}


def test_the_shipped_rhythm_agrees_with_its_counts():
    counts = read_counts()
    purchases = read_purchases(1)
    assert sum(len(purchase.credits) for purchase in purchases) == counts["credit_lines"]
    dropped = sum(
        number
        for name, number in counts.items()
        if name.endswith("_dropped") and name != "credits_without_purchase_dropped"
    )
    kept = counts["order_lines"] + counts["credit_lines"] + counts["credits_without_purchase_dropped"]
    assert kept + dropped == counts["source_lines"]
