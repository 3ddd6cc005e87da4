"""The code on a statement by which anybody asks whether it is genuine: sealed, so that nobody makes one up.

It says whose statement it is and which version; the answer shows no figure of anybody. A forged code and one
of a statement that is not there are answered alike, by the same statements.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel.actor import Actor
from portal.kernel.opaque import Sealer
from portal.statements.fragments import CURRENT

_PURPOSE = "statement verification"


class Genuineness(StrEnum):
    """What is said of a code."""

    GENUINE = "genuine"
    SUPERSEDED = "superseded"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Verifier:
    """Makes the address that a statement bears."""

    base_url: str
    sealer: Sealer

    def __call__(self, dealer_id: int, number: str, version: int) -> str:
        code = self.sealer.seal(_PURPOSE, [dealer_id, number, version])
        return f"{self.base_url.rstrip('/')}/verify/{code}"


@dataclass(frozen=True, slots=True)
class VerifiedClaim:
    """What a code says; of one that was not sealed here, nothing that is anywhere."""

    dealer_id: int
    number: str
    version: int

    def actor(self, locale: str) -> Actor:
        """Who holds the paper: nobody known, who may do nothing."""
        return Actor(
            label="Verification",
            rights=frozenset(),
            dealer_id=self.dealer_id,
            locale=locale,
            link=self.number,
        )


@dataclass(frozen=True, slots=True)
class KeptPaper:
    """The fingerprint of a paper that was handed out."""

    sha256: str
    version: int
    locale: str
    signed_by: str
    certificate: str


@dataclass(frozen=True, slots=True)
class Verified:
    """What anybody may know of a statement. current: which version stands now. dealer: its name, masked."""

    state: Genuineness
    number: str = ""
    period: str = ""
    version: int = 0
    current: int = 0
    issued_at: datetime | None = None
    issuer_zh: str = ""
    issuer_en: str = ""
    dealer: str = ""
    papers: tuple[KeptPaper, ...] = ()

    def paper_of(self, sha256: str) -> KeptPaper | None:
        """The paper with this fingerprint."""
        return next((one for one in self.papers if one.sha256 == sha256), None)


_NOBODY = VerifiedClaim(0, "", 0)


def read_code(sealer: Sealer, code: str) -> VerifiedClaim:
    """What a code says; a made-up one says what is not there."""
    try:
        dealer_id, number, version = sealer.open(_PURPOSE, code)
    except ValueError:
        return _NOBODY
    return VerifiedClaim(dealer_id, number, version)


def verify_statement(session: Session, claim: VerifiedClaim) -> Verified:
    """Whether a statement was issued so and stands. In the scope of the claim, whoever asks."""
    keys = {"dealer_id": claim.dealer_id, "number": claim.number, "version": claim.version}
    row = session.execute(_STATEMENT, keys).one_or_none()
    papers = session.execute(_PAPERS, keys).all()
    if row is None or row.snapshot is None:
        return Verified(Genuineness.UNKNOWN)
    issuer, dealer = row.snapshot["issuer"], row.snapshot["dealer"]
    return Verified(
        Genuineness.GENUINE if row.current == claim.version else Genuineness.SUPERSEDED,
        row.number,
        row.period,
        claim.version,
        row.current,
        datetime.fromisoformat(row.snapshot["issued_at"]),
        issuer["name_zh"],
        issuer["name_en"],
        masked(dealer["name_zh"] or dealer["name_en"]),
        tuple(KeptPaper(**one._mapping) for one in papers),
    )


def masked(name: str) -> str:
    """A name of which only its holder learns nothing new: how it begins, and how long it is not."""
    return f"{name[:2]}•••" if len(name) > 2 else "•••"


_STATEMENT = text(
    f"""
    SELECT s.number, s.period, {CURRENT} AS current,
           CASE WHEN :version = 1 THEN s.snapshot ELSE (
             SELECT c.snapshot FROM statement_correction c
              WHERE (c.dealer_id, c.statement_id, c.version) = (s.dealer_id, s.id, :version)) END AS snapshot
      FROM statement s WHERE s.dealer_id = :dealer_id AND s.number = :number
    """
)
_PAPERS = text(
    """
    SELECT p.sha256, p.version, p.locale, p.signed_by, p.certificate
      FROM statement_pdf p JOIN statement s ON (s.dealer_id, s.id) = (p.dealer_id, p.statement_id)
     WHERE s.dealer_id = :dealer_id AND s.number = :number ORDER BY p.version, p.locale
    """
)
