"""The outbox: at least once, never two at once, and always under the same message id."""

import threading
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import connection, connections, transaction

from marketplace.notices import notices, outbox
from marketplace.notices.models import Channel, Heartbeat, Notice
from marketplace.people import users
from tests.cast import Cast
from tests.factories import CLOCK


class RefusingBackend(EmailBackend):
    """A mail server that hangs up."""

    def send_messages(self, messages: Any) -> int:
        """Refuse."""
        raise ConnectionResetError("gone")


class PickyBackend(EmailBackend):
    """A mail server that refuses one address."""

    def send_messages(self, messages: Any) -> int:
        """Refuse Dev's, and take the others."""
        if any("dev@" in message.to[0] for message in messages):
            raise ConnectionResetError("gone")
        return super().send_messages(messages)


REFUSING = f"{__name__}.RefusingBackend"
PICKY = f"{__name__}.PickyBackend"


def tell(cast: Cast, *names: str, kind: str = "booking_for_you") -> list[Notice]:
    """Tell somebody by e-mail, as a verb would."""
    return notices.tell(
        users=[getattr(cast, name) for name in names or ("dev",)],
        kind=kind,
        subject_kind="agreement",
        subject=cast.agreement.reference,
        at=cast.at,
        over=[Channel.EMAIL],
    )


def test_what_was_told_is_sent_once(cast: Cast):
    (notice,) = tell(cast)
    assert notices.sweep(at=cast.at) == 1
    assert notices.sweep(at=cast.later(days=1)) == 0
    (message,) = mail.outbox
    assert message.to == ["dev@alongside.example"]
    notice.refresh_from_db()
    assert notice.sent_at == cast.at


def test_an_act_that_is_undone_tells_nobody(cast: Cast):
    with transaction.atomic():
        tell(cast)
        transaction.set_rollback(True)
    assert notices.sweep(at=cast.at) == 0
    assert mail.outbox == []


def test_what_is_claimed_is_nobody_elses_until_the_lease_ends(cast: Cast):
    tell(cast)
    assert len(outbox.claim(at=cast.at)) == 1  # and then the worker is killed
    assert notices.sweep(at=cast.at + outbox.LEASE) == 0
    assert mail.outbox == []
    assert notices.sweep(at=cast.at + outbox.LEASE + timedelta(seconds=1)) == 1
    assert len(mail.outbox) == 1


def test_without_the_lease_it_would_be_sent_twice(cast: Cast):
    tell(cast)
    (mine,) = outbox.claim(at=cast.at)
    Notice.objects.update(claimed_until=None)  # the lease is off
    assert outbox.claim(at=cast.at) == [mine]


def test_a_repetition_has_the_same_message_id(cast: Cast):
    (notice,) = tell(cast)
    notices.sweep(at=cast.at)
    # The worker was killed after the server took the message, before it was noted.
    Notice.objects.update(sent_at=None)
    notices.sweep(at=cast.later(minutes=1))
    first, second = (message.extra_headers["Message-ID"] for message in mail.outbox)
    assert first == second == f"<{notice.reference}@alongside>"


def test_a_failure_waits_longer_each_time_and_is_given_up_in_the_end(cast: Cast, settings: Any):
    settings.EMAIL_BACKEND = REFUSING
    tell(cast)
    at, waits = cast.at, []
    for _attempt in range(outbox.MOST_ATTEMPTS):
        assert notices.sweep(at=at) == 0
        notice = Notice.objects.get()
        waits.append(notice.send_after - at)
        at = notice.send_after
    assert waits[:3] == [timedelta(minutes=2), timedelta(minutes=4), timedelta(minutes=8)]
    assert notice.given_up_at is not None
    assert notices.sweep(at=cast.later(days=9)) == 0


def test_a_failure_is_mended_when_the_server_is_back(cast: Cast, settings: Any):
    settings.EMAIL_BACKEND = REFUSING
    tell(cast)
    notices.sweep(at=cast.at)
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert notices.sweep(at=cast.later(minutes=1)) == 0
    assert notices.sweep(at=cast.later(minutes=2)) == 1


def test_one_bad_notice_does_not_hold_up_the_others(cast: Cast, settings: Any):
    settings.EMAIL_BACKEND = PICKY
    tell(cast, "dev", "amira")
    tell(cast, "lena", kind="no_such_kind")
    tell(cast, "ingrid")
    assert notices.sweep(at=cast.at) == 2
    assert {message.to[0] for message in mail.outbox} == {
        "amira@alongside.example",
        "ingrid@alongside.example",
    }


def test_a_notice_that_kills_its_worker_each_time_is_given_up(cast: Cast):
    tell(cast)
    at = cast.at
    for _attempt in range(outbox.MOST_ATTEMPTS):
        assert outbox.claim(at=at)  # killed
        at += outbox.LEASE + timedelta(seconds=1)
    assert notices.sweep(at=at) == 0
    assert Notice.objects.get().given_up_at == at
    assert mail.outbox == []


def test_who_was_let_go_gets_nothing_any_more(cast: Cast):
    tell(cast)
    users.deactivate(user=cast.dev, by=CLOCK, at=cast.at)
    assert notices.sweep(at=cast.at) == 0
    cast.dev.refresh_from_db()
    assert tell(cast) == []
    assert mail.outbox == []


def test_the_sweep_says_that_it_is_alive(cast: Cast):
    assert not notices.is_swept(at=cast.at)
    notices.sweep(at=cast.at)
    assert notices.is_swept(at=cast.later(minutes=4))
    assert not notices.is_swept(at=cast.later(minutes=6))
    assert Heartbeat.objects.count() == 1


def test_reading_on_this_site_is_kept_by_subject(cast: Cast):
    notices.tell(
        users=[cast.dev, cast.lena],
        kind="booking_for_you",
        subject_kind="referral",
        subject=cast.family.reference,
        at=cast.at,
    )
    notices.read(user=cast.dev, subject=cast.family.reference, at=cast.later(hours=1))
    assert [notice.user for notice in Notice.objects.unread()] == [cast.lena]


@pytest.fixture
def many(transactional_db: None, cast: Cast) -> Cast:
    """Forty notices that are really written."""
    for _number in range(40):
        tell(cast)
    return cast


def claims_at_once(at: datetime, *, workers: int = 4) -> list[list[int]]:
    """Claim in several workers at the same moment, and return what each got."""
    found: list[list[int]] = []
    start = threading.Barrier(workers)

    def work() -> None:
        start.wait()
        try:
            found.append([notice.pk for notice in outbox.claim(at=at, most=10)])
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _number in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def test_four_sweeps_at_once_never_claim_the_same(many: Cast):
    found = claims_at_once(many.at)
    claimed = [pk for part in found for pk in part]
    assert len(found) == 4
    assert len(claimed) == len(set(claimed))
    if connection.vendor == "postgresql":  # nobody waits for what another holds
        assert len(claimed) == 40


@pytest.mark.postgres
def test_a_sweep_passes_over_what_another_is_claiming(many: Cast):
    elsewhere = connections.create_connection("default")
    try:
        with elsewhere.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute("SELECT id FROM notices_notice ORDER BY id LIMIT 30 FOR UPDATE")
            assert len(outbox.claim(at=many.at, most=40)) == 10
            cursor.execute("ROLLBACK")
    finally:
        elsewhere.close()
