"""The owner's intake worker takes a referral on from her inbox."""

import uuid
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from budgets import ledger
from cms.models import Service
from marketplace.people.models import User
from marketplace.referrals import referrals
from marketplace.referrals.models import Referral, Rung
from marketplace.sharing.models import Basis, Look
from tests.cast import PLAN_PENCE, Cast
from tests.marketplace.referrals import climbing

pytestmark = pytest.mark.once


def browser(user: User) -> Client:
    """Return a browser with somebody signed in."""
    client = Client()
    client.force_login(user)
    return client


def applied(cast: Cast) -> Referral:
    """Return family support for Fred, applied for by Amira and handed over."""
    referral = climbing.refer(cast, service=cast.family_support, person=cast.fred)
    by = cast.by(cast.amira)
    referrals.check_eligibility(referral=referral, answers={}, by=by, at=cast.at)
    referrals.apply(
        referral=referral,
        answers=climbing.ANSWERS,
        basis=Basis.PUBLIC_TASK,
        by=by,
        at=cast.at,
    )
    referrals.hand_over(referral=referral, by=by, at=cast.at)
    return climbing.again(referral)


def page(referral: Referral) -> str:
    """Return the address of a referral's page."""
    return reverse("provider_referral", args=[referral.reference])


def decline(client: Client, referral: Referral, **fields: Any) -> Any:
    """Send the form that says no."""
    path = reverse("provider_decline_referral", args=[referral.reference])
    return client.post(path, {"form_key": str(uuid.uuid4()), **fields})


def test_intake_sees_what_it_was_told_and_nothing_else_of_the_family(cast_today: Cast) -> None:
    cast = cast_today
    referral = applied(cast)
    html = browser(cast.ingrid).get(page(referral)).content.decode()
    for words in ("Fred Garner, 45", "Fewer rows.", "Amira Shah", "Beacon Advocacy", "Application"):
        assert words in html
    for words in ("Jamie", "Stacey", "A calmer home", "£6,000.00", "Fewer rows in the evening"):
        assert words not in html
    assert Look.objects.filter(user=cast.ingrid, person=cast.fred, subject_kind="referral").exists()


def test_a_form_is_not_filled_in_with_what_another_owner_was_told(cast_today: Cast) -> None:
    cast = cast_today
    told = climbing.climb(cast, to=Rung.APPLIED)  # Jamie, to the mentor
    theirs = climbing.refer(cast, service=cast.family_support)
    by = cast.by(cast.amira)
    referrals.check_eligibility(referral=theirs, answers={}, by=by, at=cast.at)
    question = cast.family_support.questions.get(key="likes")
    ingrid = browser(cast.ingrid)
    assert climbing.ANSWERS["likes"] in ingrid.get(page(theirs)).content.decode()
    Service.objects.filter(pk=told.service_id).update(owner=cast.nhs)
    html = ingrid.get(page(theirs)).content.decode()
    assert question.text in html
    assert climbing.ANSWERS["likes"] not in html


def test_a_no_says_why_and_what_could_help_instead(cast_today: Cast) -> None:
    cast = cast_today
    referral = applied(cast)
    ingrid = browser(cast.ingrid)
    silent = decline(ingrid, referral, reason="no_place", words="")
    assert silent.status_code == 422
    assert climbing.again(referral).rung == Rung.APPLIED
    told = decline(ingrid, referral, reason="no_place", words="We are full until autumn.")
    assert told.status_code == 302
    now = climbing.again(referral)
    assert (now.rung, now.end_words) == (Rung.DECLINED, "We are full until autumn.")
    html = (
        browser(cast.amira)
        .get(reverse("advocate_referral", args=[referral.reference]))
        .content.decode()
    )
    assert "We are full until autumn." in html
    assert "Ask for it anew" in html
    assert browser(cast.ingrid).get(page(referral)).status_code in (403, 404)  # it closed


def test_more_than_three_alternatives_are_refused_and_the_words_kept(cast_today: Cast) -> None:
    cast = cast_today
    for service in (cast.mentor, cast.youth_club, cast.confidential, cast.family_support):
        service.terms.add(cast.need)
        service.save()
    referral = applied(cast)
    others = ["mentor-kai", "friday-youth-club", "talking-help"]
    answer = decline(
        browser(cast.ingrid), referral, reason="no_place", words="Sorry.", alternatives=others
    )
    assert answer.status_code == 302
    assert climbing.again(referral).alternatives.count() == 3


def test_declining_what_is_commissioned_gives_the_money_back(cast_today: Cast) -> None:
    cast = cast_today
    referral = climbing.climb(cast, to=Rung.COMMISSIONED)
    decline(browser(cast.ingrid), referral, reason="no_place", words="Kai is ill.")
    money = ledger.plan_balance(plan=cast.plan)
    assert (money.left_pence, money.set_aside_pence) == (PLAN_PENCE, 0)


@pytest.mark.parametrize("quantity", ["", "0", "-1", "201", "many"])
def test_an_amount_that_makes_no_sense_is_refused_and_kept(cast_today: Cast, quantity: str) -> None:
    cast = cast_today
    referral = applied(cast)
    referrals.decide_eligibility(referral=referral, by=cast.by(cast.ingrid), at=cast.at)
    path = reverse("provider_step", args=[referral.reference, "assess"])
    answer = browser(cast.ingrid).post(path, {"quantity": quantity})
    assert answer.status_code == 422
    assert f'value="{quantity}"' in answer.content.decode() or quantity == ""
    assert climbing.again(referral).quantity is None


def test_the_provider_sees_a_commission_but_has_no_step_of_the_owners(cast_today: Cast) -> None:
    cast = cast_today
    referral = climbing.climb(cast, to=Rung.COMMISSIONED)
    assert browser(cast.dev).get(page(referral)).status_code == 200
    path = reverse("provider_step", args=[referral.reference, "assess"])
    assert browser(cast.dev).post(path, {"quantity": "3"}).status_code == 422


def test_only_who_was_asked_sees_it(cast_today: Cast) -> None:
    cast = cast_today
    referral = applied(cast)
    codes = {
        who: browser(cast.users[who]).get(page(referral)).status_code
        for who in ("ingrid", "dev", "lena", "amira", "colin", "fred_user")
    }
    assert codes == {
        "ingrid": 200,
        "dev": 404,
        "lena": 404,
        "amira": 403,
        "colin": 403,
        "fred_user": 403,
    }


def test_an_unknown_step_and_an_unknown_referral_are_not_found(cast_today: Cast) -> None:
    cast = cast_today
    referral = applied(cast)
    ingrid = browser(cast.ingrid)
    assert (
        ingrid.post(reverse("provider_step", args=[referral.reference, "fly"])).status_code == 404
    )
    assert ingrid.get(reverse("provider_referral", args=[uuid.uuid4()])).status_code == 404
