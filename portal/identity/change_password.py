"""Give the own account another password.

Whoever came in by the old one is out: every session, code and token of the person ends.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.audit.record import record
from portal.identity.chosen_passwords import PasswordRules
from portal.identity.credentials import hash_password, password_matches
from portal.identity.end_sign_ins import end_resets, end_sign_ins
from portal.identity.models import UserAccount
from portal.identity.refusals import count_refusal
from portal.identity.vocabulary import IdentityAction
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Fault, Forbidden, Invalid


def change_password(
    session: Session, *, actor: Actor, current: str, new: str, rules: PasswordRules, at: datetime
) -> None:
    """Set `new` and end all sessions of the person, this one too.

    Raises Invalid with every fault, Forbidden for a program.

    A wrong `current` is counted like a refused sign-in, so the transaction of that refusal must be committed.

    A lock that keeps the key lets the redemption of a code refer to the account meanwhile.
    """
    if actor.user_id is None:
        raise Forbidden("no_password", N_("A program has no password."))
    mine = UserAccount.id == actor.user_id
    account = session.execute(
        select(UserAccount.password_hash, UserAccount.email, UserAccount.display_name)
        .where(mine)
        .with_for_update(key_share=True)
    ).one()
    stored = account.password_hash
    faults = rules.faults("/new", new, about=(account.email, account.display_name))
    if not password_matches(current, stored):
        count_refusal(
            session,
            IdentityAction.SESSION_REFUSED,
            actor.key,
            dealer_id=actor.dealer_id,
            reason="wrong_password",
            at=at,
        )
        faults.insert(0, Fault("/current", "wrong_password", N_("This is not your current password.")))
    elif new == current:
        faults.append(Fault("/new", "same_password", N_("This is your current password. Choose another.")))
    if faults:
        raise Invalid(faults=faults)
    session.execute(update(UserAccount).where(mine).values(password_hash=hash_password(new)))
    end_sign_ins(session, actor.user_id, at=at)
    end_resets(session, actor.user_id, at=at)
    record(session, IdentityAction.USER_PASSWORD_CHANGED, actor.key, actor=actor, dealer_id=actor.dealer_id)
