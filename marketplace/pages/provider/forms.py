"""The provider's forms."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cms.models import Place, Service, Weekday
from marketplace.bookings import slots
from marketplace.bookings.models import SessionState, Slot
from marketplace.pages.templatetags import alongside
from marketplace.referrals.models import EndReason
from pricing import money

REASONS = (
    EndReason.NO_PLACE,
    EndReason.TOO_FAR,
    EndReason.WRONG_SERVICE,
)


class Decline(forms.Form):
    """Why these times cannot be: a code for counting, and a sentence for the family."""

    reason = forms.ChoiceField(
        label=gettext_lazy("Why can’t you?"),
        choices=[(reason, reason.label) for reason in REASONS],
        widget=forms.RadioSelect,
    )
    words = forms.CharField(
        label=gettext_lazy("Tell the family, in a plain sentence"),
        help_text=gettext_lazy("They read exactly this. Say what would work, if anything would."),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=500,
    )


class Cancel(forms.Form):
    """Why agreed times cannot be kept."""

    reason = forms.ChoiceField(
        label=gettext_lazy("Why can’t these times be kept?"),
        choices=[
            (EndReason.NO_PLACE, gettext_lazy("We can’t give these times any more")),
            (EndReason.CHANGED_MIND, EndReason.CHANGED_MIND.label),
            (EndReason.NO_LONGER_NEEDED, EndReason.NO_LONGER_NEEDED.label),
        ],
        widget=forms.RadioSelect,
    )


class Offer(forms.Form):
    """A first time, of those that have enough free weeks after them."""

    def __init__(self, *args: Any, series: list[slots.Series], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.series = {str(each.first.reference): each for each in series}
        choices = [(key, _series_words(each)) for key, each in self.series.items()]
        self.fields["first"] = forms.ChoiceField(
            label=_("First time"), choices=choices, widget=forms.RadioSelect
        )

    @property
    def slot(self) -> Slot:
        """Return the time that was chosen."""
        return self.series[self.cleaned_data["first"]].first


class Record(forms.Form):
    """What became of a session, with what each answer does to its money."""

    def __init__(
        self, *args: Any, outcomes: tuple[SessionState, ...], pence: int | None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["state"] = forms.ChoiceField(
            label=_("What became of it?"),
            choices=[(state, outcome_words(state, pence)) for state in outcomes],
            widget=forms.RadioSelect,
        )


class WeeklyTime(forms.Form):
    """A time that comes back every week."""

    weekday = forms.TypedChoiceField(
        label=gettext_lazy("Day of the week"), choices=Weekday.choices, coerce=int
    )
    starts = forms.TimeField(
        label=gettext_lazy("Starts at"),
        widget=forms.TimeInput,
        error_messages={"invalid": gettext_lazy("Write a time like 16:30.")},
    )
    minutes = forms.IntegerField(
        label=gettext_lazy("How long"),
        min_value=5,
        max_value=24 * 60,
        initial=60,
        widget=forms.NumberInput(attrs={"data-suffix": gettext_lazy("minutes")}),
    )
    places = forms.IntegerField(
        label=gettext_lazy("Places"),
        help_text=gettext_lazy("How many people can come at once."),
        min_value=1,
        max_value=500,
        initial=1,
    )
    first = forms.DateField(label=gettext_lazy("From"), widget=forms.DateInput)
    last = forms.DateField(
        label=gettext_lazy("Until"),
        help_text=gettext_lazy("Two years ahead at most."),
        widget=forms.DateInput,
    )
    place = forms.ModelChoiceField(
        label=gettext_lazy("Where"),
        queryset=Place.objects.none(),
        to_field_name="reference",
        required=False,
        empty_label=gettext_lazy("At the family’s home, or agreed with them"),
    )

    def __init__(self, *args: Any, service: Service, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.fields["place"].queryset = Place.objects.filter(  # type: ignore[attr-defined]
            services=service
        ).order_by("name")

    def clean_first(self) -> date:
        """Refuse a day that has passed."""
        return _not_passed(self.cleaned_data["first"], today=self.today)


class Closure(forms.Form):
    """Days without free times: a holiday, a training week."""

    first = forms.DateField(label=gettext_lazy("First day closed"), widget=forms.DateInput)
    last = forms.DateField(label=gettext_lazy("Last day closed"), widget=forms.DateInput)

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    def clean_last(self) -> date:
        """Refuse a day that has passed."""
        return _not_passed(self.cleaned_data["last"], today=self.today)


def outcome_words(state: SessionState, pence: int | None) -> str:
    """Return an outcome, and what it does to the money set aside for the session."""
    label = str(state.label)
    if not pence:
        return label
    shown = money.show(pence)
    is_spent = state in (SessionState.DELIVERED, SessionState.DID_NOT_COME)
    spent = _("%(what)s: %(amount)s is spent") % {"what": label, "amount": shown}
    back = _("%(what)s: %(amount)s goes back to the family’s plan") % {
        "what": label,
        "amount": shown,
    }
    return spent if is_spent else back


def _series_words(each: slots.Series) -> str:
    first = each.first
    when = alongside.day_time(first.starts_at)
    words = [when]
    if each.last_at != first.starts_at:
        words.append(_("weekly until %(day)s") % {"day": alongside.day(each.last_at)})
    if first.place is not None:
        words.append(first.place.name)
    return " · ".join(words)


def _not_passed(day: date, *, today: date) -> date:
    if day < today:
        raise forms.ValidationError(_("This day has passed. Choose today or a later one."))
    return day
