"""The page behind an invitation's link: it tells a wrong hand nothing; looking changes nothing."""

import hashlib

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache

from budgets import form_keys, history
from marketplace.pages import doors
from marketplace.people import invitations


class Accepting(forms.Form):
    """Where the invitation was sent, and what its reader is called."""

    email = forms.EmailField(
        label=gettext_lazy("Your e-mail address"),
        help_text=gettext_lazy("The one that the invitation was sent to."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    name = forms.CharField(
        label=gettext_lazy("Your name"),
        help_text=gettext_lazy("As the people you work with know you."),
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )


@never_cache
def page(request: HttpRequest, token: str) -> HttpResponse:
    """Ask for the address and a name, and take the invitation up when the form is sent."""
    at = timezone.now()
    form = Accepting(request.POST if request.method == "POST" else None)
    try:
        if request.method == "POST" and form.is_valid():
            return _accept(request, token, form)
        invitations.find(token=token, at=at)
    except invitations.NoLongerGood as refusal:
        return render(
            request, "public/invitation_gone.html", {"sentence": refusal.sentence}, status=410
        )
    except doors.REFUSALS as refusal:
        form.add_error("email", refusal.sentence)
    return render(
        request,
        "public/invitation.html",
        {"form": form, "form_key": request.POST.get("form_key", "")},
        status=422 if form.errors else 200,
    )


def _accept(request: HttpRequest, token: str, form: Accepting) -> HttpResponse:
    at, given = timezone.now(), form.cleaned_data
    link = hashlib.sha256(token.encode()).hexdigest()[:36]

    def act() -> str:
        invitations.accept(token=token, email=given["email"], name=given["name"], at=at)
        return reverse("account_request_login_code")

    address = form_keys.answer(
        key=doors.key(request),
        by=history.Actor(kind=history.ActorKind.LINK, reference=link),
        at=at,
        request={"email": given["email"], "name": given["name"], "path": request.path},
        act=act,
    )
    messages.success(
        request, _("That is done. Now enter your address once more, and we send you a code.")
    )
    return HttpResponseRedirect(address)
