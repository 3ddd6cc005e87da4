"""The folder bin/demo keeps between starts: data, logs, mail, the secret key and the credentials."""

from __future__ import annotations

import json
import os
import pwd
import secrets
import shutil
from pathlib import Path

from launch.account import let_pass
from launch.lock import FolderLock
from launch.postgres import Postgres
from launch.refusal import Refusal

_LOCK = "demo.lock"
_KEY_LENGTH_MIN = 32
_FIELDS = {
    "users": frozenset({"email", "password", "role", "dealer", "regions"}),
    "clients": frozenset({"client_id", "client_secret", "dealer", "scopes"}),
}
_CONTENTS = ("valkey", "logs", "mail", "files", "signing", "credentials.json", "load_id", "secret_key")


class DemoFolder:
    """One demo's files, used by one bin/demo at a time."""

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self._lock = FolderLock(
            self.path / _LOCK,
            f"bin/demo already runs on {self.path} (process {{pid}}); "
            "stop it, or name another folder with --data.",
        )

    def __enter__(self) -> DemoFolder:
        try:
            self._make()
            self._lock.acquire()
        except OSError as error:
            raise Refusal(
                f"--data {self.path} cannot be used: {error.strerror}. Name another folder."
            ) from error
        return self

    def _make(self) -> None:
        """Create the folder, or accept one that bin/demo made; never mix with a person's own files."""
        if not self.path.exists():
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.path.mkdir(mode=0o700)
        if not any(self.path.iterdir()):
            self._close_to_others()
            return
        if not (self.path / _LOCK).exists():
            raise Refusal(f"--data {self.path} holds other files. Name an empty or a new folder.")
        if (owner := (self.path / _LOCK).stat().st_uid) != os.geteuid():
            raise Refusal(
                f"--data {self.path} belongs to user {_name(owner)}. "
                "Run as that user, or name another folder."
            )
        self._close_to_others()

    def _close_to_others(self) -> None:
        """Nobody else looks in here; root's database server passes through."""
        self.path.chmod(0o700)
        let_pass(self.path)

    def __exit__(self, *_: object) -> None:
        self._lock.release()

    def erase(self) -> None:
        """Delete all that bin/demo keeps here."""
        Postgres.erase(self.postgres)
        for name in _CONTENTS:
            path = self.path / name
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)

    @property
    def empty(self) -> bool:
        """Whether nothing was ever loaded here."""
        return not self.postgres.exists() and self.credentials() is None

    @property
    def postgres(self) -> Path:
        """Folder of the embedded database."""
        return self.path / "postgres"

    @property
    def logs(self) -> Path:
        """Folder of the programs' logs."""
        return self.path / "logs"

    @property
    def mail_url(self) -> str:
        """Folder that stands in for a mail server, as a file URL (percent-encoded)."""
        mail = self.path / "mail"
        mail.mkdir(mode=0o700, exist_ok=True)
        return mail.as_uri()

    @property
    def files_url(self) -> str:
        """Folder of uploaded files, as a file URL (percent-encoded)."""
        return (self.path / "files").as_uri()

    @property
    def signing(self) -> Path:
        """Folder of the key and the certificate that sign statements."""
        return self.path / "signing"

    @property
    def audit_key(self) -> Path:
        """The key that seals the audit."""
        return self.signing / "audit-key.pem"

    @property
    def credentials_path(self) -> Path:
        """Where the users and clients of the demo are written."""
        return self.path / "credentials.json"

    def secret_key(self) -> str:
        """The key that signs sessions: made once, kept, readable by the owner only.

        A lost or damaged one signs everybody out.
        """
        path = self.path / "secret_key"
        kept = _read(path).strip()
        if len(kept) < _KEY_LENGTH_MIN:
            kept = secrets.token_urlsafe(48)
            _write_private(path, kept)
        return kept

    def fits(self, load_id: str | None) -> bool:
        """Whether the credentials here belong to the data with this number."""
        return _read(self.path / "load_id").strip() == load_id and self.credentials() is not None

    def keep_credentials(self, content: dict) -> str:
        """Keep users and clients of data just loaded; returns a new number for these data."""
        load_id = secrets.token_hex(8)
        self._write_credentials(content | {"base_url": ""})
        _write_private(self.path / "load_id", load_id)
        return load_id

    def credentials(self) -> dict | None:
        """What credentials.json says; None if it was never written or is damaged."""
        try:
            content = json.loads(_read(self.credentials_path))
        except (ValueError, RecursionError):
            return None
        complete = isinstance(content, dict) and all(
            _listed(content.get(name), fields) for name, fields in _FIELDS.items()
        )
        return content if complete else None

    def set_base_url(self, base_url: str) -> None:
        """Write into the credentials where the portal answers this time."""
        self._write_credentials(self.credentials() | {"base_url": base_url})

    def _write_credentials(self, content: dict) -> None:
        ordered = {name: content[name] for name in ("base_url", "users", "clients")}
        _write_private(self.credentials_path, json.dumps(ordered, ensure_ascii=False, indent=2) + "\n")


def _name(uid: int) -> str:
    """Name of a user, or the number of one unknown to the system."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _read(path: Path) -> str:
    """What a file says; nothing if there is none or no text in it.

    A file that may not be read is an error.
    """
    try:
        return path.read_text()
    except (FileNotFoundError, UnicodeDecodeError):
        return ""


def _listed(entries: object, fields: frozenset[str]) -> bool:
    """Whether these are entries with all the fields."""
    return isinstance(entries, list) and all(
        isinstance(entry, dict) and fields <= entry.keys() for entry in entries
    )


def _write_private(path: Path, text: str) -> None:
    """Write a file of mode 0600, whole or not at all."""
    half = path.with_name(path.name + ".half")
    half.unlink(missing_ok=True)
    with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    half.replace(path)
