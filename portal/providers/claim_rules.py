"""What somebody's provider says of them, and which roles and regions that gives here. Pure.

Every rule that fits gives what it gives; no rule takes anything. A rule never gives the role that leads a
side (a dealer's owner, headquarters' administrator): those are given by a person of the portal, so that no
claim makes anybody's master, and none that is missing leaves a side without one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from portal.identity.custom_role_rules import is_custom
from portal.identity.people_rules import leading_role, roles_in_order
from portal.identity.rules import roles_allowed
from portal.kernel.errors import N_, Fault

RULES_MAX = 50
TEXT_MAX = 200
_SHOWN_MAX = 120
_LISTED_MAX = 500


class ClaimTest(StrEnum):
    """How a rule looks at a claim."""

    IS = "is"
    BEGINS = "begins"
    ENDS = "ends"
    ANY = "any"


@dataclass(frozen=True, slots=True)
class ClaimRule:
    """If a claim is so, whoever has it gets roles and, at headquarters, regions.

    claim: its name, or the way to it (``realm_access.roles``). regions: codes. makes: whether an account may
    be made for whoever has none.
    """

    claim: str
    test: str
    value: str = ""
    roles: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    everywhere: bool = False
    makes: bool = False

    def as_kept(self) -> dict[str, Any]:
        """As JSON has it."""
        return {
            "claim": self.claim,
            "test": self.test,
            "value": self.value,
            "roles": list(self.roles),
            "regions": list(self.regions),
            "everywhere": self.everywhere,
            "makes": self.makes,
        }


@dataclass(frozen=True, slots=True)
class Tried:
    """What one rule made of the claims. found: the claim as it stood there, shortened; None for none."""

    rule: ClaimRule
    found: str | None
    fits: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """What all rules give together, each of them with what it made of the claims."""

    roles: tuple[str, ...]
    regions: tuple[str, ...]
    everywhere: bool
    makes: bool
    tried: tuple[Tried, ...]

    def roles_beside(self, held: Iterable[str], *, of_dealer: bool) -> list[str]:
        """The roles of somebody who holds some: those given, and of those held the leading one and what the
        side composed itself, which claims neither give nor take.
        """
        leading = str(leading_role(of_dealer=of_dealer))
        return roles_in_order([*self.roles, *(role for role in held if role == leading or is_custom(role))])


def rule_of(kept: Mapping[str, Any]) -> ClaimRule:
    """A rule as it is kept."""
    return ClaimRule(
        str(kept["claim"]),
        str(kept["test"]),
        str(kept["value"]),
        tuple(kept["roles"]),
        tuple(kept["regions"]),
        bool(kept["everywhere"]),
        bool(kept["makes"]),
    )


def roles_to_give(*, of_dealer: bool) -> list[str]:
    """The roles that rules of a side may give."""
    return roles_in_order(roles_allowed(of_dealer=of_dealer) - {leading_role(of_dealer=of_dealer)})


def rule_faults(
    rules: Sequence[ClaimRule], *, of_dealer: bool, known_regions: Collection[str]
) -> list[Fault]:
    """What is wrong with the rules of a side, each beside its row."""
    faults = [
        fault
        for place, rule in enumerate(rules)
        for fault in _faults(f"/rules/{place}", rule, of_dealer, known_regions)
    ]
    if len(rules) > RULES_MAX:
        faults.append(Fault("/rules", "too_many", N_("At most %(max)s rules."), params={"max": RULES_MAX}))
    return faults


def outcome_of(
    rules: Iterable[ClaimRule],
    claims: Mapping[str, Any],
    *,
    of_dealer: bool,
    known_regions: Collection[str] = (),
) -> Outcome:
    """What the rules give for some claims, and nothing that a side may not have, whatever a rule says."""
    tried = tuple(_tried(rule, claims) for rule in rules)
    fitting = [one.rule for one in tried if one.fits]
    allowed = set(roles_to_give(of_dealer=of_dealer))
    given = {role for rule in fitting for role in rule.roles} & allowed
    everywhere = not of_dealer and any(rule.everywhere for rule in fitting)
    named = {code for rule in fitting for code in rule.regions} & set(known_regions)
    regions = () if of_dealer or everywhere else tuple(sorted(named))
    return Outcome(
        tuple(roles_in_order(given)), regions, everywhere, any(rule.makes for rule in fitting), tried
    )


def claim_named(claims: Mapping[str, Any], name: str) -> Any:
    """The claim of a name, else the one at the end of a way of names; None for none."""
    if name in claims:
        return claims[name]
    found: Any = claims
    for step in name.split("."):
        if not isinstance(found, Mapping) or step not in found:
            return None
        found = found[step]
    return found


def _tried(rule: ClaimRule, claims: Mapping[str, Any]) -> Tried:
    found = claim_named(claims, rule.claim)
    texts = _texts(found)
    return Tried(rule, None if found is None else ", ".join(texts)[:_SHOWN_MAX], _fits(rule, texts))


def _texts(found: Any) -> list[str]:
    """A claim's values as text: one, or those of a list. Objects have none."""
    if isinstance(found, list):
        return [text for one in found[:_LISTED_MAX] for text in _texts(one) if not isinstance(one, list)]
    if isinstance(found, bool):
        return ["true" if found else "false"]
    return [str(found)] if isinstance(found, str | int) else []


def _fits(rule: ClaimRule, texts: Sequence[str]) -> bool:
    match rule.test:
        case ClaimTest.IS:
            return rule.value in texts
        case ClaimTest.BEGINS:
            return any(text.startswith(rule.value) for text in texts) and rule.value != ""
        case ClaimTest.ENDS:
            return any(text.endswith(rule.value) for text in texts) and rule.value != ""
        case ClaimTest.ANY:
            return any(text not in ("", "false") for text in texts)
    return False


def _faults(at: str, rule: ClaimRule, of_dealer: bool, known_regions: Collection[str]) -> list[Fault]:
    faults = []
    if not rule.claim or not _is_plain(rule.claim):
        faults.append(Fault(f"{at}/claim", "claim", N_("Enter the name of a claim, such as groups.")))
    if rule.test not in set(ClaimTest):
        faults.append(Fault(f"{at}/test", "test", N_("Choose how the claim is looked at.")))
    elif rule.test != ClaimTest.ANY and not (rule.value and _is_plain(rule.value)):
        faults.append(Fault(f"{at}/value", "required", N_("Enter the value that is looked for.")))
    if not set(roles_to_give(of_dealer=of_dealer)).issuperset(rule.roles):
        message = N_("A rule gives roles of its own side, and never that of owner or administrator.")
        faults.append(Fault(f"{at}/roles", "roles", message))
    if of_dealer and (rule.regions or rule.everywhere):
        faults.append(Fault(f"{at}/regions", "regions", N_("Only people of headquarters are given regions.")))
    elif not set(known_regions).issuperset(rule.regions):
        faults.append(Fault(f"{at}/regions", "regions", N_("There is no such region.")))
    if not (rule.roles or rule.regions or rule.everywhere):
        faults.append(Fault(f"{at}/roles", "required", N_("Choose at least one role or region.")))
    return faults


def _is_plain(text: str) -> bool:
    return len(text) <= TEXT_MAX and text.isprintable()
