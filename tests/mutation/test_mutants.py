"""Which changes are tried beside those of mutmut."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.mutation.rules import importing_tests
from tests.mutation.statements import mutants, tried_by

MODULE = '''
"""Orders AND their levels."""

_LOCK = text(
    """
    SELECT FROM stock_level s WHERE s.warehouse_id = :w
       AND s.product_id IN (SELECT x FROM y) AND s.units >= 1
     ORDER BY s.warehouse_id, s.product_id FOR NO KEY UPDATE
    """
)

def take(session, actor):
    """Take 取."""
    actor.require("write")
    rows = session.execute(_LOCK)
    locks.take(
        session, rows
    )
    return rows
'''


def test_each_step_condition_boundary_and_order_is_changed_once():
    changes = [one.told.partition("\n")[2] for one in mutants(MODULE)]
    assert changes == [
        '- actor.require("write")\n+ pass',
        "- locks.take(\n        session, rows\n    )\n+ pass",
        "- ORDER BY s.warehouse_id, s.product_id",
        "- AND s.product_id IN (SELECT x FROM y) AND s.units >= 1",
        "- >=\n+ >",
    ]


@pytest.mark.parametrize("mutant", list(mutants(MODULE)), ids=lambda one: one.told)
def test_a_mutant_is_the_module_with_one_change(mutant):
    compile(mutant.source, "mutant", "exec")
    assert mutant.source != MODULE
    assert mutant.source.count("\n") <= MODULE.count("\n")


def test_what_is_no_sql_and_no_step_stays():
    assert not list(mutants('x = "a < b"\ny = call()\n"""A < B."""\n'))


def test_a_fragment_is_tried_by_the_tests_of_those_it_is_put_into():
    tests = tried_by(Path("portal/stock/fragments.py"), "stock")
    assert tests[0] == "tests/stock"
    assert {"tests/orders", "tests/shipping"} <= set(tests)
    assert not {"tests/ledger", "tests/web"} & set(tests)


def test_a_verb_is_tried_by_its_own_tests_first():
    assert tried_by(Path("portal/orders/cancel_order.py"), "orders")[:2] == [
        "tests/orders/test_cancel_order.py",
        "tests/orders",
    ]


def test_a_rule_is_tried_by_the_tests_that_import_it():
    rules = [Path("portal/kernel/typed.py"), Path("portal/kernel/money.py")]
    tried = importing_tests("kernel", rules)
    assert {"tests/kernel/test_typed.py", "tests/kernel/test_money.py"} <= set(tried)
    assert "tests/kernel/test_clock.py" not in tried
    assert importing_tests("lists", [Path("portal/lists/rules.py")]) == ["tests/lists/test_rules.py"]
