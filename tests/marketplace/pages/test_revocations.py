"""A right that ends in mid-session has ended at the next request, frame, message and download."""

import csv
import io

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from marketplace.authority import agreements
from marketplace.notices import notices
from marketplace.notices.models import Channel, Notice
from marketplace.pages import live
from marketplace.referrals import acts
from marketplace.referrals.models import Referral, Rung
from marketplace.sharing import sharing
from tests.cast import Cast
from tests.factories import CLOCK
from tests.marketplace.pages import test_live
from tests.marketplace.pages.revoking import REVOCATIONS, Open, Revocation
from tests.marketplace.referrals import climbing

pytestmark = pytest.mark.once

EIGHT = {name: each for name, each in REVOCATIONS.items() if "with a table" not in name}


@pytest.fixture
def opened(revocation: Revocation, cast_today: Cast) -> Open:
    """What the reader has open before."""
    return revocation.prepare(cast_today)


def browser(held: Open) -> Client:
    """Return the reader's browser."""
    client = Client()
    client.force_login(held.reader)
    return client


def rows(held: Open) -> set[str]:
    """Write what the reader may know of as a table, as a download does."""
    table = io.StringIO()
    found = sharing.visible(Referral.objects.all(), user=held.reader, at=timezone.now())
    csv.writer(table).writerows(found.values_list("reference", "person__first_name"))
    return {line.split(",")[0] for line in table.getvalue().splitlines()}


def wait_for(held: Open) -> Notice:
    """Put a message to the reader into the outbox, and nothing else."""
    notices.sweep(at=timezone.now())
    mail.outbox.clear()
    (waiting,) = notices.tell(
        users=[held.reader],
        kind="promise_late",
        subject_kind="referral",
        subject=held.subject,
        at=timezone.now(),
        over=[Channel.EMAIL],
    )
    return waiting


@pytest.mark.parametrize("revocation", REVOCATIONS.values(), ids=REVOCATIONS.keys())
def test_the_next_request_is_turned_away_the_table_empty_and_the_message_not_sent(
    revocation: Revocation, opened: Open, cast_today: Cast
) -> None:
    client, waiting = browser(opened), wait_for(opened)
    assert client.get(opened.page).status_code == 200
    assert str(opened.subject) in rows(opened)
    if opened.table:
        assert client.get(opened.table)["Content-Type"].startswith("text/csv")
    revocation.revoke(cast_today, opened)
    answer = client.get(opened.page)
    assert answer.status_code in (302, 403, 404)
    if answer.status_code == 302:
        assert answer["Location"].startswith("/account/login/")
    if opened.table:
        assert client.get(opened.table).status_code in (302, 403)
    if not revocation.is_still_told:  # signed out, nothing can be asked for at all
        assert str(opened.subject) not in rows(opened)
    notices.sweep(at=timezone.now())
    sent = {message.extra_headers["Message-ID"] for message in mail.outbox}
    assert (f"<{waiting.reference}@alongside>" in sent) is revocation.is_still_told


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("revocation", EIGHT.values(), ids=EIGHT.keys())
async def test_the_next_frame_is_the_last(
    revocation: Revocation, cast_today: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "CHECK_EVERY_SECONDS", 0.2)
    held = await test_live.run(revocation.prepare, cast=cast_today)
    key = await test_live.run(test_live.sign_in, user=held.reader)
    async with test_live.opened(key, held.topic) as socket:
        await test_live.settled(socket)
        await test_live.run(_revoke, revocation=revocation, cast=cast_today, held=held)
        output = await socket.receive_output(timeout=5)
        assert output["type"] == "websocket.close", "a frame after the right had ended"
        assert output["code"] in (revocation.code, live.NOT_SIGNED_IN)


def _revoke(*, revocation: Revocation, cast: Cast, held: Open) -> None:
    revocation.revoke(cast, held)


def test_a_suspended_agreement_ends_the_act_at_the_next_request(cast_today: Cast) -> None:
    """A ninth: who may still know may not act any more."""
    cast = cast_today
    referral = climbing.climb(cast, to=Rung.APPLIED)
    by = cast.by(cast.amira)
    assert acts.available(referral=referral, by=by, at=cast.at)[0].allowed
    agreements.suspend(agreement=cast.agreement, by=CLOCK, at=cast.at)
    (first, *_others) = acts.available(referral=referral, by=by, at=cast.at)
    assert not first.allowed
    assert {reason.code for reason in first.reasons} == {"no_rule"}


@pytest.mark.parametrize("revocation", [EIGHT["let go"], EIGHT["yes taken back"]])
def test_without_the_revocation_everything_stays_open(revocation: Revocation, opened: Open) -> None:
    """The twin: it is the revocation that shuts."""
    client, waiting = browser(opened), wait_for(opened)
    assert client.get(opened.page).status_code == 200
    assert str(opened.subject) in rows(opened)
    notices.sweep(at=timezone.now())
    sent = {message.extra_headers["Message-ID"] for message in mail.outbox}
    assert f"<{waiting.reference}@alongside>" in sent
