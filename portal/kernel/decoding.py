"""The text of a file that somebody else's program wrote. Pure."""

from __future__ import annotations


def decoded(content: bytes) -> str:
    """UTF-16 by its mark, UTF-8 with or without one, or else GBK, read as its superset GB 18030.

    Raises UnicodeDecodeError for what is none of them. What is no text may be one of them all the same: the
    character NUL tells.
    """
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("gb18030")
