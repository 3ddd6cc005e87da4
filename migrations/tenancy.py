"""How a table is given its tenancy: the one way for every table."""

from __future__ import annotations

WITHIN = "(dealer_id = app_dealer() OR app_everywhere() OR dealer_id IN (SELECT app_dealers()))"
"""SQL: rows of the transaction's dealer, of the dealers in an employee's regions, or of all."""


def scope_table(table: str, *, seen: str = WITHIN, written: str = WITHIN) -> tuple[str, ...]:
    """The statements that force row-level security upon a table: rows are seen and written within the scope.

    `seen` and `written` are SQL for tables whose rows may belong to nobody, or to a person. Grants are
    another matter: say them column by column beside it.
    """
    return (
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
        f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
        f"CREATE POLICY {table}_scope ON {table} USING ({seen}) WITH CHECK ({written})",
    )
