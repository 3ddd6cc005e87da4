"""The issuer's signing keys: made when first needed, private parts encrypted at rest, cached by each process.

The newest key signs; every key verifies until `_KEPT` after it was retired, so that a rotation signs nobody out.
"""

from __future__ import annotations

import base64
import time
from dataclasses import dataclass
from datetime import timedelta
from threading import Lock

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from joserfc.jwk import ECKey, KeySet
from sqlalchemy import func, insert, or_, select
from sqlalchemy.orm import Session

from portal import clock
from portal.db import Database, transaction
from portal.identity.models import SigningKey

ALGORITHM = "ES256"  # every JOSE library reads it; EdDSA is still missing in some of the ERP world
_KEPT = timedelta(days=1)
_FRESH_SECONDS = 60.0
_HURRY_SECONDS = 2.0
_LOCK = 0x6B657973


def derived_key(secret: str, purpose: str) -> str:
    """256 bits for one purpose, derived from the application secret by HKDF, as URL-safe base64."""
    raw = HKDF(SHA256(), length=32, salt=None, info=f"tonglu {purpose}".encode()).derive(secret.encode())
    return base64.urlsafe_b64encode(raw).decode()


@dataclass(frozen=True, slots=True)
class _Ring:
    signing: ECKey
    public: KeySet
    read_at: float


class KeyRing:
    """The keys of one process. Thread-safe; reads the table at most once in `_FRESH_SECONDS` while all is well."""

    def __init__(self, database: Database, secret: str) -> None:
        self._database = database
        self._cipher = Fernet(derived_key(secret, "signing keys"))
        self._lock = Lock()
        self._ring: _Ring | None = None

    def signing_key(self) -> ECKey:
        """The private key that signs now."""
        return self._fresh(_FRESH_SECONDS).signing

    def public_keys(self) -> KeySet:
        """Every key whose signatures are accepted."""
        return self._fresh(_FRESH_SECONDS).public

    def key_of(self, kid: object) -> ECKey | None:
        """The public key of an identifier; an unknown one is looked up again, but not more often than every two seconds."""
        for seconds in (_FRESH_SECONDS, _HURRY_SECONDS):
            found = next((key for key in self._fresh(seconds).public.keys if key.kid == kid), None)
            if found is not None:
                return found
        return None

    def _fresh(self, seconds: float) -> _Ring:
        with self._lock:
            if self._ring is None or time.monotonic() - self._ring.read_at > seconds:
                self._ring = self._read()
            return self._ring

    def _read(self) -> _Ring:
        with transaction(self._database.system_session()) as session:
            rows = _kept_keys(session)
            signing = self._first_readable(rows)
            if signing is None:
                session.execute(select(func.pg_advisory_xact_lock(_LOCK)))
                rows = _kept_keys(session)  # another process may have been faster
                signing = self._first_readable(rows) or self._make(session)
        known = [ECKey.import_key(row.public_jwk) for row in rows]
        if all(key.kid != signing.kid for key in known):
            known.insert(0, ECKey.import_key(signing.as_dict(private=False)))
        return _Ring(signing, KeySet(known), time.monotonic())

    def _first_readable(self, rows: list[SigningKey]) -> ECKey | None:
        """The newest key in use whose private part opens: after a change of the application secret there is none."""
        for row in rows:
            if row.retired_at is None:
                try:
                    return ECKey.import_key(self._cipher.decrypt(row.private_encrypted.encode()), {"kid": row.kid})
                except InvalidToken:
                    continue
        return None

    def _make(self, session: Session) -> ECKey:
        key = ECKey.generate_key("P-256", {"use": "sig", "alg": ALGORITHM}, auto_kid=True)
        session.execute(
            insert(SigningKey).values(
                kid=key.kid,
                algorithm=ALGORITHM,
                public_jwk=key.as_dict(private=False),
                private_encrypted=self._cipher.encrypt(key.as_pem(private=True)).decode(),
            )
        )
        return key


def _kept_keys(session: Session) -> list[SigningKey]:
    still_trusted = or_(SigningKey.retired_at.is_(None), SigningKey.retired_at > clock.now() - _KEPT)
    return list(session.scalars(select(SigningKey).where(still_trusted).order_by(SigningKey.id.desc())))
