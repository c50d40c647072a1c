"""What is asked about a concern, an emergency and what is held back."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from budgets.models import Person
from marketplace.people.models import User
from marketplace.sharing import emergencies, held_back, safeguards
from marketplace.sharing.models import Finding, HeldBackReason, SafeguardEnd, SafeguardKind

LONGEST_WORDS = 4000


def words(label: Any, help_text: Any = "", rows: int = 3) -> forms.CharField:
    """Return a field for what somebody writes."""
    return forms.CharField(
        label=label,
        help_text=help_text,
        widget=forms.Textarea(attrs={"rows": rows}),
        max_length=LONGEST_WORDS,
    )


def day(label: Any, *, today: date, within: timedelta, first: date) -> forms.DateField:
    """Return a field for a day to come, within a time."""
    return forms.DateField(
        label=label,
        initial=first,
        widget=forms.DateInput(
            attrs={
                "min": (today + timedelta(days=1)).isoformat(),
                "max": (today + within).isoformat(),
            }
        ),
    )


class Concern(forms.Form):
    """A new concern: whom it is about, what was seen, who answers for it and until when."""

    person = forms.ModelChoiceField(
        label=gettext_lazy("Who may come to harm?"),
        queryset=Person.objects.none(),
        to_field_name="reference",
    )
    kind = forms.ChoiceField(label=gettext_lazy("What is it about?"), choices=SafeguardKind.choices)
    evidence = words(
        gettext_lazy("What was seen or said, when, and by whom?"),
        gettext_lazy("What you know, apart from what you think. Their own words where you can."),
        rows=5,
    )
    is_agreed = forms.TypedChoiceField(
        label=gettext_lazy("Did you talk it over with them?"),
        help_text=gettext_lazy("What was talked over, they can read on their own page."),
        choices=[("yes", gettext_lazy("Yes")), ("no", gettext_lazy("Not yet"))],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )
    is_with_social_worker = forms.BooleanField(
        label=gettext_lazy("This is for a social worker: I have rung them, or do so now"),
        required=False,
    )
    home_may_know = forms.BooleanField(
        label=gettext_lazy("The others at home may know of it"),
        help_text=gettext_lazy("Unless you tick this, nobody else at home sees it."),
        required=False,
    )

    def __init__(
        self, *args: Any, persons: Any, owners: Iterable[User], user: User, today: date, **kw: Any
    ) -> None:
        super().__init__(*args, **kw)
        self.fields["person"] = Who(
            label=self.fields["person"].label,
            queryset=persons,
            to_field_name="reference",
            empty_label=_("Choose somebody"),
        )
        self.fields["owner"] = _owner(owners, user)
        self.fields["review_on"] = day(
            _("When is it looked at again?"),
            today=today,
            within=safeguards.REVIEW_WITHIN,
            first=today + timedelta(days=7),
        )


class Who(forms.ModelChoiceField[Person]):
    """One of the persons whom she may know of."""

    def label_from_instance(self, obj: Person) -> str:
        """Return a person's name."""
        return obj.name


class Words(forms.Form):
    """Only why."""

    def __init__(self, *args: Any, label: Any, **kw: Any) -> None:
        super().__init__(*args, **kw)
        self.fields["words"] = words(label)


class Review(forms.Form):
    """What was found, and when it is looked at next."""

    words = words(gettext_lazy("What did you find?"))

    def __init__(self, *args: Any, today: date, **kw: Any) -> None:
        super().__init__(*args, **kw)
        self.fields["review_on"] = day(
            _("When is it looked at next?"),
            today=today,
            within=safeguards.REVIEW_WITHIN,
            first=today + timedelta(days=28),
        )


class HandOver(forms.Form):
    """Who answers for it from now on: a colleague, or somebody elsewhere by work e-mail."""

    email = forms.EmailField(
        label=gettext_lazy("Or somebody elsewhere: their work e-mail address"), required=False
    )
    words = words(gettext_lazy("What do they need to know, and what did you agree?"))
    field_order = ["owner", "email", "words"]

    def __init__(self, *args: Any, owners: Iterable[User], user: User, **kw: Any) -> None:
        super().__init__(*args, **kw)
        others = [one for one in owners if one.pk != user.pk]
        self.fields["owner"] = _owner(others, user, label=_("A colleague"), required=False)
        self.order_fields(self.field_order)

    def clean(self) -> dict[str, Any]:
        """Ask for one of the two."""
        given: dict[str, Any] = super().clean() or {}
        if not given.get("owner") and not given.get("email"):
            self.add_error("owner", _("Choose a colleague, or give an e-mail address."))
        return given


class Close(forms.Form):
    """Why a concern is closed."""

    reason = forms.ChoiceField(
        label=gettext_lazy("Why can it be closed?"),
        choices=SafeguardEnd.choices,
        widget=forms.RadioSelect,
    )
    words = words(gettext_lazy("How do you know?"))


class HoldBack(forms.Form):
    """Why the person may not learn of it yet, and until when."""

    reason = forms.ChoiceField(
        label=gettext_lazy("Why may they not learn of it yet?"),
        choices=HeldBackReason.choices,
        widget=forms.RadioSelect,
    )
    words = words(gettext_lazy("What could happen if it were known now?"))

    def __init__(self, *args: Any, today: date, **kw: Any) -> None:
        super().__init__(*args, **kw)
        self.fields["until"] = day(
            _("Until when?"),
            today=today,
            within=held_back.LONGEST,
            first=today + timedelta(days=28),
        )


class Emergency(forms.Form):
    """Whom she means, exactly, and why it cannot wait."""

    name = forms.CharField(label=gettext_lazy("Their first and last name"), max_length=200)
    born_on = forms.DateField(label=gettext_lazy("Their date of birth"), widget=forms.DateInput())
    postcode = forms.CharField(label=gettext_lazy("The postcode where they live"), max_length=10)
    why = words(
        gettext_lazy("What is happening, and why can’t it wait?"),
        gettext_lazy("A manager reads this. The person reads that you looked, and why in general."),
    )
    hours = forms.TypedChoiceField(
        label=gettext_lazy("For how long?"),
        choices=[
            (1, gettext_lazy("1 hour")),
            (4, gettext_lazy("4 hours")),
            (24, gettext_lazy("24 hours")),
        ],
        coerce=int,
        initial=4,
        widget=forms.RadioSelect,
    )

    @property
    def details(self) -> emergencies.Details:
        """Return whom she means."""
        given = self.cleaned_data
        return emergencies.Details(
            name=given["name"], born_on=given["born_on"], postcode=given["postcode"]
        )


class Judge(forms.Form):
    """Whether it was right to open a record."""

    finding = forms.ChoiceField(
        label=gettext_lazy("Was it right?"), choices=Finding.choices, widget=forms.RadioSelect
    )
    words = words(gettext_lazy("Why?"))


class Uphold(forms.Form):
    """Whether something stays held back."""

    is_upheld = forms.TypedChoiceField(
        label=gettext_lazy("Does it stay held back?"),
        choices=[
            ("yes", gettext_lazy("Yes, until that day")),
            ("no", gettext_lazy("No, let it out now")),
        ],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )
    words = words(gettext_lazy("Why?"))


def _owner(
    owners: Iterable[User], user: User, *, label: Any = None, required: bool = True
) -> forms.TypedChoiceField:
    by_reference = {str(one.reference): one for one in owners}
    choices = [
        (key, _("Me, %(name)s") % {"name": one.name} if one.pk == user.pk else one.name)
        for key, one in by_reference.items()
    ]
    return forms.TypedChoiceField(
        label=label or _("Who answers for it?"),
        choices=choices if required else [("", _("Nobody chosen")), *choices],
        initial=str(user.reference) if required else "",
        coerce=by_reference.get,
        empty_value=None,
        required=required,
    )
