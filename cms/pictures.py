"""Pictures that people send, made into small ones of our own.

A photograph from a telephone says where it was taken, when, and with which telephone. So nothing
of the file is kept: it is read, turned upright, cut down and written afresh.
"""

import hashlib
import io
import warnings
from dataclasses import dataclass

from django.utils.translation import gettext as _
from PIL import Image, ImageOps, UnidentifiedImageError

from cms.catalogue import Refused

MOST_BYTES = 8_000_000
MOST_PIXELS = 40_000_000
SIDE = 480  # pixels
QUALITY = 82
KINDS = ("JPEG", "PNG", "WEBP")
ACCEPTED = "image/jpeg,image/png,image/webp"
CONTENT_TYPE = "image/jpeg"


class NotAPicture(Refused):
    """A file that we cannot, or will not, read as a picture."""


@dataclass(frozen=True)
class Small:
    """A square picture of our own making, and what stands for its content."""

    content: bytes
    width: int
    height: int

    @property
    def digest(self) -> str:
        """Return what stands for the content."""
        return hashlib.sha256(self.content).hexdigest()


def small(*, content: bytes) -> Small:
    """Return a picture as a small square JPEG without a word of where it came from.

    Raises `NotAPicture` for what is too large (8 MB, 40 million pixels) or no JPEG, PNG or WebP.
    """
    if len(content) > MOST_BYTES:
        raise NotAPicture(_("This file is too large. Send one of 8 MB at most."))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            upright = _read(content)
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError) as error:
        raise NotAPicture(_("We cannot read this as a picture. Send a JPEG or a PNG.")) from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise NotAPicture(_("This picture is too large. Send a smaller one.")) from error
    square = ImageOps.fit(upright, (SIDE, SIDE), Image.Resampling.LANCZOS, centering=(0.5, 0.35))
    # A new image, so that nothing that hung on the old one comes along.
    clean = Image.new("RGB", square.size, "white")
    clean.paste(square)
    written = io.BytesIO()
    clean.save(written, "JPEG", quality=QUALITY, optimize=True)
    return Small(content=written.getvalue(), width=clean.width, height=clean.height)


def _read(content: bytes) -> Image.Image:
    """Read, and turn as the camera was held, on white where it is transparent."""
    with Image.open(io.BytesIO(content), formats=KINDS) as picture:
        if picture.width * picture.height > MOST_PIXELS:  # before a pixel is unpacked
            raise Image.DecompressionBombError
        turned = ImageOps.exif_transpose(picture).convert("RGBA")
    ground = Image.new("RGBA", turned.size, "white")
    return Image.alpha_composite(ground, turned).convert("RGB")
