"""Who helps: whom each person chose, what she may do, choosing another, and ending it at once."""

from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from budgets import families
from marketplace.notices import notices
from marketplace.notices.models import Notice
from marketplace.people import appointments, users
from marketplace.people.models import Appointment, User
from marketplace.people.roles import AdvocateKind
from tests import factories
from tests.cast import Cast
from tests.factories import CLOCK
from tests.marketplace.pages.test_family_pages import browser, read, words_of
from tests.marketplace.referrals import climbing

pytestmark = pytest.mark.once

PAGE = "family_helpers"


def choose(client: Client, **sent: str) -> Any:
    """Send the form."""
    return client.post(reverse("family_choose_helper"), sent)


def helpers(user: User) -> str:
    """Return what somebody reads on her page."""
    return words_of(read(user, reverse(PAGE)))


def test_it_says_in_plain_words_what_each_may_and_may_not_do(cast_today: Cast) -> None:
    cast = cast_today
    appointments.appoint(
        person=cast.fred,
        user=cast.olive_user,
        kind=AdvocateKind.FAMILY_FRIEND,
        on=cast.day,
        by=cast.by(cast.fred_user),
        at=cast.at,
    )
    text = helpers(cast.fred_user)
    friend = text[text.index("What Olive Next can do") :]
    can, cannot = friend.index("They can:"), friend.index("They cannot:")
    assert can < friend.index("You can tell them things that nobody else is told") < cannot
    assert cannot < friend.index("Speak for you, and ask for help for you")
    assert cannot < friend.index("Chase people who have not done what they said")


def test_whom_the_others_chose_is_theirs_to_tell(cast_today: Cast) -> None:
    cast = cast_today
    made = appointments.appoint(
        person=cast.stacey,
        user=cast.nadia,
        kind=AdvocateKind.PAID_ADVOCATE,
        on=cast.day,
        by=cast.by(cast.stacey_user),
        at=cast.at,
    )
    assert "Nadia Hussain" in helpers(cast.stacey_user)
    end = reverse("family_end_helper", args=[made.reference])
    for other in (cast.fred_user, cast.anne_user, cast.jamie_user):
        assert "Nadia" not in helpers(other)
        assert browser(other).post(end).status_code == 404
    browser(cast.stacey_user).post(end)
    assert "Nadia" not in helpers(cast.stacey_user)


def test_an_advocate_is_chosen_by_the_code_she_gave_and_is_told(cast_today: Cast) -> None:
    cast = cast_today
    answer = choose(
        browser(cast.fred_user),
        person=str(cast.jamie.reference),
        kind=AdvocateKind.PAID_ADVOCATE,
        who=users.code(cast.nadia).lower(),
    )
    assert answer.status_code == 302
    made = Appointment.objects.get(user=cast.nadia, person=cast.jamie)
    assert Notice.objects.filter(user=cast.nadia, subject=made.reference).exists()
    notices.sweep(at=timezone.now())
    (letter,) = mail.outbox
    assert "Jamie" not in f"{letter.subject}{letter.body}"
    there = browser(cast.nadia).get(f"/go/appointment/{made.reference}/", follow=True)
    assert there.status_code == 200


def test_a_friend_is_chosen_by_her_address_and_may_be_new_here(cast_today: Cast) -> None:
    cast = cast_today
    sent: dict[str, Any] = {"person": str(cast.fred.reference), "kind": AdvocateKind.FAMILY_FRIEND}
    client = browser(cast.fred_user)
    choose(client, **sent, who="joan@alongside.example", name="Joan")
    assert User.objects.get(email="joan@alongside.example").name == "Joan"
    assert "Joan" in helpers(cast.fred_user)


@pytest.mark.parametrize(
    "who", ["nobody@alongside.example", "0000-0000-0000", "Nadia", "ruth@alongside.example"]
)
def test_who_is_no_advocate_is_not_found_and_what_was_typed_is_kept(
    who: str, cast_today: Cast
) -> None:
    cast = cast_today
    before = Appointment.objects.count(), User.objects.count()
    answer = choose(
        browser(cast.fred_user),
        person=str(cast.fred.reference),
        kind=AdvocateKind.PAID_ADVOCATE,
        who=who,
    )
    page = answer.content.decode()
    assert answer.status_code == 422
    assert who in page
    assert "We do not know anybody like that" in page
    assert (Appointment.objects.count(), User.objects.count()) == before


def test_she_chooses_only_for_herself_and_whom_she_decides_for(cast_today: Cast) -> None:
    cast = cast_today
    before = Appointment.objects.count()
    for person in (cast.stacey, cast.anne):
        sent = {"kind": AdvocateKind.PAID_ADVOCATE, "who": cast.nadia.email}
        answer = choose(browser(cast.fred_user), person=str(person.reference), **sent)
        assert answer.status_code == 422
    assert browser(cast.jamie_user).get(reverse("family_choose_helper")).status_code == 403
    assert Appointment.objects.count() == before
    families.decide_alone(person=cast.jamie, on=cast.day, by=CLOCK, at=cast.at)
    assert browser(cast.jamie_user).get(reverse("family_choose_helper")).status_code == 200


def test_ending_it_ends_it_at_the_next_request(cast_today: Cast) -> None:
    cast = cast_today
    amira = browser(cast.amira)
    desk = reverse("advocate_family", args=[cast.family.reference])
    assert amira.get(desk).status_code == 200
    fred, anne = browser(cast.fred_user), browser(cast.anne_user)
    for client, person in ((fred, cast.fred), (fred, cast.jamie), (fred, cast.josh)):
        held = Appointment.objects.get(user=cast.amira, person=person)
        assert client.post(reverse("family_end_helper", args=[held.reference])).status_code == 302
    assert amira.get(desk).status_code == 200, "Anne still wants her"
    held = Appointment.objects.get(user=cast.amira, person=cast.anne)
    anne.post(reverse("family_end_helper", args=[held.reference]))
    assert amira.get(desk).status_code == 404


def test_everybody_involved_reads_who_leads_and_how_to_reach_her(cast_today: Cast) -> None:
    cast = cast_today
    appointments.lead(
        family=cast.family,
        user=cast.ruth,
        organisation=cast.trust,
        on=cast.day,
        by=CLOCK,
        at=cast.at,
    )
    asked = climbing.refer(cast, service=cast.family_support)
    pages = {
        reverse(PAGE): cast.fred_user,
        reverse("advocate_family", args=[cast.family.reference]): cast.amira,
        reverse("provider_referral", args=[asked.reference]): cast.ingrid,
    }
    factories.reason(
        cast, cast.jamie, organisation=cast.county, subject=asked.reference, role="intake_worker"
    )
    for address, user in pages.items():
        text = read(user, address)
        assert "Ruth Okafor" in text, address
        assert cast.trust.name in text, address
        assert cast.trust.phone in text, address


def test_of_what_is_confidential_nobody_is_sent_to_the_lead(cast_today: Cast) -> None:
    cast = cast_today
    appointments.lead(
        family=cast.family,
        user=cast.ruth,
        organisation=cast.trust,
        on=cast.day,
        by=CLOCK,
        at=cast.at,
    )
    asked = factories.referral(cast, cast.jamie, service=cast.family_support, is_confidential=True)
    factories.reason(
        cast,
        cast.jamie,
        organisation=cast.county,
        subject=asked.reference,
        role="intake_worker",
        is_confidential=True,
    )
    page = read(cast.ingrid, reverse("provider_referral", args=[asked.reference]))
    assert "Ruth Okafor" not in page
