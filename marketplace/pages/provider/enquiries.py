"""The door of a district: who asked for help without a sign-in, and what is done about it."""

import uuid
from collections.abc import Callable
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from budgets.models import Person
from cms.models import Organisation, Service, Step, Term
from marketplace.notices import topics
from marketplace.pages import doors
from marketplace.pages.advocate import questions
from marketplace.people.models import Membership, User
from marketplace.people.roles import Role
from marketplace.referrals import (
    acts,
    applications,
    catchments,
    enquiries,
    enquiries_linked,
    enquiries_passed,
    facts,
    reach,
)
from marketplace.referrals.models import Enquiry, EnquiryEnd, Referral, Worry

PER_PAGE = 20
MOST_SUGGESTED = 8
NEW = "new"
AGREED = [
    ("on_the_phone", _("On the phone")),
    ("face_to_face", _("Face to face")),
    ("in_writing", _("In writing")),
]


class Link(forms.Form):
    """Whose record it is: one that matches, or a new household."""

    person = forms.ChoiceField(label=_("Whom is it about?"), widget=forms.RadioSelect)

    def __init__(self, data: Any = None, *, found: list[Person]) -> None:
        super().__init__(data)
        self.found = {str(person.reference): person for person in found}
        known = [
            (key, _("%(name)s, whose record is here already") % {"name": person.name})
            for key, person in self.found.items()
        ]
        self.fields["person"].choices = [*known, (NEW, _("Make a new household"))]  # type: ignore[attr-defined]
        self.initial["person"] = known[0][0] if known else NEW

    def clean_person(self) -> Person | None:
        """Return the person, or None for a new one."""
        return self.found.get(self.cleaned_data["person"])


class Advocate(forms.Form):
    """Somebody on their side, as they chose."""

    advocate = questions.Named(
        words="name",
        label=_("Whom did they choose?"),
        queryset=User.objects.none(),
        to_field_name="reference",
        empty_label=None,
    )

    def __init__(self, data: Any = None, *, day: Any) -> None:
        super().__init__(data)
        works = Membership.objects.on(day).filter(role=Role.ADVOCATE).values("user")
        found = User.objects.filter(pk__in=works, is_active=True).order_by("name", "pk")
        questions.choose(self, "advocate", found)


class Close(forms.Form):
    """What became of it."""

    end = forms.ChoiceField(
        label=_("What became of it?"), choices=EnquiryEnd.choices, widget=forms.RadioSelect
    )
    words = forms.CharField(
        label=_("In a sentence"), max_length=1000, widget=forms.Textarea(attrs={"rows": 2})
    )


class PassOn(forms.Form):
    """Whose door it belongs to, and her yes to that."""

    to = questions.Named(
        words="name",
        label=_("Who answers for them?"),
        queryset=Organisation.objects.none(),
        to_field_name="reference",
        empty_label=None,
    )
    yes_how = forms.ChoiceField(
        label=_("How did they say yes to that?"),
        help_text=_("Leave it where it goes to who answers for where they live."),
        choices=[("", _("I have not asked")), *AGREED],
        required=False,
        widget=forms.RadioSelect,
    )

    def __init__(self, data: Any = None, *, visit: doors.Visit) -> None:
        super().__init__(data)
        others = catchments.doors(at=visit.at).exclude(pk=visit.organisation.pk)
        questions.choose(self, "to", others)


@doors.staff(Role.INTAKE_WORKER)
def listing(request: HttpRequest, visit: doors.Visit) -> HttpResponse:
    """List what waits at the door: what nobody took up first, then by when it is due."""
    rows = enquiries.inbox(organisation=visit.organisation)
    if request.GET.get("list") == "mine":
        rows = rows.filter(taken_by=visit.user)
    page_obj = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "provider/enquiries.html",
        {
            "organisation": visit.organisation,
            "page_obj": page_obj,
            "rows": [(one, enquiries.weight(one)) for one in page_obj],
            "today": visit.today,
            "is_mine": request.GET.get("list") == "mine",
            "live_topics": topics.inbox(visit.organisation.reference),
        },
    )


@doors.staff(Role.INTAKE_WORKER)
def show(request: HttpRequest, visit: doors.Visit, reference: uuid.UUID) -> HttpResponse:
    """Open one, and write down that it was opened."""
    found = _found(visit, reference)
    if found.is_linked:
        visit.look(found, reference=found.reference, kind="enquiry")
    else:
        enquiries.note_look(enquiry=found, by=visit.by, at=visit.at)
    return _page(request, visit, found)


@require_POST
@doors.staff(Role.INTAKE_WORKER)
def act(request: HttpRequest, visit: doors.Visit, reference: uuid.UUID, act: str) -> HttpResponse:
    """Take it up or back, say whom it is about and whom they chose, pass it on, or close it."""
    found = _found(visit, reference)
    acting = ACTS.get(act)
    if acting is None:
        raise Http404
    return acting(request, visit, found)


@doors.staff(Role.INTAKE_WORKER)
def ask(request: HttpRequest, visit: doors.Visit, reference: uuid.UUID, slug: str) -> HttpResponse:
    """Ask one service for them, as far up as the intake worker may go herself."""
    found = _found(visit, reference)
    service = get_object_or_404(Service.objects.offered(visit.today), slug=slug)
    if not found.is_open or not enquiries_linked.is_known(found, user=visit.user, at=visit.at):
        raise Http404
    visit.look(found, reference=found.reference, kind="enquiry")
    form = _ask_form(request, visit, found, service)

    def doing() -> str:
        enquiries_linked.refer(
            enquiry=found,
            service=service,
            facts=questions.facts(form),
            answers=questions.answers(form),
            by=visit.by,
            at=visit.at,
        )
        return _here(found)

    if request.method == "POST" and form.is_valid():
        try:
            return doors.once(request, visit, doing)
        except doors.REFUSALS as refusal:
            form.add_error(None, refusal.sentence)
    return render(
        request,
        "provider/enquiry_ask.html",
        {
            "enquiry": found,
            "person": found.person,
            "service": service,
            "form": form,
            "reach": reach.of(services=[service], by=visit.by, at=visit.at)[service.pk],
            "form_key": request.POST.get("form_key"),
        },
        status=422 if form.errors else 200,
    )


def _take(request: HttpRequest, visit: doors.Visit, found: Enquiry) -> HttpResponse:
    def doing() -> str:
        enquiries.take(enquiry=found, by=visit.by, at=visit.at)
        return _here(found)

    return doors.perform(request, visit, doing, back=_here(found))


def _put_back(request: HttpRequest, visit: doors.Visit, found: Enquiry) -> HttpResponse:
    def doing() -> str:
        enquiries.put_back(enquiry=found, by=visit.by, at=visit.at)
        return reverse("provider_enquiries")

    return doors.perform(request, visit, doing, back=_here(found))


def _link(request: HttpRequest, visit: doors.Visit, found: Enquiry) -> HttpResponse:
    form = Link(request.POST, found=list(enquiries_linked.matches(found)))

    def doing() -> str:
        person = form.cleaned_data["person"]
        enquiries_linked.link(enquiry=found, person=person, by=visit.by, at=visit.at)
        return _here(found)

    return _once(request, visit, found, form, "link", doing)


def _advocate(request: HttpRequest, visit: doors.Visit, found: Enquiry) -> HttpResponse:
    form = Advocate(request.POST, day=visit.today)

    def doing() -> str:
        advocate = form.cleaned_data["advocate"]
        enquiries_linked.appoint(enquiry=found, advocate=advocate, by=visit.by, at=visit.at)
        return _here(found)

    return _once(request, visit, found, form, "advocate", doing)


def _pass_on(request: HttpRequest, visit: doors.Visit, found: Enquiry) -> HttpResponse:
    form = PassOn(request.POST, visit=visit)

    def doing() -> str:
        said = form.cleaned_data
        enquiries_passed.pass_on(
            enquiry=found, to=said["to"], yes_how=said["yes_how"], by=visit.by, at=visit.at
        )
        return reverse("provider_enquiries")

    return _once(request, visit, found, form, "pass_on", doing)


def _close(request: HttpRequest, visit: doors.Visit, found: Enquiry) -> HttpResponse:
    form = Close(request.POST)

    def doing() -> str:
        said = form.cleaned_data
        end = EnquiryEnd(said["end"])
        enquiries.close(enquiry=found, end=end, words=said["words"], by=visit.by, at=visit.at)
        return reverse("provider_enquiries")

    return _once(request, visit, found, form, "close", doing)


ACTS: dict[str, Callable[[HttpRequest, doors.Visit, Enquiry], HttpResponse]] = {
    "take": _take,
    "put-back": _put_back,
    "link": _link,
    "advocate": _advocate,
    "pass-on": _pass_on,
    "close": _close,
}


def _once(
    request: HttpRequest,
    visit: doors.Visit,
    found: Enquiry,
    form: forms.Form,
    name: str,
    doing: Callable[[], str],
) -> HttpResponse:
    if form.is_valid():
        try:
            return doors.once(request, visit, doing)
        except doors.REFUSALS as refusal:
            form.add_error(None, refusal.sentence)
    return _page(request, visit, _found(visit, found.reference), bound={name: form}, status=422)


def _found(visit: doors.Visit, reference: uuid.UUID) -> Enquiry:
    rows = Enquiry.objects.filter(organisation=visit.organisation).with_names()
    return get_object_or_404(rows, reference=reference)


def _here(found: Enquiry) -> str:
    return reverse("provider_enquiry", args=[found.reference])


def _page(
    request: HttpRequest,
    visit: doors.Visit,
    found: Enquiry,
    *,
    bound: dict[str, forms.Form] | None = None,
    status: int = 200,
) -> HttpResponse:
    bound = bound or {}
    matches = list(enquiries_linked.matches(found)) if not found.is_linked else []
    can_act = found.is_open and found.is_taken
    return render(
        request,
        "provider/enquiry.html",
        {
            "enquiry": found,
            "worries": _worries(found),
            "is_mine": found.taken_by_id == visit.user.pk,
            "is_late": found.due_on < visit.today and not found.is_taken,
            "can_act": can_act,
            "link_form": bound.get("link") or Link(found=matches),
            "advocate_form": bound.get("advocate") or Advocate(day=visit.today),
            "pass_form": bound.get("pass_on") or PassOn(visit=visit) if can_act else None,
            "close_form": bound.get("close") or Close(),
            "error_form": next(iter(bound.values()), None),
            "asked": list(_asked(visit, found)),
            "suggested": _suggested(visit, found) if can_act and found.is_linked else [],
            "form_key": request.POST.get("form_key"),
        },
        status=status,
    )


def _worries(found: Enquiry) -> list[dict[str, Any]]:
    """Return each key issue that weighs, the heaviest first, in words."""
    terms = {term.slug: term.shown for term in Term.objects.filter(slug__in=list(found.worries))}
    rows = sorted(found.worries.items(), key=lambda pair: -pair[1])
    return [
        {"key": terms.get(slug, slug), "value": str(Worry(value).label)} for slug, value in rows
    ]


def _asked(visit: doors.Visit, found: Enquiry) -> QuerySet[Referral]:
    """Return what was asked for because of it, as far as she may know: not what came later."""
    rows: QuerySet[Referral] = visit.visible(Referral.objects.filter(enquiry=found))
    return rows.select_related("service").order_by("asked_at", "pk")


def _suggested(visit: doors.Visit, found: Enquiry) -> list[tuple[Service, reach.Reach]]:
    """Return what is offered for what weighs on them, and how far she may take each herself.

    What she may not know of is offered too: left out, it would betray that it was asked for.
    """
    open_ones = visit.visible(Referral.objects.filter(person=found.person)).open()  # type: ignore[attr-defined]
    open_ones = open_ones.values("service")
    offered = Service.objects.offered(visit.today).filter(terms__slug__in=list(found.worries))
    services = list(
        Service.objects.filter(pk__in=offered.values("pk"))
        .exclude(pk__in=open_ones)
        .select_related("owner")
        .prefetch_related("processes", "terms")
        .order_by("name")[:MOST_SUGGESTED]
    )
    reached = reach.of(services=services, by=visit.by, at=visit.at)
    return [(service, reached[service.pk]) for service in services]


def _ask_form(
    request: HttpRequest, visit: doors.Visit, found: Enquiry, service: Service
) -> forms.Form:
    """Return what the service asks, of that what the intake worker's own rules let her answer."""
    form = forms.Form(request.POST if request.method == "POST" else None)
    person, family = found.person, found.family
    assert person is not None  # the page ends before, where it is not known
    assert family is not None
    reached = reach.of(services=[service], by=visit.by, at=visit.at)[service.pk]
    needed = acts.needed(service)
    known = facts.known(person=person, family=family, day=visit.today, told_to=visit.organisation)
    if Step.CHECK_ELIGIBILITY in needed and reached.share > 1:
        missing = facts.missing(services=[service], facts=known)
        questions.add_facts(form, missing=missing, services=[service], person=person)
    if Step.TAKE_APPLICATION in needed and reached.share > 2:
        asked = applications.union([service])
        questions.add_answers(form, asked=asked, known=known, name_them=False)
    return form
