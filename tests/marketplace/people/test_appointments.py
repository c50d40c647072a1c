"""Who chooses an advocate and ends her, who names a lead, and how everybody learns who that is."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from budgets import families, history
from budgets.models import Event, Person
from cms.models import OrganisationKind
from marketplace.people import appointments, memberships, users
from marketplace.people.models import Appointment, Lead, User
from marketplace.people.roles import AdvocateKind, Role
from marketplace.sharing import sharing
from tests import factories
from tests.cast import Cast
from tests.factories import CLOCK

pytestmark = pytest.mark.django_db

REFUSED = (
    appointments.NotTheirs,
    appointments.NotForYourself,
    appointments.FromTheSameHome,
    appointments.NotAvailable,
    appointments.NotYourFamily,
    users.BadEmail,
)


def appoint(
    cast: Cast,
    *,
    person: Person,
    by: User,
    user: User | None = None,
    kind: AdvocateKind = AdvocateKind.PAID_ADVOCATE,
) -> Appointment:
    """Appoint somebody, as somebody; Nadia where nobody is said."""
    return appointments.appoint(
        person=person,
        user=user or cast.nadia,
        kind=kind,
        on=cast.day,
        by=cast.by(by),
        at=cast.at,
    )


def refused(act: Callable[[], object]) -> str:
    """Return the name of the refusal; nothing was changed and nothing written."""
    before = (*Appointment.objects.values_list(), *Lead.objects.values_list(), User.objects.count())
    events = Event.objects.count()
    with pytest.raises(REFUSED) as raised:
        act()
    assert raised.value.sentence.endswith(".")
    after = (*Appointment.objects.values_list(), *Lead.objects.values_list(), User.objects.count())
    assert (before, events) == (after, Event.objects.count())
    return type(raised.value).__name__


CHOOSERS = {
    ("fred_user", "fred"): True,
    ("anne_user", "anne"): True,
    ("fred_user", "jamie"): True,
    ("stacey_user", "stacey"): True,
    ("fred_user", "stacey"): False,  # she decides alone
    ("fred_user", "anne"): False,
    ("anne_user", "jamie"): False,
    ("jamie_user", "jamie"): False,  # not yet found competent
    ("stacey_user", "jamie"): False,
    ("olive_user", "fred"): False,
    ("amira", "fred"): False,  # not even who acts for him
    ("ruth", "fred"): False,
    ("adam", "fred"): False,
}


@pytest.mark.parametrize(("by", "person"), CHOOSERS)
def test_it_is_hers_to_say_or_theirs_who_decide_for_her(by: str, person: str, cast: Cast):
    user, whose = cast.users[by], cast.persons[person]
    if CHOOSERS[by, person]:
        made = appoint(cast, person=whose, by=user)
        (event,) = history.of(made.reference)
        assert (event.verb, event.to_state) == ("appointed", "paid_advocate")
        assert appointments.end(appointment=made, on=cast.day, by=cast.by(user), at=cast.at).ends_on
    else:
        assert refused(lambda: appoint(cast, person=whose, by=user)) == "NotTheirs"


def test_a_young_person_chooses_from_the_day_she_is_found_competent(cast: Cast):
    families.decide_alone(person=cast.jamie, on=cast.day, by=CLOCK, at=cast.at)
    assert refused(lambda: appoint(cast, person=cast.jamie, by=cast.fred_user)) == "NotTheirs"
    made = appoint(cast, person=cast.jamie, by=cast.jamie_user)
    for held in Appointment.objects.on(cast.day).filter(person=cast.jamie):
        assert not sharing.visible(
            Appointment.objects.filter(pk=held.pk), user=cast.fred_user, at=cast.at
        ).exists()
    events = Event.objects.filter(subject=made.reference)
    assert sharing.visible(events, user=cast.jamie_user, at=cast.at).exists()
    for other in (cast.fred_user, cast.anne_user, cast.stacey_user):
        assert not sharing.visible(events, user=other, at=cast.at).exists()


def test_nobody_makes_herself_an_advocate(cast: Cast):
    kind = AdvocateKind.FAMILY_FRIEND
    assert (
        refused(
            lambda: appoint(
                cast, person=cast.fred, by=cast.fred_user, user=cast.fred_user, kind=kind
            )
        )
        == "NotForYourself"
    )
    lead_for_the_absent(cast)
    assert (
        refused(lambda: appoint(cast, person=cast.josh, by=cast.ruth, user=cast.ruth, kind=kind))
        == "NotForYourself"
    )


@pytest.mark.parametrize("friend", ["anne_user", "fred_user"])
def test_who_lives_with_a_child_is_not_its_own_advocate(friend: str, cast: Cast):
    appoint_friend = partial(
        appointments.appoint,
        person=cast.jamie,
        user=cast.users[friend],
        kind=AdvocateKind.FAMILY_FRIEND,
        on=cast.day,
        by=CLOCK,
        at=cast.at,
    )
    assert refused(appoint_friend) == "FromTheSameHome"


@pytest.mark.parametrize(
    ("kind", "who"),
    [
        (AdvocateKind.PAID_ADVOCATE, "ruth"),
        (AdvocateKind.PAID_ADVOCATE, "olive_user"),
        (AdvocateKind.LEAD_PROFESSIONAL, "nadia"),
    ],
)
def test_who_does_not_work_as_one_is_not_appointed_as_one(kind: AdvocateKind, who: str, cast: Cast):
    user = cast.users[who]
    assert (
        refused(lambda: appoint(cast, person=cast.fred, by=cast.fred_user, user=user, kind=kind))
        == "NotAvailable"
    )


def test_who_cannot_sign_in_is_not_appointed(cast: Cast):
    users.deactivate(user=cast.nadia, by=CLOCK, at=cast.at)
    nadia = User.objects.get(pk=cast.nadia.pk)
    assert (
        refused(lambda: appoint(cast, person=cast.fred, by=cast.fred_user, user=nadia))
        == "NotAvailable"
    )


def test_only_who_may_choose_ends_it_and_an_advocate_may_stand_down(cast: Cast):
    held = Appointment.objects.get(user=cast.amira, person=cast.jamie)

    def end(by: User) -> Appointment:
        return appointments.end(appointment=held, on=cast.day, by=cast.by(by), at=cast.at)

    for other in (cast.anne_user, cast.jamie_user, cast.nadia, cast.ruth):
        assert refused(partial(end, other)) == "NotTheirs"
    assert end(cast.amira).ends_on == cast.day
    assert end(cast.fred_user).ends_on == cast.day
    assert [event.verb for event in history.of(held.reference)] == ["ended"]


def lead_for_the_absent(cast: Cast) -> None:
    """Let Ruth lead, and nobody who decides for Josh sign in."""
    appointments.lead(
        family=cast.family,
        user=cast.ruth,
        organisation=cast.trust,
        on=cast.day,
        by=CLOCK,
        at=cast.at,
    )
    User.objects.filter(person__isnull=False).update(is_active=False)


def test_where_nobody_signs_in_the_lead_writes_down_what_she_was_told(cast: Cast):
    lead_for_the_absent(cast)
    made = appoint(cast, person=cast.josh, by=cast.ruth)
    assert made.user == cast.nadia
    for other in (cast.amira, cast.sam, cast.ingrid):
        assert refused(partial(appoint, cast, person=cast.josh, by=other)) == "NotTheirs"


def test_a_friend_who_is_new_here_is_given_a_sign_in(cast: Cast):
    def bring(kind: AdvocateKind, by: User) -> Appointment:
        return appointments.bring(
            person=cast.fred,
            email="Joan@alongside.example",
            name="Joan",
            kind=kind,
            on=cast.day,
            by=cast.by(by),
            at=cast.at,
        )

    assert refused(lambda: bring(AdvocateKind.FAMILY_FRIEND, cast.anne_user)) == "NotTheirs"
    assert refused(lambda: bring(AdvocateKind.PAID_ADVOCATE, cast.fred_user)) == "NotAvailable"
    made = bring(AdvocateKind.FAMILY_FRIEND, cast.fred_user)
    assert (made.user.email, made.user.name) == ("joan@alongside.example", "Joan")
    assert bring(AdvocateKind.FAMILY_FRIEND, cast.fred_user) == made


# The lead.


def lead(cast: Cast, *, user: User, by: User, organisation: str = "trust") -> Lead:
    """Name a lead, as somebody."""
    return appointments.lead(
        family=cast.family,
        user=user,
        organisation=getattr(cast, organisation),
        on=cast.day,
        by=cast.by(by),
        at=cast.at,
    )


def test_who_leads_hands_it_on_and_her_colleagues_take_it_on(cast: Cast):
    colleague = factories.worker(cast, cast.trust, Role.LEAD_PROFESSIONAL)
    cast.workplaces[colleague.pk] = cast.trust
    assert refused(lambda: lead(cast, user=cast.ruth, by=cast.ruth)) == "NotYourFamily"
    appointments.lead(
        family=cast.family,
        user=cast.ruth,
        organisation=cast.trust,
        on=cast.day,
        by=CLOCK,
        at=cast.at,
    )
    for other in (cast.sam, cast.amira, cast.ingrid, cast.fred_user):
        assert refused(partial(lead, cast, user=cast.sam, by=other)) == "NotYourFamily"
    named = lead(cast, user=colleague, by=colleague)
    assert lead(cast, user=colleague, by=colleague) == named
    assert lead(cast, user=cast.sam, by=colleague, organisation="police").user == cast.sam
    assert refused(lambda: lead(cast, user=cast.ruth, by=cast.ruth)) == "NotYourFamily"


def test_the_first_lead_is_named_by_who_put_the_family_on_record(cast: Cast):
    family = families.add_family(name="New", by=cast.by(cast.ruth), at=cast.at)
    said: dict[str, Any] = {
        "family": family,
        "user": cast.ruth,
        "organisation": cast.trust,
        "on": cast.day,
    }
    assert (
        refused(lambda: appointments.lead(**said, by=cast.by(cast.sam), at=cast.at))
        == "NotYourFamily"
    )
    assert appointments.lead(**said, by=cast.by(cast.ruth), at=cast.at).user == cast.ruth


def test_only_a_lead_professional_there_leads(cast: Cast):
    for user, organisation in ((cast.amira, cast.beacon), (cast.ruth, cast.police)):
        name = partial(
            appointments.lead,
            family=cast.family,
            user=user,
            organisation=organisation,
            on=cast.day,
            by=CLOCK,
            at=cast.at,
        )
        assert refused(name) == "NotAvailable"


def test_who_leads_is_named_with_where_and_how_until_she_leaves(cast: Cast):
    assert appointments.lead_of(family=cast.family, on=cast.day) is None
    appointments.lead(
        family=cast.family,
        user=cast.ruth,
        organisation=cast.trust,
        on=cast.day,
        by=CLOCK,
        at=cast.at,
    )
    named = appointments.lead_of(family=cast.family, on=cast.day)
    assert named == appointments.LeadNamed(
        "Ruth Okafor", cast.trust.name, cast.trust.phone, cast.ruth.email
    )
    memberships.leave(membership=cast.ruth.memberships.get(), on=cast.day, by=CLOCK, at=cast.at)
    assert appointments.lead_of(family=cast.family, on=cast.day) is None


@pytest.mark.parametrize(
    "kind", [OrganisationKind.SCHOOL, OrganisationKind.HOUSING, OrganisationKind.POLICE]
)
def test_a_lead_at_a_school_a_landlord_or_the_police_leads_her_part(kind: str, cast: Cast):
    cast.trust.kind = kind
    cast.trust.save()
    appointments.lead(
        family=cast.family,
        user=cast.ruth,
        organisation=cast.trust,
        on=cast.day,
        by=CLOCK,
        at=cast.at,
    )
    assert appointments.leads_of(user=cast.ruth, on=cast.day).exists()
    assert not appointments.leads_whole(user=cast.ruth, on=cast.day).exists()


TWINS: dict[str, tuple[str, object, Callable[[Cast], None]]] = {
    "anybody chooses for anybody": (
        "chooses",
        lambda **asked: True,
        lambda cast: test_it_is_hers_to_say_or_theirs_who_decide_for_her(
            "fred_user", "stacey", cast
        ),
    ),
    "who lives together is not asked": (
        "_are_close",
        lambda *people, on: False,
        lambda cast: test_who_lives_with_a_child_is_not_its_own_advocate("anne_user", cast),
    ),
    "kinds need no job": (
        "EMPLOYED",
        {},
        lambda cast: test_who_does_not_work_as_one_is_not_appointed_as_one(
            AdvocateKind.PAID_ADVOCATE, "ruth", cast
        ),
    ),
    "anybody names a lead": (
        "_may_name_lead",
        lambda **asked: True,
        test_who_leads_hands_it_on_and_her_colleagues_take_it_on,
    ),
    "a lead sees everything from anywhere": (
        "SEES_HER_PART",
        frozenset(),
        lambda cast: test_a_lead_at_a_school_a_landlord_or_the_police_leads_her_part(
            OrganisationKind.POLICE, cast
        ),
    ),
}


@pytest.mark.parametrize("name", TWINS)
def test_a_check_that_is_switched_off_is_noticed(
    name: str, cast: Cast, monkeypatch: pytest.MonkeyPatch
):
    attribute, instead, test = TWINS[name]
    monkeypatch.setattr(appointments, attribute, instead)
    with pytest.raises((AssertionError, pytest.fail.Exception)):
        test(cast)
