"""Send a message to where `TONGLU_MAIL_URL` points: a mail server, or a folder of ``.eml`` files.

``smtp://user:password@host:587`` (encrypted when the server offers it), ``smtps://…:465``,
``file:///folder``.
"""

from __future__ import annotations

import os
import smtplib
import ssl
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

_PATIENCE = 20  # seconds for each step of the conversation


def send(url: str, message: EmailMessage) -> None:
    """Deliver a message or raise OSError or SMTPException. ValueError for an address of another kind."""
    address = urlsplit(url)
    if address.scheme == "file":
        _write(Path(unquote(address.path)), message)
    elif address.scheme in ("smtp", "smtps"):
        _submit(address, message)
    else:
        raise ValueError(f"mail cannot be sent by {address.scheme!r}; use smtp, smtps or file")


def _write(folder: Path, message: EmailMessage) -> None:
    """The same message has the same name, so sending it again leaves one file. Nobody sees half a file."""
    folder.mkdir(parents=True, exist_ok=True)
    name = "".join(c for c in message["Message-ID"] if c.isalnum() or c in "-_.@")
    partial = folder / f".{name}.{os.getpid()}"
    partial.write_bytes(message.as_bytes())
    partial.rename(folder / f"{name}.eml")


def _submit(address: SplitResult, message: EmailMessage) -> None:
    with _server(address) as server:
        if address.username:
            server.login(unquote(address.username), unquote(address.password or ""))
        server.send_message(message)


def _server(address: SplitResult) -> smtplib.SMTP:
    host, context = address.hostname or "localhost", ssl.create_default_context()
    if address.scheme == "smtps":
        return smtplib.SMTP_SSL(host, address.port or 465, timeout=_PATIENCE, context=context)
    server = smtplib.SMTP(host, address.port or 25, timeout=_PATIENCE)
    server.ehlo()
    if server.has_extn("starttls"):
        server.starttls(context=context)
        server.ehlo()
    return server
