"""The statement on paper: an A4 PDF in Chinese or English with its fonts embedded.

`render(document, stream)` writes it; `load_fonts()` and `load_words()` before forking let every worker share
the parsed fonts and the words.
"""

from portal.statements.pdf.compose import compose, render
from portal.statements.pdf.fonts import load_fonts
from portal.statements.pdf.wording import load_words

__all__ = ["compose", "load_fonts", "load_words", "render"]
