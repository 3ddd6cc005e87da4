"""How the portal runs, for those who run it: what waits, what failed and is to be tried again."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext
from redis.exceptions import RedisError
from werkzeug.wrappers import Response

from jobs import nodes, queued
from jobs.outbox import ATTEMPTS_MAX
from portal.kernel import clock
from portal.kernel.errors import Conflict, NotFound, Unavailable
from portal.kernel.schema import schema_range
from portal.operations import queries, rules
from portal.operations.try_again import try_effect_again, try_job_again
from portal.operations.vocabulary import OperationsRight
from portal.version import VERSION
from portal.web.forms import Form, read_form
from portal.web.presentation import in_full
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session, portal

blueprint = Blueprint("operations", __name__, url_prefix="/hq/operations")

_EFFECT = "effect to be tried again"


class EffectForm(Form):
    """Which effect, sealed."""

    effect: str


class JobForm(Form):
    """Which job, by its id in the queue."""

    job: str


@blueprint.get("")
@requires(OperationsRight.OPERATE)
def index() -> str:
    """All of it on one page; Valkey may be away, which is then what it says."""
    actor, session, at = current_actor(), current_session(), clock.now()
    standing = queries.standing(session, actor=actor, at=at, attempts_max=ATTEMPTS_MAX)
    try:
        kept = {
            "queues": queued.queues(portal().valkey),
            "failed_jobs": queued.failed_jobs(portal().valkey),
            "nodes": nodes.nodes(portal().valkey),
        }
        heard_at = queued.schedule_heard_at(portal().valkey)
    except RedisError:
        kept, heard_at = {}, None
    return render_template(
        "backoffice/operations/index.html",
        standing=standing,
        failed_effects=queries.failing(session, actor=actor),
        given_up_after=ATTEMPTS_MAX,
        sealed_id=lambda effect: portal().sealer.seal(_EFFECT, [effect.id]),
        valkey=kept,
        troubles=[gettext(said) for said in rules.troubles(queries.ages(standing, heard_at), at)],
        version=VERSION,
        schema=schema_range().newest,
        counted_max=rules.COUNTED_MAX,
    )


@blueprint.post("/effects")
@requires(OperationsRight.OPERATE)
def try_effect() -> Response:
    """Have an effect carried out that failed."""
    try:
        (effect_id,) = portal().sealer.open(_EFFECT, read_form(EffectForm).effect)
    except ValueError:
        raise NotFound() from None
    try:
        try_effect_again(current_session(), actor=current_actor(), effect_id=effect_id, at=clock.now())
    except Conflict as refusal:
        current_session().rollback()
        flash(in_full(refusal), "warning")
    else:
        flash(gettext("It is tried again within a minute."), "success")
    return redirect(url_for("operations.index"), 303)


@blueprint.post("/jobs")
@requires(OperationsRight.OPERATE)
def try_job() -> Response:
    """Have a job queued again that failed."""
    try:
        job = queued.failed_job(portal().valkey, read_form(JobForm).job)
    except RedisError:
        raise Unavailable() from None
    if job is None:
        raise NotFound()
    try_job_again(
        current_session(),
        actor=current_actor(),
        job_id=job.id,
        name=job.name,
        queue=job.queue,
        error=job.error,
        at=clock.now(),
    )
    flash(gettext("It is tried again within a minute."), "success")
    return redirect(url_for("operations.index"), 303)
