"""Mentors' pages: shown by their own yes, gone at once, asked by one link, matched with reasons."""

import io
import re
from datetime import time, timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from cms import catalogue, mentors
from cms.models import Check, ConsentPart, FreeHour, Mentor, Picture, Service, TermTaxonomy
from marketplace.notices import letters
from marketplace.pages import mentor_self
from marketplace.people import mentor_contacts
from marketplace.people.models import MentorContact
from tests.cast import Cast
from tests.factories import CLOCK
from tests.marketplace.pages import mentoring
from tests.marketplace.pages.mentoring import browser, read

pytestmark = pytest.mark.once


def letter_link(cast: Cast) -> str:
    """Send what waits, and return the path in the last letter."""
    letters.sweep(at=timezone.now())
    found = re.search(r"/mentors/link/\S+/", str(mail.outbox[-1].body))
    assert found
    return found[0]


def everywhere(cast: Cast, rosa: Mentor) -> str:
    """Return all that anybody reads of Rosa: her page, all mentors, the search."""
    today = Client()
    entry = Service.objects.get(pk=rosa.service_id)
    page = today.get(reverse("service", args=[entry.slug])).content.decode()
    listed = today.get(reverse("catalogue"), {"words": "caravan"}).content.decode()
    return page + listed + today.get(reverse("mentors")).content.decode()


def test_a_mentor_who_says_yes_is_shown_with_all_she_said_yes_to(cast_today: Cast) -> None:
    rosa = mentoring.rosa(cast_today)
    shown = everywhere(cast_today, rosa)
    address = reverse("mentor_picture", args=[rosa.picture.reference])
    assert "Rosa: a mentor for mums and dads" in shown
    assert "I slept in a caravan." in shown
    assert f'src="{address}"' in shown
    answer = Client().get(address)
    assert answer["Content-Type"] == "image/jpeg"
    assert answer["Cache-Control"] == "private, no-cache"
    with Image.open(io.BytesIO(answer.content)) as picture:
        assert picture.format == "JPEG"
    again = Client().get(address, headers={"if-none-match": answer["ETag"]})
    assert again.status_code == 304


def test_taken_back_on_her_page_it_is_gone_from_every_page_at_the_next_request(
    cast_today: Cast,
) -> None:
    rosa = mentoring.rosa(cast_today)
    before = Client().get(reverse("mentor_picture", args=[rosa.picture.reference]))
    client = through_link(cast_today, rosa)
    parts = {"mentor": str(rosa.reference), "act": "back", "part": ConsentPart.values}
    client.post(reverse("mentor_self"), parts)
    shown = everywhere(cast_today, rosa)
    assert "Rosa" not in shown
    assert "rosa" not in shown
    assert "I slept in a caravan." not in shown
    assert Client().get(reverse("service", args=["mentor-rosa"])).status_code == 404
    kept_by_a_browser = {"if-none-match": before["ETag"]}
    address = reverse("mentor_picture", args=[rosa.picture.reference])
    assert Client().get(address, headers=kept_by_a_browser).status_code == 404
    assert not Picture.objects.filter(mentor=rosa).exists()


def through_link(cast: Cast, rosa: Mentor) -> Client:
    """Come in by the link of a letter."""
    contact = MentorContact.objects.get(mentor=rosa)
    mentor_contacts.send_link(contact=contact, by=CLOCK, at=timezone.now())
    client, path = Client(), letter_link(cast)
    assert client.post(path).status_code == 302
    return client


def test_a_link_is_looked_at_as_often_as_one_likes_and_used_once(cast_today: Cast) -> None:
    rosa = mentoring.rosa(cast_today)
    contact = MentorContact.objects.get(mentor=rosa)
    mentor_contacts.send_link(contact=contact, by=CLOCK, at=timezone.now())
    path = letter_link(cast_today)
    scanner = Client()
    for _each in range(2):
        assert scanner.get(path).status_code == 200
    assert "caravan" not in scanner.get(reverse("mentor_self")).content.decode()
    assert Client().post(path).status_code == 302
    assert Client().post(path).status_code == 410
    assert Client().get(path).status_code == 410


def test_a_newer_link_and_another_mentor_end_a_link(cast_today: Cast) -> None:
    rosa = mentoring.rosa(cast_today)
    contact = MentorContact.objects.get(mentor=rosa)
    first = mentor_contacts.send_link(contact=contact, by=CLOCK, at=cast_today.at)
    old = mentor_contacts.token(first)
    second = mentor_contacts.send_link(contact=contact, by=CLOCK, at=cast_today.later(hours=1))
    new = mentor_contacts.token(second)
    assert Client().get(reverse("mentor_link", args=[old])).status_code == 410
    assert Client().get(reverse("mentor_link", args=[new])).status_code == 200
    mentor_contacts.name(
        mentor=rosa, email="else@mentors.example", by=CLOCK, at=cast_today.later(hours=2)
    )
    assert Client().get(reverse("mentor_link", args=[new])).status_code == 410
    assert Mentor.objects.whole().get(pk=rosa.pk).agreed() == frozenset()


def test_a_link_lets_in_for_an_hour(cast_today: Cast) -> None:
    client = through_link(cast_today, mentoring.rosa(cast_today))
    assert "caravan" in read(client, "mentor_self")
    session = client.session
    session["mentor"] = [session["mentor"][0], cast_today.later(hours=-1).isoformat()]
    session.save()
    assert "caravan" not in read(client, "mentor_self")


def test_nobody_learns_who_is_a_mentor_by_asking_for_a_link(cast_today: Cast) -> None:
    mentoring.rosa(cast_today)
    answers = {
        re.sub(r'name="(csrfmiddlewaretoken|form_key)" value="[^"]*"', "", page)
        for page in (
            Client().post(reverse("mentor_self"), {"email": email}).content.decode()
            for email in (mentoring.ROSA, "nobody@mentors.example")
        )
    }
    letters.sweep(at=timezone.now())
    assert len(answers) == 1
    assert [message.to for message in mail.outbox] == [[mentoring.ROSA]]


def test_nobody_keeps_a_mentor_from_her_link_by_asking_on(cast_today: Cast) -> None:
    rosa, now = mentoring.rosa(cast_today), timezone.now()
    told = []
    for _letter in range(5):  # each longer after the one before than a new letter has to wait
        MentorContact.objects.update(link_until=now)
        told.append(Client().post(reverse("mentor_self"), {"email": mentoring.ROSA}).status_code)
    assert told == [200] * 5
    assert MentorContact.objects.get(mentor=rosa).link_number == mentor_self.MOST_LETTERS


def test_what_she_says_yes_to_is_what_she_saw(cast_today: Cast) -> None:
    rosa = mentoring.rosa(cast_today)
    client = through_link(cast_today, rosa)
    seen = rosa.digest("story")
    mentors.describe(
        mentor=rosa, first_name="Rosa", story="Lena wrote this.", lived_through=[],
        by="lena", at=timezone.now(),
    )  # fmt: skip
    page = {"mentor": str(rosa.reference), "act": "yes", "part": "story", "digest": seen}
    answer = client.post(reverse("mentor_self"), page, follow=True)
    assert "Look again before you say yes" in answer.content.decode()
    assert "Lena wrote this." not in everywhere(cast_today, rosa)


def test_a_worker_of_her_organisation_cannot_say_yes_for_her(cast_today: Cast) -> None:
    rosa = mentoring.mentor(cast_today, mentoring.entry(cast_today), email=mentoring.ROSA)
    lena = browser(cast_today.lena)
    page = {
        "mentor": str(rosa.reference),
        "act": "yes",
        "part": "story",
        "digest": rosa.digest("story"),
    }
    lena.post(reverse("mentor_self"), page)
    assert Mentor.objects.whole().get(pk=rosa.pk).agreed() == {"first_name"}


def test_who_signs_in_says_yes_on_her_own_page_and_keeps_it_when_she_has_left(
    cast_today: Cast,
) -> None:
    entry = mentoring.entry(cast_today)
    rosa = mentoring.mentor(cast_today, entry, user=cast_today.lena)
    lena = browser(cast_today.lena)
    said = {"mentor": str(rosa.reference), "part": "story", "digest": rosa.digest("story")}
    lena.post(reverse("mentor_self"), {**said, "act": "yes"})
    assert "I slept in a caravan." in everywhere(cast_today, rosa)
    cast_today.lena.memberships.update(ends_on=cast_today.day)
    lena.post(reverse("mentor_self"), {**said, "act": "back"})
    assert "I slept in a caravan." not in everywhere(cast_today, rosa)


def test_she_writes_her_own_words_and_sends_her_own_picture(cast_today: Cast) -> None:
    rosa = mentoring.rosa(cast_today)
    client = through_link(cast_today, rosa)
    words = reverse("mentor_self_change", args=[rosa.reference, "words"])
    client.post(words, {"first_name": "Rosa", "story": "My own words."})
    picture = reverse("mentor_self_change", args=[rosa.reference, "picture"])
    wrong = client.post(picture, {"picture": io.BytesIO(b"<svg onload=alert(1)>")})
    assert wrong.status_code == 422
    sent = io.BytesIO(mentoring.photograph("red"))
    sent.name = "me.jpg"
    assert client.post(picture, {"picture": sent}).status_code == 302
    now = Mentor.objects.whole().get(pk=rosa.pk)
    assert now.story == "My own words."
    assert now.picture.digest != rosa.picture.digest
    assert now.agreed() == {"first_name"}


# What her organisation keeps


def test_an_organisation_keeps_hours_interests_and_who_is_asked(cast_today: Cast) -> None:
    rosa = mentoring.rosa(cast_today)
    lena, args = browser(cast_today.lena), [rosa.service.reference]
    baking = catalogue.add_term(taxonomy=TermTaxonomy.INTEREST, name="Baking")
    change = [
        reverse("provider_mentor_change", args=[*args, part]) for part in ("interests", "hours")
    ]
    lena.post(change[0], {"interests": [baking.pk]})
    half = lena.post(change[1], {"from_3": "16:00"})
    assert "Say from when and until when." in half.content.decode()
    lena.post(change[1], {"from_3": "16:00", "until_3": "18:00"})
    shown = everywhere(cast_today, rosa)
    assert "Baking" in shown
    assert "Thursday, 4pm to 6pm" in shown
    contact = reverse("provider_mentor_contact", args=args)
    both = lena.post(contact, {"user": str(cast_today.lena.reference), "email": "a@b.example"})
    assert "Choose one way" in both.content.decode()
    lena.post(contact, {"email": "new@mentors.example"})
    letters.sweep(at=timezone.now())
    assert mail.outbox[-1].to == ["new@mentors.example"]
    assert "I slept in a caravan." not in everywhere(cast_today, rosa)


def test_an_organisation_can_hide_a_mentor_at_once(cast_today: Cast) -> None:
    rosa = mentoring.rosa(cast_today)
    lena = browser(cast_today.lena)
    lena.post(reverse("provider_mentor_act", args=[rosa.service.reference, "hide"]))
    assert "Rosa" not in everywhere(cast_today, rosa)
    assert "I slept in a caravan." in read(lena, "provider_mentor", rosa.service.reference)


def test_a_mentor_who_keeps_her_own_entry_says_yes_as_she_puts_herself_in(
    cast_today: Cast,
) -> None:
    entry = mentoring.entry(cast_today)
    lena, path = browser(cast_today.lena), reverse("provider_mentor", args=[entry.reference])
    lena.post(path, {"first_name": "Lena", "is_me": "on"})
    assert Service.objects.get(pk=entry.pk).name == "Lena: a mentor for mums and dads"
    assert MentorContact.objects.get().user == cast_today.lena


def test_a_check_that_ends_takes_the_mentor_off_every_list(cast_today: Cast) -> None:
    rosa = mentoring.rosa(cast_today)
    lena, held = browser(cast_today.lena), Check.objects.get(service=rosa.service)
    page = read(lena, "provider_checks", rosa.service.reference)
    assert "R." in page
    lena.post(reverse("provider_check_end", args=[rosa.service.reference, held.reference]))
    assert "Rosa" not in Client().get(reverse("mentors")).content.decode()
    address = reverse("mentor_picture", args=[rosa.picture.reference])
    assert Client().get(address).status_code == 404
    day = timezone.localdate()
    seen = {"holder": "R.", "level": "dbs_enhanced", "seen_on": day}
    path = reverse("provider_checks", args=[rosa.service.reference])
    lena.post(path, {**seen, "valid_until": day + timedelta(days=9)})
    assert "Rosa" in Client().get(reverse("mentors")).content.decode()


def test_all_mentors_are_narrowed_and_cost_the_same_however_many(
    cast_today: Cast, django_assert_max_num_queries: Any
) -> None:
    rosa = mentoring.rosa(cast_today)
    baking = catalogue.add_term(taxonomy=TermTaxonomy.INTEREST, name="Baking")
    mentors.like(mentor=rosa, interests=[baking])
    hour = FreeHour(weekday=3, opens_at=time(16), closes_at=time(18))
    mentors.free(mentor=rosa, hours=[hour])
    assert "Rosa" in read(Client(), "mentors", interest="baking", day="3", kind="mentor")
    assert "Rosa" not in read(Client(), "mentors", day="2")
    with django_assert_max_num_queries(20) as few:
        read(Client(), "mentors")
    for number in range(3):
        extra = mentoring.entry(cast_today, slug=f"extra-{number}", name=f"A mentor, {number}")
        mentoring.mentor(cast_today, extra, email=mentoring.ROSA, shows=ConsentPart.values)
    with django_assert_max_num_queries(len(few)):
        read(Client(), "mentors")


def test_what_other_sites_copy_has_nothing_of_her(cast_today: Cast) -> None:
    rosa = mentoring.rosa(cast_today)
    for path in ("services", f"services/{rosa.service.reference}"):
        said = Client().get(f"/openreferral/v3/{path}").content.decode()
        assert "mentor for mums and dads" in said
        assert not re.search("rosa|caravan", said, re.IGNORECASE)
        assert str(rosa.picture.reference) not in said
