"""Files: what is answered."""

from __future__ import annotations

from pydantic import Field

from portal.kernel.errors import N_
from portal.web.api.fields import Shape


class FileForm(Shape, about=N_("A form with the file; it has no other members.")):
    pass


class StoredFileShape(Shape, about=N_("A file as it is stored.")):
    id: str = Field(description=N_("Name it where a call takes files."))
    name: str = Field(description=N_("Without folders. A HEIC picture becomes a JPEG."))
    size: int = Field(description=N_("Bytes as they are stored."))
    sha256: str = Field(description=N_("Of the bytes as they are stored, in hex: a picture loses its place."))


class RemovedFileShape(Shape, about=N_("What was removed.")):
    id: str
