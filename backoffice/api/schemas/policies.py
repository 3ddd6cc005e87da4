"""Price policies: what they say, who does what to them, and what a publication would do to prices."""

from __future__ import annotations

from typing import Literal

from pydantic import ConfigDict, Field

from portal.kernel.errors import N_
from portal.web.api.fields import Code, Moment, MomentText, Money, MoneyText, Shape, Text, Whole

CodeOrNone = Code | None
PolicyStateText = Literal["draft", "submitted", "approved", "published", "superseded", "withdrawn"]


class PolicyShape(Shape, about=N_("A version of a price policy.")):
    id: int
    number: str = Field(examples=["PP-2026-EAST"])
    version: int
    title_zh: str
    title_en: str
    kind: Literal["policy", "contract"]
    dealer: str | None = Field(description=N_("Whose contract it is."))
    region: str | None = Field(description=N_("None for the whole country."))
    state: PolicyStateText
    valid_from: MomentText
    valid_to: MomentText | None
    below_floor: Literal["refuse", "clamp"]
    text: str = Field(description=N_("What dealers read of it in the feed."))
    author: str | None
    submitted_by: str | None
    submitted_at: MomentText | None
    approved_by: str | None
    approved_at: MomentText | None
    returned_reason: str = Field(description=N_("Why it came back to its authors, if it did."))
    published_at: MomentText | None
    withdrawn_at: MomentText | None
    withdrawn_reason: str
    rules: int
    revision: int = Field(
        description=N_("Counts what happens to a version; act upon it with the revision you read.")
    )


class PolicyList(Shape, about=N_("Policies, drafts first, then the latest published.")):
    items: list[PolicyShape]
    next_cursor: None


class PoliciesQuery(Shape):
    """Which policies."""

    state: PolicyStateText | None = None
    kind: Literal["policy", "contract"] | None = None


class BreakBody(Shape, about=N_("From how many units on a rule says what.")):
    min_quantity: Whole
    value: Money = Field(description=N_("The net unit price, the percentage, or the amount taken off."))


class RuleBody(Shape, about=N_("One rule. Members that are left out mean any.")):
    dealer: CodeOrNone = None
    region: CodeOrNone = None
    tier: Literal["S", "A", "B", "C"] | None = None
    sku: CodeOrNone = None
    category: CodeOrNone = None
    kind: Literal["net", "percent_off", "amount_off"]
    breaks: list[BreakBody] = Field(min_length=1, max_length=20)
    breaks_are: Literal["all_units", "incremental"] = "all_units"
    max_quantity: Whole | None = Field(None, description=N_("How many units of a line it prices at most."))
    tax_included: bool = Field(True, description=N_("False for a net price to which VAT is added."))


class PolicyBody(
    Shape, about=N_("What a policy says. A contract is for one dealer and has net prices only.")
):
    title_zh: Text = Field(min_length=1, max_length=120)
    title_en: Text = Field(min_length=1, max_length=120)
    text: Text = Field("", max_length=10_000)
    valid_from: Moment
    valid_to: Moment | None = None
    below_floor: Literal["refuse", "clamp"] = "refuse"
    rules: list[RuleBody] = Field(max_length=10_000)


class NewPolicyBody(PolicyBody, about=N_("A policy to draft, or the next version of one.")):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "title_zh": "手套合同价",
                    "title_en": "Contract for gloves",
                    "valid_from": "2026-12-01T00:00:00+08:00",
                    "rules": [
                        {
                            "dealer": "D0001",
                            "sku": "GLOVES",
                            "kind": "net",
                            "breaks": [{"min_quantity": 1, "value": "19.00"}],
                        }
                    ],
                }
            ]
        }
    )
    kind: Literal["policy", "contract"] = "policy"
    dealer: CodeOrNone = Field(None, description=N_("Whose contract it is."))
    region: CodeOrNone = Field(None, description=N_("None for the whole country."))
    supersedes: Whole | None = Field(None, description=N_("`id` of the version whose successor it is."))


class ChangedPolicyBody(PolicyBody, about=N_("A draft as it shall be: what it said before is replaced.")):
    revision: Whole = Field(description=N_("`revision` of the draft as it was read."))


class RevisionBody(Shape, about=N_("Which state of a version was read.")):
    revision: Whole = Field(description=N_("`revision` of the version as it was read."))


class RejectionBody(RevisionBody, about=N_("Which version is sent back, and why.")):
    reason: Text = Field(min_length=1, max_length=500)


class RecallBody(RevisionBody, about=N_("Which version is taken back.")):
    reason: Text = Field("", max_length=500)


class WithdrawalBody(Shape, about=N_("Why a version is withdrawn.")):
    reason: Text = Field(min_length=1, max_length=500)


class WithdrawalShape(Shape, about=N_("When a version ended, and what is in force instead.")):
    id: int
    withdrawn_at: MomentText
    in_force_again: int | None = Field(description=N_("`id` of the version that is in force again."))


class PublicationBody(
    RevisionBody, about=N_("Which version was read, and which of its prices were looked through.")
):
    at: Moment | None = Field(
        None, description=N_("A moment to come from which it is in force; at once, or as it says, without.")
    )
    confirmed_risks: Text | None = Field(
        None,
        max_length=64,
        description=N_(
            "`fingerprint` of the risky prices that were looked through; needed when there are any."
        ),
    )


class DoubtfulPriceShape(Shape, about=N_("A price that would be ¥0.00, or is risky.")):
    sku: str
    name: str
    concern: Literal["zero_price", "far_below", "above_list"] = Field(
        description=N_("The first is refused, the others can be confirmed.")
    )
    dealer: str | None = Field(description=N_("Code of the dealer whose contract it is."))
    tiers: list[str]
    region: str | None
    min_quantity: int
    list_price: MoneyText
    price_before: MoneyText
    price_after: MoneyText


class FindingShape(
    Shape, about=N_("What is wrong with rules among each other, against a floor, or against a contract.")
):
    code: Literal["tie", "below_floor", "two_contracts", "lifted_to_floor", "contract_wins"]
    refused: bool = Field(description=N_("Whether it forbids submission and publication."))
    message: str
    policy: str = Field(description=N_("Number of the policy or contract it is about."))
    sku: str | None
    category: str | None
    dealer: str | None
    tier: str | None
    region: str | None


class ReviewShape(Shape, about=N_("What publishing a draft now would do to prices, the gravest first.")):
    wrong_rules: list[str] = Field(
        description=N_("Rules that are wrong in themselves and have to be corrected.")
    )
    refused: int = Field(description=N_("How many prices would be ¥0.00."))
    risky: int = Field(description=N_("How many prices have to be confirmed."))
    prices: list[DoubtfulPriceShape]
    more: int = Field(description=N_("How many are not listed."))
    fingerprint: str
    findings: list[FindingShape] = Field(description=N_("The first 50 of each kind."))


class PublicationShape(Shape, about=N_("When a policy takes effect.")):
    id: int
    valid_from: MomentText
