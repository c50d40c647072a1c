"""Where the addresses about somebody's safety lead: the same pages behind three front doors."""

import functools
from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.urls import URLPattern, path

from marketplace.pages import doors
from marketplace.pages.safety import acts, callers, concerns, emergency, reviews
from marketplace.people.roles import Role

ROLES: dict[str, tuple[Role, ...]] = {
    "advocate": (Role.ADVOCATE, Role.LEAD_PROFESSIONAL),
    "provider": (Role.INTAKE_WORKER, Role.PROVIDER_WORKER),
    "commissioner": (Role.COMMISSIONER, Role.ADMINISTRATOR),
}
# Who works with families may open a record in an emergency (marketplace/sharing/emergencies.py).
MAY_OPEN: dict[str, tuple[Role, ...]] = {
    "advocate": (Role.ADVOCATE, Role.LEAD_PROFESSIONAL),
    "provider": (Role.INTAKE_WORKER,),
}


def addresses(door: str) -> list[URLPattern]:
    """Return the addresses behind one front door, named after it."""
    found: list[tuple[str, Callable[..., HttpResponse], str]] = [
        ("safety/", concerns.listing, "safety"),
        ("safety/danger/", concerns.ring, "danger"),
        ("safety/new/", concerns.new, "concern_new"),
        ("safety/calls/<uuid:reference>/", callers.rang, "call"),
        ("safety/<uuid:reference>/", concerns.concern, "concern"),
        ("safety/<uuid:reference>/<slug:act>/", acts.page, "concern_act"),
    ]
    paths = [_path(door, address, page, name, ROLES[door]) for address, page, name in found]
    if door in MAY_OPEN:
        return [
            *paths,
            _path(door, "emergency/", emergency.ask, "emergency", MAY_OPEN[door]),
            _path(
                door,
                "emergency/<uuid:reference>/",
                emergency.record,
                "emergency_record",
                MAY_OPEN[door],
            ),
        ]
    reviewed: list[tuple[str, Callable[..., HttpResponse], str]] = [
        ("emergencies/<uuid:reference>/", reviews.emergency, "emergency"),
        ("held-back/<uuid:reference>/", reviews.hidden, "held_back"),
    ]
    return [
        *paths,
        *(_path(door, address, page, name, ROLES[door]) for address, page, name in reviewed),
    ]


def _path(
    door: str, address: str, page: Callable[..., HttpResponse], name: str, roles: tuple[Role, ...]
) -> URLPattern:
    shown: Any = functools.partial(page, door=door)
    return path(address, doors.staff(*roles)(shown), name=f"{door}_{name}")
