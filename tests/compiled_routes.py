"""Addresses compiled once a process.

Hundreds of tests make an application of their own, of the same routes; reading their addresses and compiling
how they are put together takes longer than all else of making one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import Flask
from werkzeug.routing import BaseConverter, Rule
from werkzeug.routing.rules import RulePart


@dataclass(frozen=True, slots=True)
class _Address:
    """What reading an address leaves behind. Its converters know no more of a map than its kinds of them."""

    parts: list[RulePart]
    trace: list[tuple[bool, str]]
    converters: dict[str, BaseConverter]


_read: dict[tuple[object, ...], _Address] = {}
_kept: dict[tuple[object, ...], Callable[..., tuple[str, str]]] = {}


class _KeptRule(Rule):
    """A rule that asks first whether its like was read and compiled before."""

    def _parse_rule(self, rule: str) -> list[RulePart]:
        """The parts of an address, by which it is found."""
        known = (rule, *self.map.converters.values())
        if known not in _read:
            before = len(self._trace)
            parts = list(super()._parse_rule(rule))
            _read[known] = _Address(parts, self._trace[before:], self._converters)
            return parts
        address = _read[known]
        self._trace += address.trace
        self._converters |= address.converters
        self.arguments |= address.converters.keys()
        return address.parts

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
