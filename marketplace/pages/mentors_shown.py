"""What is shown of a mentor, in words: each part of her only while her own yes to it stands."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from cms.models import ConsentPart, Mentor, Service, TermTaxonomy, Weekday
from marketplace.pages.templatetags import alongside


@dataclass(frozen=True)
class Portrait:
    """Her picture: where it is, what it is to who cannot see it, and whether it is a drawing."""

    href: str
    words: str
    is_drawing: bool


@dataclass(frozen=True)
class Shown:
    """One mentor as everybody may see her."""

    name: str
    portrait: Portrait | None
    story: str
    lived_through: tuple[str, ...]
    interests: tuple[str, ...]
    languages: tuple[str, ...]
    hours: tuple[str, ...]
    check: str


def of(service: Service) -> Shown | None:
    """Return the mentor behind an entry; None for what is no mentor's. A few statements."""
    if not service.is_mentor:
        return None
    mentor = Mentor.objects.whole().filter(service=service.pk).first()
    return shown(service, mentor)


def shown(service: Service, mentor: Mentor | None) -> Shown:
    """Return a mentor's entry, already fetched, as everybody may see it."""
    agreed = mentor.agreed() if mentor else frozenset()
    tells = mentor is not None and ConsentPart.STORY in agreed
    terms = list(service.terms.all())
    return Shown(
        name=mentor.called() if mentor else "",
        portrait=portrait(mentor) if mentor and ConsentPart.PICTURE in agreed else None,
        story=mentor.story if mentor and tells else "",
        lived_through=tuple(term.shown for term in mentor.lived_through.all())
        if mentor and tells
        else (),
        interests=tuple(term.shown for term in mentor.interests.all()) if mentor else (),
        languages=tuple(term.shown for term in terms if term.taxonomy == TermTaxonomy.LANGUAGE),
        hours=tuple(hours(mentor)) if mentor else (),
        check=check(service),
    )


def portrait(mentor: Mentor) -> Portrait | None:
    """Return a mentor's picture, whoever may see it."""
    if not mentor.has_picture():
        return None
    who = mentor.called() or _("this mentor")
    is_drawing = mentor.picture.is_drawing
    words = _("A drawing of %(name)s") if is_drawing else _("A photo of %(name)s")
    return Portrait(
        href=reverse("mentor_picture", args=[mentor.picture.reference]),
        words=words % {"name": who},
        is_drawing=is_drawing,
    )


def hours(mentor: Mentor) -> Iterable[str]:
    """Yield a mentor's free hours: "Monday, 4pm to 6pm"."""
    for hour in mentor.hours.all():
        yield _("%(day)s, %(start)s to %(end)s") % {
            "day": Weekday(hour.weekday).label,
            "start": alongside.clock(hour.opens_at),
            "end": alongside.clock(hour.closes_at),
        }


def check(service: Service) -> str:
    """Return which check the contact needs and how long it is held."""
    if service.check_valid_until is None:
        return ""
    return _("%(check)s, seen by who they work with. It holds until %(day)s.") % {
        "check": service.get_contact_check_display(),
        "day": alongside.day(service.check_valid_until),
    }
