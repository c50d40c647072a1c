"""Ways in without a sign-in: asked at the door, taken up, linked, answered, closed, counted."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from budgets import families, history
from budgets.models import Event, Member, Relation
from cms.models import OrganisationKind, Term, TermTaxonomy
from marketplace.notices.models import Notice
from marketplace.people import appointments, memberships
from marketplace.people.models import User
from marketplace.people.roles import AdvocateKind, Role
from marketplace.referrals import catchments, enquiries, enquiries_linked, routes
from marketplace.referrals.enquiries import Asked
from marketplace.referrals.models import (
    Enquiry,
    EnquiryEnd,
    Referral,
    Route,
    Rung,
    Worry,
)
from marketplace.sharing import sharing
from marketplace.sharing.models import Look, Reason
from tests import factories
from tests.cast import Cast

CLOCK = factories.CLOCK


def asked(**fields: Any) -> Asked:
    """Return what somebody tells at the door."""
    said: dict[str, Any] = {
        "first_name": "Rosa",
        "last_name": "Bell",
        "phone": "0116 496 0999",
        "postcode": "LE10 1NR",
        "words": "We may lose the flat.",
        "consent_how": "here",
        **fields,
    }
    return Asked(**said)


def ask(cast: Cast, *, route: Route = Route.SELF, **fields: Any) -> Enquiry:
    """Ask at the door."""
    return enquiries.ask(route=route, asked=asked(**fields), by=enquiries.SITE, at=cast.at)


def taken(cast: Cast, **fields: Any) -> Enquiry:
    """Return an enquiry that Ingrid has taken up."""
    return enquiries.take(
        enquiry=ask(cast, **fields), by=cast.by(cast.ingrid), at=cast.later(hours=1)
    )


def linked(cast: Cast, **fields: Any) -> Enquiry:
    """Return one whose household Ingrid has put on record."""
    return enquiries_linked.link(
        enquiry=taken(cast, **fields), by=cast.by(cast.ingrid), at=cast.later(hours=2)
    )


def test_it_lands_with_whoever_answers_for_the_district(cast: Cast) -> None:
    assert ask(cast).organisation == cast.county  # nobody is set: the council that has intake
    joan = factories.worker(cast, cast.district, Role.INTAKE_WORKER)
    catchments.answer_for(
        district="Hinckley and Bosworth", organisation=cast.district, by=CLOCK, at=cast.at
    )
    found = ask(cast)
    assert (found.organisation, found.district) == (cast.district, "Hinckley and Bosworth")
    assert Notice.objects.filter(user=joan, kind="enquiry_for_you").exists()
    memberships.leave(membership=joan.memberships.get(), on=cast.day, by=CLOCK, at=cast.at)
    assert ask(cast).organisation == cast.county  # nobody there opens it any more


def test_it_says_by_when_somebody_gets_in_touch(cast: Cast) -> None:
    assert ask(cast).due_on == cast.day + timedelta(days=5)  # Wednesday: Thu, Fri, Mon


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({"consent_how": ""}, enquiries.NoYes),
        ({"phone": "", "email": " "}, enquiries.NoWayBack),
        ({"words": "", "worries": {"drinking": 0}}, enquiries.SaysNothing),
        ({"first_name": " "}, enquiries.SaysNothing),
    ],
)
def test_what_nobody_could_answer_is_not_taken(
    cast: Cast, fields: dict[str, Any], refusal: type[history.Refused]
) -> None:
    with pytest.raises(refusal):
        ask(cast, **fields)
    assert not Enquiry.objects.exists()
    assert not Event.objects.filter(subject_kind="enquiry").exists()


@pytest.mark.parametrize("who", ["colin", "dev", "amira", "sam", "fred_user", "nadia"])
def test_only_the_intake_that_answers_acts(cast: Cast, who: str) -> None:
    enquiry = ask(cast)
    by = cast.by(cast.users[who])
    for act in (
        lambda: enquiries.take(enquiry=enquiry, by=by, at=cast.at),
        lambda: enquiries_linked.link(enquiry=enquiry, by=by, at=cast.at),
        lambda: enquiries.close(
            enquiry=enquiry, end=EnquiryEnd.ADVISED, words="Said.", by=by, at=cast.at
        ),
    ):
        with pytest.raises(enquiries.NotTheirs):
            act()
    assert Enquiry.objects.get().taken_by is None


def test_somebody_has_it_before_anything_is_done(cast: Cast) -> None:
    enquiry, by = ask(cast), cast.by(cast.ingrid)
    with pytest.raises(enquiries.NotTaken):
        enquiries_linked.link(enquiry=enquiry, by=by, at=cast.at)
    enquiry = enquiries.take(enquiry=enquiry, by=by, at=cast.at)
    with pytest.raises(enquiries_linked.NotLinked):
        enquiries_linked.refer(
            enquiry=enquiry, service=cast.mentor, facts={}, answers={}, by=by, at=cast.at
        )
    assert enquiries.put_back(enquiry=enquiry, by=by, at=cast.at).taken_by is None


def test_a_new_household_is_put_on_record_and_opened_to_that_intake_only(cast: Cast) -> None:
    enquiry = linked(cast, born_on=None)
    person, family = enquiry.person, enquiry.family
    assert person is not None
    assert family is not None
    assert (person.name, family.name) == ("Rosa Bell", "Rosa’s household")
    assert family.district == "Hinckley and Bosworth"
    people = type(person).objects.filter(pk=person.pk)
    at = cast.later(hours=3)
    assert sharing.visible(people, user=cast.ingrid, at=at).exists()
    for user in (cast.amira, cast.colin, cast.dev, cast.sam):
        assert not sharing.visible(people, user=user, at=at).exists()
    rows = Enquiry.objects.all()
    assert not sharing.visible(rows, user=cast.amira, at=at).exists()


def test_a_record_is_offered_only_to_who_knows_all_of_it(cast: Cast) -> None:
    same: dict[str, Any] = {
        "first_name": "Fred",
        "last_name": "Garner",
        "born_on": cast.fred.born_on,
    }
    enquiry = taken(cast, **same)
    assert list(enquiries_linked.matches(enquiry)) == [cast.fred]
    for other in (
        {"postcode": "LE11 2QB"},
        {"last_name": "Gardner"},
        {"born_on": cast.day},
        {"born_on": None},
    ):
        assert not enquiries_linked.matches(ask(cast, **{**same, **other})).exists()
    cast.fred.is_shielded = True
    cast.fred.save(update_fields=["is_shielded"])
    assert not enquiries_linked.matches(enquiry).exists()
    with pytest.raises(enquiries_linked.NoMatch):
        enquiries_linked.link(
            enquiry=enquiry, person=cast.olive, by=cast.by(cast.ingrid), at=cast.later(hours=1)
        )


def test_linking_to_a_record_opens_who_it_is_and_nothing_else(cast: Cast) -> None:
    enquiry = taken(cast, first_name="Fred", last_name="Garner", born_on=cast.fred.born_on)
    enquiries_linked.link(
        enquiry=enquiry, person=cast.fred, by=cast.by(cast.ingrid), at=cast.later(hours=1)
    )
    reason = Reason.objects.get(subject=enquiry.reference)
    assert (reason.person, reason.organisation) == (cast.fred, cast.county)
    seen = sharing.visible(type(cast.plan).objects.all(), user=cast.ingrid, at=cast.later(hours=2))
    assert not seen.exists()


def test_what_is_asked_for_keeps_the_way_it_came_by(cast: Cast) -> None:
    enquiry = linked(cast, route=Route.GP)
    referral = enquiries_linked.refer(
        enquiry=enquiry,
        service=cast.youth_club,
        facts={},
        answers={},
        by=cast.by(cast.ingrid),
        at=cast.later(hours=3),
    )
    assert (referral.route, referral.enquiry) == (Route.GP, enquiry)
    closed = enquiries.close(
        enquiry=enquiry,
        end=EnquiryEnd.REFERRED,
        words="Asked the club.",
        by=cast.by(cast.ingrid),
        at=cast.later(hours=4),
    )
    assert not closed.is_open
    assert not Reason.objects.live(cast.later(hours=5)).filter(subject=enquiry.reference).exists()
    assert Referral.objects.get().is_open


def test_an_advocate_is_written_down_as_she_was_chosen(cast: Cast) -> None:
    enquiry = linked(cast)
    assert enquiry.person is not None
    found = enquiries_linked.appoint(
        enquiry=enquiry, advocate=cast.amira, by=cast.by(cast.ingrid), at=cast.later(hours=3)
    )
    assert (found.user, found.person) == (cast.amira, enquiry.person)
    at = cast.later(hours=4)
    rows = Enquiry.objects.filter(pk=enquiry.pk)
    assert sharing.visible(rows, user=cast.amira, at=at).exists()


def test_nobody_writes_down_an_advocate_for_whom_she_did_not_put_on_record(cast: Cast) -> None:
    same: dict[str, Any] = {
        "first_name": "Fred",
        "last_name": "Garner",
        "born_on": cast.fred.born_on,
    }
    enquiry = enquiries_linked.link(
        enquiry=taken(cast, **same),
        person=cast.fred,
        by=cast.by(cast.ingrid),
        at=cast.later(hours=1),
    )
    with pytest.raises(appointments.NotTheirs):
        enquiries_linked.appoint(
            enquiry=enquiry, advocate=cast.nadia, by=cast.by(cast.ingrid), at=cast.later(hours=2)
        )


def test_who_came_to_live_there_was_put_on_record_by_somebody_else(cast: Cast) -> None:
    """Whoever visits lives elsewhere: for neither is an advocate written down at the door."""
    enquiry = linked(cast)
    family = enquiry.family
    assert family is not None
    by, at = cast.by(cast.ingrid), cast.later(hours=3)
    moved_in = families.add_person(first_name="Lou", last_name="Bell", by=CLOCK, at=at)
    for person, relation in ((moved_in, Relation.PARENT), (cast.olive, Relation.VISITOR)):
        families.join(family=family, person=person, relation=relation, on=cast.day, by=CLOCK, at=at)
        assert not appointments.chooses(person=person, by=by, at=at)
        with pytest.raises(appointments.NotTheirs):
            appointments.appoint(
                person=person,
                user=cast.amira,
                kind=AdvocateKind.PAID_ADVOCATE,
                on=cast.day,
                by=by,
                at=at,
            )


def test_nobody_writes_down_at_the_door_whom_somebody_tells_her_secrets(cast: Cast) -> None:
    enquiry = linked(cast, born_on=cast.day - timedelta(days=12_000))
    assert enquiry.person is not None
    with pytest.raises(appointments.HersToTrust):
        appointments.bring(
            person=enquiry.person,
            email="friend@example.org",
            name="A friend",
            kind=AdvocateKind.FAMILY_FRIEND,
            on=cast.day,
            by=cast.by(cast.ingrid),
            at=cast.later(hours=3),
        )


@pytest.mark.once
@pytest.mark.parametrize(
    ("name", "instead", "test"),
    [
        (
            "_put_on_record",
            lambda *, person, homes, by: True,
            test_who_came_to_live_there_was_put_on_record_by_somebody_else,
        ),
        (
            "_trusts_herself",
            lambda person, *, by, on: True,
            test_nobody_writes_down_at_the_door_whom_somebody_tells_her_secrets,
        ),
    ],
)
def test_without_the_guard_its_test_fails(
    name: str, instead: Any, test: Any, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(appointments, name, instead)
    with pytest.raises((AssertionError, pytest.fail.Exception)):
        test(cast)


def test_once_somebody_leads_the_family_says_it_to_the_lead(cast: Cast) -> None:
    """The twin: the door's leave ends with the first lead."""
    enquiry = linked(cast)
    assert enquiry.family is not None
    appointments.lead(
        family=enquiry.family,
        user=cast.ruth,
        organisation=cast.trust,
        on=cast.day,
        by=cast.by(cast.ingrid),
        at=cast.later(hours=3),
    )
    with pytest.raises(appointments.NotTheirs):
        enquiries_linked.appoint(
            enquiry=enquiry, advocate=cast.amira, by=cast.by(cast.ingrid), at=cast.later(hours=4)
        )


def test_what_nobody_takes_up_is_chased_once_and_never_closed(cast: Cast) -> None:
    enquiry = ask(cast)
    assert enquiries.sweep(at=cast.later(days=4)) == 0
    assert enquiries.sweep(at=cast.later(days=7)) == 1
    assert enquiries.sweep(at=cast.later(days=8)) == 0
    told = Notice.objects.filter(kind="enquiry_late").values_list("user__email", flat=True)
    assert {cast.ingrid.email, cast.colin.email} <= set(told)
    assert Enquiry.objects.get(pk=enquiry.pk).is_open


def test_closing_says_what_became_of_it(cast: Cast) -> None:
    enquiry, by = taken(cast), cast.by(cast.ingrid)
    for end, words in ((EnquiryEnd.ADVISED, " "), (EnquiryEnd.REFERRED, "Asked.")):
        with pytest.raises(enquiries.SaysNoReason):
            enquiries.close(enquiry=enquiry, end=end, words=words, by=by, at=cast.at)
    with pytest.raises(IntegrityError), transaction.atomic():
        Enquiry.objects.filter(pk=enquiry.pk).update(closed_at=cast.at)
    enquiries.close(
        enquiry=enquiry, end=EnquiryEnd.ADVISED, words="Told her about the grant.", by=by,
        at=cast.at,
    )  # fmt: skip
    with pytest.raises(enquiries.IsClosed):
        enquiries.take(enquiry=enquiry, by=by, at=cast.at)


@pytest.mark.parametrize(
    ("kind", "route"),
    [
        (OrganisationKind.GP_PRACTICE, Route.GP),
        (OrganisationKind.SCHOOL, Route.SCHOOL),
        (OrganisationKind.POLICE, Route.LEAD),
    ],
)
def test_a_workers_place_says_the_route(cast: Cast, kind: str, route: Route) -> None:
    place = factories.organisation(kind=kind)
    assert routes.of_place(place, roles=[Role.LEAD_PROFESSIONAL]) == route


def test_each_route_is_counted_by_what_became_of_it(cast: Cast) -> None:
    since, at = cast.later(days=-30), cast.later(days=30)
    for number in range(2):
        factories.referral(
            cast, cast.fred, route=Route.GP, rung=Rung.DECLINED, end_reason="no_place",
            handed_over_rung=Rung.APPLIED, handed_over_at=cast.at, service=cast.mentor,
            asked_at=cast.later(days=number),
        )  # fmt: skip
    factories.referral(cast, cast.olive, family=cast.neighbours, route=Route.SCHOOL)
    factories.referral(cast, cast.fred, route=Route.GP, service=cast.confidential)  # the NHS's
    lines = {line.route: line for line in routes.counted(owner=cast.county, since=since)}
    assert (lines[Route.GP].asked, lines[Route.GP].ended[Rung.DECLINED]) == (2, 2)
    assert lines[Route.GP].handed_over[Rung.APPLIED] == 2
    assert (lines[Route.SCHOOL].asked, lines[Route.SCHOOL].open) == (1, 1)
    linked(cast)
    (door,) = routes.at_the_door(organisation=cast.county, since=since, at=at)
    assert (door.route, door.asked, door.linked, door.waiting) == (Route.SELF, 1, 1, 0)


def test_key_issues_come_in_the_order_they_are_asked(cast: Cast) -> None:
    for slug in ("drinking", "rent-arrears", "not-a-key-issue"):
        Term.objects.create(taxonomy=TermTaxonomy.ISSUE, slug=slug, name=slug, plain_name=slug)
    assert [term.slug for term in enquiries.issues()] == ["rent-arrears", "drinking"]
    enquiry = ask(cast, worries={"drinking": Worry.BIG, "rent-arrears": Worry.NONE})
    assert enquiry.worries == {"drinking": 2}
    assert enquiries.weight(enquiry) == 1


def test_a_child_is_put_on_record_as_a_child(cast: Cast) -> None:
    enquiry = linked(cast, born_on=cast.day - timedelta(days=3000))
    assert Member.objects.get(person=enquiry.person).relation == "child"


def test_no_look_and_no_name_is_in_the_history_of_what_is_unlinked(cast: Cast) -> None:
    enquiry = ask(cast)
    enquiries.note_look(enquiry=enquiry, by=cast.by(cast.ingrid), at=cast.at)
    lines = Event.objects.filter(subject=enquiry.reference)
    assert [line.verb for line in lines.order_by("pk")] == ["enquire", "look"]
    assert not Look.objects.exists()
    assert not User.objects.filter(name__icontains="Rosa").exists()
