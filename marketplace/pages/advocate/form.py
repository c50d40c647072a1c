"""One form for several services: each question once, and each service gets only what it asked."""

import uuid
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from budgets.models import Family, Person
from cms.models import Service, Step
from marketplace.pages import doors
from marketplace.pages.advocate import ask, desk, find, questions
from marketplace.referrals import acts, applications, eligibility, facts, reach, sittings
from marketplace.referrals.models import Referral
from marketplace.sharing.models import Basis


@dataclass(frozen=True)
class Part:
    """One of the services chosen, and what it will get."""

    service: Service
    reach: reach.Reach
    may_check: bool
    may_send: bool

    @property
    def basis(self) -> str:
        """Return the ground on which it is told, in words."""
        is_public = self.service.owner.is_public_body
        return str((Basis.PUBLIC_TASK if is_public else Basis.CONSENT).label)


@dataclass(frozen=True)
class Preview:
    """Exactly what one service gets, or why it gets nothing."""

    part: Part
    answers: list[dict[str, Any]]
    refused: str


@doors.staff(*desk.ROLES)
def form(request: HttpRequest, visit: doors.Visit, reference: uuid.UUID) -> HttpResponse:
    """Fill in one form for the services chosen, check what each gets, and send it once."""
    family = desk.open_family(visit, reference)
    person = ask.person_of(visit, family, request.GET.get("person", ""))
    picked = list(dict.fromkeys(request.GET.getlist("pick")))
    parts = _parts(visit, picked)
    if person is None or not parts or len(picked) > find.MOST_CHOSEN:
        return _back_to_choosing(request, family, picked)
    if request.method != "POST" and request.GET.get("safe") != "yes":
        return ask.interrupt(request, family)
    known = facts.known(person=person, family=family, day=visit.today)
    filled = _form(request, visit, family, person, parts, known)
    context = {
        "family": family,
        "person": person,
        "parts": parts,
        "form": filled,
        "form_key": request.POST.get("form_key"),
    }
    if request.method == "POST" and filled.is_valid() and request.POST.get("act") != "change":
        previews = _previews(parts, filled, known)
        if request.POST.get("act") == "send":
            try:
                return doors.once(
                    request, visit, lambda: _send(visit, family, person, previews, filled)
                )
            except doors.REFUSALS as refusal:
                filled.add_error(None, refusal.sentence)
        else:
            typed = [
                (name, value) for name in filled.fields for value in request.POST.getlist(name)
            ]
            context |= {"previews": previews, "typed": typed}
            return render(request, "advocate/form_check.html", context)
    return render(request, "advocate/form.html", context, status=422 if filled.errors else 200)


def _back_to_choosing(request: HttpRequest, family: Family, picked: list[str]) -> HttpResponse:
    query = request.GET.copy()
    query.pop("safe", None)
    if len(picked) > find.MOST_CHOSEN:
        query["too_many"] = "yes"
    else:
        query["none"] = "yes"
    path = reverse("advocate_find", args=[family.reference])
    return HttpResponseRedirect(f"{path}?{query.urlencode()}")


def _parts(visit: doors.Visit, picked: list[str]) -> list[Part]:
    services = list(
        Service.objects.offered(visit.today)
        .filter(slug__in=picked)
        .select_related("owner", "provider")
        .prefetch_related("processes", "criteria", "terms", "questions")
        .order_by("name")
    )
    reaches = reach.of(services=services, by=visit.by, at=visit.at)
    return [
        Part(
            service=service,
            reach=reaches[service.pk],
            may_check=_may(service, reaches[service.pk], Step.CHECK_ELIGIBILITY, 1),
            may_send=_may(service, reaches[service.pk], Step.TAKE_APPLICATION, 2),
        )
        for service in services
    ]


def _may(service: Service, found: reach.Reach, step: Step, rungs: int) -> bool:
    return step in acts.needed(service) and found.share > rungs


def _form(
    request: HttpRequest,
    visit: doors.Visit,
    family: Family,
    person: Person,
    parts: list[Part],
    known: dict[str, Any],
) -> questions.Why:
    filled = questions.Why(
        request.POST if request.method == "POST" else None,
        goals=ask.goals_for(visit, family, person),
        services=[part.service for part in parts],
        initial={"goal": request.GET.get("goal", ""), "need": request.GET.get("need", "")},
    )
    if not ask.may_confide(visit, person):
        del filled.fields["is_private"]
    checked = [part.service for part in parts if part.may_check]
    missing = facts.missing(services=checked, facts=known)
    questions.add_facts(filled, missing=missing, services=checked, person=person)
    asked = applications.union(part.service for part in parts if part.may_send)
    questions.add_answers(filled, asked=asked, known=known, name_them=True)
    return filled


def _previews(parts: list[Part], filled: questions.Why, known: dict[str, Any]) -> list[Preview]:
    given, told = questions.facts(filled), questions.answers(filled)
    found = []
    for part in parts:
        result = eligibility.evaluate(facts.criteria(part.service), {**known, **given})
        refused = ""
        if part.may_check and result.met is False:
            refused = _("This is for people in another situation. %(rules)s") % {
                "rules": " ".join(result.failed)
            }
        answers = [
            {"key": question.text, "value": told[question.key]}
            for question in part.service.questions.all()
            if part.may_send and question.key in told
        ]
        found.append(Preview(part=part, answers=answers, refused=refused))
    return found


def _send(
    visit: doors.Visit,
    family: Family,
    person: Person,
    previews: list[Preview],
    filled: questions.Why,
) -> str:
    open_now = set(
        visit.visible(Referral.objects.open().filter(person=person)).values_list(
            "service", flat=True
        )
    )
    services = [
        preview.part.service
        for preview in previews
        if not preview.refused and preview.part.service.pk not in open_now
    ]
    sittings.ask_many(
        person=person,
        family=family,
        services=services,
        why=ask.why_of(visit, family, filled),
        facts=questions.facts(filled),
        answers=questions.answers(filled),
        by=visit.acting_for(person),
        at=visit.at,
    )
    return reverse("advocate_family", args=[family.reference]) + "#asked"
