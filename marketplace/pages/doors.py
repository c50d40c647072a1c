"""Who stands at the door, and how a form acts once.

Every page takes a `Visit`: the user, the role she acts in, the actor for the verbs, and the
moment. A page fetches from the visible set, calls one verb, and turns its named refusal into a
message.
"""

import functools
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Concatenate, ParamSpec

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext as _

from budgets import form_keys, history
from budgets.models import Person
from cms import catalogue
from cms.models import Organisation
from marketplace.people import appointments, memberships
from marketplace.people.models import Membership, User
from marketplace.people.roles import Role
from marketplace.referrals import referrals, turned_away
from marketplace.sharing import sharing
from pricing import prices

P = ParamSpec("P")
Page = Callable[Concatenate[HttpRequest, "Visit", P], HttpResponse]
Door = Callable[Concatenate[HttpRequest, P], HttpResponse]

REFUSALS = (history.Refused, prices.PriceRefused, catalogue.Refused)

# Which front door each role comes to, and in which roles a door lets people in.
FAMILY = "family"
DOOR_OF_ROLE: dict[str, str] = {
    Role.ADVOCATE: "advocate",
    Role.LEAD_PROFESSIONAL: "advocate",
    Role.INTAKE_WORKER: "provider",
    Role.PROVIDER_WORKER: "provider",
    Role.COMMISSIONER: "commissioner",
    Role.FINANCE: "commissioner",
    Role.EDITOR: "cms",
    Role.ADMINISTRATOR: "admin",
}
# Who was chosen by a person and works nowhere: a friend, a volunteer.
BESIDE = "beside"


@dataclass(frozen=True)
class Visit:
    """One signed-in user at one front door, now."""

    user: User
    membership: Membership | None
    by: history.Actor
    at: datetime

    @property
    def today(self) -> date:
        """Return the local day."""
        return timezone.localdate(self.at)

    @property
    def organisation(self) -> Organisation:
        """Return the organisation she acts for; staff doors only."""
        if self.membership is None:
            raise PermissionDenied
        return self.membership.organisation

    @property
    def person(self) -> Person:
        """Return the person she is; the family door only."""
        if self.user.person is None:
            raise PermissionDenied
        return self.user.person

    def acting_for(self, person: Person) -> history.Actor:
        """Return the actor for an act on somebody's behalf."""
        return history.Actor(
            kind=self.by.kind,
            reference=self.by.reference,
            organisation=self.by.organisation,
            on_behalf_of=person.reference,
        )

    def visible(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Narrow a queryset to what this user may know now."""
        return sharing.visible(queryset, user=self.user, at=self.at)

    def open(self, queryset: QuerySet[Any], *, reference: uuid.UUID, kind: str) -> Any:
        """Open one record and record the look: 404 where unknown, 403 where the role lacks it."""
        try:
            return sharing.open_record(
                queryset, reference=reference, user=self.user, at=self.at, kind=kind
            )
        except sharing.NotFound as refusal:
            raise Http404 from refusal
        except sharing.Forbidden as refusal:
            raise PermissionDenied(refusal.sentence) from refusal

    def look(
        self, row: Model, *, reference: uuid.UUID, kind: str, request: uuid.UUID | None = None
    ) -> None:
        """Record the look at a row that was found in the visible set, or to answer a request."""
        sharing.record_look(
            row=row, reference=reference, user=self.user, at=self.at, kind=kind, request=request
        )


def staff(*roles: Role) -> Callable[[Page[P]], Door[P]]:
    """Let in whoever holds one of these roles today; 403 for anybody else."""

    def wrap(page: Page[P]) -> Door[P]:
        @functools.wraps(page)
        def door(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            user = request.user
            if not isinstance(user, User):
                return redirect_to_login(request.get_full_path())
            at = timezone.now()
            held = memberships.current(user=user, on=timezone.localdate(at), among=roles)
            if held is None:
                raise PermissionDenied(_("This page is for people in another role."))
            return page(request, _visit(user=user, membership=held, at=at), *args, **kwargs)

        return door

    return wrap


def administrator(page: Page[P]) -> Door[P]:
    """Let in administrators, and who looks after the whole site; 403 for anybody else."""

    @functools.wraps(page)
    def door(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        user = request.user
        if not isinstance(user, User):
            return redirect_to_login(request.get_full_path())
        at = timezone.now()
        day = timezone.localdate(at)
        held = memberships.current(user=user, on=day, among=[Role.ADMINISTRATOR])
        if held is None and not user.is_superuser:
            raise PermissionDenied(_("This page is for administrators."))
        return page(request, _visit(user=user, membership=held, at=at), *args, **kwargs)

    return door


def beside(page: Page[P]) -> Door[P]:
    """Let in whoever stands beside somebody today; 403 for anybody else. She acts for herself."""

    @functools.wraps(page)
    def door(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        user = request.user
        if not isinstance(user, User):
            return redirect_to_login(request.get_full_path())
        at = timezone.now()
        if not appointments.of(user=user, on=timezone.localdate(at)).exists():
            raise PermissionDenied(_("This page is for people whom somebody chose."))
        return page(request, _visit(user=user, membership=None, at=at), *args, **kwargs)

    return door


def family(page: Page[P]) -> Door[P]:
    """Let in persons of a family; 403 for anybody else."""

    @functools.wraps(page)
    def door(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        user = request.user
        if not isinstance(user, User):
            return redirect_to_login(request.get_full_path())
        if user.person_id is None:
            raise PermissionDenied(_("This page is for families."))
        return page(request, _visit(user=user, membership=None, at=timezone.now()), *args, **kwargs)

    return door


def once(request: HttpRequest, visit: Visit, act: Callable[[], str]) -> HttpResponseRedirect:
    """Act once for the form that was posted, and go where the act says.

    The form's key is stored in the act's own transaction, so a double click or a retry is safe.
    Raises what the act raises; nothing is kept then but the count of whom criteria turned away.
    """
    sent = {
        name: "\n".join(request.POST.getlist(name))
        for name in request.POST
        if name not in ("csrfmiddlewaretoken", "form_key")
    }
    sent["path"] = request.path
    form = key(request)
    try:
        answer = form_keys.answer(key=form, by=visit.by, at=visit.at, request=sent, act=act)
    except referrals.NotEligible as refusal:
        turned_away.count(turned=refusal.turned, key=form, by=visit.by, at=visit.at)
        raise
    return HttpResponseRedirect(answer)


def answer(
    request: HttpRequest, visit: Visit, form: Any, act: Callable[[], str]
) -> HttpResponse | None:
    """Act once on a form that was sent and is right; nothing where it is to be shown.

    What a verb refuses stands in the form then, beside the fields that it is about.
    """
    if request.method != "POST" or not form.is_valid():
        return None
    try:
        return once(request, visit, act)
    except REFUSALS as refusal:
        show_refusal(form, refusal)
    return None


def show_refusal(form: Any, refusal: Any) -> None:
    """Put what a verb refused beside the fields it is about."""
    errors = getattr(refusal, "errors", None) or {None: [refusal.sentence]}
    for name, sentences in errors.items():
        form.add_error(name if name in form.fields else None, sentences)


def key(request: HttpRequest) -> uuid.UUID:
    """Return the key of the form that was posted; a new one where it came without."""
    try:
        return uuid.UUID(request.POST.get("form_key", ""))
    except ValueError:
        return uuid.uuid4()  # a form without its key still acts, only without the safety of a retry


def perform(
    request: HttpRequest, visit: Visit, act: Callable[[], str], *, back: str
) -> HttpResponseRedirect:
    """Act once for a one-button form; a refusal becomes a message on the page it came from."""
    try:
        return once(request, visit, act)
    except REFUSALS as refusal:
        messages.error(request, refusal.sentence)
        return HttpResponseRedirect(back)


def door_of(*, user: User, on: date) -> str:
    """Return the front door a user comes to: a role's, or the family's."""
    if user.person_id is not None:
        return FAMILY
    held = memberships.current(user=user, on=on)
    if held is not None:
        return DOOR_OF_ROLE[held.role]
    if user.is_superuser:
        return DOOR_OF_ROLE[Role.ADMINISTRATOR]
    return BESIDE if appointments.of(user=user, on=on).exists() else ""


def _visit(*, user: User, membership: Membership | None, at: datetime) -> Visit:
    by = history.Actor(
        kind=history.ActorKind.PERSON,
        reference=str(user.reference),
        organisation=membership.organisation.reference if membership else None,
    )
    return Visit(user=user, membership=membership, by=by, at=at)
