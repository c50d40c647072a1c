"""Who visits: her household, its plan, and for whom she says yes."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import F
from django.utils.translation import gettext as _

from budgets import families
from budgets.models import Family, Member, Person, Plan, Relation
from marketplace.pages import doors
from marketplace.sharing import grounds


@dataclass(frozen=True)
class Household:
    """One person, where she lives, and whose choices are hers to make."""

    person: Person
    family: Family | None
    plan: Plan | None
    at_home: tuple[Person, ...]
    children: tuple[Person, ...]
    """Those for whom she decides."""
    says_yes: bool
    """Whether she says yes for herself; a younger child's parent does."""

    @property
    def own(self) -> tuple[Person, ...]:
        """Return herself, then the children she decides for."""
        return (self.person, *self.children)

    def is_own(self, person_id: int | None) -> bool:
        """Tell whether it is hers to decide about this person."""
        return any(person.pk == person_id for person in self.own)

    def find(self, reference: str) -> Person:
        """Return one of her own by reference as an address has it; herself where it says nobody."""
        try:
            wanted = UUID(reference)
        except ValueError:
            return self.person
        return next((one for one in self.own if one.reference == wanted), self.person)

    def called(self, person: Person | None) -> str:
        """Return what she calls somebody: "you", or a first name; nobody is all of us."""
        if person is None:
            return _("all of us")
        return _("you") if person.pk == self.person.pk else person.first_name


def of(visit: doors.Visit) -> Household:
    """Return the visitor's household as she may know it now."""
    member = (
        Member.objects.on(visit.today)
        .filter(person=visit.person)
        .exclude(relation=Relation.VISITOR)
        .select_related("family")
        # Of a household's records the one that stands.
        .order_by(F("family__merged_into").asc(nulls_first=True), "joined_on", "pk")
        .first()
    )
    family = member.family if member else None
    at_home: list[Person] = []
    plan = None
    if family is not None:
        people = Person.objects.at_home(family=family, on=visit.today)
        at_home = list(visit.visible(people).order_by("born_on", "pk"))
        plan = visit.visible(Plan.objects.current().filter(family=family)).first()
    decided_for = grounds.decided_for(visit.user, visit.today)
    children = Person.objects.filter(pk__in=decided_for).order_by("born_on", "pk")
    return Household(
        person=visit.person,
        family=family,
        plan=plan,
        at_home=tuple(at_home),
        children=tuple(children),
        says_yes=visit.person in families.deciders(person=visit.person, on=visit.today),
    )
