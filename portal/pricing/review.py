"""What a publication would do to prices, product by product.

What is nonsense is refused, what is risky is named and confirmed. Every price is judged as it would be paid:
the rule that decides for a tier in a region (or for the dealer of a contract) once the draft is in force,
against the rule that decides without it, at the draft's start. So a rule that another one outranks is not
judged, and a rule that the draft no longer has is. Tiers and regions count whether or not a dealer is in
them.

The work is set-based and bounded: who shares all rules is judged once, and so are the products of one list
price under the same two rules. Two percentages are compared as percentages whatever the products cost, but
for the cheapest, where a fen matters.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import islice
from typing import Any, NamedTuple

import orjson
from sqlalchemy.orm import Session

from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Conflict, Fault
from portal.pricing import publication_lock, rules
from portal.pricing.decisions import (
    DecidingRule,
    Decision,
    deciding_rules,
    decisions,
    own_rules,
    products_named,
)
from portal.pricing.findings import Finding, findings, refused
from portal.pricing.rules import Concern, Doubt
from portal.pricing.versions import answerable
from portal.pricing.vocabulary import PriceRight

SHOWN_MAX = 50
NOMINAL = Decimal("1000000.00")  # a list price of which every percentage with two places is exact


@dataclass(frozen=True, slots=True)
class DoubtfulPrice:
    """A product's doubtful price and whose it would be.

    One dealer's by contract, or that of tiers in a region (None: everywhere).
    """

    doubt: Doubt
    sku: str
    name_zh: str
    name_en: str
    list_price: Decimal
    tiers: tuple[str, ...]
    dealer_code: str | None
    dealer_zh: str | None
    dealer_en: str | None
    region_code: str | None
    region_zh: str | None
    region_en: str | None


@dataclass(frozen=True, slots=True)
class Review:
    """Everything doubtful about a publication. `shown` has the gravest, at most `SHOWN_MAX`.

    rule_faults: of rules that are nonsense by themselves, at most `SHOWN_MAX`; whoever saves one is told, so
    these came another way.
    findings: of rules among each other, against floors and contracts. refused, risky: how many prices there
    are of each. fingerprint: of all risky prices, named or not; a
    confirmation carries it.
    """

    rule_faults: tuple[Fault, ...]
    findings: tuple[Finding, ...]
    refused: int
    risky: int
    shown: tuple[DoubtfulPrice, ...]
    fingerprint: str

    @property
    def blocked(self) -> bool:
        """Whether it cannot be published even when somebody confirms."""
        return bool(self.refused or self.rule_faults or refused(self.findings))

    @property
    def code(self) -> str:
        """What is said of a refusal as a whole: the kind of what was found, if it is one only."""
        kinds = {one.kind for one in refused(self.findings)}
        return "no_price" if self.refused or self.rule_faults or len(kinds) != 1 else kinds.pop()

    @property
    def more(self) -> int:
        """How many doubtful prices are not named."""
        return self.refused + self.risky - len(self.shown)


class _Found(NamedTuple):
    doubt: Doubt
    decision: Decision


def review_draft(session: Session, *, actor: Actor, policy_id: int, fall_share: Decimal) -> Review:
    """What publishing a version now would do. Raises NotFound, Conflict for what is published already."""
    actor.require(PriceRight.POLICIES, PriceRight.APPROVE)
    if answerable(session, actor, policy_id).published_at is not None:
        raise Conflict("not_a_draft", N_("This version is already published."))
    return review_policy(
        session, policy_id=policy_id, at=publication_lock.now(session), fall_share=fall_share
    )


def review_policy(
    session: Session, *, policy_id: int, at: datetime, fall_share: Decimal, starts: datetime | None = None
) -> Review:
    """Judge the draft as it would be published at `at`. fall_share: which fall of a price is risky (0.30).

    starts: when it would take effect, None for when it says itself.
    """
    decided = decisions(session, policy_id=policy_id, at=at, starts=starts)
    known = deciding_rules(session, policy_id=policy_id, found=decided)
    found = sorted(_doubts(decided, known, fall_share), key=_gravest_first)
    of_nothing = sum(len(one.decision.products) for one in found if one.doubt.concern is Concern.ZERO)
    chosen = [
        (one, product) for one in found[:SHOWN_MAX] for product in sorted(one.decision.products)[:SHOWN_MAX]
    ][:SHOWN_MAX]
    ids = [product for _, product in chosen]
    names = products_named(session, policy_id=policy_id, at=at, starts=starts, ids=ids)
    return Review(
        rule_faults=tuple(islice(_rule_faults(session, policy_id), SHOWN_MAX)),
        findings=tuple(findings(session, policy_id=policy_id, at=at, starts=starts)),
        refused=of_nothing,
        risky=sum(len(one.decision.products) for one in found) - of_nothing,
        shown=tuple(_shown(one.decision, one.doubt, names[product], known) for one, product in chosen),
        fingerprint=_fingerprint(found, known),
    )


def _rule_faults(session: Session, policy_id: int) -> Iterable[Fault]:
    message, fix = (
        N_("A rule for %(subject)s is wrong in itself."),
        N_("Look for it in the list, correct it and save it."),
    )
    for row in own_rules(session, policy_id=policy_id):
        if rules.rule_faults(row.kind, row.min_quantities, row.prices, ""):
            yield Fault("", "rule", message, fix, {"subject": row.subject})


def _doubts(
    decided: Iterable[Decision], known: Mapping[int, DecidingRule], fall_share: Decimal
) -> Iterable[_Found]:
    ladders = {None: None} | {key: rule.ladder for key, rule in known.items()}
    for decision in decided:
        own = decision.after is not None and known[decision.after].own
        list_price = NOMINAL if decision.list_price is None else decision.list_price
        doubt = rules.doubt(
            list_price, ladders[decision.before], ladders[decision.after], fall_share, own=own
        )
        if doubt is not None:
            yield _Found(doubt, decision)


def _gravest_first(one: _Found) -> tuple[object, ...]:
    return (
        *rules.gravity(one.doubt),
        one.decision.tiers,
        one.decision.dealer_id or 0,
        min(one.decision.products),
    )


def _fingerprint(found: Iterable[_Found], known: Mapping[int, DecidingRule]) -> str:
    """Of what the prices are and whose, not of the ids of the rules that make them."""
    lines = sorted(
        f"{concern} {quantity} {before} {after} {decision.dealer_id} {','.join(decision.tiers)}"
        f" {decision.after and known[decision.after].region_code} {decision.list_price}"
        f" {sorted(decision.products)}"
        for (concern, quantity, before, after), decision in found
        if concern is not Concern.ZERO
    )
    return hashlib.sha256(orjson.dumps(lines)).hexdigest()


def _shown(
    decision: Decision, doubt: Doubt, product: Any, known: Mapping[int, DecidingRule]
) -> DoubtfulPrice:
    before, after = (None if key is None else known.get(key) for key in (decision.before, decision.after))
    prices = (
        rules.unit_price(rule and rule.ladder, doubt.min_quantity, product.list_price)
        for rule in (before, after)
    )
    deciding = [rule for rule in (after, before) if rule]
    contract = next(
        ((rule.dealer_code, rule.dealer_zh, rule.dealer_en) for rule in deciding if rule.dealer_code),
        (None,) * 3,
    )
    region = next(
        ((rule.region_code, rule.region_zh, rule.region_en) for rule in deciding if rule.region_code),
        (None,) * 3,
    )
    return DoubtfulPrice(
        Doubt(doubt.concern, doubt.min_quantity, *prices),
        product.sku,
        product.name_zh,
        product.name_en,
        product.list_price,
        tuple(decision.tiers),
        *contract,
        *region,
    )
