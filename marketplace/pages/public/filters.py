"""How the catalogue is narrowed: each filter in the address, so that a list can be shared."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any

import django_filters
from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from cms import places, searches
from cms.models import Listing, ServiceKind, Term, TermTaxonomy, Weekday
from marketplace.pages.public.cards import KILOMETRES_A_MILE, UNITS

FARTHEST_MILES = 50
MILES = [("3", _("3 miles")), ("5", _("5 miles")), ("10", _("10 miles")), ("25", _("25 miles"))]
PRICES = [("0", _("Free")), ("2500", _("Up to £25")), ("5000", _("Up to £50"))]
WAITS = [("7", _("Within a week")), ("28", _("Within four weeks"))]
FREE = [("7", _("In the next week")), ("28", _("In the next four weeks"))]
PARTS = [
    ("morning", _("In the morning")),
    ("afternoon", _("In the afternoon")),
    ("evening", _("In the evening")),
]
WEEKDAYS = [(str(day.value), day.label) for day in Weekday]
TERMS = {
    "issue": TermTaxonomy.ISSUE,
    "need": TermTaxonomy.NEED,
    "barrier": TermTaxonomy.BARRIER,
    "audience": TermTaxonomy.AUDIENCE,
    "language": TermTaxonomy.LANGUAGE,
}
SEVERAL = (*TERMS, "kind")
"""Filters of which several choices are alternatives."""

Instead = Mapping[str, Any]
NOTHING: Instead = {}

OURS_TO_KEEP = "safe"
"""Says that the interrupt was answered: no filter, and no reason to go anywhere else."""


@dataclass(frozen=True)
class Chip:
    """One filter that is on, with the address of the list without it."""

    label: str
    href: str


@dataclass(frozen=True)
class Section:
    """Some filters that belong together, as they open and close on the page."""

    title: Any
    fields: list[Any]
    is_open: bool


SECTIONS: tuple[tuple[Any, tuple[str, ...]], ...] = (
    (_("What you want to change"), ("issue",)),
    (_("What you need"), ("need",)),
    (_("What makes it hard"), ("barrier",)),
    (_("Where"), ("postcode", "miles", "step_free")),
    (_("Who it is for"), ("age", "audience")),
    (_("When"), ("weekday", "part_of_day", "free", "wait")),
    (_("What it costs"), ("price", "unit")),
    (_("Kind of support"), ("kind",)),
    (_("Language"), ("language",)),
)


def several(label: Any) -> Any:
    """Return a filter of boxes to tick; its choices come with the page."""
    return django_filters.MultipleChoiceFilter(
        label=label, choices=(), widget=forms.CheckboxSelectMultiple
    )


class Catalogue(django_filters.FilterSet):
    """The catalogue's filters, in the order of their page and of their address."""

    words = django_filters.CharFilter(label=_("What are you looking for?"), max_length=200)
    postcode = django_filters.CharFilter(label=_("Postcode"), max_length=10)
    miles = django_filters.ChoiceFilter(
        label=_("How far away?"), choices=MILES, empty_label=_("Any distance")
    )
    issue = several(_("What you want to change"))
    need = several(_("What you need"))
    barrier = several(_("What makes it hard"))
    age = django_filters.NumberFilter(label=_("How old are they?"), min_value=0, max_value=120)
    audience = several(_("Who it is for"))
    kind = several(_("Kind of support"))
    price = django_filters.ChoiceFilter(
        label=_("Price"), choices=PRICES, empty_label=_("Any price")
    )
    unit = django_filters.ChoiceFilter(
        label=_("Paid by"), choices=[*UNITS.items()], empty_label=_("Any way")
    )
    wait = django_filters.ChoiceFilter(
        label=_("Waiting time"), choices=WAITS, empty_label=_("Any wait")
    )
    free = django_filters.ChoiceFilter(
        label=_("Free places"), choices=FREE, empty_label=_("Any time")
    )
    weekday = django_filters.ChoiceFilter(
        label=_("Day"), choices=WEEKDAYS, empty_label=_("Any day")
    )
    part_of_day = django_filters.ChoiceFilter(
        label=_("Time of day"), choices=PARTS, empty_label=_("Any time")
    )
    language = several(_("Language"))
    step_free = django_filters.ChoiceFilter(
        label=_("Getting in"), choices=[("1", _("No steps"))], empty_label=_("Any place")
    )

    class Meta:
        model = Listing
        fields: list[str] = []

    def __init__(self, data: QueryDict, *, on: date) -> None:
        super().__init__(_said(data), queryset=Listing.objects.none())
        self.on = on
        self.terms = _terms()
        for name, taxonomy in TERMS.items():
            self.filters[name].extra["choices"] = [
                (slug, term.shown) for (of, slug), term in self.terms.items() if of == taxonomy
            ]
        self.filters["kind"].extra["choices"] = ServiceKind.choices
        self.form.fields["words"].widget.input_type = "search"
        self.form.fields["postcode"].widget.attrs["autocomplete"] = "postal-code"

    @cached_property
    def chosen(self) -> Mapping[str, Any]:
        """Return what each filter is set to; nothing at all where one of them makes no sense."""
        return self.form.cleaned_data if self.form.is_valid() else {}

    @cached_property
    def point(self) -> places.Point | None:
        """Return where to look from, if it is a postcode that we know."""
        given = self.chosen.get("postcode")
        return places.find(postcode=given) if given else None

    @property
    def postcode_is_unknown(self) -> bool:
        """Tell whether a postcode was given that we cannot place."""
        return bool(self.chosen.get("postcode")) and self.point is None

    @property
    def district(self) -> str:
        """Return the district that is asked from, for the count of what is not there."""
        return self.point.district if self.point else ""

    def asked(self, *, without: Iterable[str] = (), instead: Instead = NOTHING) -> searches.Asked:
        """Return what is asked of the catalogue, some filters left out or set to something else."""
        said = {**self.chosen, **instead}
        for name in without:
            said.pop(name, None)
        terms = [
            self.terms[taxonomy, slug]
            for name, taxonomy in TERMS.items()
            for slug in said.get(name) or ()
        ]
        age, weekday = said.get("age"), said.get("weekday")
        return searches.Asked(
            words=said.get("words") or "",
            terms=tuple(terms),
            kinds=tuple(said.get("kind") or ()),
            age=None if age is None else int(age),
            near=self._near(said),
            price_to_pence=_number(said.get("price")),
            price_unit=said.get("unit") or "",
            wait_to_days=_number(said.get("wait")),
            weekday=_number(weekday),
            part_of_day=said.get("part_of_day") or "",
            free_by=self.on + timedelta(days=int(said["free"])) if said.get("free") else None,
            step_free=bool(said.get("step_free")),
        )

    def _near(self, said: Mapping[str, Any]) -> tuple[float, float, float] | None:
        if not said.get("postcode") or self.point is None:
            return None
        miles = float(said.get("miles") or FARTHEST_MILES)
        return (self.point.latitude, self.point.longitude, miles * KILOMETRES_A_MILE)

    def query(
        self, *, without: Iterable[str] = (), page: int = 1, instead: Instead = NOTHING
    ) -> str:
        """Return the one way to write what is chosen: in order, nothing empty, nothing twice."""
        said = {**self.chosen, **instead}
        written = QueryDict(mutable=True)
        for name in self.form.fields:
            if name not in without:
                written.setlist(name, self._written(name, said.get(name)))
        if page > 1:
            written["page"] = str(page)
        return written.urlencode()

    def _written(self, name: str, value: Any) -> list[str]:
        if name in SEVERAL:
            wanted = set(value or ())
            return [slug for slug in self.labels(name) if slug in wanted]
        if name == "postcode" and value:
            return [places.tidy(value) or " ".join(str(value).upper().split())]
        return [] if value in (None, "") else [" ".join(str(value).split())]

    @property
    def names_on(self) -> list[str]:
        """Return the names of the filters that are on, in their order."""
        return [name for name in self.form.fields if self._written(name, self.chosen.get(name))]

    def chips(self, path: str) -> list[Chip]:
        """Return each choice that is on, with the address of the list without it."""
        found = []
        for name in self.names_on:
            field, value = self.form.fields[name], self.chosen[name]
            for one in self._written(name, value):
                rest = [other for other in value if other != one] if name in SEVERAL else None
                label = f"{str(field.label).rstrip('?')}: {self.shown(name, one)}"
                found.append(Chip(label, address(path, self.query(instead={name: rest}))))
        return found

    def labels(self, name: str) -> dict[str, str]:
        """Return every choice of a filter with its words; none where it is typed."""
        return dict(self.filters[name].extra.get("choices", ()))

    def shown(self, name: str, value: str) -> str:
        """Return a choice in words."""
        return str(self.labels(name).get(value, value))

    def words_on(self, name: str) -> list[str]:
        """Return what is chosen in a filter, in words."""
        return [self.shown(name, value) for value in self._written(name, self.chosen.get(name))]

    def count(self, facets: Mapping[str, Mapping[str, int]]) -> None:
        """Write beside each choice how many there would be; a choice of none is left out."""
        for name, counts in facets.items():
            if name in self.form.fields:
                on = self._written(name, self.chosen.get(name))
                self.form.fields[name].choices = [
                    (value, f"{label} ({counts.get(value, 0):,})")
                    for value, label in self.labels(name).items()
                    if counts.get(value) or value in on
                ]

    def sections(self) -> list[Section]:
        """Return the filters as the page groups them; those in which something is on are open."""
        on = set(self.names_on)
        return [
            Section(
                title=title,
                fields=[self.form[name] for name in names],
                is_open=place == 0 or bool(on & set(names)),
            )
            for place, (title, names) in enumerate(SECTIONS)
        ]


def address(path: str, query: str) -> str:
    """Return an address with its query, if there is one."""
    return f"{path}?{query}" if query else path


def _said(data: QueryDict) -> QueryDict:
    """Return what was sent, nothing empty and nothing twice: a box without a value is no choice."""
    said = QueryDict(mutable=True)
    for name, values in data.lists():
        said.setlist(name, list(dict.fromkeys(value for value in values if value.strip())))
    return said


def _number(value: str | None) -> int | None:
    return int(value) if value else None


def _terms() -> dict[tuple[str, str], Term]:
    """Return every term that can be asked for, in the order of what families read: one query."""
    found = Term.objects.filter(taxonomy__in=TERMS.values())
    ordered = sorted(found, key=lambda term: (term.shown.lower(), term.pk))
    return {(term.taxonomy, term.slug): term for term in ordered}
