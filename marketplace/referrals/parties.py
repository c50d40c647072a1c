"""Who has a part in a referral: who speaks for the person, and who works for the service."""

from datetime import date, datetime

from django.utils import timezone

from budgets import families, history
from budgets.models import Person
from cms.models import Organisation
from marketplace.people import appointments, memberships
from marketplace.people.models import User
from marketplace.people.roles import Role
from marketplace.referrals.models import Referral


def user_of(by: history.Actor) -> User | None:
    """Return the active user that an actor is, or None."""
    if by.kind != history.ActorKind.PERSON:
        return None
    return User.objects.filter(reference=by.reference, is_active=True).first()


def works_at(*, organisation: Organisation, role: Role, by: history.Actor, at: datetime) -> bool:
    """Tell whether an actor acts for an organisation, in a role that she holds there now."""
    if by.organisation != organisation.reference:
        return False
    return role in memberships.roles_at(by=by, at=at)


def deciders(*, referral: Referral, on: date) -> list[Person]:
    """Return who may say yes to a referral on a day.

    What somebody keeps to herself she decides on herself: who decides for a child otherwise does
    not learn of it (design §5).
    """
    if referral.is_confidential:
        return [referral.person]
    return families.deciders(person=referral.person, on=on)


def represents(*, user: User, person: Person, on: date) -> bool:
    """Tell whether a person appointed a user with the power to act for her."""
    return appointments.represents(user=user, person=person, on=on)


def is_for_family(*, referral: Referral, by: history.Actor, at: datetime) -> bool:
    """Tell whether somebody speaks for the person: herself, who decides, an advocate, who asked."""
    user = user_of(by)
    if user is None:
        return False
    return _asked(referral=referral, user=user, by=by, at=at) or has_their_word(
        referral=referral, by=by, at=at
    )


def has_their_word(*, referral: Referral, by: history.Actor, at: datetime) -> bool:
    """Tell whether a yes is somebody's to take back: herself, who decides, an advocate for her.

    Whoever only asked, a school or a practice, never said it nor was told it.
    """
    user = user_of(by)
    if user is None:
        return False
    day = timezone.localdate(at)
    return (
        user.person_id == referral.person_id
        or user.person_id in [person.pk for person in deciders(referral=referral, on=day)]
        or represents(user=user, person=referral.person, on=day)
    )


def tells_for(*, referral: Referral, by: history.Actor, at: datetime) -> bool:
    """Tell whether somebody may tell how it went, or that it is wanted again.

    That is in the family's words (design §4): the family's own, its advocate's and its lead's to
    tell. Whoever only asked, a school or a practice, does not speak for them afterwards; nor does
    a lead of what was kept from her.
    """
    user = user_of(by)
    if user is None:
        return False
    leads = appointments.leads_of(user=user, on=timezone.localdate(at))
    is_lead = leads.filter(family=referral.family).exists() and not referral.is_confidential
    return is_lead or has_their_word(referral=referral, by=by, at=at)


def _asked(*, referral: Referral, user: User, by: history.Actor, at: datetime) -> bool:
    """Tell whether somebody asked for it: a worker, while she works where she asked from."""
    if user.pk != referral.referrer_id:
        return False
    place = referral.referrer_organisation
    return place is None or (
        by.organisation == place.reference and bool(memberships.roles_at(by=by, at=at))
    )
