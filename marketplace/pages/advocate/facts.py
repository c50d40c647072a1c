"""What is known about those she acts for: written down as they said it, and checked."""

import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from budgets.models import Person
from cms.models import Criterion, Organisation
from marketplace.pages import doors
from marketplace.pages.advocate import desk, sharing
from marketplace.pages.family import facts as shown
from marketplace.pages.family import sharing_words
from marketplace.sharing import facts
from marketplace.sharing.models import Fact, Source, Verification

# What the record itself says is changed where it is kept, not here.
RECORDED = ("age", "district")
LONGEST = 200


class CheckForm(forms.Form):
    """How a fact was checked."""

    how = forms.ChoiceField(choices=Verification.choices)


class EnterForm(forms.Form):
    """One fact: whose, what, and where it came from."""

    person = forms.ChoiceField(label=gettext_lazy("About whom?"), widget=forms.RadioSelect)
    key = forms.ChoiceField(label=gettext_lazy("What?"))
    value = forms.CharField(
        label=gettext_lazy("What is true?"),
        help_text=gettext_lazy("Yes, no, a number or a few words."),
        max_length=LONGEST,
    )
    came_from = forms.ChoiceField(
        label=gettext_lazy("Where does it come from?"),
        choices=Source.choices,
        widget=forms.RadioSelect,
    )
    place = forms.ModelChoiceField(
        label=gettext_lazy("Which agency said so?"),
        queryset=Organisation.objects.none(),
        required=False,
        empty_label=gettext_lazy("None"),
    )

    def __init__(self, *args: Any, people: list[Person], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = {str(one.reference): one for one in people}
        named = [(key, one.name) for key, one in self.people.items()]
        self.fields["person"].choices = named  # type: ignore[attr-defined]
        used = Criterion.objects.exclude(fact__in=RECORDED).values_list("fact", flat=True)
        keys = sorted({*used, *sharing_words.FACTS} - set(RECORDED), key=sharing_words.fact)
        self.fields["key"].choices = [(key, sharing_words.fact(key)) for key in keys]  # type: ignore[attr-defined]
        self.fields["place"].queryset = Organisation.objects.order_by("name")  # type: ignore[attr-defined]

    def clean_value(self) -> Any:
        """Return yes and no as what they are, and a number as a number."""
        said = self.cleaned_data["value"].strip()
        plain = {"yes": True, "no": False}.get(said.lower())
        if plain is not None:
            return plain
        return int(said) if said.isdigit() else said


@doors.staff(*desk.ROLES)
def page(request: HttpRequest, visit: doors.Visit, reference: uuid.UUID) -> HttpResponse:
    """Show what is known about those she acts for, and write one thing down."""
    found = desk.open_family(visit, reference)
    people = sharing.represented(visit, found)
    if not people:
        raise Http404
    form = EnterForm(request.POST or None, people=people)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        person = form.people[said["person"]]

        def act() -> str:
            facts.enter(
                person=person,
                key=said["key"],
                value=said["value"],
                came_from=Source(said["came_from"]),
                source_organisation=said["place"],
                by=visit.acting_for(person),
                at=visit.at,
            )
            return reverse("advocate_facts", args=[reference])

        try:
            return doors.once(request, visit, act)
        except doors.REFUSALS as refusal:
            form.add_error(None, refusal.sentence)
    rows = visit.visible(Fact.objects.standing().filter(person__in=people))
    return render(
        request,
        "advocate/facts.html",
        {
            "family": found,
            "people": shown.about(
                people, shown.described(rows, visit=visit), lambda person: person.name
            ),
            "checks": Verification.choices,
            "form": form,
            "form_key": request.POST.get("form_key", ""),
        },
        status=422 if form.is_bound else 200,
    )


@require_POST
@doors.staff(*desk.ROLES)
def check(request: HttpRequest, visit: doors.Visit, reference: uuid.UUID) -> HttpResponse:
    """Note that she checked a fact that somebody else wrote down."""
    rows = visit.visible(Fact.objects.standing()).select_related("person")
    found = get_object_or_404(rows, reference=reference)
    home = desk.families(visit).filter(members__person=found.person).distinct().first()
    if home is None:
        raise Http404
    back = reverse("advocate_facts", args=[home.reference])
    form = CheckForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Say how you checked it."))
        return HttpResponseRedirect(back)
    how = Verification(form.cleaned_data["how"])

    def act() -> str:
        facts.verify(fact=found, how=how, by=visit.acting_for(found.person), at=visit.at)
        return back

    return doors.perform(request, visit, act, back=back)
