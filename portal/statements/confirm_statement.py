"""A dealer confirms a statement: a signature under its content, with name and time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import orjson
from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit import record as audit
from portal.kernel import money, outbox
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Conflict, Invalid
from portal.statements.answers import LOOK_AGAIN, lock_answer
from portal.statements.content import fingerprint
from portal.statements.queries import document
from portal.statements.rules import StatementAct, after, name_faults
from portal.statements.vocabulary import StatementAction, StatementRight


def confirm_statement(
    session: Session,
    *,
    actor: Actor,
    number: str,
    name: str,
    means: Mapping[str, str],
    at: datetime,
    version: int | None = None,
) -> str:
    """Confirm what the statement says, as `name`; the SHA-256 of its content.

    version: which was looked at; None means whatever is the current one.

    means: what makes the signature reliable, kept beside it. The figures are proven against the ledger once
    more before anybody's name stands under them. Raises Invalid without a name, Conflict for a statement that
    is disputed, confirmed or corrected since, InconsistentStatement, NotFound, Forbidden.
    """
    actor.require(StatementRight.CONFIRM)
    answer = lock_answer(session, number)
    if version not in (None, answer.version):
        raise Conflict("statement_superseded", N_("A corrected version has been issued."), fix=LOOK_AGAIN)
    state = after(answer.state, StatementAct.CONFIRM)
    if faults := name_faults(name):
        raise Invalid(faults=faults)
    content = document(session, number=number, locale="zh", version=answer.version)
    sha256 = fingerprint(content)
    session.execute(
        _CONFIRM,
        {
            "dealer_id": answer.dealer_id,
            "id": answer.statement_id,
            "version": answer.version,
            "state": str(state),
            "at": at,
            "actor": actor.key,
            "label": actor.label,
            "name": name.strip(),
            "sha256": sha256,
            "means": orjson.dumps(dict(means)).decode(),
        },
    )
    audit.record(
        session,
        StatementAction.STATEMENT_CONFIRMED,
        number,
        actor=actor,
        dealer_id=answer.dealer_id,
        before={"state": str(answer.state)},
        after={"name": name.strip(), "closing": money.as_text(content.closing), "sha256": sha256},
    )
    outbox.add(session, "statement.confirmed", dealer_id=answer.dealer_id, number=number)
    return sha256


_CONFIRM = text(
    """
    UPDATE statement_answer
       SET state = :state, confirmed_at = :at, confirmed_by = :actor, confirmed_by_label = :label,
           signed_name = :name, content_sha256 = :sha256, means = CAST(:means AS jsonb)
     WHERE (dealer_id, statement_id, version) = (:dealer_id, :id, :version)
    """
)
