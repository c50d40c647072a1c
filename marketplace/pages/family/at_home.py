"""Who is on record at home, what they are to each other, and how to say that it is wrong."""

from dataclasses import dataclass

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from budgets import families
from budgets.models import Family, Member, Person, Relationship
from marketplace.pages import doors
from marketplace.pages.family import household, who_helps, words
from marketplace.rights import corrections

LONGEST = 2000


class Wrong(forms.Form):
    """What is wrong, in her own words."""

    words = forms.CharField(
        label=gettext_lazy("What is wrong?"),
        help_text=gettext_lazy("Say what it should be. Whoever looks after your record reads it."),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


@dataclass(frozen=True)
class Somebody:
    """One who lives here or visits, in plain words."""

    person: Person
    called: str
    stay: Member
    says_yes: str
    kin: tuple[str, ...]


@doors.family
def page(request: HttpRequest, visit: doors.Visit) -> HttpResponse:
    """Show who is on record at home; take what is wrong with it."""
    home = household.of(visit)
    form = Wrong(request.POST or None)
    if request.method == "POST" and form.is_valid():

        def act() -> str:
            said = form.cleaned_data["words"]
            corrections.ask(
                person=home.person,
                code=corrections.OTHER,
                wanted=said,
                words="",
                user=visit.user,
                by=visit.by,
                at=visit.at,
            )
            return f"{reverse('family_at_home')}?told=yes"

        try:
            return doors.once(request, visit, act)
        except doors.REFUSALS as refusal:
            form.add_error(None, words.refused(refusal))
    context = {
        "home": home,
        "people": _people(visit, home),
        "helpers": who_helps.people(visit, home),
        "is_told": "told" in request.GET,
        "form": form,
        "form_key": request.POST.get("form_key", ""),
    }
    return render(request, "family/at_home.html", context, status=422 if form.errors else 200)


def _people(visit: doors.Visit, home: household.Household) -> list[Somebody]:
    if home.family is None:
        return []
    records = Family.objects.records_of(home.family)
    stays = visit.visible(Member.objects.on(visit.today).filter(family__in=records))
    first: dict[int, Member] = {}
    for stay in stays.select_related("person").order_by("person__born_on", "person_id", "pk"):
        first.setdefault(stay.person_id, stay)
    people = families.shown_once(stay.person for stay in first.values())
    kin = _kin(visit, home, people)
    return [
        Somebody(
            person=person,
            called=_called(home, person),
            stay=first[person.pk],
            says_yes=_says_yes(visit, home, person),
            kin=tuple(kin.get(person.pk, [])),
        )
        for person in people
    ]


def _called(home: household.Household, person: Person) -> str:
    return _("You") if person.pk == home.person.pk else person.first_name


def _says_yes(visit: doors.Visit, home: household.Household, person: Person) -> str:
    deciders = families.deciders(person=person, on=visit.today)
    if person in deciders:
        return ""
    shown = [home.called(one) for one in deciders if one in (*home.at_home, home.person)]
    return who_helps.listed(shown)


def _kin(
    visit: doors.Visit, home: household.Household, people: list[Person]
) -> dict[int, list[str]]:
    """Return what relatives are to each, without a word of anybody who is hidden from her."""
    rows = visit.visible(Relationship.objects.on(visit.today).filter(person__in=people))
    seen = {person.pk for person in people}
    found: dict[int, list[str]] = {}
    for row in rows.select_related("relative").order_by("pk"):
        if row.relative.is_shielded and row.relative_id not in seen:
            continue
        line = _("%(kind)s: %(name)s") % {
            "kind": row.get_kind_display(),
            "name": home.called(row.relative),
        }
        found.setdefault(row.person_id, []).append(line)
    return found
