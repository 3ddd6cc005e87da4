"""Who holds what, by all that the past moved: the database follows it by whole sets."""

from __future__ import annotations

import psycopg

from demo.scenario import Part, Scenario


def write_custody(connection: psycopg.Connection, _scenario: Scenario) -> None:
    """Follow every movement of the stock; what moves after the loading is followed as it happens."""
    connection.execute("SELECT follow_all_stock()")


PART = Part(
    "custody",
    write=write_custody,
    in_bulk=("custody_movement", "holding", "serial_place", "serial_step"),
)
