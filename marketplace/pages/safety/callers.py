"""Somebody asked to be rung, and was."""

import uuid

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse

from marketplace.pages import doors
from marketplace.sharing import calls
from marketplace.sharing.models import Call


def rang(
    request: HttpRequest, visit: doors.Visit, reference: uuid.UUID, *, door: str
) -> HttpResponse:
    """Note that somebody was rung; the link in a message leads to the list that it stands in."""
    call = get_object_or_404(visit.visible(Call.objects.all()), reference=reference)
    there = reverse(f"{door}_safety")
    if request.method != "POST":
        return HttpResponseRedirect(there)

    def act() -> str:
        calls.answer(call=call, by=visit.by, at=visit.at)
        return there

    return doors.perform(request, visit, act, back=there)
