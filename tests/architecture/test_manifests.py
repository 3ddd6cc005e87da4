"""What manifests declare is complete, and leads somewhere."""

from __future__ import annotations

import re
import sys
from enum import StrEnum
from importlib import import_module
from inspect import getmembers, isclass

import pytest

from jobs.loading import function
from jobs.schedule import recurring
from portal.capabilities import CAPABILITIES
from portal.kernel.registry import registry
from portal.ledger.rules import CorrectionState
from portal.orders.lifecycle import Status
from portal.web.listing.declaration import Listing
from tests.architecture import tree
from tests.routes.url_map import routes

SCREENS = ("portal.blueprints.", "backoffice.blueprints.", "portal.web.")
WORDS = sorted((tree.ROOT / "portal").glob("*/vocabulary.py"))


def test_every_folder_of_the_trade_is_in_the_list():
    assert {capability.name for capability in CAPABILITIES} == tree.capabilities()


@pytest.mark.parametrize("path", WORDS, ids=tree.name)
def test_every_right_is_held_by_somebody_and_every_act_is_in_the_vocabulary(path):
    module = import_module(tree.name(path)[:-3].replace("/", "."))
    declared = registry()
    for name, names in getmembers(module, lambda one: isclass(one) and issubclass(one, StrEnum)):
        if name.endswith("Right"):
            assert set(names) <= declared.every_right, f"{name}: say in the manifest who holds it"
        elif name.endswith("Action"):
            assert set(names) <= set(declared.actions), f"{name}: declare it in the manifest"


def test_every_job_and_every_handler_is_a_function():
    handlers = [topic.handler for topic in registry().topics.values() if topic.handler]
    names = handlers + [one.job for one in recurring()]
    assert all(callable(function(name)) for name in names)


def test_every_menu_entry_leads_to_a_page_of_its_audience():
    pages = {route.endpoint: route.audience for route in routes() if route.method == "GET"}
    for entries in registry().menus.values():
        for entry in entries:
            assert pages[entry.endpoint] == entry.audience.value, entry


@pytest.mark.parametrize(
    ("kind", "states"), [("order", Status), ("desk order", Status), ("correction", CorrectionState)]
)
def test_every_state_has_its_look_and_no_look_is_left_over(kind, states):
    assert set(registry().statuses[kind]) == {str(state) for state in states}


def test_every_list_that_is_shown_is_declared_and_no_other():
    """Under other names nobody keeps views, so that nobody fills the table with made-up ones."""
    modules = [module for one in CAPABILITIES for pages in one.pages.values() for module in pages]
    for name in modules:
        import_module(name)
    loaded = [vars(module).values() for name, module in sys.modules.items() if name.startswith(SCREENS)]
    shown = {one.name for values in loaded for one in values if isinstance(one, Listing)}
    assert shown == registry().lists


def test_every_private_refusal_of_the_database_has_its_words():
    raised = set()
    for path in tree.python_files("migrations"):
        raised |= set(re.findall(r"ERRCODE = '(TL\d+)'", path.read_text(encoding="utf-8")))
    assert raised and raised <= set(registry().refusals)
