"""Ways in: each counted by what became of it; circles; and who answers for which district."""

import uuid
from datetime import timedelta
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from budgets.models import Family
from cms.models import Organisation, Place
from marketplace.pages import doors
from marketplace.pages.advocate import questions
from marketplace.people.models import Membership
from marketplace.people.roles import Role
from marketplace.referrals import catchments, loops, routes
from marketplace.referrals.models import Catchment, EnquiryEnd, Rung
from marketplace.referrals.models.referral import CLIMB, ENDS

MONTHS = 12
SINCE = timedelta(days=365)
EVERYWHERE = "-"


class AnswersFor(forms.Form):
    """Who answers for a district from now on."""

    district = forms.ChoiceField(label=gettext_lazy("District"))
    organisation = questions.Named(
        words="name",
        label=gettext_lazy("Who answers"),
        queryset=Organisation.objects.none(),
        to_field_name="reference",
        empty_label=None,
    )

    def __init__(self, data: Any = None, *, districts: list[str], day: Any) -> None:
        super().__init__(data)
        named = [(name, name) for name in districts]
        self.fields["district"].choices = [*named, (EVERYWHERE, _("Everywhere else"))]  # type: ignore[attr-defined]
        works = Membership.objects.on(day).filter(role=Role.INTAKE_WORKER)
        found = Organisation.objects.filter(pk__in=works.values("organisation")).order_by("name")
        questions.choose(self, "organisation", found)

    def clean_district(self) -> str:
        """Return the district's name; none for everywhere else."""
        chosen = str(self.cleaned_data["district"])
        return "" if chosen == EVERYWHERE else chosen


@doors.staff(Role.COMMISSIONER)
def page(request: HttpRequest, visit: doors.Visit) -> HttpResponse:
    """Show how requests came in within twelve months and how far each way led; names nobody."""
    form = AnswersFor(
        request.POST if request.method == "POST" else None,
        districts=_districts(),
        day=visit.today,
    )
    if request.method == "POST" and form.is_valid():
        try:
            return doors.once(request, visit, lambda: _set(visit, form))
        except doors.REFUSALS as refusal:
            form.add_error(None, refusal.sentence)
    return render(
        request,
        "commissioner/routes.html",
        {
            "organisation": visit.organisation,
            "form": form,
            "form_key": request.POST.get("form_key"),
            "catchments": Catchment.objects.select_related("organisation"),
            **_counted(visit),
        },
        status=422 if form.errors else 200,
    )


@doors.staff(Role.COMMISSIONER)
def about(request: HttpRequest, visit: doors.Visit, reference: uuid.UUID) -> HttpResponse:
    """Lead from a message about one enquiry to the counts: a commissioner reads no enquiry."""
    return HttpResponseRedirect(reverse("commissioner_routes") + "#door")


def _set(visit: doors.Visit, form: AnswersFor) -> str:
    said = form.cleaned_data
    catchments.answer_for(
        district=said["district"], organisation=said["organisation"], by=visit.by, at=visit.at
    )
    return reverse("commissioner_routes")


def _counted(visit: doors.Visit) -> dict[str, Any]:
    since = visit.at - SINCE
    lines = routes.counted(owner=visit.organisation, since=since)
    door = routes.at_the_door(organisation=visit.organisation, since=since, at=visit.at)
    ends = [end for end in EnquiryEnd if any(line.ended[end] for line in door)]
    return {
        "months": MONTHS,
        "heads": [_("Way in"), *map(_number, (_("Asked"), *_rungs(), _("Days to a time")))],
        "rows": [_rung_row(line) for line in lines if line.asked],
        "end_heads": [_("Way in"), *map(_number, (_("Open"), *_end_words()))],
        "end_rows": [_end_row(line) for line in lines if line.asked],
        "door_heads": [
            _("Way in"),
            *map(_number, (_("Asked"), _("Waiting"), _("Late"), _("Days to a first answer"))),
            *(_number(str(end.label)) for end in ends),
        ],
        "door_rows": [_door_row(line, ends) for line in door],
        "circles": loops.counted(owner=visit.organisation, since=since),
    }


def _number(words: str) -> dict[str, Any]:
    return {"text": words, "is_number": True}


def _rungs() -> list[str]:
    return [str(Rung(rung).label) for rung in CLIMB]


def _end_words() -> list[str]:
    return [str(Rung(rung).label) for rung in ENDS]


def _rung_row(line: routes.Line) -> list[str]:
    handed = (str(line.handed_over[rung]) for rung in CLIMB)
    days = "–" if line.days_to_booked is None else str(line.days_to_booked)
    return [str(line.route.label), str(line.asked), *handed, days]


def _end_row(line: routes.Line) -> list[str]:
    return [str(line.route.label), str(line.open), *(str(line.ended[rung]) for rung in ENDS)]


def _door_row(line: routes.AtTheDoor, ends: list[EnquiryEnd]) -> list[str]:
    days = "–" if line.days_to_taken is None else str(line.days_to_taken)
    counts = (line.asked, line.waiting, line.late)
    return [
        str(line.route.label),
        *map(str, counts),
        days,
        *(str(line.ended[end]) for end in ends),
    ]


def _districts() -> list[str]:
    """Return every district that a household, a place or a catchment is in."""
    found: set[str] = set()
    for rows in (Family.objects.all(), Place.objects.all(), Catchment.objects.all()):
        found |= set(rows.exclude(district="").values_list("district", flat=True).distinct())
    return sorted(found)
