"""Addresses compiled once a process.

Hundreds of tests make an application of their own, of the same routes; reading their addresses, compiling how
they are put together and finding out their order takes longer than all else of making one.
"""

from __future__ import annotations

from collections.abc import Hashable
from copy import copy
from typing import Any

from flask import Flask
from werkzeug.routing import Map, Rule, RuleFactory

_made: dict[Hashable, Map] = {}


class _KeptMap(Map):
    """Looks first whether a map of the same rules was made before.

    Its rules are bound to that one, which is never added to: whoever adds a rule later gets another.
    """

    def __init__(self, *terms: Any, **named_terms: Any) -> None:
        self._own: list[Rule] = []  # never bound
        self._same_as: tuple[Rule, ...] | None = None  # whose rules these are, and no others
        super().__init__(*terms, **named_terms)

    def add(self, rulefactory: RuleFactory) -> None:
        """Note the rules; they are bound when an address is first looked for or put together."""
        self._own += rulefactory.get_rules(self)
        self._same_as = None
        self._remap = True

    def noted(self) -> tuple[Rule, ...]:
        """The rules as they were told. Whoever keeps them may have other maps `take` them."""
        return tuple(self._own)

    def take(self, rules: tuple[Rule, ...]) -> None:
        """Have the rules of another map, that are kept, in place of one's own."""
        self._own, self._same_as = list(rules), rules
        self._remap = True

    def update(self) -> None:
        """Take the rules as they were bound before, if they were."""
        with self._remap_lock:
            if not self._remap:
                return
            rules = map(_told_by, self._own) if self._same_as is None else (id(self._same_as),)
            known = (*_terms_of(self).values(), *self.converters.items(), *rules)
            if known not in _made:
                _made[known] = self._bound()
            made = _made[known]
            self._matcher, self._rules_by_endpoint = made._matcher, made._rules_by_endpoint
            self._remap = False

    def _bound(self) -> Map:
        made = Map(converters=self.converters, **_terms_of(self))
        for rule in self._own:
            other = copy(rule)
            other.arguments = set(rule.arguments)
            made.add(other)
        made.update()
        return made


def keep() -> None:
    """Have every application of this process find its routes compiled."""
    Flask.url_map_class = _KeptMap


def _terms_of(one: Map) -> dict[str, Any]:
    names = (
        "default_subdomain", "strict_slashes", "merge_slashes", "redirect_defaults", "host_matching",
        "sort_parameters", "sort_key",
    )  # fmt: skip
    return {name: getattr(one, name) for name in names}


def _told_by(rule: Rule) -> Hashable:
    """Everything that a rule was told."""
    return (
        rule.rule, rule.endpoint, rule.methods and frozenset(rule.methods),
        tuple((rule.defaults or {}).items()), rule.subdomain, rule.host, rule.strict_slashes,
        rule.merge_slashes, rule.build_only, rule.alias, rule.websocket, rule.redirect_to,
        getattr(rule, "provide_automatic_options", None),
    )  # fmt: skip
