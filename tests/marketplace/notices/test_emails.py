"""The e-mails: three files each, plain, and with nothing personal in the subject."""

from pathlib import Path

import pytest
from django.conf import settings
from django.core import mail
from django.core.mail import EmailMultiAlternatives

from marketplace.notices import notices
from marketplace.notices.models import Channel
from tests.cast import Cast

pytestmark = pytest.mark.once

FOLDER = Path(settings.BASE_DIR) / "templates" / "emails"
KINDS = sorted(path.name.removesuffix(".subject.txt") for path in FOLDER.glob("*.subject.txt"))
TOLD = {
    "referral_for_you",
    "answers_changed",
    "booking_for_you",
    "booking_accepted",
    "booking_offered",
    "booking_declined",
    "booking_cancelled",
    "approval_for_you",
    "approval_answered",
    "promise_late",
    "money_set_aside",
}


def test_every_kind_has_its_three_files():
    assert set(KINDS) >= TOLD
    for kind in KINDS:
        assert (FOLDER / f"{kind}.txt").exists(), kind
        assert (FOLDER / f"{kind}.html").exists(), kind


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_plain_and_leads_to_its_subject(kind: str, cast: Cast):
    cast.dev.name = "Dev O'Brien <dev>"
    cast.dev.save()
    notices.tell(
        users=[cast.dev],
        kind=kind,
        subject_kind="agreement",
        subject=cast.agreement.reference,
        at=cast.at,
        over=[Channel.EMAIL],
    )
    assert notices.sweep(at=cast.at) == 1
    (message,) = mail.outbox
    address = f"{settings.SITE_URL}/go/agreement/{cast.agreement.reference}/"
    assert isinstance(message, EmailMultiAlternatives)
    html = str(message.alternatives[0][0])
    assert message.to == [cast.dev.email]
    assert address in message.body
    assert f'href="{address}"' in html
    assert "Hello Dev," in message.body
    assert "\n" not in message.subject
    assert 10 < len(message.subject) < 60


@pytest.mark.parametrize("kind", KINDS)
def test_its_subject_says_nothing_about_anybody(kind: str, cast: Cast):
    source = (FOLDER / f"{kind}.subject.txt").read_text()
    assert "{{" not in source


def test_text_is_not_written_as_html(cast: Cast):
    cast.dev.name = "O'Brien"
    cast.dev.save()
    notices.tell(
        users=[cast.dev],
        kind="booking_for_you",
        subject_kind="agreement",
        subject=cast.agreement.reference,
        at=cast.at,
        over=[Channel.EMAIL],
    )
    notices.sweep(at=cast.at)
    assert "Hello O'Brien," in mail.outbox[0].body
