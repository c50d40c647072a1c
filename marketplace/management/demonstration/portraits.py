"""Drawings of people who do not exist: a head and shoulders, from shapes of our own."""

import io
import random
from dataclasses import dataclass

from PIL import Image, ImageDraw

SIDE = 480
SCALE = 2  # drawn larger and made smaller, so that edges are smooth
GROUNDS = ("#f4d9c6", "#d7e5dc", "#e6d9ec", "#f6e3b4", "#d5e3f0", "#ecd6d6")
SKINS = ("#f1c9a5", "#d9a06b", "#a66a3f", "#6f4427", "#e8b48a", "#8d5a34")
HAIRS = ("#2b2230", "#5a3a22", "#8c5a2b", "#c9a15a", "#8d8d92", "#a3431f")
CLOTHES = ("#7a2e52", "#2f5d50", "#33507a", "#8a5a1e", "#5b4a86", "#3d4a3a")


@dataclass(frozen=True)
class Face:
    """What one drawing is made of."""

    ground: str
    skin: str
    hair: str
    clothes: str
    is_long: bool
    has_glasses: bool
    has_beard: bool


def face(name: str, *, is_long: bool) -> Face:
    """Return the face that always goes with a name."""
    dice = random.Random(f"portrait of {name}")
    return Face(
        ground=dice.choice(GROUNDS),
        skin=dice.choice(SKINS),
        hair=dice.choice(HAIRS),
        clothes=dice.choice(CLOTHES),
        is_long=is_long,
        has_glasses=dice.random() < 0.3,
        has_beard=not is_long and dice.random() < 0.5,
    )


def draw(name: str, *, is_long: bool) -> bytes:
    """Return a drawing that goes with a name, as a PNG."""
    made, side = face(name, is_long=is_long), SIDE * SCALE
    picture = Image.new("RGB", (side, side), made.ground)
    pen = ImageDraw.Draw(picture)

    def box(left: float, top: float, right: float, bottom: float) -> tuple[float, ...]:
        return tuple(side * part for part in (left, top, right, bottom))

    if made.is_long:
        pen.rounded_rectangle(box(0.27, 0.2, 0.73, 0.78), side * 0.2, fill=made.hair)
    pen.ellipse(box(0.14, 0.72, 0.86, 1.4), fill=made.clothes)
    pen.rounded_rectangle(box(0.43, 0.58, 0.57, 0.8), side * 0.05, fill=made.skin)
    pen.ellipse(box(0.31, 0.22, 0.69, 0.7), fill=made.skin)
    pen.pieslice(box(0.29, 0.15, 0.71, 0.62), 180, 360, fill=made.hair)
    if made.has_beard:
        pen.pieslice(box(0.33, 0.4, 0.67, 0.71), 15, 165, fill=made.hair)
    _features(pen, box, made)
    picture = picture.resize((SIDE, SIDE), Image.Resampling.LANCZOS)
    written = io.BytesIO()
    picture.save(written, "PNG")
    return written.getvalue()


def _features(pen: ImageDraw.ImageDraw, box: object, made: Face) -> None:
    """Draw the eyes, the mouth and glasses."""
    assert callable(box)
    ink, width = "#2b2230", SIDE * SCALE // 110
    for left in (0.405, 0.545):
        pen.ellipse(box(left, 0.43, left + 0.05, 0.48), fill=ink)
        if made.has_glasses:
            pen.ellipse(box(left - 0.035, 0.395, left + 0.085, 0.515), outline=ink, width=width)
    if made.has_glasses:
        pen.line(box(0.49, 0.45, 0.51, 0.45), fill=ink, width=width)
    pen.arc(box(0.42, 0.48, 0.58, 0.61), 25, 155, fill=ink, width=width * 2)
