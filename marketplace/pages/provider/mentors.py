"""Our mentors: who they are, what could be shown of them, and how they are asked themselves.

Nothing here shows anything: that takes the mentor's own yes, on her own page.
"""

import uuid
from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Prefetch, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from cms import mentors
from cms.models import Mentor, Service, Through
from marketplace.pages import doors, mentor_forms, mentor_self, mentors_shown
from marketplace.people import mentor_contacts
from marketplace.people.models import Membership, MentorContact, User
from marketplace.people.roles import Role

PER_PAGE = 20


class FirstName(forms.Form):
    """Who is behind an entry."""

    first_name = forms.CharField(label=gettext_lazy("First name"), max_length=50)
    is_me = forms.BooleanField(
        label=gettext_lazy("This is me, and my first name may be shown"), required=False
    )


class Contact(forms.Form):
    """How the mentor herself is asked: one of two ways."""

    user = forms.ModelChoiceField(
        label=gettext_lazy("Somebody who works with you and signs in"),
        queryset=User.objects.none(),
        to_field_name="reference",
        required=False,
        empty_label=gettext_lazy("Nobody: we write to the address below"),
    )
    email = forms.EmailField(
        label=gettext_lazy("Or the mentor’s own e-mail address"),
        help_text=gettext_lazy("Their own, not one that others read. The link lets them say yes."),
        required=False,
    )

    def __init__(self, data: Any, *, colleagues: QuerySet[User], contact: Any) -> None:
        held = {"user": contact.user.reference if contact.user else None, "email": contact.email}
        super().__init__(data, initial=held if contact.pk else {})
        self.fields["user"].queryset = colleagues  # type: ignore[attr-defined]
        self.fields["user"].label_from_instance = lambda one: one.name  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Ask for one of the two ways."""
        given = super().clean() or {}
        if bool(given.get("user")) == bool(given.get("email")) and not self.errors:
            raise forms.ValidationError(_("Choose one way: somebody who signs in, or an address."))
        return given


FORMS: dict[str, Any] = {
    "words": mentor_forms.Words,
    "picture": mentor_forms.Portrait,
    "interests": mentor_forms.Interests,
    "hours": mentor_forms.Hours,
}
TITLES = {
    "words": gettext_lazy("What they are called, and have lived through"),
    "picture": gettext_lazy("A picture"),
    "interests": gettext_lazy("What they like"),
    "hours": gettext_lazy("When they are usually free"),
}
LEDES = {
    "words": gettext_lazy("What you change here is shown no more until the mentor says yes to it."),
    "picture": gettext_lazy("Nobody sees it until the mentor says yes to it."),
    "interests": gettext_lazy("These are shown at once, and help us find somebody who fits."),
    "hours": gettext_lazy("Leave a day empty where they are not free."),
}


@doors.staff(Role.PROVIDER_WORKER)
def overview(request: HttpRequest, visit: doors.Visit) -> HttpResponse:
    """List the organisation's mentors: what is shown, and until when their checks hold."""
    page = Paginator(_theirs(visit), PER_PAGE).get_page(request.GET.get("page"))
    rows = [
        {
            "service": service,
            "mentor": _mentor(service),
            "parts": mentor_self.parts(_mentor(service)) if _mentor(service) else [],
            "is_offered": service.pk in _offered(visit, list(page)),
        }
        for service in page
    ]
    return render(request, "provider/mentors.html", {"rows": rows, "page_obj": page})


@doors.staff(Role.PROVIDER_WORKER)
def show(request: HttpRequest, visit: doors.Visit, reference: uuid.UUID) -> HttpResponse:
    """Show one mentor, and what could be done; or ask who it is."""
    service = _find(visit, reference)
    mentor = _mentor(service)
    if mentor is None:
        return _who(request, visit, service)
    contact = MentorContact.objects.filter(mentor=mentor).select_related("user").first()
    return render(
        request,
        "provider/mentor.html",
        {
            "service": service,
            "mentor": mentor,
            "parts": mentor_self.parts(mentor),
            "shown": mentors_shown.shown(service, mentor),
            "contact": contact,
            "any_shown": bool(mentor.agreed()),
        },
    )


@doors.staff(Role.PROVIDER_WORKER)
def change(
    request: HttpRequest, visit: doors.Visit, reference: uuid.UUID, part: str
) -> HttpResponse:
    """Change one thing about a mentor."""
    service = _find(visit, reference)
    mentor = _mentor(service)
    if mentor is None or part not in FORMS:
        raise Http404
    sent = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = FORMS[part](*sent, mentor=mentor)

    def act() -> str:
        if part == "interests":
            mentors.like(mentor=mentor, interests=form.cleaned_data["interests"])
        elif part == "hours":
            mentors.free(mentor=mentor, hours=form.hours())
        else:
            mentor_self.write(part, mentor, form, by=visit.by.reference, at=visit.at)
        return _address(service)

    said = {"title": TITLES[part], "lede": LEDES[part], "button": _("Keep it")}
    return _form(request, visit, form, act, service=service, **said)


@doors.staff(Role.PROVIDER_WORKER)
def contact(request: HttpRequest, visit: doors.Visit, reference: uuid.UUID) -> HttpResponse:
    """Say how the mentor herself is asked; a link goes out at once where it is an address."""
    service = _find(visit, reference)
    mentor = _mentor(service)
    if mentor is None:
        raise Http404
    here = Membership.objects.on(visit.today).filter(organisation=visit.organisation)
    colleagues = User.objects.filter(is_active=True, pk__in=here.values("user")).order_by("name")
    held = MentorContact.objects.filter(mentor=mentor).select_related("user").first()
    form = Contact(
        request.POST or None, colleagues=colleagues, contact=held or MentorContact(mentor=mentor)
    )

    def act() -> str:
        given = form.cleaned_data
        named = mentor_contacts.name(
            mentor=mentor, user=given["user"], email=given["email"], by=visit.by, at=visit.at
        )
        if named.email and named != held:
            mentor_contacts.send_link(contact=named, by=visit.by, at=visit.at)
            messages.success(request, _("A letter with a link goes to that address now."))
        return _address(service)

    return _form(
        request,
        visit,
        form,
        act,
        service=service,
        title=_("How the mentor is asked"),
        lede=_("Only the mentor can say yes. When this changes, all is hidden until they do."),
        button=_("Keep it"),
    )


@require_POST
@doors.staff(Role.PROVIDER_WORKER)
def act(request: HttpRequest, visit: doors.Visit, reference: uuid.UUID, name: str) -> HttpResponse:
    """Send the mentor a new link, or show nothing of her until she says yes again."""
    service = _find(visit, reference)
    mentor = _mentor(service)
    held = MentorContact.objects.filter(mentor=mentor).first() if mentor else None
    if mentor is None or (name == "link" and held is None):
        raise Http404

    def send() -> str:
        assert held is not None
        mentor_contacts.send_link(contact=held, by=visit.by, at=visit.at)
        messages.success(request, _("A letter with a link goes to that address now."))
        return _address(service)

    def hide() -> str:
        mentors.hide(mentor=mentor, by=visit.by.reference, at=visit.at)
        messages.success(request, _("Nothing is shown until the mentor says yes again."))
        return _address(service)

    acts: dict[str, Callable[[], str]] = {"link": send, "hide": hide}
    if name not in acts:
        raise Http404
    return doors.perform(request, visit, acts[name], back=_address(service))


def _who(request: HttpRequest, visit: doors.Visit, service: Service) -> HttpResponse:
    form = FirstName(request.POST or None)

    def act() -> str:
        given = form.cleaned_data
        own = mentors.Yes(by=visit.by.reference, through=Through.SIGN_IN, at=visit.at)
        mentor = mentors.add(
            service=service,
            first_name=given["first_name"],
            yes=own if given["is_me"] else None,
        )
        if given["is_me"]:
            mentor_contacts.name(mentor=mentor, user=visit.user, by=visit.by, at=visit.at)
        return _address(service)

    return _form(
        request,
        visit,
        form,
        act,
        service=service,
        title=_("Who is this?"),
        lede=_("Say the first name. It is shown only when the mentor says yes."),
        button=_("Go on"),
        back=reverse("provider_mentors"),
    )


def _form(
    request: HttpRequest,
    visit: doors.Visit,
    form: Any,
    act: Callable[[], str],
    *,
    service: Service,
    **context: object,
) -> HttpResponse:
    """Show a form, or act once on what was sent; a refusal keeps what was typed."""
    if done := doors.answer(request, visit, form, act):
        return done
    shown = {
        "back": _address(service),
        **context,
        "form": form,
        "form_key": request.POST.get("form_key", ""),
        "service": service,
    }
    return render(request, "provider/service_form.html", shown)


def _theirs(visit: doors.Visit) -> QuerySet[Service]:
    found = Service.objects.standing(visit.today).mentors().filter(provider=visit.organisation)
    return found.prefetch_related(
        "terms", Prefetch("mentor", Mentor.objects.whole())
    ).order_by("name", "pk")  # fmt: skip


def _find(visit: doors.Visit, reference: uuid.UUID) -> Service:
    found: Service = get_object_or_404(_theirs(visit), reference=reference)
    return found


def _mentor(service: Service) -> Any:
    return getattr(service, "mentor", None)


def _offered(visit: doors.Visit, services: list[Service]) -> set[int]:
    found = Service.objects.offered(visit.today).filter(pk__in=[one.pk for one in services])
    return set(found.values_list("pk", flat=True))


def _address(service: Service) -> str:
    return reverse("provider_mentor", kwargs={"reference": service.reference})
