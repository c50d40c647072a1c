"""A yes that is taken back stops everything at once: 100 of 100, on every channel."""

import csv
import io
import time
from typing import Any
from uuid import UUID

import pytest
from asgiref.sync import sync_to_async
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from marketplace.notices import notices, topics
from marketplace.notices.models import Channel, Notice
from marketplace.pages import listeners, live
from marketplace.referrals.models import Referral, Rung
from marketplace.sharing import consents, sharing
from marketplace.sharing.models import Consent, Reason
from tests import factories
from tests.cast import Cast
from tests.marketplace.pages import test_live

MANY = 100
WITHIN_SECONDS = 5.0

ALWAYS = f"{__name__}.always"


def always(**asked: Any) -> bool:
    """Believe that whoever was told once may be told for ever."""
    return True


def share(cast: Cast, count: int) -> list[Consent]:
    """Let the police know of so many things asked for Jamie, each on a yes of its own."""
    # One open a service; of those that ended there may be many, and a yes holds for each.
    rows = [factories.referral(cast, cast.jamie, rung=Rung.WITHDRAWN) for _number in range(count)]
    reasons = [factories.reason(cast, cast.jamie, subject=row.reference) for row in rows]
    notices_of = [
        Notice(
            user=cast.sam,
            channel=Channel.EMAIL,
            kind="referral_for_you",
            subject_kind="referral",
            subject=row.reference,
            created_at=cast.at,
            send_after=cast.at,
        )
        for row in rows
    ]
    Notice.objects.bulk_create(notices_of)
    return [reason.consent for reason in reasons if reason.consent is not None]


def download(cast: Cast) -> set[str]:
    """Write what Sam may know of as a table, as any download does, and return its references."""
    table = io.StringIO()
    rows = sharing.visible(Referral.objects.all(), user=cast.sam, at=timezone.now())
    csv.writer(table).writerows(rows.values_list("reference", "person__first_name"))
    return {line.split(",")[0] for line in table.getvalue().splitlines()}


def hears(entry: listeners.Pass, subjects: list[UUID]) -> int:
    """Return of how many subjects an open page would be told, were they to change now."""
    pairs = [(entry, topics.referral(subject)) for subject in subjects]
    return len(listeners.check(wanted=pairs, at=timezone.now()).allowed)


def withdraw_each(cast: Cast, count: int) -> None:
    """Take so many yeses back, one after another; after each, nothing of it is open any more."""
    given = share(cast, count)
    subjects = [consent.subject for consent in given]
    entry = listeners.enter(session_key=test_live.sign_in(cast.sam), at=timezone.now())
    assert entry is not None
    assert hears(entry, subjects) == len(download(cast)) == count
    client = Client()
    client.force_login(cast.sam)
    address = reverse("advocate_referral", args=[subjects[0]])
    assert client.get(address).status_code == 200
    for number, consent in enumerate(given, start=1):
        begun = time.monotonic()
        consents.withdraw(consent=consent, by=cast.by(cast.fred_user), at=timezone.now())
        address = reverse("advocate_referral", args=[consent.subject])
        assert client.get(address).status_code == 404
        assert hears(entry, [consent.subject]) == 0
        left = download(cast)
        assert str(consent.subject) not in left
        assert len(left) == count - number  # and nothing else stopped
        assert time.monotonic() - begun < WITHIN_SECONDS
    assert notices.sweep(at=timezone.now()) == 0
    assert mail.outbox == []
    assert not Notice.objects.filter(user=cast.sam, given_up_at=None).exists()


@pytest.mark.once
@pytest.mark.django_db
def test_a_hundred_yeses_taken_back_stop_pages_sockets_messages_and_downloads(
    cast_today: Cast,
) -> None:
    withdraw_each(cast_today, MANY)


@pytest.mark.django_db
def test_a_message_leaves_while_its_reader_may_know(cast_today: Cast) -> None:
    share(cast_today, 1)
    assert notices.sweep(at=timezone.now()) == 1
    assert [message.to for message in mail.outbox] == [[cast_today.sam.email]]


@pytest.mark.django_db
def test_an_outbox_that_does_not_ask_again_is_noticed(cast_today: Cast, settings: Any) -> None:
    settings.NOTICES_MAY_KNOW = ALWAYS
    with pytest.raises(AssertionError):
        withdraw_each(cast_today, 1)


@pytest.mark.django_db
def test_a_withdrawal_that_closes_nothing_is_noticed(
    cast_today: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consents, "resting_on", lambda consent, at: [])
    with pytest.raises(AssertionError):
        withdraw_each(cast_today, 1)


@pytest.mark.django_db(transaction=True)
async def test_an_open_page_is_closed_by_the_withdrawal_itself(
    cast_today: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "CHECK_EVERY_SECONDS", 60.0)  # not by the watch, but at once
    cast = cast_today
    (consent,) = await sync_to_async(share)(cast, 1)
    key = await test_live.run(test_live.sign_in, user=cast.sam)
    async with test_live.opened(key, topics.referral(consent.subject)) as socket:
        await test_live.settled(socket)
        await test_live.run(
            consents.withdraw, consent=consent, by=cast.by(cast.fred_user), at=timezone.now()
        )
        assert await test_live.code_of(socket) == live.NOT_ALLOWED
    assert not await sync_to_async(Reason.objects.live(timezone.now()).exists)()
