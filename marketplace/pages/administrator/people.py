"""Who works here: roles given and ended, suspensions, and what was checked of them."""

import uuid
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from marketplace.pages import doors
from marketplace.pages.administrator import forms, scope
from marketplace.people import competences, memberships, users
from marketplace.people.models import Membership, User
from marketplace.people.roles import Role

PER_PAGE = 20


@doors.administrator
def listing(request: HttpRequest, visit: doors.Visit) -> HttpResponse:
    """List the people of her organisations, narrowed by what the address says."""
    form = forms.Find(request.GET)
    found = _narrowed(scope.people(visit), form, visit)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "administrator/people.html", {"form": form, "page_obj": page})


@doors.administrator
def person(request: HttpRequest, visit: doors.Visit, reference: uuid.UUID) -> HttpResponse:
    """Show one worker: her roles, what was checked, and where she gains."""
    return _page(request, visit, scope.one(scope.people(visit), reference))


@require_POST
@doors.administrator
def give(request: HttpRequest, visit: doors.Visit, reference: uuid.UUID) -> HttpResponse:
    """Give somebody a role."""
    found = scope.one(scope.people(visit), reference)
    form = forms.GiveRole(request.POST, places=scope.organisations(visit))

    def act() -> None:
        memberships.join(
            user=found,
            organisation=form.cleaned_data["organisation"],
            role=Role(form.cleaned_data["role"]),
            on=visit.today,
            by=visit.by,
            at=visit.at,
        )

    return _send(request, visit, found, form, act, giving=form)


@require_POST
@doors.administrator
def check(request: HttpRequest, visit: doors.Visit, reference: uuid.UUID) -> HttpResponse:
    """Write down a qualification that was looked at."""
    found = scope.one(scope.people(visit), reference)
    form = forms.Checked(request.POST)

    def act() -> None:
        competences.record(user=found, by=visit.by, at=visit.at, **form.cleaned_data)

    return _send(request, visit, found, form, act, checked=form)


@require_POST
@doors.administrator
def uncheck(request: HttpRequest, visit: doors.Visit, reference: uuid.UUID) -> HttpResponse:
    """End a qualification today."""
    found = scope.one(scope.competences(visit).select_related("user"), reference)
    return _perform(
        request,
        visit,
        found.user,
        lambda: competences.end(competence=found, on=visit.today, by=visit.by, at=visit.at),
    )


@require_POST
@doors.administrator
def end(request: HttpRequest, visit: doors.Visit, reference: uuid.UUID) -> HttpResponse:
    """End a role today."""
    held = _held(visit, reference)
    return _perform(
        request,
        visit,
        held.user,
        lambda: memberships.leave(membership=held, on=visit.today, by=visit.by, at=visit.at),
    )


@require_POST
@doors.administrator
def change(request: HttpRequest, visit: doors.Visit, reference: uuid.UUID) -> HttpResponse:
    """Give another role in place of one."""
    held = _held(visit, reference)
    role = request.POST.get("role", "")
    if role not in dict(forms.WORK):
        messages.error(request, _("Choose a role."))
        return HttpResponseRedirect(_address(held.user))
    return _perform(
        request,
        visit,
        held.user,
        lambda: memberships.change(
            membership=held, role=Role(role), on=visit.today, by=visit.by, at=visit.at
        ),
    )


@require_POST
@doors.administrator
def suspend(
    request: HttpRequest, visit: doors.Visit, reference: uuid.UUID, place: uuid.UUID
) -> HttpResponse:
    """Let somebody do nothing more for an organisation, from this moment."""
    found = scope.one(scope.people(visit), reference)
    organisation = scope.one(scope.organisations(visit), place)
    return _perform(
        request,
        visit,
        found,
        lambda: memberships.suspend(
            user=found, organisation=organisation, by=visit.by, at=visit.at
        ),
    )


@require_POST
@doors.administrator
def resume(
    request: HttpRequest, visit: doors.Visit, reference: uuid.UUID, place: uuid.UUID
) -> HttpResponse:
    """Let somebody work for an organisation again."""
    found = scope.one(scope.people(visit), reference)
    organisation = scope.one(scope.organisations(visit), place)
    return _perform(
        request,
        visit,
        found,
        lambda: memberships.resume(user=found, organisation=organisation, by=visit.by, at=visit.at),
    )


@require_POST
@doors.administrator
def switch_off(request: HttpRequest, visit: doors.Visit, reference: uuid.UUID) -> HttpResponse:
    """Let somebody in no more, anywhere."""
    found = scope.one(scope.people(visit), reference)
    return _perform(
        request, visit, found, lambda: users.deactivate(user=found, by=visit.by, at=visit.at)
    )


@require_POST
@doors.administrator
def switch_on(request: HttpRequest, visit: doors.Visit, reference: uuid.UUID) -> HttpResponse:
    """Let somebody in again."""
    found = scope.one(scope.people(visit), reference)
    return _perform(
        request, visit, found, lambda: users.reactivate(user=found, by=visit.by, at=visit.at)
    )


def _narrowed(found: QuerySet[User], form: forms.Find, visit: doors.Visit) -> QuerySet[User]:
    chosen = form.cleaned_data if form.is_valid() else {}
    words, state = chosen.get("words", ""), chosen.get("state", "")
    standing = scope.memberships(visit).filter(Q(ends_on__isnull=True) | Q(ends_on__gt=visit.today))
    if words:
        found = found.filter(Q(name__icontains=words) | Q(email__icontains=words))
    if chosen.get("role"):
        found = found.filter(pk__in=standing.filter(role=chosen["role"]).values("user"))
    if state == "suspended":
        found = found.filter(pk__in=standing.filter(suspended_at__isnull=False).values("user"))
    elif state == "off":
        found = found.filter(is_active=False)
    elif state == "none":
        found = found.exclude(pk__in=standing.values("user"))
    return found


def _held(visit: doors.Visit, reference: uuid.UUID) -> Membership:
    rows = scope.memberships(visit).filter(user__person__isnull=True)
    return scope.one(rows.select_related("user", "organisation"), reference)


def _address(user: User) -> str:
    return reverse("admin_person", args=[user.reference])


def _perform(
    request: HttpRequest, visit: doors.Visit, user: User, verb: Callable[[], object]
) -> HttpResponse:
    def act() -> str:
        verb()
        return _address(user)

    return doors.perform(request, visit, act, back=_address(user))


def _send(
    request: HttpRequest,
    visit: doors.Visit,
    user: User,
    form: Any,
    verb: Callable[[], None],
    **shown: Any,
) -> HttpResponse:
    """Act once for a form of several fields; what is wrong is shown beside what was typed."""

    def act() -> str:
        verb()
        return _address(user)

    if form.is_valid():
        try:
            return doors.once(request, visit, act)
        except doors.REFUSALS as refusal:
            form.add_error(None, refusal.sentence)
    return _page(request, visit, user, status=422, **shown)


def _page(
    request: HttpRequest, visit: doors.Visit, user: User, *, status: int = 200, **shown: Any
) -> HttpResponse:
    places: dict[int, list[Membership]] = {}
    for held in getattr(user, "held", []):
        places.setdefault(held.organisation_id, []).append(held)
    context = {
        "one": user,
        "is_self": user.pk == visit.user.pk,
        "places": [
            {
                "place": roles[0].organisation,
                "roles": roles,
                "is_suspended": all(role.suspended_at is not None for role in roles),
            }
            for roles in places.values()
        ],
        "roles": forms.WORK,
        "competences": scope.competences(visit)
        .filter(user=user)
        .select_related("checker")
        .order_by("-starts_on", "-pk"),
        "interests": scope.interests(visit)
        .filter(user=user)
        .select_related("organisation")
        .order_by("-starts_on", "-pk"),
        "today": visit.today,
        "giving": forms.GiveRole(places=scope.organisations(visit)),
        "checked": forms.Checked(initial={"starts_on": visit.today}),
        "form_key": request.POST.get("form_key", ""),
    }
    return render(request, "administrator/person.html", context | shown, status=status)
