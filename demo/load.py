"""Fill an empty, migrated database with the demonstration."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import psycopg

from demo.loading.bare import bare_tables
from demo.loading.books import close_months, write_ledger
from demo.loading.catalogue import load_catalogue
from demo.loading.documents import write_invoices, write_orders, write_shipments
from demo.loading.facts import load_facts
from demo.loading.lots import LotKeys, load_lots
from demo.loading.network import load_network
from demo.loading.numbers import define_numbers
from demo.loading.people import load_clients, load_people
from demo.loading.policies import load_policies
from demo.loading.rows import connect, go_on_after
from demo.loading.stock import write_stock
from demo.loading.trail import write_audit
from demo.scenario import Scenario, build_scenario
from portal import clock

SEED = 1
_INVENTED = {"catalogue": 0.0, "dealers and policies": 0.06, "orders": 0.07, "lots and stock": 0.17}

Progress = Callable[[str, float], None]


def load(owner_url: str, app_url: str, scale: str, progress: Progress) -> dict[str, Any]:
    """Load the demonstration as of this moment; returns users with passwords and API clients with secrets.

    `progress` is told the step that begins and the share of the whole (0–1) that is done. The database is migrated and empty.
    """
    scenario = build_scenario(clock.now(), seed=SEED, progress=lambda step: progress(f"inventing {step}", _INVENTED[step]))
    with connect(owner_url) as connection:
        return load_scenario(connection, scenario, progress)


def load_scenario(connection: psycopg.Connection, scenario: Scenario, progress: Progress) -> dict[str, Any]:
    """Load a scenario through a connection of the owner."""
    define_numbers(connection, scenario.seed)
    lots = LotKeys(scenario.lots)
    with bare_tables(connection):
        progress("products and dealers", 0.2)
        load_catalogue(connection, scenario)
        load_network(connection, scenario)
        users = load_people(connection, scenario)
        clients = load_clients(connection, scenario)
        load_policies(connection, scenario)
        load_lots(connection, scenario, lots)
        progress("prices of past orders", 0.28)
        load_facts(connection, scenario, lots)
        progress("orders", 0.45)
        write_orders(connection)
        progress("shipments", 0.54)
        write_shipments(connection)
        progress("invoices", 0.7)
        write_invoices(connection)
        progress("ledger", 0.78)
        write_ledger(connection, scenario.now)
        progress("stock", 0.82)
        write_stock(connection, scenario.now)
        progress("statements and audit", 0.92)
        close_months(connection, scenario.now)
        write_audit(connection)
        progress("keys and indexes", 0.94)
    go_on_after(connection)
    connection.commit()
    progress("statistics", 0.97)
    connection.execute("ANALYZE")
    return {"users": users, "clients": clients}
