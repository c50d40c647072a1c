"""A mentor's own page: exactly what is shown of her, her yes to each part, and taking it back.

She comes signed in, or by the link that went to her own address. The link is good once: it lets
this browser in for an hour, and looking at it changes nothing.
"""

import hashlib
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache

from budgets import form_keys, history
from cms import mentors
from cms.models import ConsentPart, Mentor, Through
from marketplace.pages import addresses, doors, mentor_forms, mentors_shown
from marketplace.people import memberships, mentor_contacts
from marketplace.people.models import MentorContact, User
from marketplace.people.roles import Role

PASS = "mentor"
LETS_IN_FOR = timedelta(hours=1)
MOST_LETTERS = 3  # to one address within an hour
CHANGES: dict[str, Any] = {"words": mentor_forms.Words, "picture": mentor_forms.Portrait}
TITLES = {
    "words": gettext_lazy("Your name and what you have lived through"),
    "picture": gettext_lazy("Your picture"),
}


@dataclass(frozen=True)
class Part:
    """One part of her: what is there, whether it is shown, and what stands for it as it is."""

    code: str
    label: str
    text: str
    portrait: mentors_shown.Portrait | None
    lived_through: tuple[str, ...]
    digest: str
    is_shown: bool


class Ask(forms.Form):
    """Where a new link should go."""

    email = forms.EmailField(
        label=gettext_lazy("Your e-mail address"),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )


@never_cache
def page(request: HttpRequest) -> HttpResponse:
    """Show a mentor all that is hers; ask anybody else where a link should go."""
    mine = _mine(request)
    if not mine:
        return _ask(request)
    if request.method == "POST":
        return _act(request, mine)
    return render(request, "me/mentor.html", {"pages": [_shown(one) for one in mine]})


@never_cache
def change(request: HttpRequest, reference: uuid.UUID, part: str) -> HttpResponse:
    """Let a mentor write what could be shown; each change needs her yes again."""
    contact = next((one for one in _mine(request) if one.mentor.reference == reference), None)
    if contact is None or part not in CHANGES:
        raise Http404
    mentor = Mentor.objects.whole().get(pk=contact.mentor_id)
    sent = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = CHANGES[part](*sent, mentor=mentor)

    def act() -> str:
        write(part, mentor, form, by=_by(request, contact).reference, at=timezone.now())
        return reverse("mentor_self")

    if request.method == "POST" and form.is_valid():
        try:
            return _once(request, contact, act)
        except doors.REFUSALS as refusal:
            doors.show_refusal(form, refusal)
    context = {
        "title": TITLES[part],
        "form": form,
        "form_key": request.POST.get("form_key", ""),
        "back": reverse("mentor_self"),
    }
    return render(request, "me/mentor_form.html", context, status=422 if form.errors else 200)


@never_cache
def link(request: HttpRequest, token: str) -> HttpResponse:
    """Ask whether to go on; the button uses the link up and lets this browser in for an hour."""
    at = timezone.now()
    try:
        if request.method != "POST":
            mentor_contacts.find(token=token, at=at)
            return render(request, "me/mentor_link.html")
        contact = mentor_contacts.use(token=token, at=at)
    except mentor_contacts.NoLongerGood as refusal:
        context = {"form": Ask(), "refusal": refusal.sentence}
        return render(request, "me/mentor_ask.html", context, status=410)
    request.session.cycle_key()
    until = at + LETS_IN_FOR
    request.session[PASS] = [str(contact.reference), until.isoformat()]
    return HttpResponseRedirect(reverse("mentor_self"))


def may_keep(request: HttpRequest, mentor: Mentor) -> bool:
    """Tell whether a visitor is the mentor herself, or works for who keeps her entry."""
    if any(one.mentor_id == mentor.pk for one in _mine(request)):
        return True
    user, on = request.user, timezone.localdate()
    if not isinstance(user, User):
        return False
    held = memberships.current(user=user, on=on, among=[Role.PROVIDER_WORKER])
    return held is not None and held.organisation_id == mentor.service.provider_id


def write(part: str, mentor: Mentor, form: Any, *, by: str, at: datetime) -> None:
    """Write what a form says of a mentor."""
    given = form.cleaned_data
    if part == "words":
        mentors.describe(
            mentor=mentor,
            first_name=given["first_name"],
            story=given["story"],
            lived_through=given["lived_through"],
            by=by,
            at=at,
        )
    else:
        mentors.picture(
            mentor=mentor, content=given["picture"], is_drawing=given["is_drawing"], by=by, at=at
        )


def parts(mentor: Mentor) -> list[Part]:
    """Return each part of a mentor as it is now, shown or not."""
    agreed = mentor.agreed()
    texts = {ConsentPart.FIRST_NAME: mentor.first_name, ConsentPart.STORY: mentor.story}
    return [
        Part(
            code=part.value,
            label=str(part.label),
            text=texts.get(part, ""),
            portrait=mentors_shown.portrait(mentor) if part == ConsentPart.PICTURE else None,
            lived_through=tuple(term.shown for term in mentor.lived_through.all())
            if part == ConsentPart.STORY and mentor.story
            else (),
            digest=mentor.digest(part),
            is_shown=part in agreed,
        )
        for part in ConsentPart
    ]


def _shown(contact: MentorContact) -> dict[str, Any]:
    mentor = Mentor.objects.whole().get(pk=contact.mentor_id)
    return {
        "mentor": mentor,
        "service": mentor.service,
        "parts": parts(mentor),
        "any_shown": bool(mentor.agreed()),
    }


def _act(request: HttpRequest, mine: list[MentorContact]) -> HttpResponse:
    """Say yes to a part as she saw it, or take parts back."""
    said = request.POST
    contact = next((one for one in mine if str(one.mentor.reference) == said.get("mentor")), None)
    chosen = [part for part in said.getlist("part") if part in ConsentPart.values]
    if contact is None or not chosen:
        raise Http404
    by, at = _by(request, contact), timezone.now()

    def act() -> str:
        if said.get("act") == "yes":
            mentors.say_yes(
                mentor=contact.mentor,
                seen={part: said.get("digest", "") for part in chosen},
                yes=mentors.Yes(by=by.reference, through=_through(by), at=at),
            )
            messages.success(request, _("That is shown from now on."))
        else:
            mentors.take_back(mentor=contact.mentor, parts=chosen, by=by.reference, at=at)
            messages.success(request, _("That is gone. It is shown to nobody any more."))
        return reverse("mentor_self")

    try:
        return _once(request, contact, act)
    except doors.REFUSALS as refusal:
        messages.error(request, refusal.sentence)
        return HttpResponseRedirect(reverse("mentor_self"))


def _ask(request: HttpRequest) -> HttpResponse:
    form = Ask(request.POST if request.method == "POST" else None)
    if form.is_valid():
        email = form.cleaned_data["email"]
        # Each new link ends the one before: nobody shall keep a mentor from hers by asking on.
        if not addresses.is_too_often(form="mentor_link", whose=email.lower(), most=MOST_LETTERS):
            mentor_contacts.ask_for_link(email=email, at=timezone.now())
        said = _("If we know that address, a letter is on its way to it.")
        return render(request, "me/mentor_ask.html", {"form": Ask(), "said": said})
    return render(request, "me/mentor_ask.html", {"form": form}, status=422 if form.errors else 200)


def _mine(request: HttpRequest) -> list[MentorContact]:
    """Return who the visitor is: by her sign-in, or by the link that let this browser in."""
    found = list(mentor_contacts.of(request.user)) if isinstance(request.user, User) else []
    reference, until = request.session.get(PASS, ["", ""])
    if reference and timezone.now() < datetime.fromisoformat(until):
        by_link = MentorContact.objects.filter(reference=reference)
        found += by_link.select_related("mentor__service")
    return found


def _by(request: HttpRequest, contact: MentorContact) -> history.Actor:
    if isinstance(request.user, User) and contact.user_id == request.user.pk:
        reference = str(request.user.reference)
        return history.Actor(kind=history.ActorKind.PERSON, reference=reference)
    return history.Actor(kind=history.ActorKind.LINK, reference=str(contact.reference))


def _through(by: history.Actor) -> Through:
    return Through.SIGN_IN if by.kind == history.ActorKind.PERSON else Through.LINK


def _once(
    request: HttpRequest, contact: MentorContact, act: Callable[[], str]
) -> HttpResponseRedirect:
    """Act once for the form that was posted, also for who comes by a link."""
    sent = {
        name: "\n".join(request.POST.getlist(name))
        for name in request.POST
        if name not in ("csrfmiddlewaretoken", "form_key")
    }
    for name, file in request.FILES.items():
        file.seek(0)  # type: ignore[union-attr]
        sent[name] = hashlib.sha256(file.read()).hexdigest()  # type: ignore[union-attr]
    address = form_keys.answer(
        key=doors.key(request),
        by=_by(request, contact),
        at=timezone.now(),
        request=sent | {"path": request.path},
        act=act,
    )
    return HttpResponseRedirect(address)
