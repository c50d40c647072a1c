"""Kinds × powers × acts: each kind of advocate does what its powers say, and nothing beyond.

The table says it independently of `POWERS`: report §4.2. A friend is confidante and adviser only.
"""

from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

import pytest
from django.test import Client
from django.urls import reverse

from budgets.models import Goal, Plan
from marketplace.people import appointments, roles
from marketplace.people.models import Appointment, Membership, User
from marketplace.people.roles import AdvocateKind, Role
from marketplace.referrals import promises, referrals
from marketplace.referrals.models import Promise, Referral, YesHow, YesThrough
from marketplace.sharing import sharing
from tests import factories
from tests.cast import Cast
from tests.factories import CLOCK
from tests.marketplace.referrals import climbing

pytestmark = [pytest.mark.once, pytest.mark.django_db]

CONFIDE, REPRESENT, SIGNPOST, CHASE = "confide", "represent", "signpost", "chase"
TABLE = {
    AdvocateKind.PAID_ADVOCATE: {CONFIDE, REPRESENT, SIGNPOST, CHASE},
    AdvocateKind.LEAD_PROFESSIONAL: {REPRESENT, SIGNPOST, CHASE},
    AdvocateKind.FAMILY_FRIEND: {CONFIDE, SIGNPOST},
    AdvocateKind.VOLUNTEER: {CONFIDE, SIGNPOST, CHASE},
}
KINDS = pytest.mark.parametrize("kind", TABLE)


def choose(cast: Cast, kind: AdvocateKind) -> tuple[User, Appointment]:
    """Let somebody of a kind, who works as every kind may, stand beside Jamie.

    Who may choose her is another test's: so she is just written down.
    """
    worker = factories.worker(cast, cast.stepping_stones, Role.ADVOCATE)
    Membership.objects.create(
        user=worker,
        organisation=cast.stepping_stones,
        role=Role.LEAD_PROFESSIONAL,
        starts_on=cast.day,
    )
    cast.workplaces[worker.pk] = cast.stepping_stones
    appointments.end(
        appointment=Appointment.objects.get(user=cast.amira, person=cast.jamie),
        on=cast.day,
        by=CLOCK,
        at=cast.at,
    )
    chosen = appointments.appoint(
        person=cast.jamie,
        user=worker,
        kind=kind,
        on=cast.day,
        by=CLOCK,
        at=cast.at,
    )
    return worker, chosen


def asked(cast: Cast) -> Referral:
    """Let Fred have asked for something for Jamie."""
    before = Referral.objects.open().filter(person=cast.jamie, service=cast.family_support).first()
    return before or climbing.refer(
        cast, service=cast.family_support, person=cast.jamie, user=cast.fred_user
    )


# Over the verbs.


def _confide(cast: Cast, user: User) -> bool:
    goals = Goal.objects.filter(pk=cast.jamie_secret_goal.pk)
    return sharing.visible(goals, user=user, at=cast.at).exists()


def _sees_plan(cast: Cast, user: User) -> bool:
    return sharing.visible(Plan.objects.all(), user=user, at=cast.at).exists()


def _says_yes(cast: Cast, user: User) -> bool:
    referral = asked(cast)
    return _done(
        lambda: referrals.say_yes(
            referral=referral,
            person=cast.fred,
            how=YesHow.TOLD_ADVOCATE,
            through=YesThrough.PHONE,
            by=cast.by(user),
            at=cast.at,
        ),
        referrals.NotTheirs,
    )


def _signpost(cast: Cast, user: User) -> bool:
    return _done(
        lambda: referrals.refer(
            person=cast.jamie,
            family=cast.family,
            service=cast.mentor,
            by=cast.by(user),
            at=cast.at,
        ),
        referrals.NotVisible,
    )


def _chase(cast: Cast, user: User) -> bool:
    promise = factories.promise(cast, asked(cast))
    return _done(
        lambda: promises.chase(promise=promise, by=cast.by(user), at=cast.at), promises.NotYours
    )


def _done(act: Callable[[], Any], refusal: type[Exception]) -> bool:
    try:
        act()
    except refusal:
        return False
    return True


VERBS: dict[str, tuple[str, Callable[[Cast, User], bool]]] = {
    "is told what nobody else is": (CONFIDE, _confide),
    "sees the plan": (REPRESENT, _sees_plan),
    "brings the yes": (REPRESENT, _says_yes),
    "tells of a service": (SIGNPOST, _signpost),
    "chases": (CHASE, _chase),
}


@KINDS
@pytest.mark.parametrize("act", VERBS)
def test_a_kind_does_what_its_powers_say_and_nothing_beyond(
    kind: AdvocateKind, act: str, cast: Cast
):
    power, does = VERBS[act]
    user, _chosen = choose(cast, kind)
    assert does(cast, user) is (power in TABLE[kind])


@KINDS
def test_nobody_else_at_home_is_any_of_her_business(kind: AdvocateKind, cast: Cast):
    user, _chosen = choose(cast, kind)
    for person in (cast.stacey, cast.fred):
        secret = factories.referral(cast, person, is_confidential=True)
        rows = Referral.objects.filter(pk=secret.pk)
        assert not sharing.visible(rows, user=user, at=cast.at).exists()
        assert not appointments.represents(user=user, person=person, on=cast.day)


@KINDS
def test_ended_she_does_nothing_any_more(kind: AdvocateKind, cast: Cast):
    user, chosen = choose(cast, kind)
    appointments.end(appointment=chosen, on=cast.day, by=cast.by(cast.fred_user), at=cast.at)
    assert [act for act, (_power, does) in VERBS.items() if does(cast, user)] == []


# Over HTTP.


@KINDS
def test_over_http_too(kind: AdvocateKind, cast_today: Cast, client: Client):
    cast = cast_today
    user, chosen = choose(cast, kind)
    promise = factories.promise(cast, asked(cast))
    client.force_login(user)
    here: dict[str, Any] = {"reference": chosen.reference}
    page = client.get(reverse("beside_person", kwargs=here))
    found = set()
    if cast.jamie_secret_goal.words in page.content.decode():
        found.add(CONFIDE)
    desk = client.get(reverse("advocate_family", args=[cast.family.reference]))
    if desk.status_code == 200:
        found.add(REPRESENT)
    client.post(reverse("beside_tell", kwargs={**here, "slug": cast.mentor.slug}))
    if Referral.objects.filter(person=cast.jamie, service=cast.mentor).exists():
        found.add(SIGNPOST)
    for address in (
        reverse("beside_chase", kwargs={**here, "promise": promise.reference}),
        reverse("advocate_chase_promise", args=[promise.reference]),
    ):
        client.post(address)
        if Promise.objects.get(pk=promise.pk).chased_at is not None:
            found.add(CHASE)
    assert page.status_code == 200
    assert found == TABLE[kind]
    assert client.get(reverse("family_home")).status_code == 403


@pytest.mark.once
def test_a_friend_without_a_workplace_has_a_page_of_her_own_and_no_desk(
    cast_today: Cast, client: Client
):
    cast = cast_today
    friend = factories.user()
    client.force_login(friend)
    assert client.get(reverse("beside_people")).status_code == 403
    chosen = appointments.appoint(
        person=cast.stacey,
        user=friend,
        kind=AdvocateKind.FAMILY_FRIEND,
        on=cast.day,
        by=cast.by(cast.stacey_user),
        at=cast.at,
    )
    answer = client.get(reverse("front_door"), follow=True)
    assert answer.request["PATH_INFO"] == reverse("beside_people")
    for name in ("advocate_home", "provider_inbox", "commissioner_spend", "me", "family_home"):
        assert client.get(reverse(name)).status_code == 403, name
    here = reverse("beside_person", args=[chosen.reference])
    asks_first = f"{reverse('beside_danger')}?back={here}"
    assert asks_first in unquote(client.get(here).content.decode())
    ring = client.get(asks_first).content.decode()
    assert "999" in ring
    assert f'href="{here}"' in ring
    assert client.get(reverse("beside_find", args=[chosen.reference]), {"words": "mentor"})
    client.post(reverse("beside_end", args=[chosen.reference]))
    assert client.get(here).status_code == 403


def test_the_table_goes_red_where_a_kind_is_given_more(cast: Cast, monkeypatch: pytest.MonkeyPatch):
    """The twin."""
    more: dict[str, Any] = {
        **roles.POWERS,
        AdvocateKind.FAMILY_FRIEND: frozenset(roles.Power.values),
    }
    monkeypatch.setattr(appointments, "POWERS", more)
    for act in ("sees the plan", "chases"):
        with pytest.raises(AssertionError):
            test_a_kind_does_what_its_powers_say_and_nothing_beyond(
                AdvocateKind.FAMILY_FRIEND, act, cast
            )
        Appointment.objects.filter(person=cast.jamie).exclude(user=cast.amira).delete()
        Appointment.objects.filter(user=cast.amira).update(ends_on=None)
