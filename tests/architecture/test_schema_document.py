"""The document of the tables is that of the models."""

from __future__ import annotations

import re

from assets import make_schema
from portal.capabilities import CAPABILITIES, metadata


def test_the_document_is_that_of_the_models():
    assert make_schema.SCHEMA.read_text(encoding="utf-8") == make_schema.schema(), (
        "run: .venv/bin/python -m assets.make_schema"
    )


def test_every_table_stands_in_the_diagram_of_one_capability():
    boxes = re.findall(r"^    (\w+) \{$", make_schema.schema(), re.MULTILINE)
    assert sorted(boxes) == sorted(metadata.tables)


def test_every_capability_with_tables_has_a_diagram():
    chapters = re.findall(r"^## (\w+)$", make_schema.schema(), re.MULTILINE)
    assert chapters == [one.name for one in CAPABILITIES if one.models] + ["kernel"]


def test_mermaid_reads_every_column():
    boxes = re.findall(r" \{\n(.*?)\n    \}", make_schema.schema(), re.DOTALL)
    column = re.compile(r' {8}[a-z]+(\[\])? [a-z_0-9]+( [PFU]K(, [PFU]K)*)?( "[^"]+")?')
    assert not [line for box in boxes for line in box.splitlines() if not column.fullmatch(line)]


def test_a_diagram_tells_keys_and_rules():
    document = make_schema.schema()
    assert "        bigint dealer_id PK, FK\n" in document
    assert '    dealer_region }o--|| region_node : "region_id"\n' in document
    assert (
        '    shipment }o--|| sales_order : "dealer_id, order_id"\n' in document
    )  # one at a time while it is picked
    assert '    dealer_account |o--|| dealer : "dealer_id"\n' in document
    assert "  - unique `dealer_id` where `is_default`\n" in document
    assert "  - `device_class BETWEEN 1 AND 3`\n" in document
