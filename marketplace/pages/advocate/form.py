"""One form for several services: where it begins, and which services it goes to."""

import uuid

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from budgets.models import Family, Person
from cms.models import Service
from marketplace.pages import doors
from marketplace.pages.advocate import ask, desk, find, unfinished
from marketplace.referrals import applications, drafts
from marketplace.referrals.models import Draft


@doors.staff(*desk.ROLES)
def form(request: HttpRequest, visit: doors.Visit, reference: uuid.UUID) -> HttpResponse:
    """Start one form for the services chosen; nothing is asked before it is there to be saved."""
    family = desk.open_family(visit, reference)
    person = ask.person_of(visit, family, request.GET.get("person", ""))
    picked = _picked(request)
    parts = _parts(visit, person, picked) if person is not None else []
    if person is None or not parts or len(picked) > drafts.MOST_SERVICES:
        return _back_to_choosing(request, family, picked)
    if request.method != "POST" and request.GET.get("safe") != "yes":
        return ask.interrupt(request, family)
    if request.method == "POST":
        return doors.perform(
            request,
            visit,
            lambda: _start(request, visit, family, person),
            back=request.get_full_path(),
        )
    return _page(request, family, person, parts, waiting=unfinished.of(visit, [family]))


@doors.staff(*desk.ROLES)
def services(request: HttpRequest, visit: doors.Visit, reference: uuid.UUID) -> HttpResponse:
    """Say to which services a form goes that is begun already."""
    draft = unfinished.mine(visit, reference)
    if not draft.is_unfinished:
        return HttpResponseRedirect(reverse("advocate_draft", args=[reference]))
    family = desk.open_family(visit, draft.family.reference)
    if request.method == "POST":
        try:
            found = _offered(visit, _picked(request, sent=True))
            drafts.choose(
                draft=draft, services=found, by=visit.acting_for(draft.person), at=visit.at
            )
        except doors.REFUSALS as refusal:
            return _page(
                request,
                family,
                draft.person,
                _parts(visit, draft.person, [one.slug for one in draft.services.all()]),
                draft=draft,
                refused=refusal.sentence,
            )
        return HttpResponseRedirect(reverse("advocate_draft_step", args=[reference, "why"]))
    picked = [*(one.slug for one in draft.services.all()), *_picked(request)]
    return _page(request, family, draft.person, _parts(visit, draft.person, picked), draft=draft)


def _start(request: HttpRequest, visit: doors.Visit, family: Family, person: Person) -> str:
    draft = drafts.start(
        person=person,
        family=family,
        services=_offered(visit, _picked(request, sent=True)),
        why={name: request.GET[name] for name in ("goal", "need") if request.GET.get(name)},
        by=visit.acting_for(person),
        at=visit.at,
    )
    return reverse("advocate_draft_step", args=[draft.reference, "why"])


def _page(
    request: HttpRequest,
    family: Family,
    person: Person,
    parts: list[applications.Part],
    *,
    draft: Draft | None = None,
    waiting: list[unfinished.Unfinished] | None = None,
    refused: str = "",
) -> HttpResponse:
    return render(
        request,
        "advocate/form.html",
        {
            "family": family,
            "person": person,
            "parts": parts,
            "draft": draft,
            "more_href": _more_href(family, person, parts, draft),
            "unfinished": [one for one in waiting or [] if one.draft.person_id == person.pk],
            "refused": refused,
            "form_key": request.POST.get("form_key"),
        },
        status=422 if refused else 200,
    )


def _more_href(
    family: Family, person: Person, parts: list[applications.Part], draft: Draft | None
) -> str:
    """Return the way to the search that brings what is chosen along, and leads back here."""
    begun = str(draft.reference) if draft else ""
    return find.href(family, person, picked=[p.service.slug for p in parts], draft=begun)


def _picked(request: HttpRequest, *, sent: bool = False) -> list[str]:
    data = request.POST if sent else request.GET
    return list(dict.fromkeys(data.getlist("pick")))


def _offered(visit: doors.Visit, picked: list[str]) -> list[Service]:
    return list(Service.objects.offered(visit.today).filter(slug__in=picked))


def _parts(visit: doors.Visit, person: Person, picked: list[str]) -> list[applications.Part]:
    found = (
        Service.objects.offered(visit.today)
        .filter(slug__in=picked)
        .select_related("owner", "provider")
        .prefetch_related("processes", "criteria", "terms", "questions")
        .order_by("name", "pk")
    )
    return applications.parts(
        person=person, services=found, user=visit.user, by=visit.by, at=visit.at
    )


def _back_to_choosing(request: HttpRequest, family: Family, picked: list[str]) -> HttpResponse:
    query = request.GET.copy()
    query.pop("safe", None)
    if len(picked) > drafts.MOST_SERVICES:
        query["too_many"] = "yes"
    else:
        query["none"] = "yes"
    path = reverse("advocate_find", args=[family.reference])
    return HttpResponseRedirect(f"{path}?{query.urlencode()}")
