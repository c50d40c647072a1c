"""What workers are qualified for, and where their own interests lie (design §5)."""

from datetime import date

from cms.models import Organisation
from marketplace.people.models import Competence, Interest, User


def record(
    *, user: User, code: str, checked_by: str, starts_on: date, ends_on: date | None = None
) -> Competence:
    """Record a checked qualification, from and to a day (half-open)."""
    return Competence.objects.create(
        user=user, code=code, checked_by=checked_by, starts_on=starts_on, ends_on=ends_on
    )


def holds(*, user_reference: str, code: str, on: date) -> bool:
    """Tell whether a user holds a competence on a day."""
    return Competence.objects.on(on).filter(user__reference=user_reference, code=code).exists()


def codes(*, user_reference: str, on: date) -> frozenset[str]:
    """Return the competences that a user holds on a day."""
    return frozenset(
        Competence.objects.on(on)
        .filter(user__reference=user_reference)
        .values_list("code", flat=True)
    )


def declare_interest(*, user: User, organisation: Organisation, on: date) -> Interest:
    """Record that a worker gains from an organisation."""
    return Interest.objects.create(user=user, organisation=organisation, starts_on=on)


def has_interest(*, user_reference: str, organisation: Organisation, on: date) -> bool:
    """Tell whether a user declared an interest in an organisation on a day."""
    return (
        Interest.objects.on(on)
        .filter(user__reference=user_reference, organisation=organisation)
        .exists()
    )
