"""Proposing: a change of an entry by its sections, a new service, a place, other criteria."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from cms import catalogue, proposals
from cms.models import CriteriaSuggestion, Organisation, Service
from marketplace.pages import doors
from marketplace.pages.commissioner import criteria_forms
from marketplace.pages.provider import entry_forms, entry_rows, services
from marketplace.people.models import Membership
from marketplace.people.roles import Role
from marketplace.referrals import criteria, criteria_suggestions, facts

SECTIONS: dict[str, type[entry_forms.Section]] = {
    "words": entry_forms.Words,
    "reach": entry_forms.Reach,
    "start": entry_forms.Start,
    "questions": entry_rows.Questions,
    "times": entry_rows.Times,
}


@doors.staff(Role.PROVIDER_WORKER)
def change(
    request: HttpRequest, visit: doors.Visit, reference: uuid.UUID, section: str = "words"
) -> HttpResponse:
    """Propose a change of one section of the entry; an editor reads it before families see it."""
    if section not in SECTIONS:
        raise Http404
    service = services.find(visit, reference)
    form = SECTIONS[section](
        request.POST or None,
        draft=proposals.draft(service),
        was=proposals.version(service),
        organisation=visit.organisation,
    )

    def act() -> str:
        proposals.propose(
            service=service,
            changes=form.changes(),
            by_user=visit.user,
            was=form.cleaned_data["was"],
            among=form.among,
        )
        messages.success(request, _("Sent. An editor reads it before families see it."))
        return services.address(service)

    if request.method == "POST" and form.is_valid():
        try:
            return doors.once(request, visit, act)
        except proposals.ChangedMeanwhile as refusal:
            form.overtaken(refusal.names)
            form.add_error(None, refusal.sentence)
        except doors.REFUSALS as refusal:
            doors.show_refusal(form, refusal)
    links = [(_href(service, name), one.title, name == section) for name, one in SECTIONS.items()]
    context = {
        "service": service,
        "form": form,
        "form_key": request.POST.get("form_key", ""),
        "title": SECTIONS[section].title,
        "links": links,
        "standing": proposals.standing(service),
        "back": services.address(service),
    }
    return render(request, "provider/entry.html", context, status=_status(form))


@doors.staff(Role.PROVIDER_WORKER)
def add(request: HttpRequest, visit: doors.Visit) -> HttpResponse:
    """Propose a service that the catalogue does not have yet."""
    form = entry_forms.New(request.POST or None, owners=_owners(visit))

    def act() -> str:
        said = form.cleaned_data
        service = proposals.propose_new(
            name=said["name"],
            owner=said["owner"],
            provider=visit.organisation,
            kind=said["kind"],
            changes={"summary": said["summary"]},
            by_user=visit.user,
        )
        messages.success(request, _("Sent. Say more about it while an editor reads it."))
        return _href(service, "reach")

    return _page(
        request,
        visit,
        form,
        act,
        title=_("Propose a new service"),
        lede=_("Nobody finds it before an editor of its owner says yes."),
        button=_("Send to the editor"),
        back=reverse("provider_services"),
    )


@doors.staff(Role.PROVIDER_WORKER)
def add_place(request: HttpRequest, visit: doors.Visit, reference: uuid.UUID) -> HttpResponse:
    """Add a place of the organisation's, to be ticked for its services."""
    service = services.find(visit, reference)
    form = entry_forms.NewPlace(request.POST or None)

    def act() -> str:
        said = form.cleaned_data
        found = catalogue.add_place(organisation=visit.organisation, **said)
        messages.success(request, _("“%(name)s” is added. Tick it below.") % {"name": found.name})
        return _href(service, "reach")

    return _page(
        request,
        visit,
        form,
        act,
        title=_("Add a place"),
        lede=_("It is shown with a service only where its entry names it."),
        button=_("Add this place"),
        back=_href(service, "reach"),
    )


@doors.staff(Role.PROVIDER_WORKER)
def suggest(request: HttpRequest, visit: doors.Visit, reference: uuid.UUID) -> HttpResponse:
    """Suggest who can have it, and how much; the owner's commissioner sets that."""
    service = services.find(visit, reference)
    form = criteria_forms.Criteria(
        request.POST or None,
        rules=facts.criteria(service),
        bands=facts.bands(service),
        standard=service.standard_quantity,
        was=criteria.number_now(service),
    )

    def act() -> str:
        criteria_suggestions.suggest(
            service=service,
            criteria=form.rules,
            bands=form.bands,
            standard_quantity=form.cleaned_data["standard"],
            reason=form.cleaned_data["reason"],
            was=form.cleaned_data["was"],
            by=visit.by,
            at=visit.at,
        )
        messages.success(request, _("Sent to the commissioner, who sets this."))
        return reverse("provider_criteria", args=[service.reference])

    if done := doors.answer(request, visit, form, act):
        return done
    context = {
        "service": service,
        "form": form,
        "form_key": request.POST.get("form_key", ""),
        "last": CriteriaSuggestion.objects.filter(service=service).first(),
        "back": services.address(service),
    }
    return render(request, "provider/criteria_suggest.html", context, status=_status(form))


def _page(
    request: HttpRequest, visit: doors.Visit, form: Any, act: Any, **context: object
) -> HttpResponse:
    """Show a form, or act once on what was sent; a refusal keeps what was typed."""
    if done := doors.answer(request, visit, form, act):
        return done
    kept = {"form": form, "form_key": request.POST.get("form_key", "")}
    return render(request, "provider/entry_new.html", {**context, **kept}, status=_status(form))


def _owners(visit: doors.Visit) -> Any:
    """Return who may own a new service: whoever has editors today."""
    editing = Membership.objects.on(visit.today).filter(role=Role.EDITOR).values("organisation")
    return Organisation.objects.filter(pk__in=editing).order_by("name", "pk")


def _href(service: Service, section: str) -> str:
    return reverse("provider_change_section", args=[service.reference, section])


def _status(form: Any) -> int:
    return 422 if form.errors else 200
