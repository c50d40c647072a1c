"""How a list of what is due is narrowed: hers or nobody's yet, and late only."""

from datetime import date
from typing import Any

import django_filters
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext_lazy as _

from cms.models import Organisation
from marketplace.people.models import User
from marketplace.people.roles import Role
from marketplace.referrals.models import Take


class Due(django_filters.FilterSet):
    """A list of things that are due by a day (`due_on`), and that somebody may have taken.

    `referral` names the way from a row to what is taken.
    """

    referral = "pk"
    organisation: Organisation
    role: Role
    user: User
    today: date

    whose = django_filters.ChoiceFilter(
        label=_("Whose"),
        empty_label=_("My team’s"),
        choices=[("mine", _("Mine")), ("nobody", _("Nobody’s yet"))],
        method="of_whom",
    )
    late = django_filters.ChoiceFilter(
        label=_("Due"),
        empty_label=_("Late or not"),
        choices=[("yes", _("Late only"))],
        method="only_late",
    )

    def for_desk(self, *, organisation: Organisation, role: Role, user: User, today: date) -> "Due":
        """Say whose list it is, and for which day."""
        self.organisation, self.role, self.user, self.today = organisation, role, user, today
        return self

    def of_whom(self, found: QuerySet[Any], _name: str, value: str) -> QuerySet[Any]:
        """Narrow to what she has taken, or nobody has."""
        held = taken(organisation=self.organisation, role=self.role, on=self.today)
        held = held.filter(referral=OuterRef(self.referral))
        if value == "mine":
            return found.filter(Exists(held.filter(user=self.user)))
        return found.exclude(Exists(held))

    def only_late(self, found: QuerySet[Any], _name: str, _value: str) -> QuerySet[Any]:
        """Narrow to what should have been done by now."""
        return found.filter(due_on__lt=self.today)


def taken(*, organisation: Organisation, role: Role, on: date) -> QuerySet[Take]:
    """Return what people in a role at an organisation have taken, and still hold."""
    return Take.objects.standing(on).filter(organisation=organisation, role=role)
