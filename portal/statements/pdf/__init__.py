"""The statement on paper: an A4 PDF in Chinese or English with its fonts embedded.

`render(document, stream)` writes it; `load_words()`, and `load_fonts()` of the paper, before forking let
every worker share the words and the parsed fonts.
"""

from portal.statements.pdf.compose import compose, render
from portal.statements.pdf.wording import load_words

__all__ = ["compose", "load_words", "render"]
