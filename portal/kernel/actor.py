"""Who acts: a value that sessions carry, verbs ask and the audit writes down. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field

from portal.kernel.errors import N_, Forbidden, NotFound

LINK = "link"
"""How the key begins of whoever came by a secret link."""
_PERSON = "user:"
_DEALER = "dealer:"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a person or an API client, with everything a verb needs to decide.

    dealer_id: the dealer it belongs to, None for headquarters.
    region_ids: regions a headquarters actor may see; None means all. Always empty for a dealer's actor.
    rights: what it may do (roles of a person, scopes of a client).
    link: the document whose secret link it came by, of somebody without an account.
    on_behalf_of: for whom a person acts, as `user:12` or `dealer:D0001`; the rights and the reach are theirs.
    deputies: keys of those who lately acted on behalf of whoever decides.
    """

    label: str
    rights: frozenset[str]
    user_id: int | None = None
    client_id: int | None = None
    dealer_id: int | None = None
    region_ids: tuple[int, ...] | None = ()
    roles: frozenset[str] = field(default=frozenset())
    locale: str = "zh"
    link: str | None = None
    on_behalf_of: str | None = None
    deputies: frozenset[str] = field(default=frozenset())

    @property
    def counts_as(self) -> frozenset[str]:
        """Whose asking counts as its own: who acts, on whose behalf, and whoever acted for them."""
        return self.deputies | {self.key} | ({self.on_behalf_of} if self.on_behalf_of else set())

    @property
    def acts_for_dealer(self) -> bool:
        """Somebody of headquarters who acts in a dealer's name, with its consent."""
        return self.on_behalf_of is not None and self.on_behalf_of.startswith(_DEALER)

    @property
    def is_staff(self) -> bool:
        """Belongs to headquarters."""
        return self.dealer_id is None

    @property
    def is_person(self) -> bool:
        """A person who signed in, not a program or the portal itself."""
        return self.user_id is not None

    @property
    def key(self) -> str:
        """Stable identity for idempotency keys and the audit.

        ``user:12``, ``client:3``, ``link:SH2611-4C8P0XNQ7``, or ``system`` for the portal itself.
        """
        if self.user_id is not None:
            return f"{_PERSON}{self.user_id}"
        if self.link is not None:
            return f"{LINK}:{self.link}"
        return f"client:{self.client_id}" if self.client_id is not None else "system"

    @property
    def own_dealer_id(self) -> int:
        """The dealer it belongs to. Raises NotFound for headquarters, which has nothing of a dealer's own."""
        if self.dealer_id is None:
            raise NotFound()
        return self.dealer_id

    def answers_for(self, region_id: int | None) -> bool:
        """Whether headquarters' actor answers for a whole region; None is the whole country."""
        return self.region_ids is None or region_id in self.region_ids

    def may(self, right: str) -> bool:
        """Whether the actor holds a right."""
        return right in self.rights

    def require(self, *rights: str) -> None:
        """Raise Forbidden unless the actor holds at least one of `rights`."""
        if not any(right in self.rights for right in rights):
            raise Forbidden(
                "missing_right",
                N_("This needs the right %(right)s, which you do not have."),
                right=" / ".join(rights),
            )


def is_persons(key: str) -> bool:
    """Whether an `Actor.key` is of a person who signed in."""
    return key.startswith(_PERSON)


def require_person(actor: Actor) -> None:
    """Raise Forbidden for a program: what somebody has to have seen with their own eyes calls this."""
    if not actor.is_person:
        raise Forbidden(
            "person_needed",
            N_("Only a person who signed in can say this."),
            fix=N_("Somebody who saw it signs in and says so."),
        )


def require_own_hands(actor: Actor) -> None:
    """Raise Forbidden for who acts on somebody's behalf: what nobody does for another calls this."""
    if actor.on_behalf_of is not None:
        raise Forbidden(
            "own_hands",
            N_("This is not done on somebody's behalf."),
            fix=N_("Whoever it concerns does it."),
        )


def require_other_person(actor: Actor, proposed_by: str) -> None:
    """Raise Forbidden when `actor` is who asked (an `Actor.key`), or one acts or acted for the other.

    Every verb that approves, rejects or releases calls this.
    """
    if proposed_by in actor.counts_as:
        raise Forbidden(
            "same_person",
            N_("You asked for this yourself. Another person decides on it."),
            fix=N_("Ask a colleague."),
        )


class _EveryRight(frozenset[str]):
    """Every right that any capability has."""

    def __contains__(self, right: object) -> bool:
        return True


ANONYMOUS = Actor(label="anonymous", rights=frozenset())
"""Somebody who has not proven who they are: what the audit says of a refused sign-in."""

SYSTEM = Actor(label="system", rights=_EveryRight(), region_ids=None)
"""The portal itself: schedules and jobs that cross dealers."""
