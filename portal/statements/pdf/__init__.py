"""The statement on paper: an A4 PDF in Chinese or English with its fonts embedded.

`render(document, stream)` writes it; `load_fonts()` before forking lets every worker share the parsed fonts.
"""

from portal.statements.pdf.compose import compose, render
from portal.statements.pdf.fonts import load_fonts

__all__ = ["compose", "load_fonts", "render"]
