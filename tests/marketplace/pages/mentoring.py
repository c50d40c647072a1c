"""Mentors to open: one who is Dev himself and shows nothing, one who shows all of herself."""

import io
from datetime import timedelta
from typing import Any

from django.test import Client
from django.urls import reverse
from PIL import Image

from cms import catalogue, checks, mentors
from cms.models import (
    Check,
    ConsentPart,
    ContactCheck,
    Mentor,
    Service,
    ServiceKind,
    Through,
)
from marketplace.people import mentor_contacts
from marketplace.people.models import MentorContact
from tests.cast import Cast
from tests.factories import CLOCK

ROSA = "rosa@mentors.example"


def browser(user: Any = None) -> Client:
    """Return a browser with somebody signed in, or nobody."""
    client = Client()
    if user is not None:
        client.force_login(user)
    return client


def read(client: Client, name: str, *args: Any, **query: Any) -> str:
    """Return what a page says."""
    answer = client.get(reverse(name, args=args), query)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def photograph(colour: str = "teal") -> bytes:
    """Return a small photo."""
    written = io.BytesIO()
    Image.new("RGB", (60, 60), colour).save(written, "JPEG")
    return written.getvalue()


def entry(cast: Cast, **given: Any) -> Service:
    """Add a mentor's entry of Lantern's, whose check is held for a year."""
    fields: dict[str, Any] = {
        "name": "A mentor for mums and dads",
        "slug": "mentor-rosa",
        "owner": cast.county,
        "provider": cast.lantern,
        "kind": ServiceKind.MENTOR,
        "summary": "She has been there.",
        "contact_check": ContactCheck.DBS_ENHANCED,
    }
    service = catalogue.add_service(**{**fields, **given})
    check(cast, service)
    return Service.objects.get(pk=service.pk)


def check(cast: Cast, service: Service) -> Check:
    """Write down a check that was seen today."""
    return checks.record(
        service=service,
        holder="R.",
        level=ContactCheck.DBS_ENHANCED,
        seen_on=cast.day,
        valid_until=cast.day + timedelta(days=300),
        by="lena",
        on=cast.day,
    )


def mentor(cast: Cast, service: Service, *, shows: Any = (), **contact: Any) -> Mentor:
    """Say who is behind an entry, with a picture and a story; she says yes to some of it."""
    yes = mentors.Yes(by="rosa", through=Through.LINK, at=cast.at)
    made = mentors.add(service=service, first_name="Rosa", yes=yes)
    mentors.describe(
        mentor=made, first_name="Rosa", story="I slept in a caravan.", lived_through=[],
        by="lena", at=cast.at,
    )  # fmt: skip
    mentors.picture(mentor=made, content=photograph(), is_drawing=False, by="lena", at=cast.at)
    mentor_contacts.name(mentor=made, by=CLOCK, at=cast.at, **contact)
    now = Mentor.objects.whole().get(pk=made.pk)
    seen = {part: now.digest(part) for part in shows}
    mentors.say_yes(mentor=now, seen=seen, yes=yes)
    return Mentor.objects.whole().get(pk=made.pk)


def rosa(cast: Cast) -> Mentor:
    """Return Rosa, who works with Lantern, is asked by link, and shows all of herself."""
    return mentor(cast, entry(cast), email=ROSA, shows=ConsentPart.values)


def of(cast: Cast) -> dict[str, Any]:
    """Return the references of all of it, by what the table of addresses calls them."""
    kept = Mentor.objects.create(service=cast.mentor, first_name="Kai")
    hidden = mentors.picture(
        mentor=kept, content=photograph(), is_drawing=True, by="dev", at=cast.at
    )
    MentorContact.objects.create(mentor=kept, user=cast.dev, named_at=cast.at)
    shown = rosa(cast)
    contact = MentorContact.objects.get(mentor=shown)
    linked = mentor_contacts.send_link(contact=contact, by=CLOCK, at=cast.at)
    return {
        "mentor_person": kept.reference,
        "kept_picture": hidden.reference,
        "shown_picture": shown.picture.reference,
        "mentor_token": mentor_contacts.token(linked),
        "check_seen": check(cast, cast.mentor).reference,
    }
