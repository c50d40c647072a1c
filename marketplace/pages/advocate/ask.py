"""One sitting for one service: why, what is not known yet, and as far up as she may."""

import uuid
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from budgets.models import Family, Goal, Person
from cms.models import Service, Step, Term, TermTaxonomy
from marketplace.authority import authority
from marketplace.pages import danger, doors
from marketplace.pages.advocate import desk, find, questions
from marketplace.pages.advocate import family as household
from marketplace.people import appointments
from marketplace.people.roles import Power
from marketplace.referrals import acts, applications, eligibility, facts, reach, sittings
from marketplace.referrals.models import Referral, Rung
from pricing import prices


@dataclass(frozen=True)
class Subject:
    """Whom and what it is about."""

    family: Family
    person: Person
    service: Service
    reach: reach.Reach
    known: dict[str, Any]

    @property
    def needed(self) -> list[Step]:
        """Return the steps the service needs."""
        return acts.needed(self.service)

    @property
    def may_check(self) -> bool:
        """Tell whether she may check who can have it."""
        return Step.CHECK_ELIGIBILITY in self.needed and self.reach.share > 1

    @property
    def may_send(self) -> bool:
        """Tell whether she may send the form."""
        return Step.TAKE_APPLICATION in self.needed and self.reach.share > 2


@doors.staff(*desk.ROLES)
def ask(request: HttpRequest, visit: doors.Visit, reference: uuid.UUID, slug: str) -> HttpResponse:
    """Ask one service for somebody, on one page, after asking whether anybody is in danger."""
    family = desk.open_family(visit, reference)
    person = person_of(visit, family, request.GET.get("person", ""))
    service = _service(visit, slug)
    if person is None:
        return HttpResponseRedirect(reverse("advocate_find", args=[family.reference]))
    if request.method != "POST" and request.GET.get("safe") != "yes":
        return interrupt(request, family)
    before = _asked_before(visit, person, service)
    if request.method != "POST" and before is not None:
        return HttpResponseRedirect(reverse("advocate_referral", args=[before.reference]))
    subject = _subject(visit, family, person, service)
    form = _form(request, visit, subject)
    if request.method == "POST" and form.is_valid():
        try:
            return doors.once(request, visit, lambda: _act(visit, subject, form))
        except doors.REFUSALS as refusal:
            form.add_error(None, refusal.sentence)
    return render(
        request,
        "advocate/ask.html",
        _context(request, visit, subject, form),
        status=422 if form.errors else 200,
    )


def interrupt(request: HttpRequest, family: Family) -> HttpResponse:
    """Ask first whether somebody is in danger; the way on keeps the query."""
    query = request.GET.copy()
    query["safe"] = "yes"
    about = {"family": family.reference}
    return render(
        request,
        "advocate/interrupt.html",
        {
            "family": family,
            "contacts": danger.contacts(),
            "continue_href": f"{request.path}?{query.urlencode()}",
            "step_up_href": f"{reverse('advocate_concern_new')}?{urlencode(about)}",
        },
    )


def person_of(visit: doors.Visit, family: Family, text: str) -> Person | None:
    """Return the person of a household whom a query names, or None. 404 where unknown."""
    if not text:
        return None
    for person in desk.people(visit, family):
        if str(person.reference) == text:
            return person
    raise Http404


def why_of(visit: doors.Visit, family: Family, form: questions.Why) -> sittings.Why:
    """Return why somebody asks, from a valid form."""
    given = form.cleaned_data
    instead = given.get("comes") == "instead"
    return sittings.Why(
        plan=desk.plan_of(visit, family),
        goal=given.get("goal"),
        need=given.get("need"),
        barrier=given.get("barrier"),
        met_by=given.get("met_by", "") if given.get("barrier") else "",
        instead_of=given.get("instead_of", "") if instead else "",
        is_weighed=bool(given.get("is_weighed")),
        is_confidential=bool(given.get("is_private")),
    )


def goals_for(visit: doors.Visit, family: Family, person: Person) -> Any:
    """Return the goals of the household, and of this person, that she may know of."""
    goals = visit.visible(Goal.objects.open().filter(plan__family=family))
    return goals.filter(person=person) | goals.filter(person__isnull=True)


def may_confide(visit: doors.Visit, person: Person) -> bool:
    """Tell whether the person may tell her what nobody else is told."""
    held = appointments.of(user=visit.user, on=visit.today, power=Power.CONFIDE)
    return held.filter(person=person).exists()


def barriers_met() -> list[tuple[Term, list[Service]]]:
    """Return each barrier with the services that meet it, for offering them beside."""
    terms = Term.objects.filter(taxonomy=TermTaxonomy.BARRIER, services__live=True)
    return [
        (term, [one for one in term.services.all() if one.live and not one.is_withdrawn][:3])
        for term in terms.distinct().order_by("name").prefetch_related("services")
    ]


def _service(visit: doors.Visit, slug: str) -> Service:
    found: Service | None = (
        Service.objects.offered(visit.today)
        .filter(slug=slug)
        .select_related("owner", "provider")
        .first()
    )
    if found is None:
        raise Http404
    return found


def _asked_before(visit: doors.Visit, person: Person, service: Service) -> Referral | None:
    rows = Referral.objects.open().filter(person=person, service=service)
    found: Referral | None = visit.visible(rows).order_by("-pk").first()
    return found


def _subject(visit: doors.Visit, family: Family, person: Person, service: Service) -> Subject:
    return Subject(
        family=family,
        person=person,
        service=service,
        reach=reach.of(services=[service], by=visit.by, at=visit.at)[service.pk],
        known=facts.known(person=person, family=family, day=visit.today),
    )


def _form(request: HttpRequest, visit: doors.Visit, subject: Subject) -> questions.Why:
    service, person = subject.service, subject.person
    form = questions.Why(
        request.POST if request.method == "POST" else None,
        goals=goals_for(visit, subject.family, person),
        services=[service],
        initial={name: request.GET.get(name, "") for name in ("goal", "need")},
    )
    if not may_confide(visit, person) or service.is_confidential:
        del form.fields["is_private"]
    if subject.may_check:
        missing = facts.missing(services=[service], facts=subject.known)
        questions.add_facts(form, missing=missing, services=[service], person=person)
    if subject.may_send:
        asked = [
            applications.AskedQuestion(question, question.is_required, (service.name,))
            for question in service.questions.all()
        ]
        questions.add_answers(form, asked=asked, known=subject.known, name_them=False)
    return form


def _act(visit: doors.Visit, subject: Subject, form: questions.Why) -> str:
    before = _asked_before(visit, subject.person, subject.service)
    if before is not None:  # asked for meanwhile, in another window
        return reverse("advocate_referral", args=[before.reference])
    referral = sittings.ask(
        person=subject.person,
        family=subject.family,
        service=subject.service,
        why=why_of(visit, subject.family, form),
        facts=questions.facts(form),
        answers=questions.answers(form),
        by=visit.acting_for(subject.person),
        at=visit.at,
    )
    return reverse("advocate_referral", args=[referral.reference])


def _context(
    request: HttpRequest, visit: doors.Visit, subject: Subject, form: questions.Why
) -> dict[str, Any]:
    service = subject.service
    result = eligibility.evaluate(facts.criteria(service), subject.known)
    words, tone = find.fit(result, subject.person)
    is_bare = subject.reach.rung == Rung.SIGNPOSTED and not service.is_universal
    query = urlencode({"person": str(subject.person.reference), "safe": "yes"})
    return {
        "family": subject.family,
        "person": subject.person,
        "service": service,
        "reach": subject.reach,
        "price": _price(visit, service),
        "fits": words,
        "fits_tone": tone,
        "form": form,
        "why": [form[name] for name in form.fields if name in questions.Why.base_fields],
        "facts": [form[name] for name in form.fields if name.startswith(questions.FACT)],
        "answers": [form[name] for name in form.fields if name.startswith(questions.ANSWER)],
        "barriers": barriers_met(),
        "query": query,
        "find_href": household.find_href(subject.family, person=subject.person),
        "is_bare": is_bare,
        "refused": _refused(visit, subject) if is_bare else None,
        "form_key": request.POST.get("form_key"),
    }


def _price(visit: doors.Visit, service: Service) -> dict[str, Any] | None:
    try:
        price = prices.price_on(service=service, day=visit.today)
    except prices.NoPrice:
        return None
    return {
        "price": price,
        "quantity": service.standard_quantity,
        "total": price.amount_pence * service.standard_quantity,
    }


def _refused(visit: doors.Visit, subject: Subject) -> dict[str, Any]:
    """Say why a bare signpost is all there is, and who can do more (report 5.4.2)."""
    step = subject.needed[0] if subject.needed else Step.BOOK
    decision = authority.decide(
        by=visit.by, step=step, service=subject.service, family=subject.family, at=visit.at
    )
    return {
        "reasons": [reason.sentence for reason in decision.reasons],
        "who": authority.who_can(step=step, service=subject.service, at=visit.at)[:4],
    }
