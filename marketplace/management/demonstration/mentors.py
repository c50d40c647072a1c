"""Who the mentors are: what they let be shown, by their own yes, and the checks that were seen."""

from datetime import time, timedelta
from typing import Any

from cms import checks, mentors
from cms.models import ConsentPart, ContactCheck, FreeHour, Mentor, Service, Through
from marketplace.management.demonstration import portraits
from marketplace.management.demonstration.stage import SEED, Stage, moment, read
from marketplace.people import mentor_contacts

ASKED = 40
"""Days before today on which the mentors were asked and said yes."""
SEEN = 60


def introduce(stage: Stage) -> None:
    """Let each mentor say yes to her name, her picture and her story; write down all checks."""
    for row in read("cms/data/mentors.json")["mentors"]:
        _introduce(stage, row)
    for slug, service in stage.services.items():
        if service.contact_check != ContactCheck.NONE:
            _see_check(stage, slug)
        stage.services[slug] = Service.objects.get(pk=service.pk)


def _introduce(stage: Stage, row: dict[str, Any]) -> None:
    slug, name, at = row["slug"], row["first_name"], moment(stage.working_day(ASKED))
    yes = mentors.Yes(by=SEED.reference, through=Through.LINK, at=at)
    mentor = mentors.add(service=stage.services[slug], first_name=name, yes=yes)
    contact = mentor_contacts.name(
        mentor=mentor, email=f"{name.lower()}@mentors.example", by=SEED, at=at
    )
    yes = mentors.Yes(by=str(contact.reference), through=Through.LINK, at=at)
    mentors.describe(
        mentor=mentor,
        first_name=name,
        story=row["story"],
        lived_through=stage.terms_of(row["lived_through"]),
        by=SEED.reference,
        at=at,
    )
    mentors.like(mentor=mentor, interests=stage.terms_of(row["interests"]))
    mentors.free(mentor=mentor, hours=[_hour(slot) for slot in stage.data[slug]["slots"]])
    mentors.picture(
        mentor=mentor,
        content=portraits.draw(name, is_long=row["has_long_hair"]),
        is_drawing=True,
        by=SEED.reference,
        at=at,
    )
    mentor = Mentor.objects.whole().get(pk=mentor.pk)
    seen = {part: mentor.digest(part) for part in ConsentPart.values}
    mentors.say_yes(mentor=mentor, seen=seen, yes=yes)


def _hour(slot: dict[str, Any]) -> FreeHour:
    start = time.fromisoformat(slot["time"])
    end = start.hour * 60 + start.minute + slot["minutes"]
    closes = time(end // 60, end % 60)
    return FreeHour(weekday=slot["weekday"], opens_at=start, closes_at=closes)


def _see_check(stage: Stage, slug: str) -> None:
    """Write down the check of whoever meets people, as its data says how long it holds."""
    service, days = stage.services[slug], stage.data[slug]["check_valid_until_days"]
    if days is None:
        return
    letters = stage.dice(f"check of {slug}")
    mentor = Mentor.objects.filter(service=service).first()
    checks.record(
        service=service,
        holder=mentor.first_name
        if mentor
        else f"{letters.choice('ABDEHJKLMNRST')}. {letters.choice('BCDGHKLMPRSW')}.",
        level=service.contact_check,
        seen_on=stage.day(SEEN),
        valid_until=stage.on + timedelta(days=days),
        by=SEED.reference,
        on=stage.on,
    )
