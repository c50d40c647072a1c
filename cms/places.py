"""Where a postcode is, from the committed table. Imports no Django."""

import functools
import json
import pathlib
import re
from dataclasses import dataclass

TABLE = pathlib.Path(__file__).parent / "data" / "places.json"
POSTCODE = re.compile(r"^([A-Z]{1,2}[0-9][A-Z0-9]?) ?([0-9][A-Z]{2})$")
OUTCODE = re.compile(r"^[A-Z]{1,2}[0-9][A-Z0-9]?$")


@dataclass(frozen=True)
class Point:
    """Where a postcode is; `district` is empty where it could be one of several."""

    latitude: float
    longitude: float
    district: str
    is_exact: bool


def tidy(postcode: str) -> str:
    """Return a postcode as it is written ("LE10 1AB"), or nothing where it cannot be one."""
    letters = re.sub(r"[^A-Z0-9]", "", postcode.upper())
    found = POSTCODE.match(f"{letters[:-3]} {letters[-3:]}")
    return f"{found[1]} {found[2]}" if found else ""


def find(*, postcode: str) -> Point | None:
    """Return where a postcode or its first half is; None where the table does not know it.

    An unknown postcode of a known first half gets that half's middle.
    """
    exact, roughly = table()
    written = tidy(postcode)
    if written in exact:
        return exact[written]
    outcode = written.split(" ")[0] if written else postcode.strip().upper()
    return roughly.get(outcode) if OUTCODE.match(outcode) else None


@functools.cache
def areas() -> tuple[Point, ...]:
    """Return the middle of each part of the county that has a postcode's first half of its own."""
    rows = json.loads(TABLE.read_text(encoding="utf-8"))["outcodes"]
    return tuple(Point(row["latitude"], row["longitude"], row["district"], False) for row in rows)


@functools.cache
def table() -> tuple[dict[str, Point], dict[str, Point]]:
    """Return the committed places: by postcode, and by first half."""
    rows = json.loads(TABLE.read_text(encoding="utf-8"))
    exact = {
        tidy(row["postcode"]): Point(row["latitude"], row["longitude"], row["district"], True)
        for row in rows["places"]
    }
    middles: dict[str, list[Point]] = {}
    for row in rows["outcodes"]:
        middles.setdefault(row["outcode"], []).append(
            Point(row["latitude"], row["longitude"], row["district"], False)
        )
    return exact, {outcode: middle(points) for outcode, points in middles.items()}


def middle(points: list[Point]) -> Point:
    """Return one point for the parts of an outcode, of no district where there are several."""
    return Point(
        latitude=sum(point.latitude for point in points) / len(points),
        longitude=sum(point.longitude for point in points) / len(points),
        district=points[0].district if len(points) == 1 else "",
        is_exact=False,
    )
