"""Reporting a problem with an entry, without a sign-in, and what came of it."""

import uuid
from datetime import datetime
from typing import Any

from django import forms
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from budgets import form_keys, history
from cms import problems as review_list
from cms.models import Problem, ReaderProblem, Service
from marketplace.notices import problems
from marketplace.pages import addresses, catalogue_gate, danger, doors
from marketplace.people.models import User

MOST_AN_HOUR = 10
"""Problems told of from one address; a library's computers are one."""

SITE = history.Actor(kind=history.ActorKind.LINK, reference="report-a-problem")


class Told(forms.Form):
    """What is wrong with a page: a kind, and a few words."""

    kind = forms.ChoiceField(
        label=_("What is wrong?"),
        choices=ReaderProblem.choices,
        widget=forms.RadioSelect,
    )
    words = forms.CharField(
        label=_("Say it in a few words"),
        help_text=_("Do not write your name, or anything about you or your family."),
        max_length=400,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    wants_to_know = forms.BooleanField(label=_("Tell me what was done"), required=False)

    def __init__(self, data: Any = None, *, user: User | AnonymousUser) -> None:
        super().__init__(data)
        if not isinstance(user, User):
            del self.fields["wants_to_know"]

    def clean(self) -> dict[str, Any]:
        """Ask for words where the kind alone says nothing."""
        said: dict[str, Any] = super().clean() or {}
        if said.get("kind") == ReaderProblem.OTHER and not said.get("words"):
            self.add_error("words", _("Say in a few words what is wrong."))
        return said


def page(request: HttpRequest, slug: str) -> HttpResponse:
    """Take what somebody found wrong with a page, once for each form that is sent."""
    at = timezone.now()
    shown = Service.objects.standing(timezone.localdate(at)).filter(live=True)
    service = get_object_or_404(shown.select_related("owner"), slug=slug)
    form = Told(request.POST if request.method == "POST" else None, user=request.user)
    is_too_often = request.method == "POST" and addresses.is_too_often(
        form="problem", whose=addresses.of(request), most=MOST_AN_HOUR
    )
    if request.method == "POST" and not is_too_often and form.is_valid():
        return _once(request, service, form, at=at)
    return render(
        request,
        "public/problem.html",
        {
            "form": form,
            "form_key": request.POST.get("form_key"),
            "service": service,
            "contacts": danger.contacts(),
            "is_too_often": is_too_often,
        },
        status=429 if is_too_often else 422 if form.errors else 200,
    )


def told(request: HttpRequest, reference: uuid.UUID) -> HttpResponse:
    """Say what came of a problem to whoever has the address; whose list it is on goes there."""
    found = Problem.objects.filter(source=review_list.READER).select_related("service__owner")
    problem = get_object_or_404(found, reference=reference)
    if catalogue_gate.within_reach(Problem, request.user).filter(pk=problem.pk).exists():
        return HttpResponseRedirect(reverse("wagtailsnippets_cms_problem:edit", args=[problem.pk]))
    kind = dict(ReaderProblem.choices).get(problem.code, "")
    return render(request, "public/problem_told.html", {"problem": problem, "kind": kind})


def _once(request: HttpRequest, service: Service, form: Told, *, at: datetime) -> HttpResponse:
    said, user = form.cleaned_data, request.user
    key = doors.key(request)
    wants = said.get("wants_to_know") and isinstance(user, User)

    def act() -> str:
        problem = problems.report(
            service=service,
            code=ReaderProblem(said["kind"]),
            words=said["words"],
            key=key,
            at=at,
            watcher=user if wants and isinstance(user, User) else None,
        )
        return reverse("problem", args=[problem.reference])

    sent = {name: str(value) for name, value in said.items()}
    answer = form_keys.answer(
        key=key, by=SITE, at=at, request={**sent, "path": request.path}, act=act
    )
    return HttpResponseRedirect(answer)
