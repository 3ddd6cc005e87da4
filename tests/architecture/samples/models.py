"""Samples that dealers ask for."""

from __future__ import annotations

from migrations.tenancy import scope_table

MIGRATION = (
    """
    CREATE TABLE sample (
      dealer_id bigint NOT NULL REFERENCES dealer (id),
      number text NOT NULL,
      state text NOT NULL DEFAULT 'asked' CHECK (state IN ('asked', 'sent')),
      CONSTRAINT pk_sample PRIMARY KEY (dealer_id, number)
    )
    """,
    *scope_table("sample"),
    "GRANT SELECT, INSERT (dealer_id, number), UPDATE (state) ON sample TO {app_role}",
)
"""What a revision in ``migrations/versions`` would execute; this one is not of the portal's schema."""
