"""My record: ask for a copy, for something to be put right or erased, and see the answer."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from budgets.models import Person
from marketplace.notices import notices
from marketplace.pages import doors, downloads
from marketplace.pages.family import acting, household, sharing_words, words
from marketplace.pages.templatetags import alongside
from marketplace.rights import copies, corrections, requests
from marketplace.rights.models import RequestKind, RightsRequest
from marketplace.sharing.models import Fact

LONGEST = 2000
FILENAME = "my-record.zip"
BIRTHDAY, FACT = "person.born_on", "fact."
DAYS = ["%d %B %Y", "%d %b %Y", "%d/%m/%Y", "%d.%m.%Y", "%Y-%m-%d"]

ASKS: dict[str, RequestKind] = {
    "copy": RequestKind.ACCESS,
    "erase": RequestKind.ERASURE,
    "stop": RequestKind.OBJECTION,
}
TITLES = {
    "copy": gettext_lazy("Ask for a copy"),
    "erase": gettext_lazy("Ask us to rub it out"),
    "stop": gettext_lazy("Ask us to stop something"),
}
LEDES = {
    "copy": gettext_lazy("You get all that we keep about you, in one file. It is free."),
    "erase": gettext_lazy("We rub out what we can. Some of it we have to keep, and we say why."),
    "stop": gettext_lazy("Tell us what we should not do. We stop, or say why we go on."),
}
ASKED = {
    RequestKind.ACCESS: gettext_lazy("A copy"),
    RequestKind.CORRECTION: gettext_lazy("Put something right"),
    RequestKind.ERASURE: gettext_lazy("Rub it out"),
    RequestKind.OBJECTION: gettext_lazy("Stop something"),
}
STATES = {
    "asked": gettext_lazy("Sent"),
    "in_review": gettext_lazy("Being looked at"),
    "released": gettext_lazy("Ready"),
    "done": gettext_lazy("Done"),
    "refused": gettext_lazy("No"),
}
TONES = {"asked": "wait", "in_review": "wait", "released": "good", "done": "good"}


@dataclass(frozen=True)
class Shown:
    """One request as its family reads it."""

    request: RightsRequest
    title: str
    wanted: str
    state: str
    tone: str
    download_href: str


class Whose(forms.Form):
    """Whose record it is about: her own, or that of somebody she decides for."""

    person = forms.ChoiceField(label=gettext_lazy("Whose record?"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, home: household.Household, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.home = home
        whose = [(str(home.person.reference), _("Mine"))]
        whose += [(str(child.reference), child.first_name) for child in home.children]
        self.fields["person"].choices = whose  # type: ignore[attr-defined]
        self.fields["person"].initial = whose[0][0]
        if len(whose) == 1:
            del self.fields["person"]

    @property
    def chosen(self) -> Person:
        """Return whose record was chosen; her own where there is no choice."""
        return self.home.find(self.cleaned_data.get("person", ""))


class AskForm(Whose):
    """What is asked, with a few words where she wants to say more."""

    words = forms.CharField(
        label=gettext_lazy("Do you want to say more?"),
        max_length=LONGEST,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class CorrectForm(Whose):
    """What is wrong, and what is right."""

    code = forms.ChoiceField(label=gettext_lazy("What is wrong?"))
    wanted = forms.CharField(
        label=gettext_lazy("What should it say?"),
        help_text=gettext_lazy("Write a day like this: 3 June 2012."),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    words = forms.CharField(
        label=gettext_lazy("How do you know?"),
        max_length=LONGEST,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, lines: list[corrections.Line], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "person" in self.fields:  # chosen by a link, as what can be put right differs
            self.fields["person"].widget = forms.HiddenInput()
        self.fields["code"].choices = _choices(lines)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Take a birthday as people write one."""
        said = self.cleaned_data
        if said.get("code") == BIRTHDAY and (wanted := said.get("wanted")):
            try:
                said["wanted"] = str(forms.DateField(input_formats=DAYS).clean(wanted))
            except forms.ValidationError:
                self.add_error("wanted", _("Write the day like this: 3 June 2012."))
        return said


@doors.family
def page(request: HttpRequest, visit: doors.Visit) -> HttpResponse:
    """Show what can be asked, and what became of what was."""
    home = household.of(visit)
    found = list(_own(visit, home).select_related("person", "organisation"))
    for one in found:
        notices.read(user=visit.user, subject=one.reference, at=visit.at)
    return render(
        request,
        "family/my_record.html",
        {
            "home": home,
            "requests": [_shown(one, home) for one in found],
            "asks": [
                {"title": TITLES[slug], "href": reverse("family_my_record_ask", args=[slug])}
                for slug in ASKS
            ],
        },
    )


@doors.family
def one(request: HttpRequest, visit: doors.Visit, reference: UUID) -> HttpResponse:
    """Lead from a message to the answer it tells of."""
    found = _own(visit, household.of(visit)).filter(reference=reference).first()
    if found is None:
        raise Http404
    return HttpResponseRedirect(f"{reverse('family_my_record')}#request-{reference}")


@doors.family
def ask(request: HttpRequest, visit: doors.Visit, what: str) -> HttpResponse:
    """Ask for a copy, for it to be erased, or for something to stop."""
    if what not in ASKS:
        raise Http404
    home = household.of(visit)
    form = AskForm(request.POST or None, home=home)
    if request.method == "POST" and form.is_valid():
        person = form.chosen

        def act() -> str:
            requests.ask(
                person=person,
                kind=ASKS[what],
                words=form.cleaned_data["words"],
                user=visit.user,
                by=acting.by(visit, person),
                at=visit.at,
            )
            return reverse("family_my_record")

        try:
            return doors.once(request, visit, act)
        except doors.REFUSALS as refusal:
            form.add_error(None, words.refused(refusal))
    context = {
        "form": form,
        "is_copy": ASKS[what] == RequestKind.ACCESS,
        "title": TITLES[what],
        "lede": LEDES[what],
        "form_key": request.POST.get("form_key", ""),
    }
    return render(request, "family/my_record_ask.html", context)


@doors.family
def correct(request: HttpRequest, visit: doors.Visit) -> HttpResponse:
    """Say what is wrong, and what it should say."""
    home = household.of(visit)
    wrong = _wrong(request, visit, home)
    asked = request.POST.get("person") or request.GET.get("person", "")
    person = wrong.person if wrong and request.method != "POST" else home.find(asked)
    is_hers = person == visit.person
    lines = corrections.lines(
        person=person,
        knows_secrets=is_hers,
        decided_by=None if is_hers else visit.person.pk,
        at=visit.at,
    )
    code = f"{FACT}{wrong.reference}" if wrong else request.GET.get("what", "")
    start = {"person": str(person.reference), "code": code}
    form = CorrectForm(request.POST or None, home=home, lines=lines, initial=start)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data

        def act() -> str:
            corrections.ask(
                person=person,
                code=said["code"],
                wanted=said["wanted"],
                words=said["words"],
                user=visit.user,
                by=acting.by(visit, person),
                at=visit.at,
            )
            return reverse("family_my_record")

        try:
            return doors.once(request, visit, act)
        except doors.REFUSALS as refusal:
            form.add_error(None, words.refused(refusal))
    context = {
        "form": form,
        "home": home,
        "person": person,
        "called": home.called(person),
        "form_key": request.POST.get("form_key", ""),
    }
    return render(request, "family/my_record_correct.html", context)


@doors.family
def download(request: HttpRequest, visit: doors.Visit, reference: UUID) -> HttpResponse:
    """Give the copy, built from what is there now less what a person left out."""
    return give(request, visit, reference)


def give(request: HttpRequest, visit: doors.Visit, reference: UUID) -> HttpResponse:
    """Give a released copy to whoever may have it, and record the look."""
    found = visit.visible(RightsRequest.objects.filter(reference=reference))
    one = found.select_related("person", "organisation").first()
    if one is None:
        raise Http404
    try:
        copy = copies.download(request=one, user=visit.user, by=visit.by, at=visit.at)
    except copies.NotReady as refusal:
        raise Http404 from refusal
    visit.look(one.person, reference=one.person.reference, kind="record")
    return downloads.of_copy(request, copy, filename=FILENAME)


def _choices(lines: list[corrections.Line]) -> list[tuple[str, str]]:
    """Return what can be put right, and what it says now, in this page's words."""
    references = [line.code.removeprefix(FACT) for line in lines if line.code.startswith(FACT)]
    found = Fact.objects.filter(reference__in=references).values_list("reference", "key")
    titles = {f"{FACT}{reference}": sharing_words.fact(key) for reference, key in found}
    titles[BIRTHDAY] = _("Birthday")
    shown = [
        (line.code, titles.get(line.code, line.title), _in_words(line.code, line.now))
        for line in lines
    ]
    return [(code, f"{title}: {now}" if now else title) for code, title, now in shown]


def _in_words(code: str, said: str) -> str:
    """Return what a line says as people read it: a birthday is a day."""
    try:
        return str(alongside.day(date.fromisoformat(said))) if code == BIRTHDAY else said
    except ValueError:
        return said


def _what(one: RightsRequest) -> str:
    """Return what a correction is about, in this page's words."""
    (said,) = _choices([corrections.Line(one.about, corrections.title(one), "")])
    return said[1]


def _wrong(request: HttpRequest, visit: doors.Visit, home: household.Household) -> Fact | None:
    """Return the fact that a link says is wrong, where the visitor may know it."""
    try:
        reference = UUID(request.GET.get("fact", ""))
    except ValueError:
        return None
    known = visit.visible(Fact.objects.standing()).select_related("person")
    whose = [person.pk for person in home.own]
    found: Fact | None = known.filter(reference=reference, person__in=whose).first()
    return found


def _own(visit: doors.Visit, home: household.Household) -> Any:
    mine = [person.pk for person in home.own]
    asked = RightsRequest.objects.filter(person__in=mine)
    return visit.visible(asked).order_by("-asked_at", "-pk")


def _shown(one: RightsRequest, home: household.Household) -> Shown:
    about = home.called(one.person)
    title = str(ASKED[RequestKind(one.kind)])
    if one.is_correction:
        title = _("%(title)s: %(what)s") % {"title": title, "what": _what(one)}
    return Shown(
        request=one,
        title=_("%(title)s, about %(name)s") % {"title": title, "name": about},
        wanted=_in_words(one.about, one.wanted),
        state=str(STATES[one.state]),
        tone=TONES.get(one.state, "stop"),
        download_href=reverse("family_my_record_download", args=[one.reference])
        if one.is_released
        else "",
    )
