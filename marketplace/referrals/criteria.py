"""Setting who can have a service and how much: by the owner's commissioner, with a reason.

Criteria are strategic decisions "based upon the size of the budget for the service and the
expected demand" (report §5.4.2); this verb sees neither, the page that leads to it shows both.
"""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from budgets import history
from cms import criteria as rows
from cms.models import Band, CriteriaVersion, Criterion, Service
from marketplace.people import memberships
from marketplace.people.roles import Role
from marketplace.referrals import assessment, eligibility


class NotTheirs(history.Refused):
    """Only a commissioner of the owner sets who can have a service."""


class SaysNoReason(history.Refused):
    """A change of criteria says why."""


class ChangedMeanwhile(history.Refused):
    """Somebody else changed the criteria since the page was opened."""


@transaction.atomic
def change(
    *,
    service: Service,
    criteria: Iterable[eligibility.Criterion],
    bands: Iterable[assessment.Band],
    standard_quantity: int,
    reason: str,
    was: int,
    by: history.Actor,
    at: datetime,
) -> CriteriaVersion:
    """Set a service's criteria and bands from now on; `was` is the version the change is made to.

    What was decided stands; what is not decided yet goes by the new. Raises NotTheirs,
    SaysNoReason, ChangedMeanwhile, catalogue.IsWithdrawn, catalogue.Unfit.
    """
    service = (
        Service.objects.select_for_update(no_key=True, of=("self",))
        .select_related("owner")
        .get(pk=service.pk)
    )
    roles = memberships.roles(
        user_reference=by.reference, organisation=by.organisation, on=timezone.localdate(at)
    )
    if by.organisation != service.owner.reference or Role.COMMISSIONER not in roles:
        raise NotTheirs(
            _("Only a commissioner of “%(owner)s” can set this.") % {"owner": service.owner.name}
        )
    if not reason.strip():
        raise SaysNoReason(_("Say why, so that whoever reads it later understands."))
    if number_now(service) != was:
        raise ChangedMeanwhile(
            _("Somebody changed this meanwhile. Open the page again to see what is true now.")
        )
    version = rows.replace(
        service=service,
        criteria=[_criterion(rule) for rule in criteria],
        bands=[_band(band) for band in bands],
        standard_quantity=standard_quantity,
        reason=reason.strip(),
        set_by=by.reference,
        at=at,
    )
    history.record(
        by=by,
        at=at,
        verb="set_criteria",
        subject_kind="service",
        subject=service.reference,
        from_state=str(was),
        to_state=str(version.number),
        text=reason.strip(),
    )
    return version


def number_now(service: Service) -> int:
    """Return the number of the version in force; the first where nobody changed it yet."""
    last = service.criteria_versions.order_by("-number").first()
    return last.number if last else 1


def _criterion(rule: eligibility.Criterion) -> Criterion:
    return Criterion(
        fact=rule.fact, operator=rule.operator, value=rule.value, sentence=rule.sentence
    )


def _band(band: assessment.Band) -> Band:
    rule = band.criterion
    return Band(
        fact=rule.fact,
        operator=rule.operator,
        value=rule.value,
        sentence=rule.sentence,
        units=band.units,
    )
