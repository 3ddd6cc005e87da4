"""Whether an event was sealed, from the event and a few hashes alone: neither its batch nor we are needed.

A proof is one JSON object: the event's line, its place in the batch, the hashes beside its way to the root
(RFC 6962, 2.1.1), the head of the batch and the signature. It says nothing of the other events.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import asdict, dataclass
from typing import Any

from portal.audit import merkle
from portal.audit.seals import Head, head_of
from portal.audit.verify import Forged

FORMAT = "tonglu-audit-proof-1"


@dataclass(frozen=True, slots=True)
class Proof:
    """One sealed event. place: in its batch, from 0. path: hashes in hexadecimal, from below."""

    event: str
    place: int
    path: tuple[str, ...]
    head: Head
    signature: str

    def written(self) -> str:
        """The proof as a line of JSON."""
        return json.dumps(
            {
                "proof": FORMAT,
                "event": self.event,
                "place": self.place,
                "path": self.path,
                "batch": asdict(self.head),
                "signature": self.signature,
            }
        )


def is_proof(line: str) -> bool:
    """Whether a file that begins with this line is meant to be a proof."""
    return line.startswith('{"proof":')


def verify_proof(line: str, *, keys: Collection[str] = (), root: str = "") -> Proof:
    """Read a proof. Raises Forged with the first thing that is not as it was sealed.

    keys: public keys one knows of; with none, any that fits is taken. root: of the audit up to the event's
    batch, where somebody was told that one.
    """
    proof = _read(line)
    head = proof.head
    batch = f"batch {head.number}, events {head.after + 1} to {head.last}"
    if not head.is_signed_by(proof.signature):
        raise Forged(f"altered: {batch}: its head is not what was signed")
    if keys and head.key not in keys:
        raise Forged(f"signed by another key: {batch}: {head.key}")
    leaf = merkle.leaf(proof.event.encode("utf-8", "surrogatepass"))
    reckoned = merkle.root_by(leaf, proof.place, head.events, [bytes.fromhex(one) for one in proof.path])
    if reckoned is None or reckoned.hex() != head.root:
        raise Forged(f"altered: the event, its place or its path is not what {batch} was sealed with")
    if root and root != head.digest():
        raise Forged(f"another history: {batch} has the root {head.digest()}, not {root}")
    return proof


def _read(line: str) -> Proof:
    try:
        content: Any = json.loads(line)
        if content["proof"] != FORMAT or type(content["place"]) is not int:
            raise ValueError
        path = tuple(content["path"])
        if any(len(bytes.fromhex(one)) != 32 for one in path):
            raise ValueError
        return Proof(
            str(content["event"]),
            content["place"],
            path,
            head_of(content["batch"]),
            str(content["signature"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError):
        raise Forged(f"no proof of an event: it is not one of {FORMAT}") from None
