"""Each cage sees the canary that escapes into it; what writes lines writes none."""

import logging
from typing import Any

import pytest
from daphne.access import AccessLogGenerator
from django.conf import settings as configured
from django.core import mail
from django.core.cache import cache
from django.test import Client

from marketplace.notices import channels, notices
from marketplace.notices.models import Channel, Notice
from marketplace.people.models import User
from tests.canaries.cages import Cages
from tests.canaries.planting import CANARY
from tests.cast import Cast

pytestmark = pytest.mark.once


def test_every_handler_that_is_set_up_cleans_what_it_writes() -> None:
    logging_set_up: Any = configured.LOGGING
    for name, handler in logging_set_up["handlers"].items():
        assert handler["filters"] == ["personal"], name
    assert logging_set_up["root"]["handlers"] == ["console"]


def test_the_access_log_holds_no_question(caged: Cages) -> None:
    """What somebody searched for is in the address, after the question mark; the log has it not."""
    line = "127.0.0.1 - - [GET /services/?words=canary9996x&near=LE10+1NR] 200"
    logging.getLogger("django.server").info(line)
    logging.getLogger("daphne.access").warning(line)
    assert not CANARY.search(caged.log.getvalue())
    assert "/services/" in caged.log.getvalue()
    assert AccessLogGenerator


def test_a_text_message_says_nothing_but_its_kind(cast_today: Cast, caged: Cages) -> None:
    (notice,) = notices.tell(
        users=[cast_today.fred_user],
        kind="booking_accepted",
        subject_kind="booking",
        subject=cast_today.family.reference,
        at=cast_today.at,
        over=[Channel.SMS],
    )
    User.objects.filter(pk=cast_today.fred_user.pk).update(name="canary9995x")
    channels.deliver(notice=Notice.objects.get(pk=notice.pk))
    assert not CANARY.search(caged.raw.getvalue())


@pytest.mark.parametrize(
    "place", ["log", "raw", "addresses", "messages", "cache", "session", "table", "subject"]
)
def test_a_canary_that_escapes_is_seen(
    place: str, cast_today: Cast, caged: Cages, client: Client, mailoutbox: Any
) -> None:
    """The twin of every cage."""
    word = "canary9994x"
    if place == "log":
        logging.getLogger("third.party").warning("seen: %s", word)
    if place == "raw":
        logging.getLogger("budgets").warning("first_name=%s", word)
    if place == "addresses":
        caged.addresses.add(f"/family/{word}/")
    if place == "messages":
        caged.messages.append(("plan.1", {"topic": word}))
    if place == "cache":
        cache.set("key", {"name": word})
    if place == "session":
        session = client.session
        session["name"] = word
        session.save()
    if place == "table":
        cast_today.need.name = word
        cast_today.need.save()
    if place == "subject":
        mailoutbox.append(mail.EmailMessage(subject=word))
    assert len(caged.escaped()) == 1
