"""What one person keeps to herself leaves no trace on anybody else's pages."""

import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from budgets import ledger
from marketplace.bookings import bookings, sessions
from marketplace.bookings.models import SessionState
from marketplace.notices import topics
from marketplace.people.models import User
from marketplace.people.roles import Role
from marketplace.referrals import commissions, promises, referrals
from marketplace.referrals.models import Promise, Referral, Rung, YesHow
from marketplace.sharing import sharing
from marketplace.sharing.models import Basis, Look, Reason
from tests import factories
from tests.cast import Cast
from tests.marketplace.referrals import climbing

pytestmark = pytest.mark.once

PAGES = (
    "family_home",
    "family_money",
    "family_plan",
    "family_choose",
    "family_next",
    "family_helpers",
    "family_looks",
    "family_sharing",
    "family_sharing_form",
    "family_stop_all",
    "family_facts",
    "family_goal_add",
)
KEYS = re.compile(r'(?<=name="csrfmiddlewaretoken" value=")[^"]+|(?<=name="form_key" value=")[^"]+')
SECRET = "Talking help"


def addresses(cast: Cast) -> list[str]:
    """Return every list and form of a family that something could show on."""
    ask = reverse("family_ask", kwargs={"slug": cast.mentor.slug})
    choose, then = reverse("family_choose"), reverse("family_next")
    return [
        *map(reverse, PAGES),
        f"{then}?ended=1",
        f"{choose}?for={cast.jamie.reference}",
        f"{ask}?safe=yes&for={cast.jamie.reference}",
        f"{ask}?safe=yes",
    ]


def read(user: User, address: str) -> str:
    """Read a page as somebody, without the keys that are new each time."""
    client = Client()
    client.force_login(user)
    answer = client.get(address)
    assert answer.status_code == 200, address
    return KEYS.sub("key", answer.content.decode())


def keep_a_secret(cast: Cast, user: User, *, until: Rung = Rung.BOOKED) -> Referral:
    """Take a confidential support all the way: asked, set aside, booked and partly spent."""
    person = user.person
    assert person is not None
    intake = factories.worker(cast, cast.nhs, Role.INTAKE_WORKER)
    worker = factories.worker(cast, cast.trust, Role.PROVIDER_WORKER)
    for somebody, place in ((intake, cast.nhs), (worker, cast.trust)):
        cast.workplaces[somebody.pk] = place
    nurse, at = cast.by(intake), cast.at - timedelta(days=30)
    referral = referrals.refer(
        person=person,
        family=cast.family,
        service=cast.confidential,
        plan=cast.plan,
        is_weighed=True,
        by=cast.by(user),
        at=at,
    )
    assert referral.is_confidential
    referrals.check_eligibility(referral=referral, answers={}, by=nurse, at=at)
    referrals.apply(
        referral=referral,
        answers={"what_to_change": "Everything."},
        basis=Basis.CONSENT,
        by=nurse,
        at=at,
    )
    referrals.decide_eligibility(referral=referral, by=nurse, at=at)
    referrals.assess(referral=referral, quantity=4, by=nurse, at=at)
    referrals.say_yes(
        referral=referral, person=person, how=YesHow.SIGNED_IN, by=cast.by(user), at=at
    )
    commissions.commission(referral=referral, by=nurse, at=at)
    earlier = Cast(**{**vars(cast), "at": at})
    first = climbing.offer_times(earlier, cast.confidential)
    booking = bookings.ask(referral=referral, first=first, by=cast.by(user), at=at)
    bookings.accept(booking=booking, by=cast.by(worker), at=at)
    session = booking.sessions.earliest("starts_at")
    sessions.record(session=session, state=SessionState.DELIVERED, by=cast.by(worker), at=cast.at)
    sharing.open_record(
        Referral.objects.all(), reference=referral.reference, user=intake, at=at, kind="referral"
    )
    promise = factories.promise(cast, referral, due_on=cast.day - timedelta(days=3))
    promises.chase(promise=promise, by=nurse, at=cast.at)
    return Referral.objects.get(pk=referral.pk)


@pytest.mark.parametrize("whose", ["stacey", "jamie"])
def test_a_confidential_support_leaves_no_trace_on_freds_pages(
    cast_today: Cast, whose: str
) -> None:
    cast = cast_today
    climbing.climb(cast, to=Rung.BOOKED)
    before = {address: read(cast.fred_user, address) for address in addresses(cast)}
    secret = keep_a_secret(cast, cast.users[f"{whose}_user"])
    assert ledger.plan_balance(plan=cast.plan).spent_pence == 5_000
    assert Look.objects.filter(subject=secret.reference).exists()
    assert Reason.objects.filter(subject=secret.reference).exists()
    assert Promise.objects.filter(referral=secret).exists()
    for address, html in before.items():
        assert read(cast.fred_user, address) == html, address


def test_without_the_rules_of_secrets_it_would_show(cast_today: Cast) -> None:
    cast = cast_today
    before = {address: read(cast.fred_user, address) for address in map(reverse, PAGES)}
    cast.confidential.is_confidential = False
    cast.confidential.save()
    climbing.climb(cast, to=Rung.BOOKED)
    changed = {address for address, html in before.items() if read(cast.fred_user, address) != html}
    assert {reverse(name) for name in ("family_home", "family_money", "family_next")} <= changed


@pytest.mark.parametrize("whose", ["stacey", "jamie"])
def test_the_visible_sum_still_adds_up(cast_today: Cast, whose: str) -> None:
    cast = cast_today
    keep_a_secret(cast, cast.users[f"{whose}_user"])
    html = read(cast.fred_user, reverse("family_money"))
    assert html.count("£6,000.00") >= 2
    assert "£50.00" not in html


@pytest.mark.parametrize(
    "name",
    ["family_referral", "family_yes", "family_times", "family_stop", "family_how"],
)
@pytest.mark.parametrize("whose", ["stacey", "jamie"])
def test_fred_cannot_open_what_is_confidential(cast_today: Cast, whose: str, name: str) -> None:
    cast = cast_today
    secret = keep_a_secret(cast, cast.users[f"{whose}_user"])
    client = Client()
    client.force_login(cast.fred_user)
    address = reverse(name, kwargs={"reference": secret.reference})
    unknown = reverse(name, kwargs={"reference": uuid.uuid4()})
    assert client.get(address).status_code == 404
    assert client.post(address).status_code == 404
    assert client.get(unknown).status_code == 404


def test_fred_cannot_change_or_see_a_confidential_goal(cast_today: Cast) -> None:
    cast = cast_today
    client = Client()
    client.force_login(cast.fred_user)
    for goal in (cast.jamie_secret_goal, cast.stacey_secret_goal):
        assert goal.words not in read(cast.fred_user, reverse("family_plan"))
        for name in ("family_goal", "family_goal_up", "family_goal_reached"):
            address = reverse(name, kwargs={"reference": goal.reference})
            assert client.post(address, {"score": "5"}).status_code == 404


def test_fred_cannot_stop_or_see_a_reason_that_is_jamies_secret(cast_today: Cast) -> None:
    cast = cast_today
    secret = keep_a_secret(cast, cast.jamie_user)
    reason = Reason.objects.filter(subject=secret.reference).first()
    assert reason is not None
    client = Client()
    client.force_login(cast.fred_user)
    address = reverse("family_stop_sharing", kwargs={"reference": reason.reference})
    assert client.post(address).status_code == 404


def test_stacey_sees_all_of_her_own(cast_today: Cast) -> None:
    cast = cast_today
    secret = keep_a_secret(cast, cast.stacey_user)
    for name in ("family_home", "family_money", "family_next", "family_helpers", "family_sharing"):
        html = read(cast.stacey_user, reverse(name))
        assert SECRET in html or "Leicestershire Community NHS Trust" in html, name
    address = reverse("family_referral", kwargs={"reference": secret.reference})
    html = read(cast.stacey_user, address)
    assert "Only you can see this" in html
    assert "£200.00" in html
    assert cast.stacey_secret_goal.words in read(cast.stacey_user, reverse("family_plan"))
    assert "Somebody who takes requests at NHS Leicestershire" in read(
        cast.stacey_user, reverse("family_looks")
    )


def test_stacey_does_not_see_jamies(cast_today: Cast) -> None:
    cast = cast_today
    before = {name: read(cast.stacey_user, reverse(name)) for name in PAGES}
    keep_a_secret(cast, cast.jamie_user)
    for name, html in before.items():
        assert read(cast.stacey_user, reverse(name)) == html, name


def test_the_households_pages_are_not_told_that_a_secret_changed(
    cast_today: Cast, django_capture_on_commit_callbacks: Any
) -> None:
    cast, plan = cast_today, topics.plan(cast_today.family.reference)
    with django_capture_on_commit_callbacks() as told:
        secret = keep_a_secret(cast, cast.stacey_user)
    assert topics.Publication(topics.referral(secret.reference)) in told
    assert topics.Publication(plan) not in told
    with django_capture_on_commit_callbacks() as told:
        climbing.climb(cast, to=Rung.SOFT_REFERRED)
    assert topics.Publication(plan) in told
