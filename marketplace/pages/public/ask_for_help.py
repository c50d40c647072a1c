"""Asking for help without a sign-in: first whether anybody is in danger, then one short page.

It says what happens next and by when. Nobody is asked for more than is needed to ring back.
"""

import uuid
from datetime import datetime
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from budgets import form_keys
from marketplace.pages import addresses, danger, doors
from marketplace.people.models import User
from marketplace.referrals import enquiries
from marketplace.referrals.models import Enquiry, Route, Worry

MOST_AN_HOUR = 5
"""Forms from one address; somebody who sends more rings instead."""

SELF_HERE = "here"


class AskForHelp(forms.Form):
    """Who it is for, how to reach them, and what is hard."""

    first_name = forms.CharField(label=_("What is your first name?"), max_length=100)
    last_name = forms.CharField(
        label=_("And your last name?"),
        help_text=_("You can leave this out."),
        max_length=100,
        required=False,
    )
    worries = forms.MultipleChoiceField(
        label=_("What is hard right now?"),
        help_text=_("Tick what fits."),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    words = forms.CharField(
        label=_("Say it in your own words"),
        help_text=_("A line or two will do. You can leave this out if you ticked something."),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    phone = forms.CharField(
        label=_("What number can we ring?"),
        help_text=_("We need a number or an e-mail address."),
        max_length=50,
        required=False,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
    )
    email = forms.EmailField(
        label=_("What is your e-mail address?"),
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    contact_words = forms.CharField(
        label=_("When is it safe to get in touch?"),
        help_text=_("For example: in the morning, no texts."),
        max_length=300,
        required=False,
    )
    postcode = forms.CharField(
        label=_("What is your postcode?"),
        help_text=_("So that it goes to people near you."),
        max_length=10,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "postal-code"}),
    )
    is_confidential = forms.BooleanField(label=_("Do not tell anybody I live with"), required=False)
    yes = forms.BooleanField(label=_("Yes, keep this and get in touch with me"))

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        found = [(term.slug, term.shown) for term in enquiries.issues()]
        self.fields["worries"].choices = found  # type: ignore[attr-defined]
        if not found:
            del self.fields["worries"]

    def asked(self) -> enquiries.Asked:
        """Return what a valid form says."""
        said = self.cleaned_data
        return enquiries.Asked(
            first_name=said["first_name"],
            last_name=said["last_name"],
            phone=said["phone"],
            email=said["email"],
            contact_words=said["contact_words"],
            postcode=said["postcode"],
            words=said["words"],
            worries=dict.fromkeys(said.get("worries", []), Worry.SOME),
            is_confidential=said["is_confidential"],
            consent_how=SELF_HERE,
        )


def page(request: HttpRequest) -> HttpResponse:
    """Take what somebody asks for, once for each form that is sent."""
    if request.method != "POST" and request.GET.get("safe") != "yes":
        return render(
            request,
            "public/ask_for_help_danger.html",
            {"contacts": danger.contacts(), "go_on": f"{request.path}?safe=yes"},
        )
    form = AskForHelp(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        if is_too_often(request):
            return _page(request, form, status=429, is_too_often=True)
        if form.is_valid():
            try:
                return _once(request, form, at=timezone.now())
            except doors.REFUSALS as refusal:
                form.add_error(None, refusal.sentence)
    return _page(request, form, status=422 if form.errors else 200)


def sent(request: HttpRequest, reference: uuid.UUID) -> HttpResponse:
    """Say what happens next and by when: to whoever has the address, and nothing about anybody."""
    enquiry = get_object_or_404(Enquiry.objects.with_names(), reference=reference)
    return render(
        request,
        "public/ask_for_help_sent.html",
        {
            "enquiry": enquiry,
            "is_late": enquiry.due_on < timezone.localdate(),
            "contacts": danger.contacts(),
        },
    )


def is_too_often(request: HttpRequest) -> bool:
    """Count a form from an address, and tell whether there were too many within the hour."""
    return addresses.is_too_often(
        form="ask-for-help", whose=addresses.of(request), most=MOST_AN_HOUR
    )


def _once(request: HttpRequest, form: AskForHelp, *, at: datetime) -> HttpResponse:
    user = request.user if isinstance(request.user, User) else None
    route = Route.FAMILY if user is not None and user.person_id is not None else Route.SELF

    def act() -> str:
        enquiry = enquiries.ask(route=route, asked=form.asked(), by=enquiries.SITE, at=at)
        return reverse("ask_for_help_sent", args=[enquiry.reference])

    said = {
        name: "\n".join(request.POST.getlist(name))
        for name in request.POST
        if name not in ("csrfmiddlewaretoken", "form_key")
    }
    return HttpResponseRedirect(
        form_keys.answer(key=doors.key(request), by=enquiries.SITE, at=at, request=said, act=act)
    )


def _page(
    request: HttpRequest, form: AskForHelp, *, status: int, is_too_often: bool = False
) -> HttpResponse:
    return render(
        request,
        "public/ask_for_help.html",
        {
            "form": form,
            "form_key": request.POST.get("form_key"),
            "is_too_often": is_too_often,
            "contacts": danger.contacts() if is_too_often else [],
            "days": enquiries.ANSWER_DAYS,
        },
        status=status,
    )
