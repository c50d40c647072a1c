"""The sections of an entry that are lists: what its form asks, and when it is on."""

from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cms.models import Organisation, Place, Question, QuestionKind, Schedule, Service, Weekday
from marketplace.pages.provider.entry_forms import Section

BLANKS = 2
MOST_ROWS = 30


@dataclass(frozen=True)
class Group:
    """The fields of one row."""

    fields: list[forms.BoundField]
    is_blank: bool

    @property
    def has_errors(self) -> bool:
        """Tell whether something in the row has to be put right."""
        return any(field.errors for field in self.fields)


class Rows(Section):
    """A section that is a list: rows there are, and blank ones to add."""

    is_filter = True  # an empty row is none: nothing is said to be optional
    parts: ClassVar[tuple[str, ...]]
    needs: ClassVar[str]

    def told(self, draft: Service) -> dict[str, Any]:
        """Return what the draft says, row by row."""
        self.kept = self.rows_of(draft)
        found: dict[str, Any] = {}
        for number, row in enumerate(self.kept, start=1):
            found |= {f"row_{number}_{part}": self.shown(row, part) for part in self.parts}
        return found

    def rows_of(self, draft: Service) -> list[Any]:
        """Return the rows there are, in their order."""
        return sorted(getattr(draft, self.among[0]).all(), key=lambda row: row.position)

    def shown(self, row: Any, part: str) -> Any:
        """Return a part of a row as its field takes it."""
        return getattr(row, part)

    def field(self, part: str, organisation: Organisation) -> forms.Field:
        """Return the field of a part."""
        raise NotImplementedError

    def row(self, said: dict[str, Any], number: int) -> Any:
        """Return what a filled row says, unsaved."""
        raise NotImplementedError

    def fill(self, organisation: Organisation) -> None:
        """Add the fields of all rows, and of some blank ones."""
        self.count = min(len(self.kept) + BLANKS, max(MOST_ROWS, len(self.kept)))
        for number in range(1, self.count + 1):
            for part in self.parts:
                self.fields[f"row_{number}_{part}"] = self.field(part, organisation)

    @property
    def groups(self) -> list[Group]:
        """Return the rows, as the page shows them."""
        return [
            Group(
                [self[f"row_{number}_{part}"] for part in self.parts],
                is_blank=number > len(self.kept) and not self[f"row_{number}_{self.needs}"].value(),
            )
            for number in range(1, self.count + 1)
        ]

    def changes(self) -> dict[str, Any]:
        """Return the rows that are filled."""
        said = (self.said(number) for number in range(1, self.count + 1))
        filled = [(number, one) for number, one in enumerate(said, start=1) if one[self.needs]]
        return {self.among[0]: [self.row(one, number) for number, one in filled]}

    def said(self, number: int) -> dict[str, Any]:
        """Return what one row says."""
        return {part: self.cleaned_data.get(f"row_{number}_{part}") for part in self.parts}


class Questions(Rows):
    """What its application asks."""

    title = gettext_lazy("What its form asks")
    among = ("questions",)
    parts = ("text", "kind", "choices", "help_text", "is_required")
    needs = "text"

    def shown(self, row: Any, part: str) -> Any:
        """Return a part of a question; its choices on one line."""
        return ", ".join(map(str, row.choices)) if part == "choices" else getattr(row, part)

    def field(self, part: str, organisation: Organisation) -> forms.Field:
        """Return the field of a part."""
        if part == "kind":
            return forms.ChoiceField(
                label=_("Answered by"), choices=QuestionKind.choices, initial=QuestionKind.TEXT
            )
        if part == "is_required":
            return forms.BooleanField(label=_("It must be answered"), required=False)
        labels = {
            "text": (_("Question"), _("Empty it to take the question away.")),
            "choices": (_("Choices"), _("For one of these; with commas.")),
            "help_text": (_("Help"), ""),
        }
        label, hint = labels[part]
        return forms.CharField(label=label, help_text=hint, max_length=255, required=False)

    def clean(self) -> dict[str, Any]:
        """Ask for two choices where one of them is to be picked."""
        cleaned = super().clean()
        for number in range(1, self.count + 1):
            said = self.said(number)
            is_choice = said["kind"] == QuestionKind.CHOICE
            if said["text"] and is_choice and len(_parts(said["choices"])) < 2:
                self.add_error(f"row_{number}_choices", _("Give two or more, with commas."))
        return cleaned

    def row(self, said: dict[str, Any], number: int) -> Question:
        """Return a question; one that is kept keeps the key that answers are stored under."""
        kept = self.kept[number - 1].key if number <= len(self.kept) else ""
        is_choice = said["kind"] == QuestionKind.CHOICE
        return Question(
            key=kept or f"{slugify(said['text'])[:50] or 'question'}-{number}",
            text=said["text"],
            help_text=said["help_text"] or "",
            kind=said["kind"],
            choices=_parts(said["choices"]) if is_choice else [],
            is_required=bool(said["is_required"]),
        )


class Times(Rows):
    """When it is on."""

    title = gettext_lazy("When it is on")
    among = ("schedules",)
    parts = ("weekday", "opens_at", "closes_at", "place", "description")
    needs = "weekday"

    def rows_of(self, draft: Service) -> list[Any]:
        """Return the times in the order of the week."""
        rows = draft.schedules.all()
        return sorted(rows, key=lambda row: (row.weekday is None, row.weekday or 0))

    def shown(self, row: Any, part: str) -> Any:
        """Return a part of a time; no day is a choice of its own."""
        if part == "weekday":
            return "any" if row.weekday is None else str(row.weekday)
        return row.place_id if part == "place" else getattr(row, part)

    def field(self, part: str, organisation: Organisation) -> forms.Field:
        """Return the field of a part."""
        if part == "weekday":
            days = [(str(day.value), day.label) for day in Weekday]
            choices = [("", _("no time")), *days, ("any", _("no day in particular"))]
            return forms.ChoiceField(label=_("Day"), choices=choices, required=False)
        if part == "place":
            return forms.ModelChoiceField(
                label=_("Where"),
                queryset=self._places(organisation),
                required=False,
                empty_label=_("no place in particular"),
            )
        if part == "description":
            return forms.CharField(
                label=_("In words"),
                help_text=_("For example: in term time."),
                max_length=255,
                required=False,
            )
        label = _("From") if part == "opens_at" else _("Until")
        return forms.TimeField(label=label, widget=forms.TimeInput, required=False)

    def clean(self) -> dict[str, Any]:
        """Refuse an end before the beginning."""
        cleaned = super().clean()
        for number in range(1, self.count + 1):
            said = self.said(number)
            opens, closes = said["opens_at"], said["closes_at"]
            if said["weekday"] and opens and closes and closes <= opens:
                self.add_error(f"row_{number}_closes_at", _("Put the end after the beginning."))
        return cleaned

    def row(self, said: dict[str, Any], number: int) -> Schedule:
        """Return a time."""
        return Schedule(
            weekday=None if said["weekday"] == "any" else int(said["weekday"]),
            opens_at=said["opens_at"],
            closes_at=said["closes_at"],
            place=said["place"],
            description=said["description"] or "",
        )

    def _places(self, organisation: Organisation) -> Any:
        own = Place.objects.filter(organisation=organisation)
        kept = Place.objects.filter(pk__in=[row.place_id for row in self.kept if row.place_id])
        return (own | kept).order_by("name", "pk")


def _parts(text: str | None) -> list[str]:
    return [part.strip() for part in (text or "").split(",") if part.strip()]
