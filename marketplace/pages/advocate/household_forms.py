"""What is asked when a household changes: short, and each field once."""

import uuid
from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from budgets.models import Kin, Person, Relation
from budgets.models.family import Family

LONGEST = 2000
HERE, VISITS, ELSEWHERE = "here", "visits", "elsewhere"
LIVES = [
    (HERE, gettext_lazy("Lives here")),
    (VISITS, gettext_lazy("Visits, and lives elsewhere")),
    (ELSEWHERE, gettext_lazy("Lives elsewhere, and is related to somebody here")),
]
STAYS = [(value, label) for value, label in Relation.choices if value != Relation.VISITOR]


def day(label: Any, *, required: bool = True, help_text: Any = "") -> forms.DateField:
    """Return a field for one day."""
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, required=required, help_text=help_text, widget=widget)


def why(label: Any, help_text: Any = "") -> forms.CharField:
    """Return a field for the reason that goes on record."""
    rows = forms.Textarea(attrs={"rows": 3})
    return forms.CharField(label=label, help_text=help_text, max_length=LONGEST, widget=rows)


class People(forms.Form):
    """A form that chooses among people whom the worker sees on the page."""

    def __init__(
        self, data: Any = None, *, people: Iterable[Person] = (), today: date, **kwargs: Any
    ) -> None:
        super().__init__(data, **kwargs)
        self.people = {str(person.reference): person for person in people}
        if "on" in self.fields and "on" not in self.initial:
            self.fields["on"].initial = today

    def choose(self, *names: str, nobody: str = "") -> None:
        """Let these fields choose one of the people, or nobody where there are words for it."""
        listed = [(key, person.name) for key, person in self.people.items()]
        for name in names:
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = [("", nobody or _("Choose")), *listed]

    def person(self, name: str) -> Person | None:
        """Return whom a field chose."""
        return self.people.get(self.cleaned_data.get(name) or "")


class Add(People):
    """Somebody who is not on record yet."""

    first_name = forms.CharField(label=gettext_lazy("First name"), max_length=100)
    last_name = forms.CharField(label=gettext_lazy("Last name"), max_length=100, required=False)
    born_on = day(gettext_lazy("Born on"), required=False)
    lives = forms.ChoiceField(
        label=gettext_lazy("Where do they live?"),
        choices=LIVES,
        initial=HERE,
        widget=forms.RadioSelect,
    )
    relation = forms.ChoiceField(
        label=gettext_lazy("What are they in this household?"),
        help_text=gettext_lazy("Only for somebody who lives here."),
        choices=[("", gettext_lazy("Choose")), *STAYS],
        required=False,
    )
    on = day(gettext_lazy("Since when?"))
    until = day(
        gettext_lazy("Until when?"),
        required=False,
        help_text=gettext_lazy("Only where the end is known. That day is not included."),
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("They are, to somebody here, the"),
        choices=[("", gettext_lazy("Choose")), *Kin.choices],
        required=False,
    )
    of = forms.ChoiceField(label=gettext_lazy("Of whom?"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.choose("of")

    def clean(self) -> dict[str, Any]:
        """Ask for what somebody's place in the household needs."""
        said = super().clean() or {}
        if said.get("lives") == HERE and not said.get("relation"):
            self.add_error("relation", _("Choose what they are in this household."))
        if said.get("lives") == ELSEWHERE and not (said.get("kind") and said.get("of")):
            self.add_error("of", _("Say whose relative they are: else nobody finds them again."))
        if bool(said.get("kind")) != bool(said.get("of")):
            self.add_error("kind", _("Choose both: what they are, and whose."))
        if said.get("until") and said.get("on") and said["until"] <= said["on"]:
            self.add_error("until", _("Choose a day after the first."))
        return said


class Related(People):
    """How two people are related."""

    relative = forms.ChoiceField(label=gettext_lazy("Who"))
    kind = forms.ChoiceField(
        label=gettext_lazy("is the"), choices=[("", gettext_lazy("Choose")), *Kin.choices]
    )
    of = forms.ChoiceField(label=gettext_lazy("of whom"))
    on = day(gettext_lazy("Since when?"))
    is_confidential = forms.BooleanField(
        label=gettext_lazy("Only for them, and for whom they confide in"), required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.choose("relative", "of")


class Decides(People):
    """What one person may do for another."""

    holder = forms.ChoiceField(label=gettext_lazy("Who"))
    of = forms.ChoiceField(label=gettext_lazy("For whom"))
    has_parental_responsibility = forms.BooleanField(
        label=gettext_lazy("has parental responsibility"), required=False
    )
    may_decide = forms.BooleanField(
        label=gettext_lazy("may decide, and says yes to support"),
        help_text=gettext_lazy("Leave both empty where it is not so any more."),
        required=False,
    )
    on = day(gettext_lazy("From when?"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.choose("holder", "of")


class SamePerson(People):
    """Two records of one person."""

    kept = forms.ChoiceField(label=gettext_lazy("The record that stands"))
    gone = forms.ChoiceField(label=gettext_lazy("The record that goes"), required=False)
    other = forms.CharField(
        label=gettext_lazy("Or the reference of a record in another household"),
        help_text=gettext_lazy("It is on that household’s page. You must be able to open it."),
        max_length=300,
        required=False,
    )
    words = why(gettext_lazy("How do you know?"), gettext_lazy("It goes on record."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.choose("kept")
        self.choose("gone", nobody=_("Somebody in another household"))

    def clean(self) -> dict[str, Any]:
        """Ask for one other record."""
        said = super().clean() or {}
        if bool(said.get("gone")) == bool(said.get("other")):
            self.add_error("gone", _("Choose one here, or give one reference."))
        return said


class SameHousehold(forms.Form):
    """Two records of one household."""

    other = forms.CharField(
        label=gettext_lazy("The reference of the other household"),
        help_text=gettext_lazy("It is on that household’s page. You must be able to open it."),
        max_length=300,
    )
    stands = forms.ChoiceField(
        label=gettext_lazy("Which record stands?"), widget=forms.RadioSelect, initial="this"
    )
    words = why(gettext_lazy("How do you know?"), gettext_lazy("It goes on record."))

    def __init__(self, data: Any = None, *, family: Family, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        stands = self.fields["stands"]
        assert isinstance(stands, forms.ChoiceField)
        stands.choices = [("this", family.name), ("other", _("The other one"))]


class Day(People):
    """A day on which something is so."""

    on = day(gettext_lazy("From which day?"))


class Stay(Day):
    """What somebody is in the household from a day on."""

    relation = forms.ChoiceField(
        label=gettext_lazy("What are they here?"), choices=Relation.choices
    )
    field_order = ("relation", "on")


class Because(People):
    """Why."""

    words = why(gettext_lazy("Why, and who said so?"), gettext_lazy("It goes on record."))


class Found(People):
    """That a young person decides alone."""

    words = why(
        gettext_lazy("Who found so, and how?"),
        gettext_lazy("What shows that the young person understands what it is about."),
    )
    on = day(gettext_lazy("Since when?"))


def reference(text: str) -> uuid.UUID | None:
    """Return the reference in what was typed: itself, or the last one in an address."""
    for part in reversed(text.strip().strip("/").split("/")):
        try:
            return uuid.UUID(part.strip())
        except ValueError:
            continue
    return None
