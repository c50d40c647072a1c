"""One sitting of a family: ask, say yes, choose a time; and where somebody else has to go on."""

import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from budgets import ledger
from budgets.models import Transfer
from cms.models import Criterion, CriterionOperator, Step, Term
from marketplace.bookings import bookings, sessions
from marketplace.bookings.models import Booking, SessionState, Slot
from marketplace.notices.models import Notice
from marketplace.people.models import Membership, User
from marketplace.referrals.models import Application, Approval, EndReason, Referral, Rung
from pricing import quotes
from pricing.models import Price
from tests.cast import MENTOR_PENCE, PLAN_PENCE, Cast
from tests.marketplace.referrals import climbing

TOTAL = 6 * MENTOR_PENCE


def browser(user: User) -> Client:
    """Return a browser with somebody signed in."""
    client = Client()
    client.force_login(user)
    return client


def ask_path(cast: Cast, slug: str = "", *, person: Any = None, safe: bool = True) -> str:
    """Return where somebody is asked for; Jamie and the mentor unless told."""
    path = reverse("family_ask", kwargs={"slug": slug or cast.mentor.slug})
    return f"{path}?for={(person or cast.jamie).reference}" + ("&safe=yes" if safe else "")


def ask(cast: Cast, client: Client, slug: str = "", **sent: str) -> Any:
    """Send the form for Jamie and the mentor."""
    person = str(sent.pop("person", cast.jamie.reference))
    fields = {"form_key": str(uuid.uuid4()), "person": person, "answer-likes": "Bikes", **sent}
    return client.post(ask_path(cast, slug), fields)


def send(client: Client, name: str, referral: Referral, **sent: str) -> Any:
    """Send one of a request's forms."""
    fields = {"form_key": str(uuid.uuid4()), **sent}
    return client.post(reverse(name, kwargs={"reference": referral.reference}), fields)


def html(client: Client, name: str, referral: Referral) -> str:
    """Read one of a request's pages."""
    answer = client.get(reverse(name, kwargs={"reference": referral.reference}))
    assert answer.status_code == 200
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def the_referral() -> Referral:
    """Return the only referral there is."""
    return Referral.objects.get()


def test_the_question_of_danger_comes_before_the_form(cast_today: Cast) -> None:
    client = browser(cast_today.fred_user)
    page = client.get(ask_path(cast_today, safe=False)).content.decode()
    assert "Is somebody in danger now?" in page
    assert "tel:999" in page
    assert "tel:08001111" in page
    assert "safe=yes" in page
    assert str(cast_today.jamie.reference) in page
    assert "form_key" not in page


def test_fred_takes_a_mentor_for_jamie_all_the_way_in_one_sitting(cast_today: Cast) -> None:
    cast, client = cast_today, browser(cast_today.fred_user)
    first = climbing.offer_times(cast, cast.mentor)
    page = client.get(ask_path(cast)).content.decode()
    assert "6 sessions: £150.00" in page
    assert "You would have £5,850.00 left." in page

    answer = ask(cast, client, goal=str(cast.jamie_goal.reference))
    referral = the_referral()
    assert answer["Location"] == reverse("family_yes", kwargs={"reference": referral.reference})
    assert referral.rung == Rung.HARD_REFERRED
    assert referral.goal == cast.jamie_goal
    assert referral.plan == cast.plan
    assert Application.objects.get().answers == {"likes": "Bikes"}
    page = html(client, "family_yes", referral)
    assert "£150.00 6 sessions at £25.00 each" in page
    assert "The price is our best guess." in page

    answer = send(client, "family_yes", referral)
    assert answer["Location"] == reverse("family_times", kwargs={"reference": referral.reference})
    assert the_referral().rung == Rung.COMMISSIONED
    money = ledger.plan_balance(plan=cast.plan)
    assert (money.left_pence, money.set_aside_pence) == (PLAN_PENCE - TOTAL, TOTAL)

    assert "6 times" in html(client, "family_times", referral)
    answer = send(client, "family_times", referral, slot=str(first.reference))
    assert answer["Location"] == reverse(
        "family_referral", kwargs={"reference": referral.reference}
    )
    booking = Booking.objects.get()
    assert booking.is_waiting
    assert booking.sessions.count() == 6
    assert the_referral().handed_over_rung == Rung.COMMISSIONED
    page = html(client, "family_referral", referral)
    assert "The time you asked for" in page
    assert "Walk With Me Mentors will answer about the time you asked for." in page


def test_a_form_sent_twice_acts_once(cast_today: Cast) -> None:
    cast, client = cast_today, browser(cast_today.fred_user)
    first = climbing.offer_times(cast, cast.mentor)
    keys = [str(uuid.uuid4()) for _each in range(5)]
    answers = [ask(cast, client, form_key=keys[0])["Location"] for _twice in range(2)]
    assert answers[0] == answers[1]
    referral = the_referral()
    for key, name, sent in (
        (keys[1], "family_yes", {}),
        (keys[2], "family_times", {"slot": str(first.reference)}),
        (keys[3], "family_stop", {"words": ""}),
    ):
        locations = {
            send(client, name, referral, form_key=key, **sent)["Location"] for _twice in range(2)
        }
        assert len(locations) == 1
        if name == "family_yes":
            assert Transfer.objects.holds().count() == 6
    assert Booking.objects.count() == 1
    assert Referral.objects.count() == 1
    assert ledger.plan_balance(plan=cast.plan).left_pence == PLAN_PENCE


def test_what_is_missing_is_said_and_what_was_typed_is_kept(cast_today: Cast) -> None:
    cast, client = cast_today, browser(cast_today.fred_user)
    answer = ask(cast, client, **{"answer-likes": "", "instead_of": "The old club"})
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "<title>Error:" in page
    assert "Please answer this." in page
    assert "The old club" in page
    assert Referral.objects.count() == 0


def test_what_was_told_before_is_filled_in(cast_today: Cast) -> None:
    cast, client = cast_today, browser(cast_today.fred_user)
    send(client, "family_stop", climbing.climb(cast, to=Rung.APPLIED))
    page = client.get(ask_path(cast)).content.decode()
    assert "We filled in what you told us before." in page
    assert "Bikes, and cooking noodles." in page


def test_where_the_rules_stop_him_it_is_passed_on_with_a_promise(cast_today: Cast) -> None:
    cast, client = cast_today, browser(cast_today.fred_user)
    rule = cast.families_agreement.rules.get(step=Step.DECIDE_ELIGIBILITY)
    rule.valid_to = cast.day
    rule.save()
    answer = ask(cast, client)
    referral = the_referral()
    assert answer["Location"] == reverse(
        "family_referral", kwargs={"reference": referral.reference}
    )
    assert (referral.rung, referral.handed_over_rung) == (Rung.APPLIED, Rung.APPLIED)
    page = html(client, "family_referral", referral)
    assert "Leicestershire County Council will say if you can have it." in page
    assert "By " in page
    assert Notice.objects.filter(user=cast.ingrid).exists()


def test_where_he_may_not_ask_his_advocate_does(cast_today: Cast) -> None:
    cast, client = cast_today, browser(cast_today.fred_user)
    path = ask_path(cast, cast.family_support.slug)
    page = client.get(path).content.decode()
    assert "Somebody has to ask for you" in page
    assert "The people who run this want a worker to ask with you." in page
    assert "Leicestershire County Council" in page
    assert "Ask my advocate" in page
    sent = {"form_key": str(uuid.uuid4()), "person": str(cast.jamie.reference)}
    for _twice in range(2):
        answer = client.post(path, sent)
    referral = the_referral()
    assert answer["Location"] == reverse(
        "family_referral", kwargs={"reference": referral.reference}
    )
    assert (referral.rung, referral.handed_over_rung) == (Rung.SIGNPOSTED, Rung.SIGNPOSTED)
    assert "Beacon Advocacy will ring you." in html(client, "family_referral", referral)
    assert Notice.objects.filter(user=cast.amira, subject=referral.reference).exists()
    assert "This has been asked for already." in client.get(path).content.decode()


def test_nothing_is_handed_to_an_advocate_who_has_left(cast_today: Cast) -> None:
    cast, client = cast_today, browser(cast_today.fred_user)
    Membership.objects.filter(user=cast.amira).update(ends_on=cast.day)
    path = ask_path(cast, cast.family_support.slug)
    assert "Ask my advocate" not in client.get(path).content.decode()
    client.post(path, {"form_key": str(uuid.uuid4()), "person": str(cast.jamie.reference)})
    assert not Referral.objects.exists()
    assert not Notice.objects.exists()


def test_who_has_no_advocate_reads_whom_to_ring(cast_today: Cast) -> None:
    cast = cast_today
    client = browser(cast.stacey_user)
    path = ask_path(cast, cast.family_support.slug, person=cast.stacey)
    page = client.get(path).content.decode()
    assert "Ask my advocate" not in page
    assert "0116 496 0000" in page
    answer = client.post(path, {"form_key": str(uuid.uuid4())})
    assert answer.status_code == 200
    assert Referral.objects.count() == 0


def test_what_is_for_other_people_says_so(cast_today: Cast) -> None:
    cast, client = cast_today, browser(cast_today.fred_user)
    page = client.get(ask_path(cast, person=cast.josh)).content.decode()
    assert "This one is for other people" in page
    assert "For people aged 10 to 18." in page
    ask(cast, client, person=str(cast.josh.reference))
    assert Referral.objects.count() == 0


def test_a_fact_that_nobody_told_is_asked_for(cast_today: Cast) -> None:
    cast, client = cast_today, browser(cast_today.fred_user)
    Criterion.objects.create(
        service=cast.mentor,
        fact="attends_school",
        operator=CriterionOperator.IS,
        value=True,
        sentence="For somebody with a place at a school.",
    )
    assert "For somebody with a place at a school" in client.get(ask_path(cast)).content.decode()
    refused = ask(cast, client, **{"fact-attends_school": "no"}).content.decode()
    assert "This one is for other people. For somebody with a place at a school." in refused
    assert Referral.objects.count() == 0
    ask(cast, client, **{"fact-attends_school": "yes"})
    assert the_referral().rung == Rung.HARD_REFERRED


def test_nobody_asks_for_somebody_who_decides_alone(cast_today: Cast) -> None:
    cast, client = cast_today, browser(cast_today.fred_user)
    ask(cast, client, person=str(cast.stacey.reference))
    assert not Referral.objects.filter(person=cast.stacey).exists()
    ask(cast, client, person=str(cast.olive.reference))
    assert not Referral.objects.filter(person=cast.olive).exists()


def test_above_his_limit_his_yes_waits_for_somebody_elses(cast_today: Cast) -> None:
    cast, client = cast_today, browser(cast_today.fred_user)
    Price.objects.filter(service=cast.mentor).update(amount_pence=5_000)
    ask(cast, client)
    referral = the_referral()
    send(client, "family_yes", referral)
    assert the_referral().has_yes
    assert the_referral().rung == Rung.HARD_REFERRED
    assert Approval.objects.waiting().get().amount_pence == 30_000
    assert ledger.plan_balance(plan=cast.plan).set_aside_pence == 0
    page = html(client, "family_referral", referral)
    assert "Leicestershire County Council will say yes or no to the cost." in page


def test_without_enough_money_no_yes_is_kept(cast_today: Cast) -> None:
    cast, client = cast_today, browser(cast_today.fred_user)
    ask(cast, client)
    referral = the_referral()
    Price.objects.filter(service=cast.mentor).update(amount_pence=PLAN_PENCE)
    referral.quote = quotes.quote(service=cast.mentor, quantity=6, at=cast.at)
    referral.save(update_fields=["quote"])
    assert "This is more than you have left." in html(client, "family_yes", referral)
    page = client.post(
        reverse("family_yes", kwargs={"reference": referral.reference}), follow=True
    ).content.decode()
    assert "Not enough of what is left can be used for this." in page
    assert not the_referral().has_yes


def test_a_child_is_told_who_can_ask(cast_today: Cast) -> None:
    cast, jamie = cast_today, browser(cast_today.jamie_user)
    page = jamie.get(ask_path(cast)).content.decode()
    assert "A grown-up at home can ask for you. Or your advocate can." in page
    ask(cast, jamie)
    assert the_referral().rung == Rung.SIGNPOSTED


def test_for_a_child_whoever_decides_says_yes(cast_today: Cast) -> None:
    cast = cast_today
    jamie = browser(cast.jamie_user)
    referral = climbing.climb(cast, to=Rung.HARD_REFERRED)
    assert "nothing to do here now" in html(jamie, "family_yes", referral)
    page = jamie.post(
        reverse("family_yes", kwargs={"reference": referral.reference}), follow=True
    ).content.decode()
    assert "Only the person, or who decides for them, can say yes" in page
    send(browser(cast.fred_user), "family_yes", referral)
    assert the_referral().rung == Rung.COMMISSIONED


def test_what_could_get_in_the_way_is_met_beside(cast_today: Cast) -> None:
    cast, client = cast_today, browser(cast_today.fred_user)
    cast.youth_club.terms.add(Term.objects.get(pk=cast.barrier.pk))
    cast.youth_club.save()
    ask(cast, client, barrier=cast.barrier.slug)
    page = html(client, "family_yes", the_referral())
    assert "You said: Afraid of the bus" in page
    assert "Friday night youth club" in page


def test_the_youth_club_is_booked_at_once(cast_today: Cast) -> None:
    cast, client = cast_today, browser(cast_today.fred_user)
    first = climbing.offer_times(cast, cast.youth_club)
    ask(cast, client, cast.youth_club.slug)
    referral = the_referral()
    send(client, "family_times", referral, slot=str(first.reference))
    assert the_referral().rung == Rung.BOOKED
    assert the_referral().handed_over_rung == Rung.BOOKED
    assert ledger.plan_balance(plan=cast.plan).left_pence == PLAN_PENCE


def test_a_time_that_was_just_taken_is_refused_and_nothing_is_half_done(cast_today: Cast) -> None:
    cast, client = cast_today, browser(cast_today.fred_user)
    first = climbing.offer_times(cast, cast.mentor)
    referral = climbing.climb(cast, to=Rung.COMMISSIONED)
    Slot.objects.filter(pk=first.pk).update(taken=1)
    answer = send(client, "family_times", referral, slot=str(first.reference))
    assert "Choose another one." in answer.content.decode()
    assert Booking.objects.count() == 0
    answer = send(client, "family_times", referral, slot="")
    assert "Please answer this." in answer.content.decode()


@pytest.mark.parametrize("name", ["family_offer", "family_no_offer"])
def test_another_time_is_taken_or_left(cast_today: Cast, name: str) -> None:
    cast, client = cast_today, browser(cast_today.fred_user)
    first = climbing.offer_times(cast, cast.mentor)
    referral = climbing.climb(cast, to=Rung.COMMISSIONED)
    booking = bookings.ask(referral=referral, first=first, by=cast.by(cast.fred_user), at=cast.at)
    later = Slot.objects.free(cast.at).order_by("starts_at")[7]
    bookings.offer(booking=booking, first=later, by=cast.by(cast.dev), at=cast.at)
    assert "They can do this time." in html(client, "family_referral", referral)
    key = str(uuid.uuid4())
    for _twice in range(2):
        assert send(client, name, referral, form_key=key).status_code == 302
    assert the_referral().is_booked == (name == "family_offer")
    assert Booking.objects.get().is_accepted == (name == "family_offer")


def test_what_is_stopped_returns_its_money(cast_today: Cast) -> None:
    cast, client = cast_today, browser(cast_today.fred_user)
    referral = climbing.climb(cast, to=Rung.BOOKED)
    assert "Nobody will hold it against you." in html(client, "family_stop", referral)
    send(client, "family_stop", referral, words="He did not like it.")
    assert the_referral().rung == Rung.WITHDRAWN
    assert ledger.plan_balance(plan=cast.plan).left_pence == PLAN_PENCE
    ended = client.get(f"{reverse('family_next')}?ended=1").content.decode()
    assert "you changed your mind" in ended


def test_only_who_speaks_for_somebody_stops_it(cast_today: Cast) -> None:
    cast = cast_today
    referral = climbing.climb(cast, to=Rung.BOOKED)
    for user in (cast.anne_user, cast.stacey_user):
        client = browser(user)
        assert "Stop this" not in html(client, "family_referral", referral)
        assert send(client, "family_stop", referral).status_code == 404
    assert the_referral().is_booked


def test_the_family_says_how_it_went(cast_today: Cast) -> None:
    cast, client = cast_today, browser(cast_today.fred_user)
    referral = climbing.climb(cast, to=Rung.BOOKED)
    for session in Booking.objects.get().sessions.all():
        session.starts_at = cast.at - timedelta(hours=2)
        session.ends_at = cast.at - timedelta(hours=1)
        session.save()
        sessions.record(
            session=session, state=SessionState.DELIVERED, by=cast.by(cast.dev), at=cast.at
        )
    assert "How did it go?" in client.get(reverse("family_home")).content.decode()
    assert "Please answer this." in send(client, "family_how", referral).content.decode()
    said = {"reason": "met", "words": "He laughs more.", "why": "as_planned", "next": "nothing"}
    send(client, "family_how", referral, **said)
    ended = the_referral()
    assert (ended.rung, ended.end_reason) == (Rung.COMPLETED, EndReason.GOAL_MET)
    page = html(client, "family_referral", referral)
    assert "He laughs more." in page
    assert "it helped a lot" in page


def test_what_happened_is_told_without_names_of_workers(cast_today: Cast) -> None:
    cast, client = cast_today, browser(cast_today.fred_user)
    page = html(client, "family_referral", climbing.climb(cast, to=Rung.BOOKED))
    story = page.split("What has happened so far")[1]
    assert "Money set aside" in story
    assert "Said yes to the time" in story
    assert "Walk With Me Mentors" in story
    for name in ("Amira", "Dev", "Patel"):
        assert name not in story
