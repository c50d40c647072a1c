"""Find support for somebody: what fits, what it costs, and how far she may take it herself."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from budgets.models import Family, Goal, Person
from cms import catalogue, places
from cms.models import Listing, Service, ServiceKind, Term, TermTaxonomy
from marketplace.pages import doors
from marketplace.pages.advocate import desk, questions
from marketplace.referrals import drafts, eligibility, facts, reach
from pricing import money
from pricing.models import PriceUnit

PER_PAGE = 20
KM = [("5", gettext_lazy("5 km of home")), ("10", gettext_lazy("10 km of home")),
      ("25", gettext_lazy("25 km of home"))]  # fmt: skip


class Wanted(forms.Form):
    """What somebody looks for."""

    person = questions.Named(
        words="first_name",
        label=gettext_lazy("For whom?"),
        queryset=Person.objects.none(),
        to_field_name="reference",
        empty_label=None,
    )
    words = forms.CharField(label=gettext_lazy("In words"), max_length=200, required=False)
    need = questions.Named(
        words="shown",
        label=gettext_lazy("What is it about?"),
        queryset=Term.objects.none(),
        to_field_name="slug",
        required=False,
        empty_label=gettext_lazy("Anything"),
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("What kind?"),
        choices=[("", gettext_lazy("Every kind")), *ServiceKind.choices],
        required=False,
    )
    near = forms.ChoiceField(
        label=gettext_lazy("How near?"),
        choices=[("", gettext_lazy("Anywhere they go to or that comes to them")), *KM],
        required=False,
    )
    most = forms.CharField(
        label=gettext_lazy("Up to which price?"),
        max_length=20,
        required=False,
        widget=forms.TextInput(attrs={"data-prefix": "£", "inputmode": "decimal"}),
    )
    goal = forms.ModelChoiceField(
        queryset=Goal.objects.none(),
        to_field_name="reference",
        required=False,
        widget=forms.HiddenInput,
    )

    def __init__(self, data: Any, *, people: list[Person], goals: Any) -> None:
        super().__init__(data)
        at_home = Person.objects.filter(pk__in=[one.pk for one in people])
        questions.choose(self, "person", at_home.order_by("born_on", "pk"))
        terms = Term.objects.filter(taxonomy__in=[TermTaxonomy.NEED, TermTaxonomy.ISSUE])
        needs = terms.filter(services__isnull=False).distinct().order_by("name")
        questions.choose(self, "need", needs)
        questions.choose(self, "goal", goals)

    def clean_most(self) -> int | None:
        """Read pounds; nothing means no limit."""
        text = self.cleaned_data["most"]
        if not text:
            return None
        try:
            return money.parse(text)
        except ValueError as error:
            raise forms.ValidationError(_("Give an amount in pounds, like 25.")) from error


@dataclass(frozen=True)
class Found:
    """One service that was found, for the person it was looked for."""

    service: Service
    listing: Listing
    price: str
    unit: str
    fits: str
    fits_tone: str
    facts: list[str]
    reach: reach.Reach
    ask_href: str
    is_chosen: bool


@doors.staff(*desk.ROLES)
def find(request: HttpRequest, visit: doors.Visit, reference: uuid.UUID) -> HttpResponse:
    """Search the catalogue for somebody of a household."""
    family = desk.open_family(visit, reference)
    people = desk.people(visit, family)
    goals = visit.visible(Goal.objects.filter(plan__family=family))
    form = Wanted(_wanted(request, people, goals), people=people, goals=goals)
    context: dict[str, Any] = {"family": family, "form": form, "most": drafts.MOST_SERVICES}
    if form.is_valid():
        context |= _results(request, visit, family, form.cleaned_data)
    else:
        context["misread"] = True
    return render(request, "advocate/find.html", context)


def _wanted(request: HttpRequest, people: list[Person], goals: Any) -> dict[str, str]:
    """Return the query, with the person and what the goal is about filled in where not told."""
    data = {name: str(request.GET[name]) for name in Wanted.base_fields if name in request.GET}
    if not data.get("person") and people:
        data["person"] = str(people[0].reference)
    if data.get("goal") and "need" not in data:
        try:
            goal = goals.filter(reference=uuid.UUID(data["goal"])).select_related("term").first()
        except ValueError:
            goal = None
        if goal is not None and goal.term is not None:
            data["need"] = goal.term.slug
    return data


def _results(
    request: HttpRequest, visit: doors.Visit, family: Family, asked: dict[str, Any]
) -> dict[str, Any]:
    person: Person = asked["person"]
    page = Paginator(_search(visit, family, asked), PER_PAGE).get_page(request.GET.get("page"))
    picked = list(dict.fromkeys(request.GET.getlist("pick")))
    known = facts.known(person=person, family=family, day=visit.today)
    listings = list(page.object_list)
    chosen = list(Service.objects.offered(visit.today).filter(slug__in=picked).order_by("name"))
    slugs = {service.slug for service in chosen}
    query = {"person": str(person.reference)}
    if asked["goal"] is not None:
        query["goal"] = str(asked["goal"].reference)
    if asked["need"] is not None:
        query["need"] = asked["need"].slug
    found = _found(visit, family, listings, known, person, query, slugs)
    shown = {one.service.slug for one in found}
    return {
        "person": person,
        "page_obj": page,
        "found": found,
        "chosen": chosen,
        "chosen_elsewhere": [one for one in chosen if one.slug not in shown],
        "understood": catalogue.understand(words=asked["words"]) if asked["words"] else None,
        "kept": _kept(asked),
        "form_href": _form_href(request, visit, family),
        "begun": request.GET.get("draft", ""),
    }


def href(family: Family, person: Person, *, picked: Iterable[str] = (), draft: str = "") -> str:
    """Return the way to the search for somebody, with what is chosen and the form it is for."""
    query = [("person", str(person.reference)), *(("pick", slug) for slug in picked)]
    if draft:
        query.append(("draft", draft))
    return f"{reverse('advocate_find', args=[family.reference])}?{urlencode(query)}"


def _form_href(request: HttpRequest, visit: doors.Visit, family: Family) -> str:
    """Return where what is chosen leads: to a new form, or to her own that is begun."""
    begun = request.GET.get("draft", "")
    try:
        mine = drafts.mine(user=visit.user, at=visit.at).filter(reference=uuid.UUID(begun))
    except ValueError:
        return reverse("advocate_form", args=[family.reference])
    if mine.exists():
        return reverse("advocate_draft_services", args=[begun])
    return reverse("advocate_form", args=[family.reference])


def _kept(asked: dict[str, Any]) -> dict[str, str]:
    """Return what the form below the results carries on: the search, for coming back to it."""
    rows = {
        "person": str(asked["person"].reference),
        "goal": str(asked["goal"].reference) if asked["goal"] else "",
        "need": asked["need"].slug if asked["need"] else "",
        "words": asked["words"],
        "kind": asked["kind"],
        "near": asked["near"],
        "most": money.show(asked["most"]) if asked["most"] is not None else "",
    }
    return {name: value for name, value in rows.items() if value or name == "need"}


def _search(visit: doors.Visit, family: Family, asked: dict[str, Any]) -> Any:
    point = places.find(postcode=family.postcode) if asked["near"] else None
    found = catalogue.search(
        on=visit.today,
        words=asked["words"],
        terms=[asked["need"]] if asked["need"] else [],
        district=family.district if not asked["near"] else "",
        near=(point.latitude, point.longitude, float(asked["near"])) if point else None,
        kind=asked["kind"],
        age=asked["person"].age_on(visit.today),
        price_to_pence=asked["most"],
    )
    return found.select_related("service__owner", "service__provider").prefetch_related(
        "service__processes", "service__criteria", "service__terms", "service__places"
    )


def _found(
    visit: doors.Visit,
    family: Family,
    listings: Iterable[Listing],
    known: dict[str, Any],
    person: Person,
    query: dict[str, str],
    slugs: set[str],
) -> list[Found]:
    rows = list(listings)
    amounts = {
        row.service_id: (row.price_from_pence or 0) * row.service.standard_quantity for row in rows
    }
    reaches = reach.of(
        services=[row.service for row in rows], by=visit.by, at=visit.at, amounts_pence=amounts
    )
    found = []
    for row in rows:
        result = eligibility.evaluate(facts.criteria(row.service), known)
        words, tone = fit(result, person)
        path = reverse("advocate_ask", args=[family.reference, row.service.slug])
        found.append(
            Found(
                service=row.service,
                listing=row,
                price=_price(row),
                unit=_unit(row),
                fits=words,
                fits_tone=tone,
                facts=_facts(row),
                reach=reaches[row.service_id],
                ask_href=f"{path}?{urlencode(query)}",
                is_chosen=row.service.slug in slugs,
            )
        )
    return found


def fit(result: eligibility.Result, person: Person) -> tuple[str, str]:
    """Say whether somebody can have a service, by what is known, and how good the news is."""
    if result.met is False:
        return " ".join(result.failed), "stop"
    if result.met is None:
        unknown = [answer.criterion.sentence for answer in result.answers if answer.met is None]
        return _("To check: %(rules)s") % {"rules": " ".join(unknown)}, "wait"
    return _("%(name)s can have this.") % {"name": person.first_name}, "good"


def _price(row: Listing) -> str:
    if row.price_from_pence is None:
        return ""
    return _("Free") if row.is_free else money.show(row.price_from_pence)


def _unit(row: Listing) -> str:
    if not row.price_from_pence or row.price_unit not in PriceUnit.values:
        return ""
    number = row.service.standard_quantity
    unit = str(PriceUnit(row.price_unit).label).lower()
    if number == 1:
        return _("a %(unit)s") % {"unit": unit}
    return _("a %(unit)s; %(number)s as standard, %(total)s in all") % {
        "unit": unit,
        "number": number,
        "total": money.show(row.price_from_pence * number),
    }


def _facts(row: Listing) -> list[str]:
    found = [row.service.provider.name]
    near = getattr(row, "distance_km", None)
    homes = list(row.service.places.all())
    if near is not None and homes:
        found.append(_("%(km)s km away") % {"km": round(near, 1)})
    elif homes:
        found.append(homes[0].name)
    if row.wait_days is not None:
        found.append(_("about %(days)s days’ wait") % {"days": row.wait_days})
    return found
