"""A GP's or a school's short form: key issues, how much each weighs, and the person's yes.

Report §4.6: referrals of people with real worries, followed so that whoever sent them sees what
became of it.
"""

import uuid
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from marketplace.pages import addresses, danger, doors
from marketplace.pages.advocate import desk
from marketplace.people import memberships
from marketplace.referrals import enquiries, routes
from marketplace.referrals.models import Worry

PER_PAGE = 20
MOST_AN_HOUR = 20
"""Forms from one worker; more would be a list, and a list is nobody's yes."""

WORRY = "worry_"
CONSENTS = [
    ("here", _("They said yes, here with me")),
    ("in_writing", _("They said yes in writing")),
    ("decides_for", _("Who decides for them said yes")),
]


class ProForma(forms.Form):
    """Whom it is about, how to reach them, and each key issue."""

    first_name = forms.CharField(label=_("First name"), max_length=100)
    last_name = forms.CharField(label=_("Last name"), max_length=100)
    born_on = forms.DateField(label=_("Born on"), required=False, widget=forms.DateInput)
    postcode = forms.CharField(label=_("Postcode"), max_length=10)
    phone = forms.CharField(label=_("Telephone"), max_length=50, required=False)
    email = forms.EmailField(label=_("E-mail address"), required=False)
    contact_words = forms.CharField(
        label=_("When and how is it safe to get in touch?"), max_length=300, required=False
    )
    words = forms.CharField(
        label=_("What should they know before they ring?"),
        help_text=_("Only what the person wants passed on."),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    is_confidential = forms.BooleanField(
        label=_("They do not want anybody at home to know"), required=False
    )
    consent_how = forms.ChoiceField(
        label=_("Do they want this passed on?"), choices=CONSENTS, widget=forms.RadioSelect
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        for term in enquiries.issues(enquiries.WITH_A_WORKER):
            self.fields[WORRY + term.slug] = forms.TypedChoiceField(
                label=str(term.shown),
                choices=Worry.choices,
                coerce=int,
                initial=Worry.NONE,
            )

    @property
    def worries(self) -> list[forms.BoundField]:
        """Return the fields of the key issues."""
        return [self[name] for name in self.fields if name.startswith(WORRY)]

    @property
    def plain(self) -> list[forms.BoundField]:
        """Return the other fields, but how they said yes."""
        names = (name for name in self.fields if not name.startswith(WORRY))
        return [self[name] for name in names if name != "consent_how"]

    def asked(self) -> enquiries.Asked:
        """Return what a valid form says."""
        said = self.cleaned_data
        return enquiries.Asked(
            first_name=said["first_name"],
            last_name=said["last_name"],
            born_on=said["born_on"],
            phone=said["phone"],
            email=said["email"],
            contact_words=said["contact_words"],
            postcode=said["postcode"],
            words=said["words"],
            worries={
                name.removeprefix(WORRY): value
                for name, value in said.items()
                if name.startswith(WORRY)
            },
            is_for_self=False,
            is_confidential=said["is_confidential"],
            consent_how=said["consent_how"],
        )


@doors.staff(*desk.ROLES)
def listing(request: HttpRequest, visit: doors.Visit) -> HttpResponse:
    """List what she sent in, and what became of each."""
    rows = enquiries.sent_by(user=visit.user, by=visit.by)
    page_obj = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "advocate/enquiries.html",
        {"page_obj": page_obj, "organisation": visit.organisation, "today": visit.today},
    )


@doors.staff(*desk.ROLES)
def show(request: HttpRequest, visit: doors.Visit, reference: uuid.UUID) -> HttpResponse:
    """Show what became of one that she sent in, and no more than she sent and how it ended."""
    found = enquiries.sent_by(user=visit.user, by=visit.by).filter(reference=reference).first()
    if found is None:
        raise Http404
    return render(
        request, "advocate/enquiry.html", {"enquiry": found, "is_late": found.due_on < visit.today}
    )


@doors.staff(*desk.ROLES)
def new(request: HttpRequest, visit: doors.Visit) -> HttpResponse:
    """Take the short form, after asking whether anybody is in danger."""
    if request.method != "POST" and request.GET.get("safe") != "yes":
        return render(
            request,
            "advocate/enquiry_danger.html",
            {
                "contacts": danger.contacts(),
                "go_on": f"{request.path}?safe=yes",
                "step_up_href": reverse("advocate_concern_new"),
            },
        )
    form = ProForma(request.POST if request.method == "POST" else None)

    def act() -> str:
        roles = memberships.roles_at(by=visit.by, at=visit.at)
        enquiry = enquiries.ask(
            route=routes.of_place(visit.organisation, roles=roles),
            asked=form.asked(),
            user=visit.user,
            from_organisation=visit.organisation,
            by=visit.by,
            at=visit.at,
        )
        return reverse("advocate_enquiry", args=[enquiry.reference])

    is_too_often = request.method == "POST" and addresses.is_too_often(
        form="enquiry", whose=str(visit.user.reference), most=MOST_AN_HOUR
    )
    if request.method == "POST" and not is_too_often and form.is_valid():
        try:
            return doors.once(request, visit, act)
        except doors.REFUSALS as refusal:
            form.add_error(None, refusal.sentence)
    return render(
        request,
        "advocate/enquiry_new.html",
        {
            "form": form,
            "form_key": request.POST.get("form_key"),
            "organisation": visit.organisation,
            "days": enquiries.ANSWER_DAYS,
            "is_too_often": is_too_often,
        },
        status=429 if is_too_often else 422 if form.errors else 200,
    )
