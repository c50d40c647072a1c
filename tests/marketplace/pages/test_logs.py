"""Logs: nothing in them names anybody, they are still of use, and cleaning never breaks them."""

import io
import logging
import random
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, models
from django.test import Client

from budgets import history
from budgets.models import Person
from marketplace.pages import logs
from marketplace.people.models import User
from tests.cast import Cast

pytestmark = pytest.mark.once

SOMEBODY = "Fred"


class Log:
    """A log as it is set up in settings, written to a string."""

    def __init__(self) -> None:
        self.stream = io.StringIO()
        handler = logging.StreamHandler(self.stream)
        handler.addFilter(logs.PersonalDataFilter())
        handler.setFormatter(logging.Formatter("%(levelname)s %(name)s %(message)s"))
        self.logger = logging.Logger("test")
        self.logger.addHandler(handler)

    @property
    def text(self) -> str:
        """Return what was written."""
        return self.stream.getvalue()


@pytest.fixture
def log() -> Log:
    """Give a test a log of its own."""
    return Log()


@pytest.mark.parametrize(
    ("line", "gone"),
    [
        ("mail to fred.garner@alongside.example bounced", "fred.garner@alongside.example"),
        ("mail to O'Brien+x@a-b.co.uk bounced", "Brien+x@a-b.co.uk"),
        ("GET /x/?next=fred%40alongside.example", "fred%40alongside"),
        ("ring 0116 496 0123 now", "0116 496 0123"),
        ("ring 07700900123, now", "07700900123"),
        ("ring +44 7700 900 123", "7700 900 123"),
        ("ring (0116) 4960123", "4960123"),
        ("ring 0044 116 496 0123", "116 496 0123"),
        ("lives at LE10 1NR", "LE10 1NR"),
        ("lives at le101nr.", "le101nr"),
        ("lives at SW1A 2AA", "SW1A 2AA"),
        ('"GET /services/?near=LE10+1NR&words=heroin HTTP/1.1" 200', "heroin"),
        ('"GET /services/?near=LE10+1NR&words=heroin HTTP/1.1" 200', "LE10"),
        ("GET /sign-in/code/?token=abc123", "abc123"),
        ("GET /password/reset/key/4-cmz8x1-3f2aBc9D0e1F2a3b4C5d/ 200", "3f2aBc9D0e1F2a3b4C5d"),
        ("GET /l/ImZyZWQi:1uXyZ9:Q9k3_abcDEF0123456789/ 200", "Q9k3_abcDEF0123456789"),
        ("Cookie: sessionid=8u3hxk2l9qwerty; csrftoken=abc", "8u3hxk2l9qwerty"),
        ("Authorization: Bearer sk_live_abc", "sk_live_abc"),
        ("password='hunter2 and more'", "hunter2"),
        ("Dear Fred Garner, hello", "Fred"),
        ("Hello Fred, hello", "Fred"),
        ("PC Sam Whitlock rang", "Whitlock"),
        ("{'first_name': 'Fred', 'last_name': \"Garner\"}", "Fred"),
        ("{'first_name': 'Fred', 'last_name': \"Garner\"}", "Garner"),
        ("name=Fred Garner kind=parent", "Garner"),
        ("evidence='A needle under\\'s bed'", "needle"),
        ("answers={'likes': 'bikes'}", "bikes"),
        ("born_on=2009-02-01", "2009-02-01"),
        (
            "duplicate key DETAIL:  Key (email)=(fred at home) already exists.",
            "fred at home",
        ),
        ("Failing row contains (12, Fred, Garner, null).", "Garner"),
    ],
)
def test_what_could_name_somebody_is_gone(line: str, gone: str, log: Log):
    assert gone in line
    log.logger.warning(line)
    log.logger.warning("%s", line)
    log.logger.warning("%(line)s", {"line": line})
    assert gone.lower() not in log.text.lower()
    assert logs.HIDDEN in log.text


@pytest.mark.parametrize(
    "line",
    [
        "notice 0a1b2c3d-0116-4960-8123-000000000000 was not delivered",
        "GET /family/referrals/07700900-1230-4000-8000-123456789012/ 200 in 12 ms",
        "GET /services/family-support-at-home-with-a-long-name/ 200",
        "GET /static/alongside/alongside.5f5146e8c9d0.css 304",
        "Leicestershire County Council signed on 2026-06-03 at 10:00:00",
        "set aside £1,250.00 of 600000 pence in 3 envelopes",
        "kind=parent state=booked rung=hard_referred",
        "What? It sent 20 notices.",
        "listening on 127.0.0.1:8000 with pid 123456",
    ],
)
def test_what_names_nobody_stays(line: str, log: Log):
    log.logger.info(line)
    assert log.text == f"INFO test {line}\n"


def test_references_always_stay():
    numbers = random.Random(4960)
    for _time in range(5_000):
        line = f"referral {uuid.UUID(int=numbers.getrandbits(128), version=4)} climbed"
        assert logs.clean(line) == line


@pytest.mark.django_db
def test_people_and_users_are_told_by_kind_and_number(cast: Cast, log: Log):
    log.logger.info("%s and %r", cast.fred, cast.fred_user)
    log.logger.info(cast.fred)
    log.logger.info("%s", [cast.fred, {"who": cast.anne}])
    assert f"budgets.Person {cast.fred.pk}" in log.text
    assert "Fred" not in log.text


def raised(act: Callable[[], Any]) -> BaseException:
    """Return what an act raised."""
    try:
        act()
    except Exception as error:
        return error
    raise AssertionError("nothing was raised")


def refuse() -> None:
    """Refuse with a sentence for the person."""
    raise history.Refused(f"{SOMEBODY} already lives here.")


def clash() -> None:
    """Fail as a database does, and then as we do."""
    try:
        raise IntegrityError(f"Key (email)=({SOMEBODY}@alongside.example) already exists.")
    except IntegrityError as error:
        raise ValueError(f"not an amount of money: {SOMEBODY}") from error


@pytest.mark.parametrize("act", [refuse, clash])
def test_an_exception_is_told_without_its_words(act: Callable[[], Any], log: Log):
    error = raised(act)
    log.logger.error("it failed", exc_info=error)
    log.logger.error("it failed with %s", error)
    log.logger.error(error)
    assert SOMEBODY not in log.text
    assert type(error).__qualname__ in log.text
    assert f", in {act.__name__}\n" in log.text, "where it failed stays"


def test_the_cause_is_told_too(log: Log):
    log.logger.error("it failed", exc_info=raised(clash))
    assert "IntegrityError\n" in log.text
    assert "And then:" in log.text


def test_what_programs_say_is_kept_and_cleaned(log: Log):
    log.logger.error("it failed", exc_info=raised(lambda: None + 1))  # type: ignore[operator]
    log.logger.error("%s", OSError("no route to fred@alongside.example"))
    assert "TypeError: unsupported operand" in log.text
    assert "OSError: no route to [hidden]" in log.text


def test_a_line_that_cannot_be_written_does_not_break_what_it_tells_of(log: Log):
    class Broken:
        def __str__(self) -> str:
            raise RuntimeError("Fred")

    log.logger.info("%s", Broken())
    log.logger.info("%d of %d", 1)
    log.logger.info("%(missing)s", {"name": "Fred"})
    assert log.text.count(logs.LEFT_OUT) == 3
    assert "Fred" not in log.text


def test_the_request_is_not_handed_on(rf: Any):
    record = logging.LogRecord("test", logging.ERROR, "", 1, "it failed", (), None)
    record.request = rf.post("/x/", {"words": "heroin"})
    logs.PersonalDataFilter().filter(record)
    assert not hasattr(record, "request")


@pytest.mark.parametrize(
    "model",
    [model for model in apps.get_models() if hasattr(model, "PERSONAL")],
    ids=lambda model: model._meta.label,
)
def test_every_field_that_is_personal_is_known(model: Any, log: Log):
    for name, is_personal in model.PERSONAL.items():
        field = model._meta.get_field(name)
        if not is_personal or not isinstance(field, models.CharField | models.TextField):
            continue
        if field.choices:
            continue
        log.logger.info("%s", {name: "canary one", "other": "stays"})
        log.logger.info(f"{name}=canary two, other=stays")
        log.logger.info(f'{name}: "canary, three"')
    assert "canary" not in log.text


@pytest.mark.django_db
def test_a_page_that_is_not_there_is_logged_without_what_was_asked(
    client: Client, log: Log, settings: Any
):
    django = logging.getLogger("django.request")
    django.addHandler(log.logger.handlers[0])
    try:
        client.get("/no/such/page/", {"words": "heroin", "near": "LE10 1NR"})
    finally:
        django.removeHandler(log.logger.handlers[0])
    assert "/no/such/page/" in log.text
    assert "heroin" not in log.text


def test_without_the_filter_it_would_be_there():
    stream = io.StringIO()
    logger = logging.Logger("bare")
    logger.addHandler(logging.StreamHandler(stream))
    logger.warning("mail to fred.garner@alongside.example bounced")
    assert "fred.garner" in stream.getvalue()


def test_the_site_logs_through_it(settings: Any):
    handlers = settings.LOGGING["handlers"].values()
    assert all("personal" in handler["filters"] for handler in handlers)
    assert settings.LOGGING["filters"]["personal"]["()"].endswith("logs.PersonalDataFilter")


def test_personal_fields_are_asked_of_the_models():
    names = logs._personal()
    for model in (Person, User):
        assert {"email", "name"} & set(model.PERSONAL) <= set(names)
    assert {"vision", "words", "evidence", "answers", "postcode"} <= set(names)
