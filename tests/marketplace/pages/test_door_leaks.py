"""What a worker at the door may not learn: what was asked elsewhere, or after she was done."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db.models import QuerySet
from django.urls import reverse

from budgets import history
from budgets.models import Person
from cms.models import Service, Term, TermTaxonomy
from marketplace.pages import doors
from marketplace.people.models import Appointment, User
from marketplace.people.roles import Role
from marketplace.referrals import again, enquiries, enquiries_linked
from marketplace.referrals.models import Enquiry, EnquiryEnd, Referral, Rung
from marketplace.sharing import sharing
from tests import factories
from tests.cast import Cast
from tests.marketplace.pages.test_matrix import browser
from tests.marketplace.referrals import test_enquiries

pytestmark = pytest.mark.once

Test = Callable[[Cast], None]


def linked_to_fred(cast: Cast, **fields: Any) -> Enquiry:
    """Return an enquiry that Ingrid took up and linked to Fred, whose record was there before."""
    same = {"first_name": "Fred", "last_name": "Garner", "born_on": cast.fred.born_on, **fields}
    return enquiries_linked.link(
        enquiry=test_enquiries.taken(cast, **same),
        person=cast.fred,
        by=cast.by(cast.ingrid),
        at=cast.at,
    )


def linked_to_nobody_known(cast: Cast) -> Enquiry:
    """Return one for which Ingrid made a new household."""
    return enquiries_linked.link(
        enquiry=test_enquiries.taken(cast), by=cast.by(cast.ingrid), at=cast.at
    )


def offered(cast: Cast, slug: str, *services: Service) -> None:
    """Let services be for one key issue."""
    issue = Term.objects.create(
        taxonomy=TermTaxonomy.ISSUE, slug=slug, name=slug, plain_name="Drinking too much"
    )
    for service in services:
        service.terms.add(issue)
        service.save()


def page_of(cast: Cast, enquiry: Enquiry) -> str:
    """Return the enquiry's page as Ingrid reads it."""
    path = reverse("provider_enquiry", args=[enquiry.reference])
    return browser(cast.ingrid).get(path).content.decode()


def test_what_is_offered_does_not_betray_what_was_asked_for_elsewhere(cast_today: Cast) -> None:
    cast = cast_today
    offered(cast, "drinking", cast.confidential, cast.youth_club)
    factories.referral(cast, cast.fred, service=cast.confidential, is_confidential=True)
    enquiry = linked_to_fred(cast, worries={"drinking": 2})
    page = page_of(cast, enquiry)
    assert cast.youth_club.name in page
    assert cast.confidential.name in page


def test_what_the_family_took_up_later_is_not_shown_at_the_door(cast_today: Cast) -> None:
    cast = cast_today
    enquiry = linked_to_fred(cast)
    by, later = cast.by(cast.ingrid), cast.at
    enquiries.close(enquiry=enquiry, end=EnquiryEnd.ADVISED, words="Said.", by=by, at=later)
    factories.referral(
        cast, cast.fred, service=cast.confidential, enquiry=enquiry, rung=Rung.APPLIED
    )
    rows = browser(cast.ingrid).get(reverse("provider_enquiry", args=[enquiry.reference]))
    assert rows.context["asked"] == []


def test_what_is_closed_shows_nothing_that_is_known_now(cast_today: Cast) -> None:
    """Not even to who may know who he is, because he asked again."""
    cast = cast_today
    enquiry = linked_to_fred(cast)
    linked_to_fred(cast)
    path = reverse("provider_enquiry_ask", args=[enquiry.reference, cast.youth_club.slug])
    ingrid = browser(cast.ingrid)
    assert ingrid.get(path).status_code == 200
    enquiries.close(
        enquiry=enquiry, end=EnquiryEnd.ADVISED, words="Said.", by=cast.by(cast.ingrid), at=cast.at
    )
    assert ingrid.get(path).status_code == 404


def test_once_the_sharing_stops_nothing_more_is_asked_nor_written_down(cast_today: Cast) -> None:
    cast = cast_today
    enquiry = test_enquiries.linked(cast)
    sharing.close_reasons(subject=enquiry.reference, at=cast.later(hours=3))
    by, at = cast.by(cast.ingrid), cast.later(hours=4)
    with pytest.raises(enquiries_linked.NotLinked):
        enquiries_linked.appoint(enquiry=enquiry, advocate=cast.amira, by=by, at=at)
    with pytest.raises(enquiries_linked.NotLinked):
        enquiries_linked.refer(
            enquiry=enquiry, service=cast.youth_club, facts={}, answers={}, by=by, at=at
        )
    assert not Appointment.objects.filter(person=enquiry.person).exists()
    assert not Referral.objects.filter(enquiry=enquiry).exists()
    closed = enquiries.close(
        enquiry=enquiry, end=EnquiryEnd.NOT_WANTED, words="Took it back.", by=by, at=at
    )
    assert not closed.is_open


def test_asking_for_what_is_open_elsewhere_reads_as_if_it_were_not(cast_today: Cast) -> None:
    """Design §5: nothing that she reads differs between the two, and the service is told of both.

    The other is at another organisation's service, where Ingrid may not look.
    """
    cast = cast_today
    there = cast.youth_club
    Service.objects.filter(pk=there.pk).update(owner=cast.district, provider=cast.district)
    read = {}
    for name in ("Rosa", "Fred"):
        if name == "Fred":
            factories.referral(cast, cast.fred, service=there, rung=Rung.APPLIED)
            enquiry = linked_to_fred(cast)
        else:
            enquiry = linked_to_nobody_known(cast)
        ingrid = browser(cast.ingrid)
        path = reverse("provider_enquiry_ask", args=[enquiry.reference, there.slug])
        answer = ingrid.post(path, {"form_key": uuid.uuid4()})
        page = ingrid.get(reverse("provider_enquiry", args=[enquiry.reference]))
        asked = [(one.service, one.rung, one.is_open) for one in page.context["asked"]]
        read[name] = (answer.status_code, asked)
    assert read["Fred"] == read["Rosa"]
    assert read["Fred"][0] == 302
    assert Referral.objects.open().filter(person=cast.fred, service=there).count() == 2


def test_an_advocate_asked_for_at_the_door_says_nothing_of_one_there_is(cast_today: Cast) -> None:
    """Fred has Amira; whoever only knows who he is reads the same of any other advocate."""
    cast = cast_today
    enquiry = linked_to_fred(cast)
    with pytest.raises(history.Refused) as refusal:
        enquiries_linked.appoint(
            enquiry=enquiry, advocate=cast.amira, by=cast.by(cast.ingrid), at=cast.later(hours=3)
        )
    other = factories.worker(cast, cast.county, Role.ADVOCATE)
    with pytest.raises(history.Refused) as second:
        enquiries_linked.appoint(
            enquiry=enquiry, advocate=other, by=cast.by(cast.ingrid), at=cast.later(hours=3)
        )
    assert refusal.value.sentence == second.value.sentence


def everything(visit: doors.Visit, queryset: QuerySet[Any]) -> QuerySet[Any]:
    """Narrow nothing: what a door would show if it did not ask what its visitor may know."""
    return queryset


def all_that_is_open(
    *, person: Person, service: Service, is_confidential: bool, user: User, at: Any
) -> QuerySet[Referral]:
    """Return whatever is open, as if everybody might know of it."""
    return Referral.objects.open().filter(person=person, service=service)


SABOTAGE: dict[str, tuple[Any, str, Any, Test]] = {
    "what is open elsewhere stands against asking": (
        again,
        "standing",
        all_that_is_open,
        test_asking_for_what_is_open_elsewhere_reads_as_if_it_were_not,
    ),
    "a closed enquiry is as good as an open one": (
        Enquiry,
        "is_open",
        True,
        test_what_is_closed_shows_nothing_that_is_known_now,
    ),
    "what is hidden is left out of what is offered": (
        doors.Visit,
        "visible",
        everything,
        test_what_is_offered_does_not_betray_what_was_asked_for_elsewhere,
    ),
    "all that came of it is shown": (
        doors.Visit,
        "visible",
        everything,
        test_what_the_family_took_up_later_is_not_shown_at_the_door,
    ),
    "whoever was linked once is known for ever": (
        enquiries_linked,
        "is_known",
        lambda enquiry, *, user, at: True,
        test_once_the_sharing_stops_nothing_more_is_asked_nor_written_down,
    ),
}


@pytest.mark.parametrize("guard", SABOTAGE)
def test_without_the_guard_its_test_fails(
    guard: str, cast_today: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    place, name, instead, test = SABOTAGE[guard]
    monkeypatch.setattr(place, name, instead)
    with pytest.raises((AssertionError, pytest.fail.Exception)):
        test(cast_today)
