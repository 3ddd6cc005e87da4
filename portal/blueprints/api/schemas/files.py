"""Files: what is answered."""

from __future__ import annotations

from pydantic import Field

from portal.kernel.errors import N_
from portal.web.api.fields import Shape, Text, Whole


class FileForm(Shape, about=N_("A form with the file; it has no other members.")):
    pass


class StoredFileShape(Shape, about=N_("A file as it is stored.")):
    id: str = Field(description=N_("Name it where a call takes files."))
    name: str = Field(description=N_("Without folders. A HEIC picture becomes a JPEG."))
    size: int = Field(description=N_("Bytes as they are stored."))
    sha256: str = Field(description=N_("Of the bytes as they are stored, in hex: a picture loses its place."))


class RemovedFileShape(Shape, about=N_("What was removed.")):
    id: str


class UploadBody(Shape, about=N_("A file that is to come in pieces.")):
    name: Text = Field(min_length=1, max_length=400, examples=["外箱.jpg"])
    size: Whole = Field(description=N_("Bytes of the whole file."))


class PieceForm(Shape, about=N_("A form with a piece of the file as `file`.")):
    offset: str = Field("0", pattern="^[0-9]{1,9}$", description=N_("Where in the file the piece begins."))


class UploadShape(Shape, about=N_("How far a file has come.")):
    id: str
    size: int
    offset: int = Field(description=N_("Bytes that are there: where the next piece begins."))
    piece_max: int = Field(description=N_("Bytes of a piece at most."))
    file: StoredFileShape | None = Field(description=N_("What was made of it, once it is whole."))
