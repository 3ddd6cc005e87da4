"""Pictures as they are kept: as they were taken, without place, maker and date; and small ones of them."""

from __future__ import annotations

from io import BytesIO

import pillow_heif
from PIL import Image, ImageOps
from PIL.ExifTags import Base

from portal.files import jpeg_rules, png_rules
from portal.files.content_rules import HEIC, JPEG, PNG
from portal.files.rules import refuse
from portal.kernel.errors import N_, Invalid

PIXELS_MAX = 50_000_000
"""What the best phones take; decoded it is 200 MB."""
PREVIEW_SIDE_MAX = 480  # pixels

_FORMATS = {JPEG: "JPEG", PNG: "PNG", HEIC: "HEIF"}
_UPRIGHT = 1
_QUALITY, _PREVIEW_QUALITY = 92, 80
_EXIF_MARK = b"Exif\x00\x00"

pillow_heif.register_heif_opener(thumbnails=False)
Image.MAX_IMAGE_PIXELS = None  # `_opened` looks before anything is decoded, and refuses instead of warning


def kept_picture(content: bytes, media_type: str) -> tuple[bytes, str]:
    """A picture as it is kept, and its type: one of a phone (HEIC), which no browser shows, becomes a JPEG.

    Raises Invalid for one that is broken, or has more pixels than anybody could hold.
    """
    if media_type == HEIC:
        return _as_jpeg(_opened(content, HEIC), _QUALITY), JPEG
    orientation = _orientation(_opened(content, media_type))
    cleaned = (jpeg_rules if media_type == JPEG else png_rules).cleaned
    mark = b"" if media_type == PNG else _EXIF_MARK
    kept = cleaned(content, orientation and mark + orientation)
    _decode(_opened(kept, media_type))
    return kept, media_type


def preview(content: bytes, media_type: str) -> bytes:
    """A small JPEG of a picture that is kept, upright. Raises Invalid for one that is broken."""
    picture = _opened(content, media_type)
    picture.draft("RGB", (PREVIEW_SIDE_MAX, PREVIEW_SIDE_MAX))
    _decode(picture)
    upright = ImageOps.exif_transpose(picture)
    upright.thumbnail((PREVIEW_SIDE_MAX, PREVIEW_SIDE_MAX))
    return _as_jpeg(upright, _PREVIEW_QUALITY)


def _opened(content: bytes, media_type: str) -> Image.Image:
    """The picture, not decoded yet."""
    try:
        picture = Image.open(BytesIO(content), formats=(_FORMATS[media_type],))
    except Exception:  # decoders raise whatever the broken bytes lead them to
        raise jpeg_rules.torn() from None
    if picture.width * picture.height > PIXELS_MAX:
        message = N_("This picture has more than %(max)s million pixels.")
        raise refuse("too_many_pixels", message, N_("Make it smaller."), max=PIXELS_MAX // 1_000_000)
    return picture


def _decode(picture: Image.Image) -> None:
    """Whatever is cut off or broken shows when the last pixel is reached. A JPEG is decoded small."""
    try:
        picture.draft(None, (picture.width // 8, picture.height // 8))
        picture.load()
    except Invalid:
        raise
    except Exception:  # as in `_opened`
        raise jpeg_rules.torn() from None


def _orientation(picture: Image.Image) -> bytes:
    """Exif that says how the picture is turned, and nothing else; empty for one that is upright."""
    try:
        turned = picture.getexif().get(Base.Orientation, _UPRIGHT)
    except Exception:  # broken Exif is dropped with the rest of it
        return b""
    if turned not in range(2, 9):
        return b""
    exif = Image.Exif()
    exif[Base.Orientation] = turned
    return exif.tobytes().removeprefix(_EXIF_MARK)


def _as_jpeg(picture: Image.Image, quality: int) -> bytes:
    _decode(picture)
    profile = picture.info.get("icc_profile") if picture.mode in ("RGB", "L") else None
    plain = picture if picture.mode in ("RGB", "L") else _on_white(picture)
    plain.info.clear()
    made = BytesIO()
    plain.save(made, "JPEG", quality=quality, icc_profile=profile)
    return made.getvalue()


def _on_white(picture: Image.Image) -> Image.Image:
    """Without transparency."""
    seen = picture.convert("RGBA")
    ground = Image.new("RGBA", seen.size, "white")
    ground.alpha_composite(seen)
    return ground.convert("RGB")
