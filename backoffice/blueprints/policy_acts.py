"""What is done to a version of a policy on its page: submitted, decided on, published, withdrawn."""

from __future__ import annotations

from flask import Blueprint
from flask_babel import gettext
from werkzeug.wrappers import Response

from backoffice.blueprints import policy_form, policy_page
from portal.kernel import clock
from portal.pricing.decide_policy import approve_policy, reject_policy
from portal.pricing.publish_policy import publish_policy
from portal.pricing.submit_policy import recall_policy, submit_policy
from portal.pricing.vocabulary import PriceRight
from portal.pricing.withdraw_policy import withdraw_policy
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session, portal

blueprint = Blueprint("policy_acts", __name__, url_prefix="/hq/policies")


@blueprint.post("/<int:policy_id>/submission")
@requires(PriceRight.POLICIES)
def submission(policy_id: int) -> str | Response:
    """Hand the draft in; what forbids its publication stands on the page."""
    return policy_page.act(
        policy_id,
        gettext("Submitted: another person approves it."),
        lambda: submit_policy(
            current_session(),
            actor=current_actor(),
            policy_id=policy_id,
            revision=policy_form.revision(),
            fall_share=portal().settings.price_fall_share,
            at=clock.now(),
        ),
        dialog="submit",
    )


@blueprint.post("/<int:policy_id>/recall")
@requires(PriceRight.POLICIES)
def recall(policy_id: int) -> str | Response:
    """A draft again."""
    return policy_page.act(
        policy_id,
        gettext("Taken back: it is a draft again."),
        lambda: recall_policy(
            current_session(),
            actor=current_actor(),
            policy_id=policy_id,
            revision=policy_form.revision(),
            reason=policy_form.reason(),
        ),
        dialog="recall",
    )


@blueprint.post("/<int:policy_id>/approval")
@requires(PriceRight.APPROVE)
def approval(policy_id: int) -> str | Response:
    """Another person's approval."""
    return policy_page.act(
        policy_id,
        gettext("Approved: it can be published."),
        lambda: approve_policy(
            current_session(),
            actor=current_actor(),
            policy_id=policy_id,
            revision=policy_form.revision(),
            at=clock.now(),
        ),
        dialog="approve",
    )


@blueprint.post("/<int:policy_id>/rejection")
@requires(PriceRight.APPROVE)
def rejection(policy_id: int) -> str | Response:
    """Back to its authors."""
    return policy_page.act(
        policy_id,
        gettext("Sent back to its authors."),
        lambda: reject_policy(
            current_session(),
            actor=current_actor(),
            policy_id=policy_id,
            revision=policy_form.revision(),
            reason=policy_form.reason(),
        ),
        dialog="reject",
    )


@blueprint.post("/<int:policy_id>/publication")
@requires(PriceRight.POLICIES, PriceRight.APPROVE)
def publication(policy_id: int) -> str | Response:
    """In force for every dealer with this commit, or from the minute that was chosen.

    Risky prices are shown in the dialog until they are confirmed.
    """
    return policy_page.act(
        policy_id,
        gettext("Published: the dealers it applies to see the new prices now, or from the day it starts."),
        lambda: publish_policy(
            current_session(),
            actor=current_actor(),
            policy_id=policy_id,
            revision=policy_form.revision(),
            confirmed_risks=policy_form.confirmed_risks(),
            fall_share=portal().settings.price_fall_share,
            starts=policy_form.starts(),
        ),
        dialog="publish",
    )


@blueprint.post("/<int:policy_id>/withdrawal")
@requires(PriceRight.POLICIES, PriceRight.APPROVE)
def withdrawal(policy_id: int) -> str | Response:
    """Out of force; its predecessor is in force again."""
    return policy_page.act(
        policy_id,
        gettext("Withdrawn: what was in force before it is again."),
        lambda: withdraw_policy(
            current_session(),
            actor=current_actor(),
            policy_id=policy_id,
            reason=policy_form.reason(),
        ),
        dialog="withdraw",
    )
