"""An enquiry that came to the wrong door goes to another's, and is out of sight at the first."""

from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from budgets.models import Event, Person
from marketplace.notices.models import Notice
from marketplace.people.models import User
from marketplace.people.roles import Role
from marketplace.referrals import catchments, enquiries, enquiries_linked, enquiries_passed
from marketplace.referrals.models import Enquiry
from marketplace.sharing import sharing
from marketplace.sharing.models import Look
from tests import factories
from tests.cast import Cast
from tests.marketplace.pages.test_matrix import browser
from tests.marketplace.referrals import test_enquiries

pytestmark = pytest.mark.once

DISTRICT = "Hinckley and Bosworth"


def joan(cast: Cast) -> User:
    """Return an intake worker at the district, which answers for itself from now on."""
    found = factories.worker(cast, cast.district, Role.INTAKE_WORKER)
    catchments.answer_for(
        district=DISTRICT, organisation=cast.district, by=factories.CLOCK, at=cast.at
    )
    return found


def known(cast: Cast) -> Enquiry:
    """Return an enquiry that Ingrid took up and made a household for."""
    taken = enquiries.take(enquiry=test_enquiries.ask(cast), by=cast.by(cast.ingrid), at=cast.at)
    return enquiries_linked.link(enquiry=taken, by=cast.by(cast.ingrid), at=cast.at)


def pass_on(cast: Cast, enquiry: Enquiry, **said: Any) -> Enquiry:
    """Pass it on to the district, as Ingrid."""
    return enquiries_passed.pass_on(
        enquiry=enquiry, to=cast.district, by=cast.by(cast.ingrid), at=cast.at, **said
    )


def sees(user: User, enquiry: Enquiry) -> bool:
    """Tell whether somebody may know now whom it is about."""
    rows = Person.objects.filter(pk=enquiry.person_id or 0)
    return bool(sharing.visible(rows, user=user, at=timezone.now()).exists())


def test_it_leaves_one_door_and_lands_at_the_other(cast_today: Cast) -> None:
    cast = cast_today
    enquiry = known(cast)
    there = joan(cast)
    ingrid, path = browser(cast.ingrid), reverse("provider_enquiry", args=[enquiry.reference])
    assert "another district" in ingrid.get(path).content.decode()
    sent = ingrid.post(
        reverse("provider_enquiry_act", args=[enquiry.reference, "pass-on"]),
        {"to": cast.district.reference},
    )
    assert sent["Location"] == reverse("provider_enquiries")
    assert ingrid.get(path).status_code == 404
    assert not sees(cast.ingrid, enquiry)
    assert sees(there, enquiry)
    assert Notice.objects.filter(user=there, kind="enquiry_for_you").exists()
    opened = browser(there).get(path)
    assert "Nobody has taken this up yet" in opened.content.decode()
    assert Look.objects.filter(organisation=cast.district, person=enquiry.person).exists()
    line = Event.objects.get(subject=enquiry.reference, verb="pass_on")
    assert (line.from_state, line.to_state) == (
        str(cast.county.reference),
        str(cast.district.reference),
    )


def test_whoever_lives_elsewhere_is_asked_first(cast_today: Cast) -> None:
    """Her yes was to whoever answers for where she lives; and her new one is written down."""
    cast = cast_today
    joan(cast)
    enquiry = enquiries.take(
        enquiry=test_enquiries.ask(cast, postcode=""), by=cast.by(cast.ingrid), at=cast.at
    )
    with pytest.raises(enquiries_passed.NotAgreed):
        pass_on(cast, enquiry)
    assert Enquiry.objects.get().organisation == cast.county
    passed = pass_on(cast, enquiry, yes_how="on_the_phone")
    assert (passed.organisation, passed.consent_how) == (cast.district, "on_the_phone")


def test_it_goes_only_to_another_door_and_by_who_has_taken_it_up(cast_today: Cast) -> None:
    cast = cast_today
    enquiry = test_enquiries.ask(cast)
    joan(cast)
    with pytest.raises(enquiries.NotTaken):
        pass_on(cast, enquiry)
    enquiry = enquiries.take(enquiry=enquiry, by=cast.by(cast.ingrid), at=cast.at)
    for place in (cast.county, cast.police, cast.mentors):
        with pytest.raises(enquiries_passed.NotAnotherDoor):
            enquiries_passed.pass_on(
                enquiry=enquiry, to=place, by=cast.by(cast.ingrid), at=cast.at, yes_how="in_writing"
            )
    pass_on(cast, enquiry)
    with pytest.raises(enquiries.NotTheirs):  # not hers any more
        pass_on(cast, enquiry)


@pytest.mark.parametrize(
    ("place", "name", "test"),
    [
        (sharing, "close_reasons", test_it_leaves_one_door_and_lands_at_the_other),
        (enquiries_passed, "is_covered", test_whoever_lives_elsewhere_is_asked_first),
    ],
)
def test_without_the_guard_its_test_fails(
    place: Any, name: str, test: Any, cast_today: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(place, name, lambda **_said: True)
    with pytest.raises((AssertionError, pytest.fail.Exception)):
        test(cast_today)
