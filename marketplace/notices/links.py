"""The link by which one who keeps an entry checks it: one entry, one reader, thirty days.

It is no sign-in: it lets its reader see what everybody can see, and say that it is right.
"""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _

from cms import freshness
from cms.models import Organisation, Service
from marketplace.people.models import Membership, User
from marketplace.people.roles import Role

GOOD_FOR = timedelta(days=30)
SALT = "notices.check"
KIND = "entries_to_check"
MOST = 20
"""Entries in one message; the rest is on the page it leads to."""
KEEPERS = (Role.PROVIDER_WORKER, Role.EDITOR)
"""Who says that what is written of their organisation is right."""


class NoLongerGood(Exception):
    """The link opens nothing; `sentence` says what to do instead."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


@dataclass(frozen=True)
class Link:
    """What a link that still works is for: one entry, and one reader, by sign-in or address."""

    service: Service
    user: User | None
    email: str
    until: date


@dataclass(frozen=True)
class Line:
    """One entry in a message: its name, how late it is, and its reader's own link."""

    name: str
    words: str
    address: str


def token(*, service: Service, reader: User | str, on: date) -> str:
    """Return the signed word of a link, dated; `reader` is a sign-in or an address."""
    who = str(reader.reference) if isinstance(reader, User) else veiled(reader)
    return Signer(salt=SALT).sign_object([str(service.reference), who, on.isoformat()])


def veiled(address: str) -> str:
    """Return what a link says instead of an address, since links end up in logs."""
    return f"@{salted_hmac(SALT, address.lower()).hexdigest()[:32]}"


def lines(*, services: Iterable[Any], reader: User | str, on: date) -> list[Line]:
    """Return what a message says of each late entry, with its reader's own link."""
    return [
        Line(
            name=service.name,
            words=freshness.Stage(service.stage).message,
            address=settings.SITE_URL
            + reverse("check", args=[token(service=service, reader=reader, on=on)]),
        )
        for service in services
    ]


def find(*, token: str, at: datetime) -> Link:
    """Return what a link is for, as things stand at this moment. Raises NoLongerGood."""
    try:
        said = Signer(salt=SALT).unsign_object(token)
        reference, who, day = uuid.UUID(said[0]), str(said[1]), date.fromisoformat(said[2])
    except (BadSignature, ValueError, TypeError, IndexError) as error:
        raise NoLongerGood(_("This link is broken. Open it from the e-mail once more.")) from error
    today, until = timezone.localdate(at), day + GOOD_FOR
    if today >= until:
        raise NoLongerGood(
            _(
                "This link was good for 30 days. Sign in to check the page, or ask us for a new "
                "link."
            )
        )
    service = (
        Service.objects.standing(today)
        .filter(live=True, reference=reference)
        .select_related("owner", "provider")
        .first()
    )
    if service is None:
        raise NoLongerGood(_("This page is not in the catalogue any more. You need do nothing."))
    if who.startswith("@"):
        return _by_address(service, who, until)
    return _by_sign_in(service, who, until, today)


def keepers(*, organisations: set[int], on: date) -> dict[int, list[User]]:
    """Return who keeps the entries of each of these organisations, by its key: active sign-ins."""
    found: dict[int, list[User]] = {}
    held = (
        Membership.objects.on(on)
        .filter(organisation__in=organisations, role__in=KEEPERS, user__is_active=True)
        .select_related("user")
        .order_by("user_id")
    )
    for membership in held:
        users = found.setdefault(membership.organisation_id, [])
        if membership.user not in users:
            users.append(membership.user)
    return found


def contact(service: Service) -> str:
    """Return the address of those who keep an entry and do not sign in, if there is one."""
    return service.email or service.provider.email


def is_keeper(*, user: User, organisation: Organisation, on: date) -> bool:
    """Tell whether somebody keeps the entries of an organisation on a day."""
    return user in keepers(organisations={organisation.pk}, on=on).get(organisation.pk, [])


def _by_sign_in(service: Service, who: str, until: date, on: date) -> Link:
    user = User.objects.filter(reference=who).first()
    bodies = {service.provider_id, service.owner_id}
    held = keepers(organisations=bodies, on=on)
    if user is None or not any(user in users for users in held.values()):
        raise NoLongerGood(
            _("This link was for somebody who does not keep this page any more. It opens nothing.")
        )
    return Link(service=service, user=user, email="", until=until)


def _by_address(service: Service, who: str, until: date) -> Link:
    address = contact(service)
    if not constant_time_compare(who, veiled(address)):
        raise NoLongerGood(
            _("This link was for an address that is not this page’s any more. It opens nothing.")
        )
    return Link(service=service, user=None, email=address, until=until)
