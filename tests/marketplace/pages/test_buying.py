"""Before buying, second thoughts and levels of approval: what the pages ask, show and do."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from budgets.models import Goal
from cms.models import Service
from marketplace.pages.advocate import ask
from marketplace.people.models import User
from marketplace.referrals import approvals
from marketplace.referrals.models import Approval, Referral, Rung, YesThrough
from tests.cast import Cast
from tests.marketplace.referrals import climbing

pytestmark = pytest.mark.once


def browser(user: User) -> Client:
    """Return a browser with somebody signed in."""
    client = Client()
    client.force_login(user)
    return client


def shown(user: User, name: str, referral: Any) -> str:
    """Return a page about something, as somebody sees it."""
    answer = browser(user).get(reverse(name, args=[referral.reference]))
    assert answer.status_code == 200
    return answer.content.decode()


def unweighed(cast: Cast) -> Referral:
    """Return a referral ready for money, but that nobody asked what it is for."""
    referral = climbing.refer(cast, is_weighed=False)
    return climbing.climb(cast, to=Rung.HARD_REFERRED, referral=referral)


def helps(cast: Cast) -> Service:
    """Return a service that meets what could stop the mentor."""
    cast.youth_club.terms.add(cast.barrier)
    cast.youth_club.save()
    return cast.youth_club


def test_before_buying_the_step_page_asks_and_keeps_what_was_typed(cast_today: Cast) -> None:
    cast = cast_today
    referral = unweighed(cast)
    html = shown(cast.amira, "advocate_referral", referral)
    assert "Before money is set aside" in html
    assert "What could stop this working?" in html
    path = reverse("advocate_weigh", args=[referral.reference])
    typed = {"comes": "instead", "instead_of": "Gran on Fridays", "barrier": cast.barrier.slug}
    answer = browser(cast.amira).post(path, typed)
    assert answer.status_code == 422
    html = answer.content.decode()
    assert "Please answer this." in html
    assert "Say what would help with that" in html
    assert "Gran on Fridays" in html
    goal = {"goal": str(cast.jamie_goal.reference), "met_by": "Fred walks him there."}
    answer = browser(cast.amira).post(path, typed | goal)
    assert answer.status_code == 302
    kept = climbing.again(referral)
    assert (kept.goal, kept.barrier, kept.met_by) == (
        cast.jamie_goal,
        cast.barrier,
        "Fred walks him there.",
    )
    assert kept.instead_of == "Gran on Fridays"
    assert "Before money is set aside" not in shown(cast.amira, "advocate_referral", referral)


def test_what_meets_it_is_offered_beside_and_added_with_one_tap(cast_today: Cast) -> None:
    cast = cast_today
    club = helps(cast)
    referral = climbing.refer(cast, barrier=cast.barrier, goal=cast.jamie_goal)
    path = reverse("advocate_beside", args=[referral.reference, club.slug])
    assert path in shown(cast.amira, "advocate_referral", referral)
    answer = browser(cast.amira).post(path)
    added = Referral.objects.get(service=club)
    assert answer.headers["Location"] == reverse("advocate_referral", args=[added.reference])
    assert (added.beside, added.goal, added.person) == (referral, cast.jamie_goal, cast.jamie)
    html = shown(cast.amira, "advocate_referral", referral)
    assert path not in html
    assert club.name in html
    assert referral.service.name in shown(cast.amira, "advocate_referral", added)


def test_her_yes_page_asks_a_family_what_nobody_asked(cast_today: Cast) -> None:
    cast = cast_today
    referral = unweighed(cast)
    path = reverse("family_yes", args=[referral.reference])
    assert "Could anything get in the way?" in browser(cast.fred_user).get(path).content.decode()
    answer = browser(cast.fred_user).post(path, {"barrier": cast.barrier.slug})
    assert answer.status_code == 422
    assert not climbing.again(referral).has_yes
    said = {"barrier": cast.barrier.slug, "met_by": "Anne drives him."}
    assert browser(cast.fred_user).post(path, said).status_code == 302
    kept = climbing.again(referral)
    assert kept.rung == Rung.COMMISSIONED
    assert (kept.barrier, kept.met_by) == (cast.barrier, "Anne drives him.")


def test_a_yes_that_was_told_says_how_and_on_which_day(cast_today: Cast) -> None:
    cast = cast_today
    referral = climbing.climb(cast, to=Rung.HARD_REFERRED)
    path = reverse("advocate_yes", args=[referral.reference])
    said = {"person": str(cast.fred.reference), "told": "on"}
    assert browser(cast.amira).post(path, said).status_code == 422
    told = {"through": "phone", "told_on": cast.day.isoformat()}
    assert browser(cast.amira).post(path, said | told).status_code == 302
    kept = climbing.again(referral)
    assert (kept.yes_through, kept.yes_told_on) == (YesThrough.PHONE, cast.day)
    assert "on the phone" in shown(cast.amira, "advocate_referral", referral)


def test_a_family_takes_its_yes_back_until_a_time_is_agreed(cast_today: Cast) -> None:
    cast = cast_today
    referral = climbing.climb(cast, to=Rung.COMMISSIONED)
    path = reverse("family_take_back", args=[referral.reference])
    assert path in shown(cast.fred_user, "family_referral", referral)
    assert "goes back to what you have left" in browser(cast.fred_user).get(path).content.decode()
    assert browser(cast.fred_user).post(path).status_code == 302
    assert climbing.again(referral).rung == Rung.HARD_REFERRED
    assert climbing.money(cast)[1] == 0


def test_once_a_time_is_agreed_the_yes_stands_and_it_is_stopped_instead(cast_today: Cast) -> None:
    cast = cast_today
    referral = climbing.climb(cast, to=Rung.BOOKED)
    path = reverse("family_take_back", args=[referral.reference])
    assert path not in shown(cast.fred_user, "family_referral", referral)
    browser(cast.fred_user).post(path)
    assert climbing.again(referral).rung == Rung.BOOKED


def test_her_step_page_shows_what_is_used_and_left_of_her_limits(cast_today: Cast) -> None:
    cast = cast_today
    html = shown(cast.amira, "advocate_referral", climbing.ready(cast))
    for amount in ("£500.00", "£350.00", "£1,000.00", "£850.00", "£2,000.00", "£1,850.00"):
        assert amount in html


def test_what_she_may_not_know_of_is_not_in_the_familys_total(cast_today: Cast) -> None:
    cast = cast_today
    secret = climbing.ready(cast)
    climbing.set_aside(cast, secret)
    before = shown(cast.amira, "advocate_referral", unbought(cast))
    assert "£150.00" in before
    hers = {"person": cast.stacey, "is_confidential": True, "referrer": cast.stacey_user}
    Referral.objects.filter(pk=secret.pk).update(**hers)
    after = shown(cast.amira, "advocate_referral", Referral.objects.latest("pk"))
    family = after[after.index("For this family, this year") :]
    assert "£0.00" in family[: family.index("</tr>")]


def unbought(cast: Cast) -> Referral:
    """Return a second referral ready for money: for Stacey, who decides herself."""
    referral = climbing.refer(cast, service=cast.mentor, person=cast.josh)
    Referral.objects.filter(pk=referral.pk).update(rung=Rung.HARD_REFERRED)
    for step in ("check_eligibility", "take_application", "decide_eligibility"):
        referral.steps.create(step=step, outcome="done", actor_kind="person", at=cast.at)
    return climbing.say_yes(cast, climbing.again(referral))


def test_she_reads_who_approves_and_up_to_what(cast_today: Cast) -> None:
    cast = cast_today
    referral = climbing.limited(cast, limit_commission_pence=100)
    html = shown(cast.amira, "advocate_referral", referral)
    assert "Commissioner, who may agree up to £1,000.00" in html
    browser(cast.amira).post(reverse("advocate_approval", args=[referral.reference]))
    html = shown(cast.amira, "advocate_referral", referral)
    assert "It waits for somebody else’s yes." in html
    assert "Ask for approval" not in html


def test_the_approval_page_shows_limits_level_and_who_is_above(cast_today: Cast) -> None:
    cast = cast_today
    cast.scheme.rules.update(limit_year_pence=100_000)
    referral = climbing.limited(cast, limit_commission_pence=100)
    approval = approvals.ask(referral=referral, by=cast.by(cast.amira), at=cast.at)
    html = shown(cast.colin, "commissioner_approval", approval)
    for words in ("Commissioner, up to £1,000.00", "£850.00", "(up to £10,000.00)"):
        assert words in html


def test_an_administrator_reads_which_level_sleeps_and_never_for_whom(cast_today: Cast) -> None:
    cast = cast_today
    referral = climbing.limited(cast, limit_commission_pence=100)
    approvals.ask(referral=referral, by=cast.by(cast.amira), at=cast.at)
    for days in (9, 18):
        approvals.sweep(at=cast.later(days=days))
    html = shown(cast.adam, "admin_approval", Approval.objects.get())
    assert "£150.00" in html
    assert "Jamie" not in html
    assert "Fred" not in html
    message = f"/go/approval/{Approval.objects.get().reference}/"
    assert browser(cast.adam).get(message).status_code == 302


def test_a_legal_right_costs_nothing_and_the_page_says_whose_it_is(cast_today: Cast) -> None:
    cast = cast_today
    Service.objects.filter(pk=cast.mentor.pk).update(is_statutory=True)
    referral = climbing.refer(cast, is_weighed=False)
    referral = climbing.say_yes(
        cast, climbing.climb(cast, to=Rung.HARD_REFERRED, referral=referral)
    )
    html = shown(cast.amira, "advocate_referral", referral)
    assert f"goes to {cast.county.name}" in html


def weighed_by_intake(cast: Cast) -> Referral:
    """Return what serves a goal of Jamie's, after intake answered what is asked before buying."""
    referral = unweighed(cast)
    Referral.objects.filter(pk=referral.pk).update(goal=cast.jamie_goal)
    path = reverse("provider_weigh", args=[referral.reference])
    answers = {"goal": "none", "barrier": "none", "comes": "as_well"}
    assert browser(cast.ingrid).post(path, answers).status_code == 302
    return climbing.again(referral)


def test_a_goal_that_intake_may_not_know_of_stays(cast_today: Cast) -> None:
    kept = weighed_by_intake(cast_today)
    assert (kept.is_weighed, kept.goal) == (True, cast_today.jamie_goal)


def test_that_test_goes_red_where_she_answers_for_what_she_does_not_know(
    cast_today: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ask, "goals_for", lambda *_about: Goal.objects.all())
    assert weighed_by_intake(cast_today).goal is None
