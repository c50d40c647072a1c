"""Asking those who keep entries: each stage once, one message each, to whom they are reached by."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

import pytest
from django.core import mail

from cms import catalogue, freshness, reminders
from cms.freshness import Stage
from cms.models import Organisation, Reminder, Service
from marketplace.management.commands import nightly
from marketplace.notices import entries, links, notices
from marketplace.notices.models import Channel, Notice
from marketplace.people import memberships
from marketplace.people.models import User
from tests import factories
from tests.cast import Cast


def read(cast: Cast, months: int, *services: Service) -> None:
    """Let entries have been checked so many months ago to the day."""
    latest = freshness.last_check(months=months, on=cast.day)
    Service.objects.filter(pk__in=[one.pk for one in services]).update(checked_on=latest)


def entry(cast: Cast, name: str, provider: Organisation) -> Service:
    """Add an entry of the county's, checked today."""
    return catalogue.add_service(
        name=name, owner=cast.county, provider=provider, checked_on=cast.day
    )


def told(users: Iterable[User]) -> list[int]:
    """Return how many messages of this kind each of these users got."""
    return [
        Notice.objects.filter(user=user, kind=links.KIND, channel=Channel.EMAIL).count()
        for user in users
    ]


def stages(service: Service) -> list[str]:
    """Return the stages at which an entry was asked about, in their order."""
    return list(Reminder.objects.filter(service=service).values_list("stage", flat=True))


def test_what_is_fresh_asks_nobody(cast: Cast) -> None:
    assert entries.nightly(at=cast.at) == 0
    assert not Notice.objects.filter(kind=links.KIND).exists()


def test_an_entry_is_asked_about_once_at_each_stage(cast: Cast) -> None:
    read(cast, 6, cast.mentor)
    assert entries.nightly(at=cast.at) == 1
    for days in (0, 1, 30):
        assert entries.nightly(at=cast.later(days=days)) == 0
    latest = freshness.last_check(months=6, on=cast.day)
    begins = freshness.months_after(latest, 9)
    assert entries.nightly(at=cast.later(days=(begins - cast.day).days - 1)) == 0
    assert entries.nightly(at=cast.later(days=(begins - cast.day).days)) == 1
    assert stages(cast.mentor) == [Stage.ASKED, Stage.CHASED]
    assert told([cast.dev]) == [2]


def test_the_first_night_sends_each_organisation_one_message_of_its_last_stage(cast: Cast) -> None:
    others = [entry(cast, f"Walk {number}", cast.mentors) for number in range(3)]
    read(cast, 16, cast.mentor, *others)
    read(cast, 12, cast.family_support)
    assert entries.nightly(at=cast.at) == 5
    assert told([cast.dev, cast.lena]) == [1, 1]
    assert stages(cast.mentor) == [Stage.STOPPED]
    assert stages(cast.family_support) == [Stage.MARKED]


def test_once_checked_it_is_fresh_and_asked_anew_six_months_later(cast: Cast) -> None:
    read(cast, 9, cast.mentor)
    entries.nightly(at=cast.at)
    catalogue.check(service=cast.mentor, on=cast.day)
    assert entries.nightly(at=cast.later(days=1)) == 0
    begins = freshness.months_after(cast.day, 6)
    assert entries.nightly(at=cast.later(days=(begins - cast.day).days)) >= 1
    assert stages(cast.mentor) == [Stage.CHASED, Stage.ASKED]


def test_a_draft_and_what_is_withdrawn_are_not_asked_about(cast: Cast) -> None:
    read(cast, 9, cast.mentor, cast.family_support)
    Service.objects.filter(pk=cast.mentor.pk).update(live=False)
    catalogue.withdraw(service=cast.family_support, on=cast.day)
    assert entries.nightly(at=cast.at) == 0


def test_the_message_has_a_link_for_each_late_entry_and_its_reader(cast: Cast) -> None:
    read(cast, 12, cast.mentor)
    entries.nightly(at=cast.at)
    assert notices.sweep(at=cast.at) == 1
    (message,) = mail.outbox
    body = str(message.body)
    assert cast.mentor.name in body
    assert Stage.MARKED.message in body
    token = body.split("/check/")[1].split("/")[0]
    link = links.find(token=token, at=cast.at)
    assert (link.service, link.user) == (cast.mentor, cast.dev)
    assert cast.mentor.name not in message.subject


def test_what_was_checked_meanwhile_is_not_in_the_message(cast: Cast) -> None:
    other = entry(cast, "Saturday walk", cast.mentors)
    read(cast, 12, cast.mentor, other)
    entries.nightly(at=cast.at)
    catalogue.check(service=cast.mentor, on=cast.day)
    notices.sweep(at=cast.at)
    body = str(mail.outbox[0].body)
    assert "Saturday walk" in body
    assert cast.mentor.name not in body


def test_a_contact_who_does_not_sign_in_gets_one_letter(cast: Cast) -> None:
    quiet = factories.organisation(name="Walks")
    walks = [entry(cast, f"Walk {number}", quiet) for number in range(2)]
    Service.objects.filter(pk__in=[one.pk for one in walks]).update(email="Hello@walks.example")
    read(cast, 6, *walks)
    assert entries.nightly(at=cast.at) == 2
    assert notices.sweep(at=cast.at) == 1
    assert notices.sweep(at=cast.at) == 0
    (letter,) = mail.outbox
    assert letter.to == ["hello@walks.example"]
    body = str(letter.body)
    assert "walks.example/" not in body.split("/check/")[1]
    token = body.split("/check/")[1].split("/")[0]
    assert links.find(token=token, at=cast.at).user is None
    Service.objects.filter(pk__in=[one.pk for one in walks]).update(email="new@walks.example")
    with pytest.raises(links.NoLongerGood, match="not this page’s any more"):
        links.find(token=token, at=cast.at)


def test_where_nobody_is_known_its_owner_is_asked(cast: Cast) -> None:
    walk = entry(cast, "Walk", factories.organisation())
    read(cast, 6, walk)
    assert entries.nightly(at=cast.at) == 1
    assert told([cast.edie]) == [1]


def test_a_link_is_good_for_thirty_days_and_one_entry(cast: Cast) -> None:
    token = links.token(service=cast.mentor, reader=cast.dev, on=cast.day)
    assert links.find(token=token, at=cast.later(days=29)).until == cast.day + timedelta(days=30)
    with pytest.raises(links.NoLongerGood, match="good for 30 days"):
        links.find(token=token, at=cast.later(days=30))
    with pytest.raises(links.NoLongerGood, match="broken"):
        links.find(token=token[:-1] + ("A" if token[-1] != "A" else "B"), at=cast.at)


def test_a_link_dies_with_the_role_and_with_the_entry(cast: Cast) -> None:
    token = links.token(service=cast.mentor, reader=cast.dev, on=cast.day)
    other = links.token(service=cast.family_support, reader=cast.lena, on=cast.day)
    membership = memberships.current(user=cast.dev, on=cast.day)
    assert membership is not None
    memberships.leave(membership=membership, on=cast.day, by=factories.CLOCK, at=cast.at)
    with pytest.raises(links.NoLongerGood, match="does not keep this page any more"):
        entries.check(token=token, at=cast.at)
    catalogue.withdraw(service=cast.family_support, on=cast.day)
    with pytest.raises(links.NoLongerGood, match="not in the catalogue any more"):
        links.find(token=other, at=cast.at)


def test_used_twice_a_link_is_harmless(cast: Cast) -> None:
    token = links.token(service=cast.mentor, reader=cast.dev, on=cast.day)
    read(cast, 15, cast.mentor)
    for _time in range(2):
        assert entries.check(token=token, at=cast.at).checked_on == cast.day


@pytest.mark.once
def test_with_nothing_remembered_each_night_would_ask_again(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The twin: only what was written keeps it to once a stage."""
    read(cast, 6, cast.mentor)
    forgotten: list[Any] = [None]
    monkeypatch.setattr(reminders, "write", lambda **_said: forgotten)
    assert entries.nightly(at=cast.at) == entries.nightly(at=cast.at) == 1
    assert told([cast.dev]) == [2]


@pytest.mark.once
def test_the_night_does_it() -> None:
    assert nightly.JOBS["entries"] is entries.nightly
    assert date(2026, 6, 3) == freshness.months_after(date(2025, 12, 3), 6)
