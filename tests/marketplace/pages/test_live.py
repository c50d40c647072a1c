"""The socket says that something changed, to whoever may know at that very moment."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from importlib import import_module
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from channels.layers import BaseChannelLayer
from channels.testing import WebsocketCommunicator
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.models import Session
from django.db import transaction

from marketplace.asgi import application
from marketplace.bookings import bookings
from marketplace.notices import topics
from marketplace.pages import listeners, live
from marketplace.people import appointments, memberships, users
from marketplace.people.models import Appointment, Membership, User
from marketplace.people.roles import Role
from marketplace.referrals.models import Rung
from marketplace.sharing import sharing
from tests import factories
from tests.cast import Cast
from tests.factories import CLOCK
from tests.marketplace.referrals import climbing

HOST = b"localhost:8000"
OURS = b"http://localhost:8000"

pytestmark = pytest.mark.django_db(transaction=True)


def sign_in(user: User) -> str:
    """Sign a user in, and return the key of the session."""
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return str(session.session_key)


def page(
    key: str = "", *, origin: bytes | None = OURS, host: bytes = HOST, path: str = "/live/"
) -> Any:
    """Return the socket of a page that is not connected yet."""
    headers = [(b"host", host)]
    if origin is not None:
        headers.append((b"origin", origin))
    if key:
        headers.append((b"cookie", f"{settings.SESSION_COOKIE_NAME}={key}".encode()))
    return WebsocketCommunicator(application, path, headers=headers)


@asynccontextmanager
async def opened(key: str, *names: str) -> AsyncIterator[Any]:
    """Open a page that listens to topics."""
    socket = page(key)
    connected, _code = await socket.connect(timeout=5)
    assert connected
    await socket.send_json_to({"topics": list(names)})
    try:
        yield socket
    finally:
        await socket.disconnect()


async def code_of(socket: Any) -> int:
    """Return the code that the socket is closed with."""
    output = await socket.receive_output(timeout=5)
    assert output["type"] == "websocket.close", output
    return int(output["code"])


async def settled(socket: Any) -> None:
    """Wait until the page's topics are taken."""
    assert await socket.receive_nothing(timeout=0.3)


async def run(act: Callable[..., Any], **fields: Any) -> Any:
    """Run something with the database in a thread."""
    return await sync_to_async(act)(**fields)


def change(*names: str) -> None:
    """Let something under these topics change, as a verb does."""
    with transaction.atomic():
        topics.publish(*names)


def inbox(cast: Cast) -> str:
    """Return the topic of the mentors' inbox."""
    return topics.inbox(cast.mentors.reference)


async def test_a_page_is_told_that_its_inbox_changed_and_nothing_else(cast_today: Cast) -> None:
    cast = cast_today
    referral = await run(climbing.climb, cast=cast, to=Rung.COMMISSIONED)
    first = await run(climbing.offer_times, cast=cast, service=cast.mentor)
    key = await run(sign_in, user=cast.dev)
    async with opened(key, inbox(cast)) as socket:
        await settled(socket)
        await run(bookings.ask, referral=referral, first=first, by=cast.by(cast.amira), at=cast.at)
        told = await socket.receive_from(timeout=5)
        assert json.loads(told) == {"topic": inbox(cast)}
        assert await socket.receive_nothing(timeout=0.2)


async def test_nobody_is_told_before_the_commit_nor_of_what_was_rolled_back(
    cast_today: Cast,
) -> None:
    cast = cast_today
    key = await run(sign_in, user=cast.dev)
    waits: list[bool] = []

    def and_fail() -> None:
        with transaction.atomic():
            topics.publish(inbox(cast))
            waits.append(True)
            raise LookupError

    async with opened(key, inbox(cast)) as socket:
        await settled(socket)
        with pytest.raises(LookupError):
            await sync_to_async(and_fail)()
        assert waits
        assert await socket.receive_nothing(timeout=0.3)
        await sync_to_async(change)(inbox(cast))
        assert await socket.receive_json_from(timeout=5)


async def test_who_is_not_signed_in_is_turned_away(cast_today: Cast) -> None:
    for key in ("", "no-such-session"):
        socket = page(key)
        assert (await socket.connect(timeout=5))[0]
        assert await code_of(socket) == live.NOT_SIGNED_IN
        await socket.disconnect()


@pytest.mark.parametrize("origin", [b"http://elsewhere.example", b"null", b"", None])
async def test_a_page_from_elsewhere_is_refused(cast_today: Cast, origin: bytes | None) -> None:
    key = await run(sign_in, user=cast_today.dev)
    socket = page(key, origin=origin)
    assert not (await socket.connect(timeout=5))[0]


async def test_a_host_that_is_not_ours_is_refused_though_the_origin_matches(
    cast_today: Cast,
) -> None:
    key = await run(sign_in, user=cast_today.dev)
    socket = page(key, origin=b"http://elsewhere.example", host=b"elsewhere.example")
    assert not (await socket.connect(timeout=5))[0]


async def test_another_address_is_no_socket(cast_today: Cast) -> None:
    key = await run(sign_in, user=cast_today.dev)
    assert not (await page(key, path="/elsewhere/").connect(timeout=5))[0]


async def test_another_organisations_inbox_is_refused(cast_today: Cast) -> None:
    cast = cast_today
    for user in (cast.lena, cast.amira, cast.fred_user, cast.edie):
        key = await run(sign_in, user=user)
        async with opened(key, inbox(cast)) as socket:
            assert await code_of(socket) == live.NOT_ALLOWED


async def test_one_topic_that_is_not_allowed_refuses_them_all(cast_today: Cast) -> None:
    cast = cast_today
    key = await run(sign_in, user=cast.dev)
    async with opened(key, inbox(cast), topics.inbox(cast.lantern.reference)) as socket:
        assert await code_of(socket) == live.NOT_ALLOWED


async def test_a_household_listens_to_its_own_plan_and_nobody_elses(cast_today: Cast) -> None:
    cast = cast_today
    plan = topics.plan(cast.family.reference)
    for user in (cast.fred_user, cast.amira):
        async with opened(await run(sign_in, user=user), plan) as socket:
            await settled(socket)
            await sync_to_async(change)(plan)
            assert await socket.receive_json_from(timeout=5) == {"topic": plan}
    for user in (cast.olive_user, cast.nadia, cast.dev):
        async with opened(await run(sign_in, user=user), plan) as socket:
            assert await code_of(socket) == live.NOT_ALLOWED


async def test_a_confidential_referral_is_for_her_alone(cast_today: Cast) -> None:
    cast = cast_today
    referral = await run(factories.referral, cast=cast, person=cast.stacey, is_confidential=True)
    topic = topics.referral(referral.reference)
    async with opened(await run(sign_in, user=cast.stacey_user), topic) as socket:
        await settled(socket)
    async with opened(await run(sign_in, user=cast.fred_user), topic) as socket:
        assert await code_of(socket) == live.NOT_ALLOWED


async def test_who_lost_her_role_hears_nothing_more(cast_today: Cast) -> None:
    cast = cast_today
    colleague = await run(
        factories.worker, cast=cast, organisation=cast.mentors, role=Role.PROVIDER_WORKER
    )
    async with (
        opened(await run(sign_in, user=cast.dev), inbox(cast)) as lost,
        opened(await run(sign_in, user=colleague), inbox(cast)) as kept,
    ):
        await settled(lost)
        await settled(kept)
        await Membership.objects.filter(user=cast.dev).aupdate(ends_on=cast.day)
        await sync_to_async(change)(inbox(cast))
        assert await code_of(lost) == live.NOT_ALLOWED
        assert await kept.receive_json_from(timeout=5) == {"topic": inbox(cast)}


async def end_session(cast: Cast, key: str) -> None:
    """Sign out."""
    await Session.objects.filter(session_key=key).adelete()


async def let_go(cast: Cast, key: str) -> None:
    """Let nobody sign in with this account any more."""
    await User.objects.filter(pk=cast.dev.pk).aupdate(is_active=False)


async def change_password(cast: Cast, key: str) -> None:
    """Change the password elsewhere."""
    await User.objects.filter(pk=cast.dev.pk).aupdate(password="another")


async def suspend(cast: Cast, key: str) -> None:
    """Suspend her where she works."""
    await run(memberships.suspend, user=cast.dev, organisation=cast.mentors, by=CLOCK, at=cast.at)


async def deactivate(cast: Cast, key: str) -> None:
    """Let her in no more, by the verb."""
    await run(users.deactivate, user=cast.dev, by=CLOCK, at=cast.at)


async def leave(cast: Cast, key: str) -> None:
    """End the role by the verb."""
    held = await Membership.objects.aget(user=cast.dev)
    await run(memberships.leave, membership=held, on=cast.day, by=CLOCK, at=cast.at)


async def take_role(cast: Cast, key: str) -> None:
    """End the role."""
    await Membership.objects.filter(user=cast.dev).aupdate(ends_on=cast.day)


@pytest.mark.parametrize(
    ("what", "code"),
    [
        (end_session, live.NOT_SIGNED_IN),
        (let_go, live.NOT_SIGNED_IN),
        (change_password, live.NOT_SIGNED_IN),
        (take_role, live.NOT_ALLOWED),
        (suspend, live.NOT_SIGNED_IN),
        (deactivate, live.NOT_SIGNED_IN),
        (leave, live.NOT_ALLOWED),
    ],
)
async def test_the_socket_closes_within_seconds_though_nothing_happens(
    cast_today: Cast, what: Any, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert live.CHECK_EVERY_SECONDS < 5
    monkeypatch.setattr(live, "CHECK_EVERY_SECONDS", 0.1)
    cast = cast_today
    key = await run(sign_in, user=cast.dev)
    async with opened(key, inbox(cast)) as socket:
        await settled(socket)
        await what(cast, key)
        assert await code_of(socket) == code


async def test_an_appointment_that_ended_closes_the_page_and_who_is_back_signs_in_anew(
    cast_today: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "CHECK_EVERY_SECONDS", 0.1)
    cast, plan = cast_today, topics.plan(cast_today.family.reference)
    async with opened(await run(sign_in, user=cast.amira), plan) as socket:
        await settled(socket)
        async for held in Appointment.objects.filter(user=cast.amira):
            await run(appointments.end, appointment=held, on=cast.day, by=CLOCK, at=cast.at)
        assert await code_of(socket) == live.NOT_ALLOWED
    key = await run(sign_in, user=cast.dev)
    here: dict[str, Any] = {
        "user": cast.dev,
        "organisation": cast.mentors,
        "by": CLOCK,
        "at": cast.at,
    }
    await run(memberships.suspend, **here)
    await run(memberships.resume, **here)
    async with opened(key, inbox(cast)) as socket:
        assert await code_of(socket) == live.NOT_SIGNED_IN


async def test_a_sharing_that_was_stopped_closes_the_page(
    cast_today: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "CHECK_EVERY_SECONDS", 0.1)
    cast = cast_today
    referral = await run(climbing.climb, cast=cast, to=Rung.COMMISSIONED)
    key = await run(sign_in, user=cast.dev)
    async with opened(key, topics.referral(referral.reference)) as socket:
        await settled(socket)
        await run(sharing.close_reasons, subject=referral.reference, at=cast.at)
        assert await code_of(socket) == live.NOT_ALLOWED


@pytest.mark.parametrize(
    "text",
    [
        "hello",
        "[]",
        "{}",
        '{"topics": []}',
        '{"topics": "inbox"}',
        '{"topics": ["inbox.everybody"]}',
        '{"topics": [1]}',
        json.dumps({"topics": ["inbox.00000000-0000-0000-0000-000000000000"] * 21}),
        "x" * 5000,
    ],
)
async def test_what_is_not_understood_closes_the_socket(cast_today: Cast, text: str) -> None:
    key = await run(sign_in, user=cast_today.dev)
    socket = page(key)
    await socket.connect(timeout=5)
    await socket.send_to(text_data=text)
    assert await code_of(socket) == live.NOT_UNDERSTOOD
    await socket.disconnect()


async def test_what_cannot_be_checked_is_told_to_nobody(
    cast_today: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    cast = cast_today
    key = await run(sign_in, user=cast.dev)
    async with opened(key, inbox(cast)) as socket:
        await settled(socket)

        def broken(**_fields: Any) -> None:
            raise OSError("the database is away")

        monkeypatch.setattr(listeners, "check", broken)
        await sync_to_async(change)(inbox(cast))
        assert await code_of(socket) == live.TRY_LATER


def test_the_names_of_topics_are_names_of_groups(cast_today: Cast) -> None:
    cast = cast_today
    for name in (
        topics.inbox(cast.county.reference),
        topics.plan(cast.family.reference),
        topics.referral(cast.plan.reference),
    ):
        assert BaseChannelLayer().require_valid_group_name(name)
        assert listeners.is_topic(name)


async def test_a_hub_without_pages_does_nothing(cast_today: Cast) -> None:
    cast = cast_today
    key = await run(sign_in, user=cast.dev)
    async with opened(key, inbox(cast)) as socket:
        await settled(socket)
        assert live.hub().tasks
    assert not live.hub().tasks
    assert not live.hub().listening


async def test_without_asking_again_who_lost_her_role_would_still_hear(
    cast_today: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    cast = cast_today
    key = await run(sign_in, user=cast.dev)

    def believe(*, wanted: Any, at: Any) -> listeners.Verdict:
        pairs = frozenset(wanted)
        return listeners.Verdict(
            standing=frozenset(entry for entry, _topic in pairs), allowed=pairs
        )

    async with opened(key, inbox(cast)) as socket:
        await settled(socket)
        await take_role(cast, key)
        monkeypatch.setattr(listeners, "check", believe)
        await sync_to_async(change)(inbox(cast))
        assert await socket.receive_json_from(timeout=5) == {"topic": inbox(cast)}
