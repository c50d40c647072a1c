"""What the Open Referral UK standard lays down: its names, its document, and how ids are made."""

import copy
import functools
import hashlib
import json
import pathlib
import uuid
from typing import Any

from cms.models import TermTaxonomy

PROFILE = "HSDS-UK-3.0"
DATA = pathlib.Path(__file__).parent / "data" / "3.0"
EXTRAS = "alongside"
"""The key under which a record says what the standard has no field for (ADR 0021)."""

STATUSES = ("active", "inactive", "defunct", "temporarily closed")
DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
# Whatever has no reference of its own gets an id made from what it belongs to: always the same.
IDS = uuid.uuid5(uuid.NAMESPACE_DNS, EXTRAS)
PREFIX_BITS = 60


def derived(*parts: object) -> str:
    """Return an id that is always the same for the same parts."""
    return str(uuid.uuid5(IDS, "\0".join(map(str, parts))))


def at_location(service: uuid.UUID, place: uuid.UUID) -> str:
    """Return the id of a service at a place.

    It begins with the first sixty bits of the service's own, so that it leads back by an index.
    """
    told = hashlib.sha256(service.bytes + place.bytes).digest()
    first, last = service.int >> (128 - PREFIX_BITS), int.from_bytes(told[:8]) >> 4
    # The layout of a version 8 UUID: 48 bits, the version, 12 bits, the variant, 62 bits.
    number = (first >> 12) << 80 | 0x8 << 76 | (first & 0xFFF) << 64 | 0b10 << 62 | last
    return str(uuid.UUID(int=number))


def services_at(reference: uuid.UUID) -> tuple[uuid.UUID, uuid.UUID]:
    """Return the first and the last id that the service of an `at_location` can have."""
    first = (reference.int >> 80) << 12 | (reference.int >> 64) & 0xFFF
    rest = 128 - PREFIX_BITS
    return uuid.UUID(int=first << rest), uuid.UUID(int=((first + 1) << rest) - 1)


def taxonomy_ids() -> dict[str, str]:
    """Return the id of each of our taxonomies."""
    return {taxonomy: derived("taxonomy", taxonomy) for taxonomy in TermTaxonomy.values}


@functools.cache
def document() -> Any:
    """Return the standard's own OpenAPI document."""
    return json.loads((DATA / "openapi.json").read_text(encoding="utf-8"))


def openapi(*, title: str, address: str) -> Any:
    """Return the standard's OpenAPI document, with whose feed it is and where."""
    told = copy.deepcopy(document())
    told["info"] |= {
        "title": title,
        "summary": "A directory of support, open to everybody",
        "contact": {"name": title, "url": address},
    }
    told["servers"] = [{"url": address}]
    return told
