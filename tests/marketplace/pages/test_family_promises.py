"""What was promised to a family: it says itself, in one tap, that it was done or was not."""

from typing import Any

import pytest
from django.urls import reverse

from cms.models import Term, TermTaxonomy
from marketplace.notices.models import Notice
from marketplace.pages.family import household
from marketplace.referrals import promises
from marketplace.referrals.models import Promise, PromiseKind, Referral, Rung
from tests import factories
from tests.cast import Cast
from tests.marketplace.pages.test_matrix import browser
from tests.marketplace.referrals import climbing

pytestmark = pytest.mark.once


def promised(cast: Cast, **said: Any) -> Promise:
    """Return what Amira promised about Jamie's mentor, due today."""
    referral = factories.referral(cast, cast.jamie, rung=Rung.APPLIED)
    given: dict[str, Any] = {
        "kind": PromiseKind.CALL_BACK,
        "organisation": cast.beacon,
        "worker": cast.amira,
        "due_on": cast.day,
        "amber_on": cast.day,
        **said,
    }
    return factories.promise(cast, referral, **given)


def tap(cast: Cast, promise: Promise, name: str, *, who: Any = None) -> Any:
    """Tap one of the two buttons, as Fred unless told."""
    path = reverse(f"family_promise_{name}", args=[promise.reference])
    return browser(who or cast.fred_user).post(path)


def page(cast: Cast, promise: Promise) -> str:
    """Return the request's page as Fred reads it."""
    assert promise.referral is not None
    path = reverse("family_referral", args=[promise.referral.reference])
    return browser(cast.fred_user).get(path).content.decode()


def test_it_says_that_it_was_done(cast_today: Cast) -> None:
    cast = cast_today
    promise = promised(cast)
    assert "They did this" in page(cast, promise)
    assert tap(cast, promise, "kept").status_code == 302
    assert Promise.objects.get(pk=promise.pk).kept_at is not None
    assert "They did this" not in page(cast, promise)


def test_it_says_that_it_was_not_done_and_they_are_told(cast_today: Cast) -> None:
    cast = cast_today
    promise = promised(cast)
    assert "They have not done this" in page(cast, promise)
    tap(cast, promise, "missed")
    found = Promise.objects.get(pk=promise.pk)
    assert found.is_open
    assert found.chased_at is not None
    assert Notice.objects.filter(user=cast.amira, kind="promise_late").exists()
    assert "They have not done this" not in page(cast, promise)  # told once today


def test_before_its_day_nobody_is_late(cast_today: Cast) -> None:
    day = cast_today.later(days=3).date()
    found = page(cast_today, promised(cast_today, due_on=day, amber_on=day))
    assert "They did this" in found
    assert "They have not done this" not in found


def test_what_a_step_keeps_is_not_said_to_be_done(cast_today: Cast) -> None:
    cast = cast_today
    promise = promised(cast, kind=PromiseKind.DECIDE, organisation=cast.county, worker=None)
    assert "They did this" not in page(cast, promise)
    tap(cast, promise, "kept")
    assert Promise.objects.get(pk=promise.pk).is_open


def test_nobody_else_at_home_says_it(cast_today: Cast) -> None:
    cast = cast_today
    promise = promised(cast)
    for who in (cast.olive_user, cast.stacey_user):
        for name in ("kept", "missed"):
            assert tap(cast, promise, name, who=who).status_code == 404
    assert Promise.objects.get(pk=promise.pk).is_open
    assert Promise.objects.get(pk=promise.pk).chased_at is None


def test_what_helps_is_added_in_one_tap(cast_today: Cast) -> None:
    """The barrier is met by another service: a tap puts it beside, and it is not offered twice."""
    cast = cast_today
    barrier = Term.objects.create(
        taxonomy=TermTaxonomy.BARRIER, slug="no-lift", name="No lift", plain_name="Getting there"
    )
    cast.youth_club.terms.add(barrier)
    cast.youth_club.save()
    referral = climbing.climb(cast, to=Rung.HARD_REFERRED)
    Referral.objects.filter(pk=referral.pk).update(barrier=barrier)
    fred, path = browser(cast.fred_user), reverse("family_yes", args=[referral.reference])
    assert "Add this too" in fred.get(path).content.decode()
    add = reverse("family_add", args=[referral.reference, cast.youth_club.slug])
    assert fred.post(add)["Location"] == path
    beside = Referral.objects.get(service=cast.youth_club)
    assert (beside.beside, beside.person) == (referral, cast.jamie)
    assert "Add this too" not in fred.get(path).content.decode()
    other = reverse("family_add", args=[referral.reference, cast.family_support.slug])
    fred.post(other)  # it does not help with that
    assert not Referral.objects.filter(service=cast.family_support).exists()


@pytest.mark.parametrize(
    ("place", "name", "test"),
    [
        (household.Household, "is_own", test_nobody_else_at_home_says_it),
        (promises, "done", test_it_says_that_it_was_done),
        (promises, "chase", test_it_says_that_it_was_not_done_and_they_are_told),
    ],
)
def test_without_it_its_test_fails(
    place: Any, name: str, test: Any, cast_today: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(place, name, lambda *_args, **_said: True)
    with pytest.raises((AssertionError, pytest.fail.Exception)):
        test(cast_today)
