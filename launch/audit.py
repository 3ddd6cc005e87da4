"""`bin/portal audit`: make a key, export what is sealed, prove one event, verify either.

Verifying needs neither database nor settings. What was sealed with a key that this installation does not know
is refused; an installation that knows none names the key it found.
"""

from __future__ import annotations

import argparse
import contextlib
import os
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from launch.bootstrap import ROOT, STATE
from launch.certificate import make_audit_key
from launch.demo_folder import DemoFolder
from launch.postgres import Postgres
from launch.refusal import Refusal
from launch.storage import sqlalchemy_url

if TYPE_CHECKING:
    from portal.audit.inclusion import Proof
    from portal.audit.verify import Genuine

_KNOWN = STATE / "audit-keys"
_HEX = frozenset("0123456789abcdef")


def add_parser(parts: argparse._SubParsersAction) -> None:
    """What stands behind `bin/portal audit`."""
    audit = parts.add_parser("audit", help="make the key of the audit, export what is sealed, verify it")
    acts = audit.add_subparsers(dest="act", required=True)
    key = acts.add_parser("key", help="make the key that seals the audit; prints its public one")
    key.add_argument("file", type=Path, help="PEM file outside of the repository")
    export = acts.add_parser("export", help="write the sealed audit into a file, from DATABASE_URL")
    export.add_argument("--out", type=Path, required=True, help="file to write, one JSON object a line")
    export.add_argument("--from", dest="since", type=_moment, help="first day or moment (ISO 8601)")
    export.add_argument("--to", dest="until", type=_until, help="last day, or the moment before which")
    export.add_argument("--data", type=Path, help="folder of a running bin/demo, instead of DATABASE_URL")
    prove = acts.add_parser("prove", help="write the proof that one event was sealed, from DATABASE_URL")
    prove.add_argument("event", type=int, help="number of the event, as the story of its document tells it")
    prove.add_argument("--out", type=Path, required=True, help="file to write, one JSON object")
    prove.add_argument("--data", type=Path, help="folder of a running bin/demo, instead of DATABASE_URL")
    verify = acts.add_parser("verify", help="0 for a genuine export or proof; 1 and what was forged first")
    verify.add_argument("file", type=Path)
    verify.add_argument("--root", type=_hex, help="the root that a statement names")
    verify.add_argument(
        "--key", action="append", type=_key, default=[], help="public key in hexadecimal, or its PEM file"
    )
    verify.add_argument("--data", type=Path, help="folder of a bin/demo whose key is known")


def run(options: argparse.Namespace) -> int:
    """Do what is asked for."""
    if options.act == "key":
        from portal.audit.signing import load_key

        print(load_key(str(make_audit_key(options.file))).public)
        return 0
    return {"export": _export, "prove": _prove, "verify": _verify}[options.act](options)


def _prove(options: argparse.Namespace) -> int:
    from portal.audit.prove import prove
    from portal.kernel.db import Database
    from portal.kernel.errors import DomainError

    _remember(options.data)
    try:
        with Database(_database_url(options.data)).system_session() as session:
            proof = prove(session, options.event)
    except DomainError as error:
        raise Refusal(f"event {options.event}: {error.message}") from error
    _write(options.out, iter([proof.written()]))
    print(f"event {options.event} is in batch {proof.head.number}, root {proof.head.digest()}")
    return 0


def _export(options: argparse.Namespace) -> int:
    from portal.audit import export
    from portal.audit.record import record
    from portal.audit.vocabulary import AuditAction
    from portal.kernel.actor import SYSTEM
    from portal.kernel.db import Database, transaction

    _remember(options.data)
    at = datetime.now(UTC)
    database = Database(_database_url(options.data))
    with transaction(database.system_session()) as session:
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        extent = export.extent(session, since=options.since, until=options.until)
        if extent is None:
            raise Refusal("nothing of that time is sealed; workers seal once they have a TONGLU_AUDIT_KEY.")
        _write(options.out, export.export(session, extent, at=at))
        after = {"first": extent.first, "last": extent.last, "root": extent.digest}
        record(
            session,
            AuditAction.EXPORTED,
            f"{extent.first}-{extent.last}",
            actor=SYSTEM,
            dealer_id=None,
            after=after,
        )
    print(
        f"batches {extent.first} to {extent.last}, root {extent.digest}; "
        f"{extent.unsealed} later events are not sealed yet"
    )
    return 0


def _verify(options: argparse.Namespace) -> int:
    from itertools import chain

    from portal.audit.inclusion import is_proof, verify_proof
    from portal.audit.verify import Forged, lines_of, verify

    keys, root = options.key or _known(options.data), options.root or ""
    try:
        with options.file.open("rb") as file:
            lines = lines_of(file)
            first = next(lines, "")
            if is_proof(first):
                said = _proven(verify_proof(first, keys=keys, root=root))
            else:
                said = _exported(verify(chain([first], lines), keys=keys, root=root))
    except OSError as error:
        raise Refusal(f"{options.file} cannot be read: {error.strerror}") from error
    except Forged as error:
        print(error)
        return 1
    print(said)
    if not keys:
        print("the key is not known here: compare it with what the maker tells, or pass it as --key")
    return 0


def _exported(found: Genuine) -> str:
    return (
        f"genuine: {found.events} events in {found.batches} batches, {found.first_at} to {found.last_at}, "
        f"root {found.root}, signed by {', '.join(found.keys)}"
    )


def _proven(found: Proof) -> str:
    """The event itself stands in it, as whoever reads the verdict wants to know what is genuine."""
    return (
        f"genuine: event {found.place + 1} of batch {found.head.number}, sealed {found.head.sealed_at}, "
        f"root {found.head.digest()}, signed by {found.head.key}\n{found.event}"
    )


def _database_url(data: Path | None) -> str:
    if data is not None:
        if url := Postgres.running_app_url(DemoFolder(data).postgres):
            return url
        raise Refusal(f"no bin/demo runs on {data}.")
    if url := os.environ.get("DATABASE_URL"):
        return sqlalchemy_url(url)
    running = Postgres.running_app_url(DemoFolder(ROOT / "var" / "demo").postgres)
    if running is None:
        raise Refusal("set DATABASE_URL, or name the folder of a running bin/demo with --data.")
    return running


def _key_files(data: Path | None) -> list[Path]:
    folder = DemoFolder(data or ROOT / "var" / "demo")
    named = os.environ.get("TONGLU_AUDIT_KEY")
    return [Path(named)] if named and data is None else [folder.audit_key]


def _remember(data: Path | None) -> None:
    """Note the public key of this installation, so that it is known when the key is gone or another one."""
    new = _own(data) - _noted()
    if new:
        with contextlib.suppress(OSError), _KNOWN.open("a") as file:  # a folder that may not be written to
            file.writelines(f"{key}\n" for key in sorted(new))


def _known(data: Path | None) -> set[str]:
    return _own(data) | _noted()


def _own(data: Path | None) -> set[str]:
    from portal.audit.signing import SealingUnavailable, load_key

    found = set()
    for file in _key_files(data):
        with contextlib.suppress(SealingUnavailable):
            found.add(load_key(str(file)).public)
    return found


def _noted() -> set[str]:
    try:
        return set(_KNOWN.read_text().split())
    except OSError:
        return set()


def _write(out: Path, lines: Iterator[str]) -> None:
    """Write a file whole, for its owner alone."""
    half = out.with_name(out.name + ".half")
    try:
        half.unlink(missing_ok=True)
        with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            for line in lines:
                print(line, file=file)
        half.replace(out)
    except OSError as error:
        half.unlink(missing_ok=True)
        raise Refusal(f"{out} cannot be written: {error.strerror}") from error


def _hex(said: str) -> str:
    """A root as it stands on paper, in groups or not."""
    digits = "".join(said.split()).lower()
    if len(digits) != 64 or not set(digits) <= _HEX:
        raise argparse.ArgumentTypeError("64 hexadecimal digits are needed")
    return digits


def _key(said: str) -> str:
    """A public key in hexadecimal, or of a PEM file."""
    if not Path(said).exists():
        return _hex(said)
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        key = serialization.load_pem_public_key(Path(said).read_bytes())
    except (OSError, ValueError) as error:
        raise argparse.ArgumentTypeError(f"{said} holds no public key: {error}") from error
    if not isinstance(key, Ed25519PublicKey):
        raise argparse.ArgumentTypeError(f"{said} holds no Ed25519 key")
    return key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw).hex()


def _moment(said: str, *, later: timedelta = timedelta()) -> datetime:
    """A moment, or the beginning of a day where business is done."""
    zone = ZoneInfo(os.environ.get("TONGLU_BUSINESS_TIMEZONE") or "Asia/Shanghai")
    try:
        if len(said) == len("2026-10-01"):
            return datetime.combine(date.fromisoformat(said) + later, time.min, zone)
        moment = datetime.fromisoformat(said)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"no day and no moment: {said}") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def _until(said: str) -> datetime:
    return _moment(said, later=timedelta(days=1))
