"""What was promised to a family: in one tap it says that it was done, or that it was not."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from marketplace.pages import doors
from marketplace.pages.family import acting, household
from marketplace.referrals import promises
from marketplace.referrals.models import Promise


@doors.family
@require_POST
def kept(request: HttpRequest, visit: doors.Visit, reference: UUID) -> HttpResponse:
    """Say that it was done."""
    found = _theirs(visit, reference)

    def act() -> str:
        promises.done(promise=found, by=acting.by(visit, found.person), at=visit.at)
        return _back(found)

    return acting.perform(request, visit, act, back=_back(found), done=_("Good. We noted it."))


@doors.family
@require_POST
def missed(request: HttpRequest, visit: doors.Visit, reference: UUID) -> HttpResponse:
    """Say that it was not done: whoever promised it is told, and it stays open."""
    found = _theirs(visit, reference)

    def act() -> str:
        promises.chase(promise=found, by=acting.by(visit, found.person), at=visit.at)
        return _back(found)

    return acting.perform(request, visit, act, back=_back(found), done=_("We have told them."))


def _theirs(visit: doors.Visit, reference: UUID) -> Promise:
    """Return what is promised to somebody whom the visitor answers for; 404 for any other."""
    rows = visit.visible(Promise.objects.open().filter(reference=reference))
    found: Promise | None = rows.select_related("person", "referral").first()
    if found is None or not household.of(visit).is_own(found.person_id):
        raise Http404
    return found


def _back(found: Promise) -> str:
    if found.referral is None:
        return reverse("family_next")
    return reverse("family_referral", kwargs={"reference": found.referral.reference})
