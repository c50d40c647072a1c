"""Whom to ring when somebody is in danger: said in one place, before every form and beside help.

The national numbers are real. The local ones are the place's own, from the settings; the
demonstration has numbers that are kept for drama, and a real site without them leaves them out.
"""

from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext as _


@dataclass(frozen=True)
class Contact:
    """One number, who answers it, and for whom it is."""

    name: str
    phone: str
    words: str


def contacts() -> list[Contact]:
    """Return whom to ring, the local numbers first; 999 stands on the page itself."""
    return [*_local(), *national()]


def national() -> list[Contact]:
    """Return those who answer at any hour, everywhere."""
    return [
        Contact(
            name=_("Childline"),
            phone="0800 1111",
            words=_("For children and teenagers. Free, any hour. It does not show on the bill."),
        ),
        Contact(
            name=_("Samaritans"),
            phone="116 123",
            words=_("For anybody who feels they cannot go on. Free, any hour."),
        ),
    ]


def emergency() -> Contact:
    """Return the number for danger now."""
    return Contact(name=_("Danger now"), phone="999", words=_("Any hour."))


def _local() -> list[Contact]:
    local = [
        Contact(
            name=_("Somebody who keeps children safe"),
            phone=settings.CHILDREN_SAFETY_PHONE,
            words=_("The council’s social workers for children, any hour."),
        ),
        Contact(
            name=_("Somebody who keeps adults safe"),
            phone=settings.ADULT_SAFETY_PHONE,
            words=_("If a grown-up cannot keep themselves safe."),
        ),
    ]
    return [contact for contact in local if contact.phone]
