"""Which revision each release knew, and which of them still work with a schema.

A migration that takes away, renames or narrows what an earlier release uses says in `OLDEST_RELEASE` what the
oldest release that works with it knows: a revision of `RELEASES`, since the release before goes on working.
"""

from __future__ import annotations

from alembic.script import ScriptDirectory

RELEASES = {"0.2.0": "0086"}
"""The newest revision of each release, in their order. From the first of them on it is told."""


def last_release() -> str:
    """What the release before the next one knows."""
    return list(RELEASES.values())[-1]


def oldest_release(scripts: ScriptDirectory, revision: str) -> str | None:
    """What the oldest release knows that works with the schema of a revision; None before that was told."""
    first = next(iter(RELEASES.values()))
    if not (revision.isdigit() and revision >= first):
        return None
    told = (
        getattr(script.module, "OLDEST_RELEASE", first)
        for script in scripts.iterate_revisions(revision, first)
    )
    return max(told, default=first)
