"""The ways in, page by page: short form, pro-forma, inbox, counts; and timelines, and ends."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from budgets.models import Event
from cms.models import Term, TermTaxonomy
from marketplace.people.models import Appointment
from marketplace.referrals import endings
from marketplace.referrals.models import (
    Ending,
    EndReason,
    Enquiry,
    EnquiryEnd,
    Referral,
    Route,
    Rung,
)
from marketplace.sharing.models import Look
from tests import factories
from tests.cast import Cast
from tests.marketplace.pages.test_matrix import browser
from tests.marketplace.referrals import climbing
from tests.marketplace.referrals.test_loops import sent_round

pytestmark = pytest.mark.once

SAID = {
    "first_name": "Rosa",
    "last_name": "Bell",
    "phone": "0116 496 0999",
    "postcode": "LE10 1NR",
    "words": "We may lose the flat.",
    "yes": "on",
}


def issue() -> Term:
    """Add one key issue to the taxonomy."""
    return Term.objects.create(
        taxonomy=TermTaxonomy.ISSUE, slug="rent-arrears", name="Rent", plain_name="Losing our home"
    )


def send(client: Client, **fields: Any) -> Any:
    """Send the short form."""
    return client.post(reverse("ask_for_help"), {**SAID, **fields})


def html(client: Client, name: str, **kwargs: Any) -> str:
    """Return a page."""
    return client.get(reverse(name, kwargs=kwargs)).content.decode()


def act(client: Client, enquiry: Enquiry, name: str, **fields: Any) -> Any:
    """Do something about an enquiry."""
    return client.post(reverse("provider_enquiry_act", args=[enquiry.reference, name]), fields)


def test_danger_is_asked_about_before_anything_else(cast_today: Cast) -> None:
    page = html(Client(), "ask_for_help")
    assert "Is somebody in danger now?" in page
    assert "What is your first name?" not in page
    sam = browser(cast_today.sam)
    assert "Is somebody in danger now?" in html(sam, "advocate_enquiry_new")


def test_somebody_asks_without_a_sign_in_and_reads_what_happens_next(cast_today: Cast) -> None:
    issue()
    answer = send(Client(), worries=["rent-arrears"], is_confidential="on")
    enquiry = Enquiry.objects.get()
    assert (enquiry.route, enquiry.worries) == (Route.SELF, {"rent-arrears": 1})
    assert enquiry.is_confidential
    page = Client().get(answer["Location"]).content.decode()
    assert "will get in touch with you" in page
    assert cast_today.county.name in page
    for secret in ("Rosa", "Bell", "0999", "flat"):
        assert secret not in page


@pytest.mark.parametrize(
    ("gone", "words"),
    [
        ({"yes": ""}, "Please answer this."),
        ({"phone": ""}, "Give a phone number or an e-mail address"),
        ({"words": ""}, "Say what is hard"),
    ],
)
def test_what_was_typed_is_kept_where_something_is_missing(
    cast_today: Cast, gone: dict[str, str], words: str
) -> None:
    answer = send(Client(), **gone)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert words in page
    assert 'value="Rosa"' in page
    assert not Enquiry.objects.exists()


def test_a_form_sent_twice_is_one_enquiry(cast_today: Cast) -> None:
    key = {"form_key": "6f2ce1c5-5ea5-4b3c-a0c7-90f2d1a7bb11"}
    first, again = send(Client(), **key), send(Client(), **key)
    assert first["Location"] == again["Location"]
    assert Enquiry.objects.count() == 1


def test_one_address_sends_so_many_an_hour_and_another_still_may(cast_today: Cast) -> None:
    client = Client()
    found = [send(client).status_code for _number in range(7)]
    assert found == [302] * 5 + [429] * 2
    assert "Please ring us" in send(client).content.decode()
    other = Client(REMOTE_ADDR="192.0.2.7")
    assert send(other).status_code == 302


def test_a_worker_sends_somebody_in_and_sees_only_what_became_of_it(cast_today: Cast) -> None:
    cast, sam = cast_today, browser(cast_today.sam)
    issue()
    said = {**SAID, "worry_rent-arrears": "2", "consent_how": "here"}
    answer = sam.post(reverse("advocate_enquiry_new"), said)
    enquiry = Enquiry.objects.get()
    assert (enquiry.from_organisation, enquiry.route) == (cast.police, Route.LEAD)
    assert enquiry.worries == {"rent-arrears": 2}
    assert "will get in touch with them" in sam.get(answer["Location"]).content.decode()
    assert "Rosa Bell" in html(sam, "advocate_enquiries")
    assert "Rosa" not in html(browser(cast.amira), "advocate_enquiries")
    without = {**said, "consent_how": ""}
    assert sam.post(reverse("advocate_enquiry_new"), without).status_code == 422


def test_intake_takes_it_up_links_it_asks_and_closes_it(cast_today: Cast) -> None:
    cast, ingrid = cast_today, browser(cast_today.ingrid)
    issue()
    send(Client())
    enquiry = Enquiry.objects.get()
    assert "Rosa Bell" in html(ingrid, "provider_enquiries")
    assert "Nobody has taken this up yet" in html(
        ingrid, "provider_enquiry", reference=enquiry.reference
    )
    assert Event.objects.filter(subject=enquiry.reference, verb="look").count() == 1
    assert act(ingrid, enquiry, "take").status_code == 302
    assert act(ingrid, enquiry, "link", person="new").status_code == 302
    enquiry.refresh_from_db()
    assert enquiry.person is not None
    html(ingrid, "provider_enquiry", reference=enquiry.reference)
    assert Look.objects.filter(person=enquiry.person, subject_kind="enquiry").exists()
    path = reverse("provider_enquiry_ask", args=[enquiry.reference, cast.youth_club.slug])
    assert ingrid.post(path).status_code == 302
    assert Referral.objects.get().enquiry == enquiry
    found = act(ingrid, enquiry, "advocate", advocate=cast.amira.reference)
    assert found.status_code == 302
    assert Appointment.objects.filter(person=enquiry.person, user=cast.amira).exists()
    assert act(ingrid, enquiry, "close", end=EnquiryEnd.REFERRED).status_code == 422
    closed = act(ingrid, enquiry, "close", end=EnquiryEnd.REFERRED, words="Asked the club.")
    assert closed.status_code == 302
    assert "Rosa" not in html(ingrid, "provider_enquiries")


def test_the_inbox_takes_as_many_queries_however_much_there_is(cast_today: Cast) -> None:
    cast, ingrid = cast_today, browser(cast_today.ingrid)
    counts = []
    for _round in range(2):
        for number in range(4):
            factories.enquiry(cast, first_name=f"Rosa{number}")
        with CaptureQueriesContext(connection) as seen:
            html(ingrid, "provider_enquiries")
        counts.append(len(seen))
    assert counts[0] == counts[1]


def test_the_commissioner_reads_counts_and_circles_and_no_name(cast_today: Cast) -> None:
    cast, colin = cast_today, browser(cast_today.colin)
    with_circle(cast)
    factories.enquiry(cast)
    page = html(colin, "commissioner_routes")
    assert f"{cast.family_support.name}: 1 circle led back here" in page
    assert "An advocate" in page
    for name in ("Jamie", "Garner", "Rosa", "Amira"):
        assert name not in page


def with_circle(cast: Cast) -> list[Referral]:
    """Send Jamie round, some days ago."""
    found = sent_round(cast)
    for referral in Referral.objects.all():
        for name in ("asked_at", "ended_at", "handed_over_at"):
            moment = getattr(referral, name)
            if moment is not None:
                Referral.objects.filter(pk=referral.pk).update(
                    **{name: moment - (cast.later(days=10) - cast.at)}
                )
    return found


def test_a_district_is_set_on_the_page(cast_today: Cast) -> None:
    colin = browser(cast_today.colin)
    said = {"district": "Charnwood", "organisation": cast_today.county.reference}
    assert colin.post(reverse("commissioner_routes"), said).status_code == 302
    assert "Charnwood: " + cast_today.county.name in html(colin, "commissioner_routes")


def test_the_advocate_sees_that_somebody_was_sent_round(cast_today: Cast) -> None:
    cast = cast_today
    last = with_circle(cast)[-1]
    amira = browser(cast.amira)
    page = html(amira, "advocate_referral", reference=last.reference)
    assert "Sent round in a circle" in page
    timeline = html(
        amira, "advocate_timeline", reference=cast.family.reference, person=cast.jamie.reference
    )
    assert "Sent round in a circle" in timeline


# --- timelines ----------------------------------------------------------------------------------


def test_a_persons_timeline_leads_to_the_rule_as_it_was(cast_today: Cast) -> None:
    cast, amira = cast_today, browser(cast_today.amira)
    climbing.climb(cast, to=Rung.BOOKED)
    page = html(
        amira, "advocate_timeline", reference=cast.family.reference, person=cast.jamie.reference
    )
    assert "Set the money aside" in page
    assert cast.mentor.name in page
    event = Event.objects.filter(verb="commission", rule__isnull=False).latest("pk")
    assert reverse("rule", args=[event.rule]) + f"?on={cast.day.isoformat()}" in page
    rule = html(amira, "rule", reference=event.rule)
    assert "£500.00" in rule
    assert cast.beacon.name in rule


def test_a_secret_leaves_no_trace_in_a_timeline(cast_today: Cast) -> None:
    cast = cast_today
    factories.event(cast, cast.fred, subject_kind="referral", verb="signpost")
    before = html(browser(cast.anne_user), "family_timeline")
    for number in range(30):
        factories.event(
            cast, cast.fred, subject_kind="referral", verb="signpost", is_confidential=True,
            at=cast.later(minutes=-number),
        )  # fmt: skip
    fred = reverse("family_timeline")
    assert "page=2" in browser(cast.fred_user).get(fred).content.decode()
    after = html(browser(cast.anne_user), "family_timeline")
    assert "page=2" not in after
    assert before.count("timeline__item") == after.count("timeline__item")


@pytest.mark.parametrize("who", ["amira", "fred_user"])
def test_a_timeline_takes_as_many_queries_however_long_it_is(cast_today: Cast, who: str) -> None:
    cast = cast_today
    client = browser(cast.users[who])
    name, kwargs = (
        ("advocate_timeline", {"reference": cast.family.reference, "person": cast.fred.reference})
        if who == "amira"
        else ("family_timeline", {})
    )
    counts = []
    for _round in range(3):
        for _number in range(6):
            referral = factories.referral(
                cast, cast.fred, rung=Rung.DECLINED, end_reason=EndReason.NO_PLACE
            )
            factories.event(
                cast, cast.fred, subject_kind="referral", verb="decline",
                subject=referral.reference,
            )  # fmt: skip
        with CaptureQueriesContext(connection) as seen:
            html(client, name, **kwargs)
        counts.append(len(seen))
    assert counts[1] == counts[2]


# --- the family at the end ----------------------------------------------------------------------


def test_a_no_leads_to_what_helps_instead_and_to_asking_again(cast_today: Cast) -> None:
    cast, fred = cast_today, browser(cast_today.fred_user)
    referral = climbing.climb(cast, to=Rung.APPLIED)
    endings.decline(
        referral=referral, reason=EndReason.NO_PLACE, words="We are full.",
        alternatives=[cast.youth_club], by=cast.by(cast.ingrid), at=cast.at,
    )  # fmt: skip
    page = html(fred, "family_referral", reference=referral.reference)
    assert f"Ask for {cast.youth_club.name}" in page
    assert reverse("family_ask", args=[cast.youth_club.slug]) in page
    path = reverse("family_again", args=[referral.reference])
    assert fred.post(path, {"note": ""}).status_code == 200
    answer = fred.post(path, {"note": "We can come on Mondays now."})
    again = Referral.objects.get(reopened_from=referral)
    assert answer["Location"] == reverse("family_referral", args=[again.reference])
    assert again.rung != Rung.SIGNPOSTED
    page = html(fred, "family_referral", reference=referral.reference)
    assert "You asked again" in page
    assert fred.post(path, {"note": "Once more."})["Location"] == answer["Location"]


def test_the_family_is_asked_after_the_provider_finished(cast_today: Cast) -> None:
    cast, fred = cast_today, browser(cast_today.fred_user)
    referral = climbing.climb(cast, to=Rung.BOOKED)
    endings.complete(
        referral=referral, reason=EndReason.GOAL_MET, words="He did well.",
        by=cast.by(cast.dev), at=cast.at,
    )  # fmt: skip
    page = html(fred, "family_referral", reference=referral.reference)
    assert "They say it is finished. How was it for you?" in page
    said = {"reason": "not_met", "why": "not_right", "next": "talk", "next_words": "About school."}
    path = reverse("family_how", args=[referral.reference])
    assert fred.post(path, said).status_code == 302
    ending = Ending.objects.get()
    assert (ending.told_by, ending.is_early, ending.wants_more) == (cast.fred, True, True)
    page = html(fred, "family_referral", reference=referral.reference)
    assert "Look for more help" in page
    assert "They want something next" in html(
        browser(cast.amira), "advocate_referral", reference=referral.reference
    )


def test_the_advocate_takes_it_up_again_from_its_page(cast_today: Cast) -> None:
    cast, amira = cast_today, browser(cast_today.amira)
    referral = climbing.climb(cast, to=Rung.APPLIED)
    endings.withdraw(referral=referral, by=cast.by(cast.amira), at=cast.at)
    path = reverse("advocate_reopen", args=[referral.reference])
    assert amira.post(path, {"note": ""}).status_code == 422
    assert amira.post(path, {"note": "They want it after all."}).status_code == 302
    again = Referral.objects.get(reopened_from=referral)
    page = html(amira, "advocate_referral", reference=again.reference)
    assert "They want it after all." in page
    told = html(browser(cast.ingrid), "provider_referral", reference=again.reference)
    assert "They want it after all." in told
