"""Which addresses somebody may enter for a webhook."""

from __future__ import annotations

from portal.web.request import current_actor, portal


def may_be_plain() -> bool:
    """Whether http will do: only into private networks that are open to those who ask."""
    return bool(portal().settings.private_for(dealers=not current_actor().is_staff))
