"""What is typed about agreements: how the table is narrowed, offers, answers, words."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils.text import capfirst, slugify
from django.utils.translation import gettext_lazy as _

from cms.models import Organisation, Place, Service, ServiceKind, Step
from marketplace.authority import pathways
from marketplace.people.roles import Role

MINE = "mine"
FAMILIES = "families"
AGREED, WAITING, EVERYTHING = "agreed", "waiting", "all"


class Narrow(forms.Form):
    """How the table is narrowed; what makes no sense narrows nothing."""

    show = forms.ChoiceField(
        label=_("Show"),
        required=False,
        choices=[
            (AGREED, _("Agreed or in talks")),
            (WAITING, _("Waiting for us")),
            (EVERYTHING, _("Every service")),
        ],
    )
    owner = forms.ChoiceField(label=_("Whose services"), required=False)
    holder = forms.ChoiceField(label=_("Who may act"), required=False)
    area = forms.ChoiceField(label=_("Area"), required=False)
    kind = forms.ChoiceField(
        label=_("Kind"), required=False, choices=[("", _("Every kind")), *ServiceKind.choices]
    )
    on = forms.DateField(
        label=_("On which day"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(self, sent: QueryDict, *, today: date, services: QuerySet[Service]) -> None:
        data = sent.copy()
        data.setdefault("on", today.isoformat())
        data.setdefault("show", AGREED)
        super().__init__(data)
        self.today = today
        self.services = services
        owners = Organisation.objects.filter(services_owned__in=services).distinct()
        holders = Organisation.objects.filter(
            Q(agreements_held__isnull=False) | Q(pathways_held__isnull=False)
        ).distinct()
        self._choose("owner", _("Everybody’s"), [(MINE, _("Ours")), *_named(owners)])
        self._choose("holder", _("Everybody"), [*_named(holders), (FAMILIES, _("Families"))])
        self._choose("area", _("Every area"), _areas())
        self.is_valid()

    def _choose(self, name: str, empty: Any, choices: list[tuple[str, Any]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", empty), *choices]

    def value(self, name: str) -> str:
        """Return what a filter was set to; nothing where it makes no sense."""
        return str(self.cleaned_data.get(name) or "")

    @property
    def day(self) -> date:
        """Return the day that is asked about: today unless another."""
        day: date = self.cleaned_data.get("on") or self.today
        return day

    @property
    def is_past(self) -> bool:
        """Tell whether the day lies behind us, so that nothing can be done about it."""
        return self.day < self.today

    @property
    def chosen(self) -> dict[str, str]:
        """Return what differs from how the table opens, for addresses."""
        values = {name: self.value(name) for name in ("show", "owner", "holder", "area", "kind")}
        if values["show"] == AGREED:
            values["show"] = ""
        if self.day != self.today:
            values["on"] = self.day.isoformat()
        return {name: value for name, value in values.items() if value}

    def narrowed(self, ours: Organisation) -> QuerySet[Service]:
        """Return the services that are asked for."""
        services, owner = self.services, self.value("owner")
        if owner == MINE:
            services = services.filter(owner=ours)
        elif owner:
            services = services.filter(owner__reference=owner)
        if kind := self.value("kind"):
            services = services.filter(kind=kind)
        if area := self.value("area"):
            everywhere = Q(listing__districts=" ")
            services = services.filter(everywhere | Q(listing__districts__contains=f" {area} "))
        return services


def _named(organisations: QuerySet[Organisation]) -> list[tuple[str, str]]:
    return [
        (str(reference), name)
        for reference, name in organisations.order_by("name", "pk").values_list("reference", "name")
    ]


def _areas() -> list[tuple[str, str]]:
    names = Place.objects.exclude(district="").values_list("district", flat=True)
    return [(slugify(name), name) for name in names.order_by("district").distinct()]


# Whose skills can be offered: those who do the steps with families, or commission for them.
OFFERED_ROLES = (
    Role.ADVOCATE,
    Role.LEAD_PROFESSIONAL,
    Role.INTAKE_WORKER,
    Role.PROVIDER_WORKER,
    Role.COMMISSIONER,
)


@dataclass(frozen=True)
class OfferRow:
    """One step of an offer, as the page lays it out."""

    step: str
    roles: forms.BoundField
    competence: forms.BoundField
    words: forms.BoundField


class Offer(forms.Form):
    """Which of a service's steps which of our roles have the skills for."""

    def __init__(
        self,
        *args: Any,
        steps: Iterable[str],
        roles: Iterable[str],
        services: Iterable[tuple[str, str]] = (),
        competences: Iterable[str] = (),
        **options: Any,
    ) -> None:
        super().__init__(*args, **options)
        self.steps = [step for step in Step.values if step in set(steps)]
        held = set(roles)
        self.roles = [role for role in OFFERED_ROLES if role in held] or [*OFFERED_ROLES]
        codes = [("", _("none needed")), *((code, code.replace("_", " ")) for code in competences)]
        for step in self.steps:
            label = Step(step).label
            self.fields[f"roles_{step}"] = forms.MultipleChoiceField(
                label=capfirst(str(label)),
                choices=[(role.value, role.label) for role in self.roles],
                widget=forms.CheckboxSelectMultiple,
                required=False,
            )
            self.fields[f"competence_{step}"] = forms.ChoiceField(
                label=_("Qualification for “%(step)s”") % {"step": label},
                choices=codes,
                required=False,
            )
            self.fields[f"words_{step}"] = forms.CharField(
                label=_("Our skills for “%(step)s”") % {"step": label},
                required=False,
                max_length=500,
            )
        if others := list(services):
            self.fields["also"] = forms.MultipleChoiceField(
                label=_("Offer the same for these services too"),
                help_text=_("Of each only the steps that it needs."),
                choices=others,
                widget=forms.CheckboxSelectMultiple,
                required=False,
            )

    @property
    def rows(self) -> list[OfferRow]:
        """Return the steps, each with its fields."""
        return [
            OfferRow(
                step=capfirst(str(Step(step).label)),
                roles=self[f"roles_{step}"],
                competence=self[f"competence_{step}"],
                words=self[f"words_{step}"],
            )
            for step in self.steps
        ]

    @property
    def heads(self) -> list[str]:
        """Return the roles across."""
        return [str(role.label) for role in self.roles]

    def clean(self) -> dict[str, Any]:
        """Refuse an offer of nothing."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if not any(cleaned.get(f"roles_{step}") for step in self.steps):
            raise forms.ValidationError(_("Tick at least one step that somebody of yours can do."))
        return cleaned

    def said(self) -> list[pathways.Line]:
        """Return what is offered, a line for each role and step."""
        return [
            pathways.Line(
                role=Role(role),
                step=Step(step),
                competence=self.cleaned_data[f"competence_{step}"],
                words=self.cleaned_data[f"words_{step}"],
            )
            for step in self.steps
            for role in self.cleaned_data[f"roles_{step}"]
        ]


class Words(forms.Form):
    """A line of the thread."""

    words = forms.CharField(
        label=_("Say something to the other side"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=2000,
    )


class Why(forms.Form):
    """Why something is stopped, for both to read."""

    words = forms.CharField(
        label=_("Why"),
        help_text=_("Both organisations read this."),
        widget=forms.Textarea(attrs={"rows": 2}),
        max_length=1000,
    )
