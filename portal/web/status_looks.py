"""The word, tone and icon of a status, as its capability declares them.

The tones are the classes ``tone-…`` of ``static/css/portal.css``.
"""

from __future__ import annotations

from flask_babel import gettext

from portal.kernel.manifest import Look
from portal.kernel.registry import registry


def status_look(kind: str, status: str) -> Look:
    """The look of a status, in the language of the page.

    One that nobody declares is shown as its own word, in grey.
    """
    look = registry().statuses.get(kind, {}).get(str(status))
    if look is None:
        return Look(str(status).replace("_", " "), "grey", "circle-dashed")
    return look._replace(label=gettext(look.label))
