"""The forms of an entry, a section each: what a provider proposes, and its owner's editor reads."""

from collections.abc import Iterable
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cms import differences
from cms.models import (
    ContactCheck,
    Organisation,
    Place,
    Process,
    Service,
    ServiceKind,
    Step,
    Term,
)
from cms.models.process import TOGETHER
from marketplace.pages.catalogue_forms import EntriesField, TermsField

MOST_WORDS = 5_000
MOST_DAYS = 1_000
NOT_NEEDED, ALONE = "", "0"


class Section(forms.Form):
    """One section of an entry, filled with what its latest draft says."""

    title: ClassVar[Any]
    among: ClassVar[tuple[str, ...]]

    was = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(
        self,
        data: Any = None,
        *,
        draft: Service,
        was: int,
        organisation: Organisation,
    ) -> None:
        super().__init__(data, initial={**self.told(draft), "was": was})
        self.draft, self.latest = draft, was
        self.fill(organisation)

    def told(self, draft: Service) -> dict[str, Any]:
        """Return what the draft says of this section."""
        return {name: getattr(draft, name) for name in self.among}

    def fill(self, organisation: Organisation) -> None:
        """Put in what there is to choose from."""

    def changes(self) -> dict[str, Any]:
        """Return what a valid form says otherwise than the draft, as a proposal takes it."""
        changed = set(self.changed_data) - {"was"}
        return {name: self.cleaned_data[name] for name in self.among if name in changed}

    def clean(self) -> dict[str, Any]:
        """Refuse to send what changes nothing."""
        cleaned: dict[str, Any] = super().clean() or {}
        if not self.errors and not set(self.changed_data) - {"was"}:
            raise forms.ValidationError(_("Change something first."))
        return cleaned

    def overtaken(self, names: Iterable[str]) -> None:
        """Show what somebody else wrote meanwhile beside what was typed; sending again keeps it."""
        theirs = differences.said(self.draft)
        for name in names:
            words = _("It says now: “%(theirs)s”. What you typed is kept below.") % {
                "theirs": "; ".join(theirs[name]) or _("nothing")
            }
            if name in self.fields:
                self.add_error(name, words)
            else:
                self.add_error(None, f"{differences.label(name)}. {words}")
        sent: Any = self.data
        sent = sent.copy()
        sent["was"] = str(self.latest)
        self.data = sent


class Words(Section):
    """What it is."""

    title = gettext_lazy("What it is")
    among = (
        "name",
        "summary",
        "description",
        "what_happens_next",
        "website",
        "email",
        "phone",
    )

    name = forms.CharField(label=gettext_lazy("Name"), max_length=200)
    summary = forms.CharField(
        label=gettext_lazy("In one plain sentence"),
        max_length=255,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    description = forms.CharField(
        label=gettext_lazy("What you do"),
        max_length=MOST_WORDS,
        widget=forms.Textarea(attrs={"rows": 6}),
        required=False,
    )
    what_happens_next = forms.CharField(
        label=gettext_lazy("What happens when somebody asks"),
        max_length=MOST_WORDS,
        widget=forms.Textarea(attrs={"rows": 4}),
        required=False,
    )
    website = forms.URLField(
        label=gettext_lazy("Website"), max_length=500, required=False, assume_scheme="https"
    )
    email = forms.EmailField(label=gettext_lazy("E-mail address"), required=False)
    phone = forms.CharField(label=gettext_lazy("Telephone"), max_length=50, required=False)


class Reach(Section):
    """What it helps with, and where."""

    title = gettext_lazy("What it helps with, and where")
    among = ("terms", "places", "districts", "is_confidential")

    terms = TermsField(
        label=gettext_lazy("It helps with"), queryset=Term.objects.none(), required=False
    )
    places = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Your places where it is"),
        queryset=Place.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    districts = EntriesField(
        label=gettext_lazy("Districts it serves"),
        help_text=gettext_lazy("With commas. Left empty: the districts its places are in."),
        max_length=500,
        required=False,
    )
    is_confidential = forms.BooleanField(
        label=gettext_lazy("Others in the household must not learn of it"), required=False
    )

    def told(self, draft: Service) -> dict[str, Any]:
        """Return what the draft says, its terms and places by their keys."""
        found = super().told(draft)
        for name in ("terms", "places"):
            found[name] = [row.pk for row in getattr(draft, name).all()]
        return found

    def fill(self, organisation: Organisation) -> None:
        """Offer all terms, the organisation's own places, and those it is at already."""
        own = Place.objects.filter(organisation=organisation)
        kept = Place.objects.filter(pk__in=self.initial["places"])
        terms: Any = self.fields["terms"]
        places: Any = self.fields["places"]
        terms.queryset = Term.objects.order_by("taxonomy", "name")
        places.queryset = (own | kept).order_by("name", "pk")


class Start(Section):
    """How it starts: the steps it needs, and what is promised."""

    title = gettext_lazy("How it starts, and what you promise")
    among = (
        "processes",
        "answer_days",
        "wait_days",
        "notice_days",
        "places_a_week",
        "places_at_once",
        "contact_check",
    )

    answer_days = forms.IntegerField(
        label=gettext_lazy("You answer within"),
        min_value=1,
        max_value=60,
        widget=forms.NumberInput(attrs={"data-suffix": gettext_lazy("working days")}),
    )
    wait_days = forms.IntegerField(
        label=gettext_lazy("Usual wait"),
        min_value=0,
        max_value=MOST_DAYS,
        required=False,
        widget=forms.NumberInput(attrs={"data-suffix": gettext_lazy("days")}),
    )
    notice_days = forms.IntegerField(
        label=gettext_lazy("Free to cancel until"),
        min_value=0,
        max_value=60,
        widget=forms.NumberInput(attrs={"data-suffix": gettext_lazy("days before")}),
    )
    places_a_week = forms.IntegerField(
        label=gettext_lazy("New people who can start in a week"),
        min_value=0,
        max_value=1_000,
        required=False,
    )
    places_at_once = forms.IntegerField(
        label=gettext_lazy("People who can have it at once"),
        min_value=0,
        max_value=1_000,
        required=False,
    )
    contact_check = forms.ChoiceField(
        label=gettext_lazy("Check that your workers need"), choices=ContactCheck.choices
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields([*(f"step_{step}" for step in Step), *self.among, "was"])

    def told(self, draft: Service) -> dict[str, Any]:
        """Return what the draft says, each step in a field of its own."""
        kept = {row.step: row.interaction for row in draft.processes.all()}
        steps = {f"step_{step}": str(kept[step] or ALONE) for step in Step if step in kept}
        return {**{name: getattr(draft, name) for name in self.among[1:]}, **steps}

    def fill(self, organisation: Organisation) -> None:
        """Ask of each step whether it is needed, and with which it is done together."""
        together = [
            (str(number), _("in appointment %(number)s") % {"number": number})
            for number in range(1, len(TOGETHER))
        ]
        for step in Step:
            choices = [(NOT_NEEDED, _("not needed")), (ALONE, _("by itself"))]
            self.fields[f"step_{step}"] = forms.ChoiceField(
                label=_("Step: %(step)s") % {"step": step.label},
                choices=[*choices, *together] if step in TOGETHER else choices,
                required=False,
            )

    def changes(self) -> dict[str, Any]:
        """Return what changed; the steps as rows, in the order in which they are taken."""
        found = super().changes()
        if any(name.startswith("step_") for name in self.changed_data):
            chosen = {step: self.cleaned_data[f"step_{step}"] for step in Step}
            found["processes"] = [
                Process(step=step, interaction=int(how) or None)
                for step, how in chosen.items()
                if how != NOT_NEEDED
            ]
        return found


class New(forms.Form):
    """A service that the catalogue does not have yet."""

    name = forms.CharField(label=gettext_lazy("What is it called?"), max_length=200)
    kind = forms.ChoiceField(label=gettext_lazy("What sort is it?"), choices=ServiceKind.choices)
    owner = forms.ModelChoiceField(
        label=gettext_lazy("Whose rules and money govern it?"),
        help_text=gettext_lazy("Its editors read your proposal."),
        queryset=Organisation.objects.none(),
        to_field_name="reference",
        empty_label=gettext_lazy("Choose one"),
    )
    summary = forms.CharField(
        label=gettext_lazy("In one plain sentence"),
        max_length=255,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, data: Any = None, *, owners: Any) -> None:
        super().__init__(data)
        self.fields["owner"].queryset = owners  # type: ignore[attr-defined]


class NewPlace(forms.Form):
    """A place of the organisation's."""

    name = forms.CharField(label=gettext_lazy("What is it called?"), max_length=255)
    address = forms.CharField(label=gettext_lazy("Address"), max_length=500, required=False)
    postcode = forms.CharField(label=gettext_lazy("Postcode"), max_length=8)
    step_free = forms.TypedChoiceField(
        label=gettext_lazy("Can somebody in a wheelchair get in?"),
        choices=[
            ("", gettext_lazy("not known")),
            ("yes", gettext_lazy("yes")),
            ("no", gettext_lazy("no")),
        ],
        coerce=lambda said: said == "yes",
        empty_value=None,
        required=False,
    )
