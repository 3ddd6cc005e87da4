"""What lies in the database under the application secret: encrypted for one purpose, and again after a change
of that secret.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from psycopg import Connection, sql

from portal.kernel.manifest import AtRest
from portal.kernel.opaque import Sealer


def derived_key(secret: str, purpose: str) -> str:
    """256 bits for one purpose, derived from the application secret by HKDF, as URL-safe base64."""
    raw = HKDF(SHA256(), length=32, salt=None, info=f"tonglu {purpose}".encode()).derive(secret.encode())
    return base64.urlsafe_b64encode(raw).decode()


def cipher_for(application_secrets: Sequence[str], purpose: str) -> MultiFernet:
    """Encrypts under the first of the secrets, and opens what any of them has encrypted."""
    return MultiFernet([Fernet(derived_key(secret, purpose)) for secret in application_secrets])


def reseal(
    connection: Connection[tuple[str]], columns: Iterable[AtRest], application_secrets: Sequence[str]
) -> dict[str, tuple[int, int]]:
    """Bring every value under the first of the secrets, and give by column how many are under it now and how
    many open with none of them, which stay as they are.

    connection: of the owner, in a transaction with the scope of everything.
    """
    return {f"{one.table}.{one.column}": _reseal(connection, one, application_secrets) for one in columns}


def _reseal(
    connection: Connection[tuple[str]], one: AtRest, application_secrets: Sequence[str]
) -> tuple[int, int]:
    names = {"table": sql.Identifier(one.table), "column": sql.Identifier(one.column)}
    kept = connection.execute(
        sql.SQL("SELECT {column} FROM {table} WHERE {column} <> '' FOR UPDATE").format(**names)
    ).fetchall()
    update = sql.SQL("UPDATE {table} SET {column} = %s WHERE {column} = %s").format(**names)
    done = 0
    for (value,) in kept:
        if (anew := _anew(one, value, application_secrets)) is not None:
            connection.execute(update, (anew, value))
            done += 1
    return done, len(kept) - done


def _anew(one: AtRest, value: str, application_secrets: Sequence[str]) -> str | None:
    try:
        if one.is_text:
            sealer = Sealer(*application_secrets)
            return sealer.seal(one.purpose, sealer.open(one.purpose, value))
        return cipher_for(application_secrets, one.purpose).rotate(value.encode()).decode()
    except (ValueError, InvalidToken):
        return None
