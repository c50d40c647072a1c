"""Which organisation answers the door of which district: nothing lands where nobody opens."""

from datetime import date, datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from budgets import history
from cms.models import Organisation, OrganisationKind
from marketplace.people import memberships
from marketplace.people.models import Membership
from marketplace.people.roles import Role
from marketplace.referrals import parties
from marketplace.referrals.models import Catchment

COUNCILS = (OrganisationKind.DISTRICT_COUNCIL, OrganisationKind.COUNTY_COUNCIL)


class NobodyThere(history.Refused):
    """No organisation answers for that place."""


class NotTheirDistrict(history.Refused):
    """A district is handed on by who answers for it, or taken where nobody does."""


def answers_for(*, district: str, at: datetime) -> Organisation:
    """Return who answers for a district: as set, else who answers everywhere else, else a council.

    Only who has intake workers now: nothing lands where nobody opens it. Raises NobodyThere.
    """
    day = timezone.localdate(at)
    for name in dict.fromkeys((district, "")):
        row = Catchment.objects.filter(district=name).select_related("organisation").first()
        if row is not None and _opens(row.organisation, day):
            return row.organisation
    for kind in reversed(COUNCILS):
        for place in Organisation.objects.filter(kind=kind).order_by("pk"):
            if _opens(place, day):
                return place
    raise NobodyThere(_("Nobody answers here yet. Ring us, please: the numbers are on this page."))


def doors(*, at: datetime) -> QuerySet[Organisation]:
    """Return who answers a door, or may: named for a district or a council, with intake now."""
    opens = Membership.objects.on(timezone.localdate(at)).filter(
        organisation=OuterRef("pk"), role=Role.INTAKE_WORKER, user__is_active=True
    )
    named = Q(pk__in=Catchment.objects.values("organisation")) | Q(kind__in=COUNCILS)
    return Organisation.objects.filter(named, Exists(opens)).order_by("name", "pk")


@transaction.atomic
def answer_for(
    *, district: str, organisation: Organisation, by: history.Actor, at: datetime
) -> Catchment:
    """Set who answers for a district; who answers for it now hands it on, set or not.

    Its commissioner does; where nobody answers at all, whoever takes it up. Raises
    NotTheirDistrict, NobodyThere.
    """
    row = Catchment.objects.select_for_update(no_key=True).filter(district=district).first()
    held_by = row.organisation if row is not None else _by_default(district, organisation, at=at)
    is_ours = by.kind in (history.ActorKind.CLOCK, history.ActorKind.IMPORT)
    if not is_ours and not parties.works_at(
        organisation=held_by, role=Role.COMMISSIONER, by=by, at=at
    ):
        raise NotTheirDistrict(_("Only who answers for it now can hand this on."))
    if not _opens(organisation, timezone.localdate(at)):
        raise NobodyThere(_("Nobody at %(name)s takes requests.") % {"name": organisation.name})
    row = row or Catchment(district=district)
    before, row.organisation = (str(held_by.reference) if row.pk else ""), organisation
    row.save()
    history.record(
        by=by,
        at=at,
        verb="answer_for",
        subject_kind="catchment",
        subject=organisation.reference,
        from_state=before[:36],
        to_state=str(organisation.reference),
        text=district,
    )
    return row


def _by_default(district: str, otherwise: Organisation, *, at: datetime) -> Organisation:
    """Return whom requests from a district reach though nobody set that: nobody takes them away."""
    try:
        return answers_for(district=district, at=at)
    except NobodyThere:
        return otherwise


def _opens(organisation: Organisation, day: date) -> bool:
    return bool(memberships.holders(organisation=organisation, role=Role.INTAKE_WORKER, on=day))
