"""What a worker at the door may not learn: what was asked elsewhere, or after she was done."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db.models import QuerySet
from django.urls import reverse

from cms.models import Service, Term, TermTaxonomy
from marketplace.pages import doors
from marketplace.people.models import Appointment
from marketplace.referrals import enquiries, enquiries_linked
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
    cast = cast_today
    enquiry = linked_to_fred(cast)
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


def everything(visit: doors.Visit, queryset: QuerySet[Any]) -> QuerySet[Any]:
    """Narrow nothing: what a door would show if it did not ask what its visitor may know."""
    return queryset


SABOTAGE: dict[str, tuple[Any, str, Any, Test]] = {
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
