"""The county as a drawing: where what was found is. An extra beside the list, which is complete.

Drawn from the committed middles of its postcode areas: no tiles, no third party, no JavaScript.
"""

import functools
import math
from collections.abc import Iterable
from dataclasses import dataclass

from cms import places
from cms.models import Listing

WIDTH = 360
MARGIN = 18
KM_A_DEGREE = 111.195
APART = 19.0
BESIDE = APART / 2
# Where a dot may go instead of its own place, the nearest first.
AROUND = sorted(
    ((column * APART, row * APART) for column in range(-6, 7) for row in range(-6, 7)),
    key=lambda offset: (round(math.hypot(*offset), 3), offset),
)


@dataclass(frozen=True)
class Dot:
    """One point of the drawing, in its own units."""

    x: float
    y: float
    label: str = ""
    number: int = 0
    slug: str = ""


@dataclass(frozen=True)
class Frame:
    """What part of the earth the drawing shows, and how large it is."""

    west: float
    east: float
    south: float
    north: float

    @property
    def scale(self) -> float:
        """Return the drawing's units in a kilometre."""
        return (WIDTH - 2 * MARGIN) / ((self.east - self.west) * self._across)

    @property
    def height(self) -> int:
        """Return the height of the drawing."""
        return round((self.north - self.south) * KM_A_DEGREE * self.scale) + 2 * MARGIN

    @property
    def _across(self) -> float:
        return KM_A_DEGREE * math.cos(math.radians((self.south + self.north) / 2))

    def put(self, latitude: float, longitude: float) -> tuple[float, float]:
        """Return where a point of the earth is in the drawing."""
        x = MARGIN + (longitude - self.west) * self._across * self.scale
        y = MARGIN + (self.north - latitude) * KM_A_DEGREE * self.scale
        return round(x, 1), round(y, 1)

    def holds(self, latitude: float, longitude: float) -> bool:
        """Tell whether a point is in the drawing."""
        return self.south <= latitude <= self.north and self.west <= longitude <= self.east


@dataclass(frozen=True)
class Map:
    """The drawing of one page of a list; `elsewhere` is how many rows are not on it."""

    width: int
    height: int
    areas: tuple[Dot, ...]
    districts: tuple[Dot, ...]
    found: tuple[Dot, ...]
    elsewhere: int
    here: Dot | None = None
    reach: float = 0.0


def of(rows: Iterable[Listing], *, near: tuple[float, float, float] | None) -> Map | None:
    """Return the drawing of some rows, numbered as in their list; None where none has a place.

    `near` is latitude, longitude and kilometres.
    """
    frame, areas, districts = _county()
    listed = list(rows)
    found = []
    for number, row in enumerate(listed, start=1):
        if row.latitude is None or row.longitude is None:
            continue
        if frame.holds(row.latitude, row.longitude):
            x, y = frame.put(row.latitude, row.longitude)
            found.append(Dot(x, y, label=row.name, number=number, slug=row.service.slug))
    if not found:
        return None
    here = Dot(*frame.put(near[0], near[1])) if near and frame.holds(near[0], near[1]) else None
    return Map(
        width=WIDTH,
        height=frame.height,
        areas=areas,
        districts=districts,
        found=tuple(_apart(found, height=frame.height, here=here)),
        elsewhere=len(listed) - len(found),
        here=here,
        reach=round(near[2] * frame.scale, 1) if near and here else 0.0,
    )


def _apart(dots: list[Dot], *, height: int = WIDTH, here: Dot | None = None) -> list[Dot]:
    """Put dots at one place close together, so that each can be read and pressed."""
    placed = [here] if here else []
    for dot in dots:
        spots = ((dot.x + x, dot.y + y) for x, y in AROUND)
        x, y = next(
            (x, y)
            for x, y in spots
            if BESIDE <= x <= WIDTH - BESIDE
            and BESIDE <= y <= height - BESIDE
            and all(math.hypot(x - other.x, y - other.y) >= APART for other in placed)
        )
        placed.append(Dot(round(x, 1), round(y, 1), dot.label, dot.number, dot.slug))
    return placed[1:] if here else placed


@functools.cache
def _county() -> tuple[Frame, tuple[Dot, ...], tuple[Dot, ...]]:
    """Return the frame of the county, the middles of its postcode areas, and its districts."""
    areas = places.areas()
    frame = Frame(
        west=min(area.longitude for area in areas) - 0.04,
        east=max(area.longitude for area in areas) + 0.04,
        south=min(area.latitude for area in areas) - 0.02,
        north=max(area.latitude for area in areas) + 0.02,
    )
    by_district: dict[str, list[places.Point]] = {}
    for area in areas:
        by_district.setdefault(area.district, []).append(area)
    middles = {name: places.middle(points) for name, points in by_district.items()}
    return (
        frame,
        tuple(Dot(*frame.put(area.latitude, area.longitude)) for area in areas),
        tuple(
            Dot(*frame.put(point.latitude, point.longitude), label=name)
            for name, point in sorted(middles.items())
        ),
    )
