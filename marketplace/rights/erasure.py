"""Erasing what is held about a person, where that applies; what was counted still adds up.

The person, her referrals and her sessions stay as rows without anything about her, so that the
ledger, the history and every report are what they were (UK GDPR Art. 17(3) and recital 26).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.contrib.auth.hashers import make_password
from django.db import models, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from budgets import history, sources
from budgets.models import (
    Event,
    Family,
    FamilySource,
    Member,
    Person,
    PersonSource,
    Plan,
    Responsibility,
    Transfer,
)
from marketplace.notices.models import Notice, Watch
from marketplace.people import users
from marketplace.people.models import Appointment, Membership, User
from marketplace.referrals.models import Referral
from marketplace.rights import blanks, holds, record, requests
from marketplace.rights.models import (
    RequestKind,
    RequestState,
    RetentionRule,
    RightsRequest,
)
from marketplace.rights.months import after
from marketplace.sharing.models import Basis, Reason, Safeguard
from marketplace.sharing.paths import paths

# What rests on her yes may go when she says so; the path to the ground on which it was shared.
CONSENT_PATHS: dict[str, str] = {
    "referrals.Application": "basis",
    "referrals.Amendment": "application__basis",
    "referrals.StepTaken": "referral__application__basis",
    "referrals.Assessment": "referral__application__basis",
    "referrals.Referral": "application__basis",
    "referrals.Approval": "referral__application__basis",
    "bookings.Booking": "referral__application__basis",
}


Records = tuple[int, ...]
"""The keys of all records of one person."""


@dataclass(frozen=True)
class Why:
    """Why something cannot be erased now, and until when, where that is known."""

    code: str
    sentence: str
    until: date | None = None


class CannotErase(history.Refused):
    """Something has to be kept; each reason says why, and until when."""

    def __init__(self, whys: list[Why]) -> None:
        super().__init__(" ".join(why.sentence for why in whys))
        self.whys = whys


def why_not(*, person: Person, at: datetime) -> list[Why]:
    """Return every reason why a person's record cannot be erased now; none where it can.

    Each of her records is asked: what is said of one of them goes with the others.
    """
    records = _records(person)
    return [
        *_kept_by_law(person),
        *_kept_safe(records),
        *_still_open(records, at),
        *_duties(records, at),
    ]


@transaction.atomic
def erase(*, request: RightsRequest, user: User, by: history.Actor, at: datetime) -> RightsRequest:
    """Erase the person of a request. Raises NotForThem, IsAnswered, CannotErase."""
    request = requests.locked(request)
    requests.must_answer(request, user=user, by=by, at=at)
    if request.kind != RequestKind.ERASURE:
        raise requests.NotForThem(_("Nobody asked for this record to be erased."))
    keys = _records(request.person)
    list(Person.objects.select_for_update(no_key=True).filter(pk__in=keys).order_by("pk"))
    whys = why_not(person=request.person, at=at)
    if whys:
        raise CannotErase(whys)
    request = requests.end(
        request, state=RequestState.DONE, words=_("Erased."), user=user, by=by, at=at
    )
    blank(person=request.person, by=by, at=at)
    return request


def blank(*, person: Person, by: history.Actor, at: datetime) -> None:
    """Blank everything about a person, in the caller's transaction; the caller has asked why not.

    Also the household's own words, where nobody else is left in it; its name, where it is hers.
    """
    day = timezone.localdate(at)
    records = _records(person)
    called = Person.objects.filter(pk__in=records).values_list("first_name", "last_name")
    names = [name for both in called for name in both if name]
    for model in record.walk():
        path = paths(model) if hasattr(model, "FAMILY_PATH") else None
        if model._meta.label in blanks.DELETED:
            _delete(model, records)
        elif path is not None and (path.person or path.is_private):
            lookup = path.person or record.way_of(model)
            if lookup:
                _blank_rows(model, Q(**{f"{lookup}__in": records}))
    _erase_texts(Event.objects.filter(person__in=records))
    _blank_homes(records, names)
    _end_what_she_holds(records, day=day, at=at)
    for user in User.objects.filter(person__in=records):
        _remove_sign_in(user, at=at)
    history.record(
        by=by,
        at=at,
        verb="erased",
        subject_kind="person",
        subject=person.reference,
        person=person,
        to_state="erased",
    )


def _kept_by_law(person: Person) -> Iterator[Why]:
    if holds.on_person(person=person).exists():
        yield Why(
            "legal_hold",
            _("The law says that this has to be kept for now: there is a claim or an inquiry."),
        )


def _records(person: Person) -> Records:
    """Return the keys of all of a person's records, hidden or not."""
    found = Person.objects.every_record_of([person.pk]).order_by("pk")
    return tuple(found.values_list("pk", flat=True))


def _kept_safe(records: Records) -> Iterator[Why]:
    if Safeguard.objects.open().filter(person__in=records).exists():
        yield Why(
            "safeguard", _("Somebody is keeping a person safe, and needs this. Ask again later.")
        )


def _still_open(records: Records, at: datetime) -> Iterator[Why]:
    if Referral.objects.open().filter(person__in=records).exists():
        yield Why(
            "open_referral", _("Something that was asked for is not finished. Stop it first.")
        )
    if Transfer.objects.open_holds().filter(person__in=records).exists():
        yield Why(
            "set_aside", _("Money is still set aside for support. It has to come back first.")
        )
    decides = Responsibility.objects.on(timezone.localdate(at)).filter(
        holder__in=records, may_decide=True
    )
    if decides.exists():
        yield Why(
            "decides",
            _("You say yes for somebody else. Somebody has to do that in your place first."),
        )
    alone = [family.pk for family in _left_alone(records)]
    if Plan.objects.current().filter(family__in=alone).exists():
        yield Why("open_plan", _("The plan is still open. It has to be closed first."))


def _duties(records: Records, at: datetime) -> Iterator[Why]:
    """Yield the latest day until which a duty keeps something that rests on no yes of hers."""
    day = timezone.localdate(at)
    latest: tuple[date, RetentionRule] | None = None
    for rule in RetentionRule.objects.filter(is_duty=True):
        ended = _latest(rule, records)
        until = after(ended, rule.months) if ended else None
        if until is not None and until > day and (latest is None or until > latest[0]):
            latest = (until, rule)
    if latest is not None:
        shown = date_format(latest[0], "j F Y", use_l10n=False)
        said = _("We have to keep what we did in our public job until %(day)s.") % {"day": shown}
        yield Why("duty", said, until=latest[0])


def _latest(rule: RetentionRule, records: Records) -> date | None:
    model = apps.get_model(rule.label)
    path = paths(model).person
    if path is None:
        return None
    known = {f"{path}__in": records, f"{rule.clock}__isnull": False}
    rows = model._base_manager.filter(**known)
    consent = CONSENT_PATHS.get(rule.label)
    if consent is not None:
        rows = rows.exclude(**{consent: Basis.CONSENT})
    found: Any = rows.aggregate(latest=models.Max(rule.clock))["latest"]
    return timezone.localdate(found) if isinstance(found, datetime) else found


def _blank_rows(model: type[models.Model], condition: Q) -> None:
    if blanks.is_kept_for_good(model._meta.label):
        return
    values = blanks.values(model)
    if model is RightsRequest:
        values["texts_read"] = {}
    if values:
        found = model._base_manager.filter(condition).order_by()
        keys = list(found.values_list("pk", flat=True))
        marks = _marks(model, keys)
        model._base_manager.filter(pk__in=keys).update(**values)
        for pk, mark in marks.items():
            model._base_manager.filter(pk=pk).update(source_id=mark)


def _marks(model: type[models.Model], keys: list[int]) -> dict[int, str]:
    """Return what is left of another system's numbers: enough that a feed brings nobody back."""
    if model not in (FamilySource, PersonSource):
        return {}
    rows = model._base_manager.filter(pk__in=keys).exclude(source_id__startswith=sources.ERASED)
    return {
        pk: sources.mark(source=source, number=number)
        for pk, source, number in rows.values_list("pk", "source", "source_id")
    }


def _delete(model: type[models.Model], records: tuple[int, ...]) -> None:
    """Delete the rows that name her, at either end where they have two."""
    other = record.way_of(model)
    for lookup in filter(None, (blanks.DELETED[model._meta.label], other)):
        model._base_manager.filter(**{f"{lookup}__in": records}).delete()


def _erase_texts(events: QuerySet[Event]) -> None:
    for event in events.filter(text__isnull=False):
        history.erase_text(event)


def _left_alone(records: Records) -> list[Family]:
    """Return the households in which nobody lived, then or now, whose record still stands."""
    families = Family.objects.filter(members__person__in=records).distinct()
    others = Member.objects.exclude(person__in=records).exclude(person__first_name=blanks.SOMEBODY)
    return list(families.exclude(pk__in=others.values("family")))


def _blank_homes(records: Records, names: list[str]) -> None:
    alone = [family.pk for family in _left_alone(records)]
    for model in record.walk():
        path = paths(model) if hasattr(model, "FAMILY_PATH") else None
        if path is None or path.is_reached_by_person:
            continue
        nobody = Q(**{f"{path.person}__isnull": True}) if path.person else Q()
        _blank_rows(model, nobody & Q(**{f"{path.family}__in": alone}))
    _erase_texts(Event.objects.filter(family__in=alone, person__isnull=True))
    homes = Family.objects.filter(members__person__in=records)
    for family in homes.exclude(pk__in=alone).distinct():
        if any(name in family.name for name in names):
            Family.objects.filter(pk=family.pk).update(name=_("A household"))


def _end_what_she_holds(records: Records, *, day: date, at: datetime) -> None:
    """End what opens her record to others; nobody has a reason any more."""
    Reason.objects.live(at).filter(person__in=records).update(closed_at=at)
    for stay in Member.objects.filter(person__in=records, left_on=None):
        stay.left_on = max(day, stay.joined_on + timedelta(days=1))
        stay.save(update_fields=["left_on"])
    for appointment in Appointment.objects.on(day).filter(person__in=records):
        appointment.ends_on = max(day, appointment.starts_on)
        appointment.save(update_fields=["ends_on"])


def _remove_sign_in(user: User, *, at: datetime) -> None:
    """Let her sign in no more; a worker's own sign-in only forgets whom it was about."""
    if Membership.objects.on(timezone.localdate(at)).filter(user=user).exists():
        User.objects.filter(pk=user.pk).update(person=None)
        return
    User.objects.filter(pk=user.pk).update(
        person=None,
        email=f"{user.reference}@erased.invalid",
        name=blanks.SOMEBODY,
        is_active=False,
        last_login=None,
        password=make_password(None),
    )
    users.sign_out(user=user)
    EmailAddress.objects.filter(user=user).delete()
    Authenticator.objects.filter(user=user).delete()
    Notice.objects.filter(user=user, sent_at=None, given_up_at=None).update(
        given_up_at=at, claimed_until=None
    )
    Watch.objects.filter(user=user).delete()
