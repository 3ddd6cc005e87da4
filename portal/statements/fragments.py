"""Pieces of SQL about statements that several statements share."""

from __future__ import annotations

CURRENT = """coalesce((
  SELECT max(c.version) FROM statement_correction c
   WHERE (c.dealer_id, c.statement_id) = (s.dealer_id, s.id)), 1)"""
"""SQL: which version of a statement `s` is the current one; only approved corrections have a version."""

ANSWERED = f"""
LEFT JOIN statement_answer a
  ON (a.dealer_id, a.statement_id, a.version) = (s.dealer_id, s.id, {CURRENT})
"""
"""SQL: joins as `a` what was said to the current version of a statement `s`."""
