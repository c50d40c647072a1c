"""The main job of the ladder, through the pages: one goes all the way, one is taken on."""

import re
import uuid
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from budgets import ledger
from budgets.models import Transfer
from marketplace.bookings import bookings
from marketplace.bookings.models import Booking
from marketplace.people.models import User
from marketplace.referrals.models import Application, Promise, Referral, Rung
from tests.cast import MENTOR_PENCE, PLAN_PENCE, Cast
from tests.marketplace.referrals import climbing

MENTOR_TOTAL = 6 * MENTOR_PENCE


def browser(user: User) -> Client:
    """Return a browser with somebody signed in."""
    client = Client()
    client.force_login(user)
    return client


def key(html: str) -> str:
    """Return the first form key of a page."""
    found = re.search(r'name="form_key" value="([^"]+)"', html)
    assert found
    return found.group(1)


def ask_path(cast: Cast, slug: str, person: Any = None, *, safe: bool = True) -> str:
    """Return the address of the ask page."""
    path = reverse("advocate_ask", args=[cast.family.reference, slug])
    who = person or cast.jamie
    return f"{path}?person={who.reference}" + ("&safe=yes" if safe else "")


def ask(cast: Cast, amira: Client, slug: str = "mentor-kai", **fields: str) -> Referral:
    """Fill in the ask page and send it; return the referral it led to."""
    sent = {
        "form_key": str(uuid.uuid4()),
        "goal": "none",
        "barrier": "none",
        "comes": "as_well",
        "answer_likes": "Bikes.",
        "answer_what_to_change": "Fewer rows.",
        **fields,
    }
    answer = amira.post(ask_path(cast, slug), sent)
    assert answer.status_code == 302, answer.content.decode()[:4000]
    reference = answer["Location"].rstrip("/").split("/")[-1]
    return Referral.objects.get(reference=reference)


def told(cast: Cast) -> dict[str, Any]:
    """Return Fred's yes, as he told Amira today on the phone."""
    fred = cast.fred.reference
    return {"person": fred, "told": "on", "through": "phone", "told_on": cast.day.isoformat()}


def post(client: Client, name: str, referral: Referral, *more: str, **fields: Any) -> Any:
    """Send one of a referral's forms."""
    path = reverse(name, args=[referral.reference, *more])
    return client.post(path, {"form_key": str(uuid.uuid4()), **fields})


def test_the_interrupt_stands_before_every_form(cast_today: Cast) -> None:
    amira = browser(cast_today.amira)
    page = amira.get(ask_path(cast_today, "mentor-kai", safe=False))
    html = page.content.decode()
    assert "Is somebody in danger now?" in html
    assert "999" in html
    assert "safe=yes" in html
    assert 'name="form_key"' not in html
    assert Referral.objects.count() == 0


def test_a_mentor_for_jamie_goes_all_the_way_to_set_aside_in_one_sitting(cast_today: Cast) -> None:
    cast = cast_today
    amira = browser(cast.amira)
    page = amira.get(ask_path(cast, "mentor-kai")).content.decode()
    assert "all the way to money set aside" in page
    assert "What do you like doing?" in page
    referral = ask(cast, amira, goal=str(cast.jamie_goal.reference), need="leisure")
    assert (referral.rung, referral.handed_over_rung) == (Rung.APPLIED, "")
    assert referral.goal == cast.jamie_goal

    assert post(amira, "advocate_step", referral, "decide_eligibility").status_code == 302
    here = reverse("advocate_referral", args=[referral.reference])
    page = amira.get(here).content.decode()
    assert "Has the family said yes?" in page
    assert "£150.00" in page

    said = told(cast)
    assert post(amira, "advocate_yes", referral, **said).status_code == 302
    before = ledger.plan_balance(plan=cast.plan)
    assert (before.left_pence, before.set_aside_pence) == (PLAN_PENCE, 0)
    assert post(amira, "advocate_step", referral, "commission").status_code == 302
    after = ledger.plan_balance(plan=cast.plan)
    assert after.left_pence == PLAN_PENCE - MENTOR_TOTAL
    assert after.set_aside_pence == MENTOR_TOTAL

    now = climbing.again(referral)
    assert (now.rung, now.handed_over_rung) == (Rung.COMMISSIONED, Rung.COMMISSIONED)
    page = amira.get(here).content.decode()
    assert "Commissioned" in page
    assert "Under the agreement with Leicestershire County Council" in page
    family = amira.get(reverse("advocate_family", args=[cast.family.reference])).content.decode()
    assert "£5,850.00" in family
    assert "£150.00" in family

    slot = climbing.offer_times(cast, cast.mentor)
    assert post(amira, "advocate_time", referral, slot=slot.reference).status_code == 302
    assert Booking.objects.awaiting_answer().filter(referral=referral).count() == 1


def test_family_support_stops_at_applied_and_the_countys_intake_takes_it_on(
    cast_today: Cast,
) -> None:
    cast = cast_today
    amira, ingrid = browser(cast.amira), browser(cast.ingrid)
    answer = amira.post(
        ask_path(cast, "family-support-at-home", cast.fred),
        {
            "form_key": str(uuid.uuid4()),
            "comes": "as_well",
            "answer_what_to_change": "Fewer rows in the evening.",
        },
    )
    referral = Referral.objects.get(reference=answer["Location"].rstrip("/").split("/")[-1])
    assert (referral.rung, referral.handed_over_rung) == (Rung.APPLIED, Rung.APPLIED)
    page = amira.get(answer["Location"]).content.decode()
    assert "Here you are stopped" in page
    assert "Leicestershire County Council has not agreed" in page
    assert "Intake worker" in page
    assert "Leicestershire County Council</strong> will decide who can have it" in page
    assert post(amira, "advocate_step", referral, "decide_eligibility").status_code == 422

    page = ingrid.get(reverse("provider_referral", args=[referral.reference])).content.decode()
    assert "Fewer rows in the evening." in page
    assert "Amira Shah" in page
    assert post(ingrid, "provider_step", referral, "decide_eligibility").status_code == 302
    assert post(ingrid, "provider_step", referral, "assess", quantity="4").status_code == 302
    refused = post(ingrid, "provider_step", referral, "commission")
    assert refused.status_code == 422
    assert "say yes" in refused.content.decode()

    said = told(cast)
    assert post(amira, "advocate_yes", referral, **said).status_code == 302
    # Nobody asked yet what it is for, and what could stop it.
    assert post(ingrid, "provider_step", referral, "commission").status_code == 422
    answers = {"goal": "none", "barrier": "none", "comes": "as_well"}
    assert post(ingrid, "provider_weigh", referral, **answers).status_code == 302
    assert post(ingrid, "provider_step", referral, "commission").status_code == 302
    now = climbing.again(referral)
    assert (now.rung, now.handed_over_rung) == (Rung.COMMISSIONED, Rung.APPLIED)
    assert ledger.plan_balance(plan=cast.plan).set_aside_pence == 4 * 4_000
    assert ledger.prove().ok


def test_where_no_agreement_lets_her_she_only_tells_and_the_page_says_why(cast_today: Cast) -> None:
    cast = cast_today
    amira = browser(cast.amira)
    page = amira.get(ask_path(cast, "talking-help")).content.decode()
    assert "You can only tell them about it" in page
    assert "NHS Leicestershire has not agreed" in page
    assert "What would you most like to change?" not in page
    referral = ask(cast, amira, "talking-help")
    assert (referral.rung, referral.handed_over_rung) == (Rung.SIGNPOSTED, Rung.SIGNPOSTED)
    assert referral.is_confidential


def test_sending_twice_asks_once(cast_today: Cast) -> None:
    cast = cast_today
    amira = browser(cast.amira)
    sent = {"form_key": str(uuid.uuid4()), "comes": "as_well", "answer_likes": "Bikes."}
    first = amira.post(ask_path(cast, "mentor-kai"), sent)
    second = amira.post(ask_path(cast, "mentor-kai"), sent)
    assert first["Location"] == second["Location"]
    another_window = amira.post(
        ask_path(cast, "mentor-kai"), {**sent, "form_key": str(uuid.uuid4())}
    )
    assert another_window["Location"] == first["Location"]
    assert Referral.objects.count() == Application.objects.count() == 1


def test_going_back_to_the_form_leads_to_what_was_asked(cast_today: Cast) -> None:
    amira = browser(cast_today.amira)
    referral = ask(cast_today, amira)
    again = amira.get(ask_path(cast_today, "mentor-kai"))
    assert again["Location"] == reverse("advocate_referral", args=[referral.reference])


def test_what_was_typed_stays_where_something_is_wrong(cast_today: Cast) -> None:
    amira = browser(cast_today.amira)
    form_key = str(uuid.uuid4())
    answer = amira.post(
        ask_path(cast_today, "mentor-kai"),
        {"form_key": form_key, "comes": "instead", "instead_of": "", "answer_likes": "Only bikes."},
    )
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "Only bikes." in html
    assert "Say what it comes instead of." in html
    assert key(html) == form_key
    assert Referral.objects.count() == 0


def test_somebody_too_young_is_refused_with_the_rule_and_nothing_is_kept(cast_today: Cast) -> None:
    cast = cast_today
    amira = browser(cast.amira)
    answer = amira.post(
        ask_path(cast, "mentor-kai", cast.josh),
        {"form_key": str(uuid.uuid4()), "comes": "as_well", "answer_likes": "Dinosaurs."},
    )
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "For people aged 10 to 18." in html
    assert "Dinosaurs." in html
    assert Referral.objects.count() == 0


def test_the_form_comes_filled_in_with_what_was_told_before(cast_today: Cast) -> None:
    cast = cast_today
    amira = browser(cast.amira)
    ask(cast, amira, answer_likes="Drums and bikes.")
    page = amira.get(ask_path(cast, "family-support-at-home")).content.decode()
    assert "Drums and bikes." in page


@pytest.mark.parametrize("step", ["commission", "decide_eligibility"])
def test_a_double_click_takes_a_step_once(cast_today: Cast, step: str) -> None:
    cast = cast_today
    amira = browser(cast.amira)
    to = {"commission": Rung.HARD_REFERRED, "decide_eligibility": Rung.APPLIED}[step]
    referral = climbing.climb(cast, to=to)
    if step == "commission":
        climbing.say_yes(cast, referral)
    path = reverse("advocate_step", args=[referral.reference, step])
    sent = {"form_key": str(uuid.uuid4())}
    assert [amira.post(path, sent).status_code for _click in range(2)] == [302, 302]
    assert referral.steps.filter(step=step).count() == 1
    if step == "commission":
        assert Transfer.objects.holds().count() == 6


def test_over_her_limit_she_asks_for_approval_and_hands_over(cast_today: Cast) -> None:
    cast = cast_today
    cast.agreement.rules.filter(step="commission").update(limit_commission_pence=10_000)
    amira = browser(cast.amira)
    referral = climbing.climb(cast, to=Rung.HARD_REFERRED)
    here = reverse("advocate_referral", args=[referral.reference])
    assert post(amira, "advocate_approval", referral).status_code == 422  # no yes yet
    post(amira, "advocate_yes", referral, **told(cast))
    page = amira.get(here).content.decode()
    assert "This costs £150.00. You can agree up to £100.00 at once." in page
    assert post(amira, "advocate_approval", referral).status_code == 302
    assert climbing.again(referral).handed_over_rung == Rung.HARD_REFERRED
    assert Promise.objects.open().filter(referral=referral, kind="approve").exists()
    assert "say yes or no to the cost" in amira.get(here).content.decode()


def test_a_yes_needs_somebody_who_may_say_it(cast_today: Cast) -> None:
    cast = cast_today
    amira = browser(cast.amira)
    referral = climbing.climb(cast, to=Rung.HARD_REFERRED)
    annes = told(cast) | {"person": cast.anne.reference}
    assert post(amira, "advocate_yes", referral, **annes).status_code == 422
    answer = post(amira, "advocate_yes", referral, person=cast.fred.reference)
    assert answer.status_code == 422
    assert climbing.again(referral).yes_at is None


def test_hand_over_stop_and_finish(cast_today: Cast) -> None:
    cast = cast_today
    amira = browser(cast.amira)
    referral = climbing.climb(cast, to=Rung.BOOKED)
    said = {"told_by": cast.jamie.reference, "reason": "met", "why": "enough", "next": "nothing"}
    assert post(amira, "advocate_complete", referral, **said).status_code == 422
    done = post(amira, "advocate_complete", referral, words="He goes alone.", **said)
    assert done.status_code == 302
    assert climbing.again(referral).rung == Rung.COMPLETED
    assert ledger.plan_balance(plan=cast.plan).set_aside_pence == 0

    other = ask(cast, amira)
    assert post(amira, "advocate_hand_over", other).status_code == 302
    assert climbing.again(other).handed_over_rung == Rung.APPLIED
    assert post(amira, "advocate_withdraw", other, words="Too far.").status_code == 302
    assert climbing.again(other).rung == Rung.WITHDRAWN
    page = amira.get(reverse("advocate_referral", args=[other.reference])).content.decode()
    assert "Too far." in page
    assert "Ask for it anew" in page


def test_a_service_open_to_everyone_is_booked_from_its_page(cast_today: Cast) -> None:
    cast = cast_today
    amira = browser(cast.amira)
    slot = climbing.offer_times(cast, cast.youth_club)
    referral = ask(cast, amira, "friday-youth-club")
    page = amira.get(reverse("advocate_referral", args=[referral.reference])).content.decode()
    assert "Choose a time below." in page
    assert post(amira, "advocate_time", referral, slot=slot.reference).status_code == 302
    now = climbing.again(referral)
    assert (now.rung, now.handed_over_rung) == (Rung.BOOKED, Rung.BOOKED)


def test_a_time_that_does_not_suit_is_turned_down_and_another_asked_for(cast_today: Cast) -> None:
    cast = cast_today
    amira = browser(cast.amira)
    referral = climbing.climb(cast, to=Rung.COMMISSIONED)
    first = climbing.offer_times(cast, cast.mentor)
    post(amira, "advocate_time", referral, slot=first.reference)
    booking = Booking.objects.get()
    other = first.service.slots.order_by("starts_at")[1]
    bookings.offer(booking=booking, first=other, by=cast.by(cast.dev), at=timezone.now())
    here = reverse("advocate_referral", args=[referral.reference])
    assert "They offer these times instead." in amira.get(here).content.decode()
    path = reverse("advocate_cancel_booking", args=[booking.reference])
    assert amira.post(path, {"form_key": str(uuid.uuid4())}).status_code == 302
    assert not Booking.objects.live().exists()
    assert ledger.plan_balance(plan=cast.plan).set_aside_pence == MENTOR_TOTAL
    assert post(amira, "advocate_time", referral, slot=other.reference).status_code == 302
    second = Booking.objects.live().get()
    bookings.offer(booking=second, first=first, by=cast.by(cast.dev), at=timezone.now())
    path = reverse("advocate_take_offer", args=[second.reference])
    assert amira.post(path, {"form_key": str(uuid.uuid4())}).status_code == 302
    assert climbing.again(referral).rung == Rung.BOOKED
