"""Saying yes to a sharing: the one form's choices, the same at home and with an advocate."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from budgets import history
from budgets.models import Person
from marketplace.pages.family import sharing_words, words
from marketplace.people.models import Membership
from marketplace.people.roles import Role
from marketplace.sharing import consents
from marketplace.sharing.models import Consent, ConsentHow, Information, Purpose

ROLES = (Role.LEAD_PROFESSIONAL, Role.ADVOCATE, Role.INTAKE_WORKER, Role.PROVIDER_WORKER)
PURPOSES = (Purpose.PLAN, Purpose.SUPPORT, Purpose.ASK)
DAYS = {"31": 31, "92": 92, "365": 365}
LENGTHS = [
    ("31", gettext_lazy("One month")),
    ("92", gettext_lazy("Three months")),
    ("365", gettext_lazy("One year")),
]


class ShareForm(forms.Form):
    """Who may see what about whom, what for, and until when."""

    person = forms.ChoiceField(label=gettext_lazy("Who is it about?"), widget=forms.RadioSelect)
    recipient = forms.ChoiceField(label=gettext_lazy("Who may see it?"))
    kinds = forms.MultipleChoiceField(
        label=gettext_lazy("What may they see?"),
        help_text=gettext_lazy("Tick only what they need. Things kept secret are never shown."),
        choices=[(kind.value, words) for kind, words in sharing_words.KIND_CHOICES.items()],
        widget=forms.CheckboxSelectMultiple,
    )
    purpose = forms.ChoiceField(
        label=gettext_lazy("What is it for?"),
        choices=[(one.value, sharing_words.PURPOSE_CHOICES[one]) for one in PURPOSES],
        widget=forms.RadioSelect,
    )
    length = forms.ChoiceField(
        label=gettext_lazy("For how long?"),
        help_text=gettext_lazy("Then it ends by itself. You can stop it before."),
        choices=LENGTHS,
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, people: list[tuple[str, str]], on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.on = on
        self.places = _places(on)
        self.fields["person"].choices = people  # type: ignore[attr-defined]
        if len(people) == 1:
            self.fields["person"].initial = people[0][0]
        shown = [(key, _called(one)) for key, one in self.places.items()]
        self.fields["recipient"].choices = [("", _("Choose one")), *shown]  # type: ignore[attr-defined]

    def share(
        self,
        *,
        person: Person,
        given_by: Person,
        how: ConsentHow,
        by: history.Actor,
        at: datetime,
        told_on: date | None = None,
    ) -> Consent:
        """Write down the yes to what was chosen. Raises what `consents.give` raises."""
        chosen = self.cleaned_data
        place = self.places[chosen["recipient"]]
        opens = tuple(Information(kind) for kind in chosen["kinds"])
        last = self.on + timedelta(days=DAYS[chosen["length"]])
        ends_at = timezone.make_aware(datetime.combine(last, time.min))
        purpose = Purpose(chosen["purpose"])
        return consents.give(
            person=person,
            given_by=given_by,
            how=how,
            told_on=told_on,
            recipients=[consents.Recipient(place.organisation, Role(place.role))],
            opens=opens,
            purpose=purpose,
            ends_at=ends_at,
            words=sharing_words.agreement(
                place=place.organisation,
                role=str(words.ROLES[Role(place.role)]),
                purpose=str(sharing_words.PURPOSES[purpose]),
                kinds=sharing_words.kinds(opens),
                until=_("Until %(day)s.") % {"day": sharing_words.day(ends_at)},
            ),
            by=by,
            at=at,
        )


def _places(on: date) -> dict[str, Membership]:
    """Return one membership for each place and role that somebody could share with."""
    held = Membership.objects.on(on).filter(role__in=ROLES, user__is_active=True)
    rows = held.select_related("organisation").order_by("organisation__name", "role", "pk")
    found: dict[str, Membership] = {}
    for row in rows:
        found.setdefault(f"{row.organisation.reference}:{row.role}", row)
    return found


def _called(one: Membership) -> str:
    role = str(words.ROLES[Role(one.role)])
    return _("%(place)s: %(role)s") % {
        "place": one.organisation.name,
        "role": role[:1].lower() + role[1:],
    }
