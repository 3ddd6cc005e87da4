"""Addresses compiled once a process.

Hundreds of tests make an application of their own, of the same routes; compiling how their addresses are put
together takes longer than all else of making one.
"""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask
from werkzeug.routing import Rule

_kept: dict[tuple[object, ...], Callable[..., tuple[str, str]]] = {}


class _KeptRule(Rule):
    """A rule that asks first whether its like was compiled before."""

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        """The function that puts an address together; it is handed its rule, with the rule's converters."""
        if self.defaults:  # written into the function by the rule's own converters
            return super()._compile_builder(append_unknown)
        known = (self.rule, *self._trace, append_unknown)
        if known not in _kept:
            _kept[known] = super()._compile_builder(append_unknown)
        return _kept[known]


def keep() -> None:
    """Have every application of this process find its routes compiled."""
    Flask.url_rule_class = _KeptRule
