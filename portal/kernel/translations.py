"""The words of other languages, compiled from `portal/translations` when a process starts.

That takes 13 ms for 1,200 messages. So no compiled file exists that could be missing, stale, half-written or
in conflict at a merge, and the folder may be read-only.
"""

from __future__ import annotations

from functools import cache
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po
from babel.support import NullTranslations, Translations

FOLDER = Path(__file__).parent.parent / "translations"


@cache
def words(language: str, folder: Path = FOLDER) -> NullTranslations:
    """The texts of a language such as ``zh``; English, in which they are written, where there are none.

    Read once a process: whoever forks children that need words asks before it forks. Raises ValueError
    when the file is damaged, by the marks of a merge for example.
    """
    source = folder / language / "LC_MESSAGES" / "messages.po"
    if not source.is_file():
        return NullTranslations()
    compiled = BytesIO()
    try:
        with source.open("rb") as file:
            write_mo(compiled, read_po(file, locale=language, abort_invalid=True))
    except PoFileError as error:
        raise ValueError(
            f"{source}, line {error.lineno + 1}: {error.line.strip()!r} is no message; mend it, then start"
        ) from error
    compiled.seek(0)
    return Translations(compiled)
