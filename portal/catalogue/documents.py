"""Pictures, certificates, instructions and brochures of products: proposed with a change, approved with it.

A file belongs to the change that first named it, and stays with it. Headquarters reads it from then on,
dealers once it is in force and as long as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.catalogue.product_fields import Document
from portal.catalogue.vocabulary import CatalogueRight, DocumentKind
from portal.files.attach import attach_files
from portal.files.content_rules import PICTURES
from portal.files.rules import Owner
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Fault, Invalid, NotFound

CHANGE = "product_change"
"""The kind of document that changes of products are to the files."""
DOCUMENTS_MAX = 20
POINTER = "/documents"


@dataclass(frozen=True, slots=True)
class ProductFile:
    """A document of a product as a page lists it. size: bytes."""

    kind: str
    id: str
    name: str
    media_type: str
    size: int
    sha256: str

    @property
    def is_picture(self) -> bool:
        """Whether there is a small picture of it to look at."""
        return self.media_type in PICTURES


def documents_of(session: Session, sku: str) -> list[ProductFile]:
    """The documents of a product that are in force, in their order."""
    rows = session.execute(_IN_FORCE, {"sku": sku})
    return [ProductFile(**row._mapping) for row in rows]


def files_named(session: Session, documents: Sequence[Document]) -> list[ProductFile]:
    """Documents that are proposed, with the names of their files."""
    files = {row.id: row for row in session.execute(_FILES, {"ids": [one.file for one in documents]})}
    return [ProductFile(kind=one.kind, **files[one.file]._mapping) for one in documents if one.file in files]


def keep_documents(
    session: Session, *, actor: Actor, sku: str, number: str, documents: Sequence[Document]
) -> None:
    """Give the files that a change is the first to name to it; part of proposing, which has asked.

    Raises Invalid at ``/documents`` for too many, a file named twice, a picture that is none, and what is
    neither the actor's to give nor the product's.
    """
    if not documents:
        return
    ids = [one.file for one in documents]
    if len(documents) > DOCUMENTS_MAX or len(set(ids)) < len(ids):
        message = N_("A product has at most %(max)s different documents.")
        fault = Fault(POINTER, "too_many_files", message, N_("Leave some out."), {"max": DOCUMENTS_MAX})
        raise Invalid(faults=[fault])
    known = set(session.scalars(_KNOWN, {"ids": ids, "sku": sku, "kind": CHANGE}))
    new = [one for one in ids if one not in known]
    try:
        attach_files(session, actor=actor, ids=new, owner=Owner(CHANGE, number))
    except Invalid as refusal:
        raise Invalid(faults=[replace(one, pointer=POINTER) for one in refusal.faults]) from None
    for one in files_named(session, documents):
        if one.kind == DocumentKind.PICTURE and not one.is_picture:
            message, about = N_("%(name)s is no picture."), {"name": one.name}
            raise Invalid(
                faults=[Fault(POINTER, "no_picture", message, N_("Send JPEG, PNG or HEIC."), about)]
            )


def require_reader(session: Session, actor: Actor, number: str) -> None:
    """Raise Forbidden for who may not read products."""
    actor.require(CatalogueRight.READ, CatalogueRight.HEADQUARTERS, CatalogueRight.EDIT)


def require_file_reader(session: Session, actor: Actor, file_id: str) -> None:
    """Raise NotFound for a dealer, of a file that is not in force."""
    if not actor.is_staff and not session.scalar(_IS_IN_FORCE, {"id": file_id}):
        raise NotFound()


_IN_FORCE = text(
    """
    SELECT d.kind, f.id, f.name, f.media_type, f.size, f.sha256
      FROM product p JOIN product_document d ON d.product_id = p.id JOIN stored_file f ON f.id = d.file_id
     WHERE p.sku = :sku ORDER BY d.place
    """
)
_FILES = text("SELECT id, name, media_type, size, sha256 FROM stored_file WHERE id = ANY (:ids)")
_KNOWN = text(
    """
    SELECT f.id FROM stored_file f JOIN product_change c ON c.number = f.owner_number
     WHERE f.id = ANY (:ids) AND f.owner_kind = :kind AND c.sku = :sku
    """
)
_IS_IN_FORCE = text("SELECT EXISTS (SELECT FROM product_document WHERE file_id = :id)")
