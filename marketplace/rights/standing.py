"""For whose record somebody may use these rights, and whether she is told what is secret there."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from django.utils import timezone

from budgets import families
from budgets.models import Person
from marketplace.people import appointments
from marketplace.people.models import User
from marketplace.people.roles import Power


@dataclass(frozen=True)
class Standing:
    """As whom a user asks, and whether the person's confidential items are for her eyes."""

    kind: Literal["herself", "decides", "represents"]
    knows_secrets: bool
    secrets_under: int | None = None
    """The key of the one record whose secrets an advocate is told; null where it is all of them."""
    decided_by: int | None = None
    """The key of the person who decides: of where another lives she is told what she knows."""

    @property
    def is_herself(self) -> bool:
        """Tell whether it is her own record."""
        return self.kind == "herself"


def of(*, user: User, person: Person, at: datetime) -> Standing | None:
    """Return a user's standing towards a person now, or None where she has none.

    A child may always ask herself: the right is hers, and somebody who decides for her has it too.
    """
    if not User.objects.filter(pk=user.pk, is_active=True).exists():
        return None
    day = timezone.localdate(at)
    if user.person_id == person.pk:
        return Standing("herself", knows_secrets=True)
    if user.person_id is not None and _decides(user.person_id, person, day):
        return Standing("decides", knows_secrets=False, decided_by=user.person_id)
    if appointments.represents(user=user, person=person, on=day):
        confides = appointments.of(user=user, on=day, power=Power.CONFIDE).filter(person=person)
        # What was told in confidence stays with the record that it was told to (person_merges).
        return Standing("represents", knows_secrets=confides.exists(), secrets_under=person.pk)
    return None


def _decides(holder_id: int, person: Person, day: date) -> bool:
    return holder_id in [one.pk for one in families.deciders(person=person, on=day)]
