"""The person's yes: who may say it, how an advocate was told it, and taking it off again."""

from datetime import date, datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from budgets import history
from budgets.models import Person
from marketplace.referrals import parties
from marketplace.referrals.models import Referral, YesHow, YesThrough

FIELDS = ["yes_by", "yes_at", "yes_how", "yes_through", "yes_told_on"]


class SaysNotHow(history.Refused):
    """A yes told to the advocate says how it was told, and on which day."""


def write(
    *,
    referral: Referral,
    person: Person,
    how: YesHow,
    through: YesThrough | None,
    told_on: date | None,
    at: datetime,
) -> None:
    """Write a yes on a locked referral; told, it says how and on which day. Raises SaysNotHow."""
    day = None
    if how == YesHow.TOLD_ADVOCATE:
        today = timezone.localdate(at)
        day = told_on or today
        if through is None or not timezone.localdate(referral.asked_at) <= day <= today:
            raise SaysNotHow(_("Say how they told you, and on which day since it was asked for."))
    referral.yes_by, referral.yes_at, referral.yes_how = person, at, how
    referral.yes_through, referral.yes_told_on = (through or "") if day else "", day
    referral.save(update_fields=FIELDS)


def clear(referral: Referral) -> None:
    """Let a locked referral stand without the yes that was said to it."""
    referral.yes_by, referral.yes_at, referral.yes_how = None, None, ""
    referral.yes_through, referral.yes_told_on = "", None
    referral.save(update_fields=FIELDS)


def may_say(
    *, referral: Referral, person: Person, how: YesHow, by: history.Actor, at: datetime
) -> bool:
    """Tell whether a yes is this person's to say, and this actor's to say or to tell of."""
    day = timezone.localdate(at)
    user = parties.user_of(by)
    if user is None or person not in parties.deciders(referral=referral, on=day):
        return False
    if how == YesHow.SIGNED_IN:
        return user.person_id == person.pk
    return parties.represents(user=user, person=referral.person, on=day)
