"""One form for several services: saved as it is filled in, and sent once (design §4)."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from budgets import history
from budgets.models import Family, Goal, Person
from cms.models import Organisation, Service
from marketplace.people.models import User
from marketplace.referrals import applications, facts, parties, referrals, sittings
from marketplace.referrals.models import Draft, Referral
from marketplace.sharing import sharing

MOST_SERVICES = 15
BATCH = 500


class NotYours(history.Refused):
    """A form is its author's, while she may know the person it is about."""


class NothingChosen(history.Refused):
    """A form goes to one service at least."""


class TooManyChosen(history.Refused):
    """A form goes to fifteen services at most."""


class Done(history.Refused):
    """It was sent or thrown away, so that nothing of it can be changed."""


class ChangedSince(history.Refused):
    """What would go out is not what was shown before."""


class NothingToSend(history.Refused):
    """None of the services chosen can be asked."""


@dataclass(frozen=True)
class Typed:
    """On which page something was typed, and after what else: later is higher."""

    page: UUID
    turn: int


@dataclass(frozen=True)
class Filled:
    """What a draft says, once it was read and found complete: why, facts and answers."""

    why: sittings.Why = field(default_factory=sittings.Why)
    facts: Mapping[str, Any] = field(default_factory=dict)
    answers: Mapping[str, Any] = field(default_factory=dict)


def mine(*, user: User, at: datetime) -> QuerySet[Draft]:
    """Return somebody's own forms, of persons whom she may know now."""
    return sharing.visible(Draft.objects.filter(author=user), user=user, at=at)


@transaction.atomic
def start(
    *,
    person: Person,
    family: Family,
    services: Iterable[Service],
    by: history.Actor,
    at: datetime,
    why: Mapping[str, Any] | None = None,
    answers: Mapping[str, Any] | None = None,
) -> Draft:
    """Start a form for one person. Raises referrals.NotVisible, NothingChosen, TooManyChosen."""
    user = parties.user_of(by)
    if user is None or not referrals.may_refer(user=user, person=person, by=by, at=at):
        raise referrals.NotVisible(_("There is nobody here whom you can refer."))
    chosen = _chosen(services)
    draft = Draft.objects.create(
        author=user,
        organisation=_organisation(by),
        person=person,
        family=family,
        why=dict(why or {}),
        answers=dict(answers or {}),
        is_confidential=_is_secret(why or {}, chosen),
        started_at=at,
        saved_at=at,
    )
    draft.services.set(chosen)
    return draft


@transaction.atomic
def save(
    *,
    draft: Draft,
    by: history.Actor,
    at: datetime,
    why: Mapping[str, Any] | None = None,
    answers: Mapping[str, Any] | None = None,
    typed: Typed | None = None,
) -> Draft:
    """Keep what was typed so far: the fields that are given, and the others as they were.

    What comes late, after something that was typed later on the same page, is left out.
    Raises NotYours, Done.
    """
    draft = _open(draft, by=by, at=at)
    if typed is not None and typed.page == draft.page and typed.turn < draft.turn:
        return draft
    if typed is not None:
        draft.page, draft.turn = typed.page, typed.turn
    draft.why = {**draft.why, **(why or {})}
    draft.answers = {**draft.answers, **(answers or {})}
    draft.is_confidential = _is_secret(draft.why, draft.services.all())
    draft.saved_at = max(at, draft.saved_at)
    draft.save(update_fields=["why", "answers", "is_confidential", "saved_at", "page", "turn"])
    return draft


@transaction.atomic
def choose(*, draft: Draft, services: Iterable[Service], by: history.Actor, at: datetime) -> Draft:
    """Send it to these services instead. Raises NotYours, Done, NothingChosen, TooManyChosen."""
    draft = _open(draft, by=by, at=at)
    chosen = _chosen(services)
    draft.services.set(chosen)
    draft.is_confidential = _is_secret(draft.why, chosen)
    draft.saved_at = max(at, draft.saved_at)
    draft.save(update_fields=["is_confidential", "saved_at"])
    return draft


@transaction.atomic
def discard(*, draft: Draft, by: history.Actor, at: datetime) -> Draft:
    """Throw a form away: what was typed is gone at once. Twice changes nothing.

    Raises NotYours, Done where it was sent.
    """
    draft = _locked(draft, by=by, at=at)
    if draft.discarded_at is not None:
        return draft
    if draft.is_sent:
        raise Done(_("This form was sent already."))
    return _close(draft, at=at, discarded_at=at)


def pack(
    *, draft: Draft, filled: Filled, user: User, by: history.Actor, at: datetime
) -> list[applications.Parcel]:
    """Return exactly what each service would get of a form that is filled in."""
    known = facts.known(person=draft.person, family=draft.family, day=localdate(at))
    parts = applications.parts(
        person=draft.person, services=services_of(draft, at=at), user=user, by=by, at=at
    )
    return [
        applications.pack(part, known=known, said=filled.facts, answers=filled.answers)
        for part in parts
    ]


def mark(draft: Draft, parcels: Iterable[applications.Parcel]) -> str:
    """Return a mark of what was shown, which is another one as soon as anything of it differs.

    When it was saved is no part of it: the same may be saved again after it was shown.
    """
    contents = [draft.why, draft.answers, [parcel.contents for parcel in parcels]]
    return hashlib.sha256(
        json.dumps(contents, sort_keys=True, cls=DjangoJSONEncoder).encode()
    ).hexdigest()


@transaction.atomic
def send(*, draft: Draft, filled: Filled, seen: str, by: history.Actor, at: datetime) -> Draft:
    """Send a form to every service that can be asked: all or none, and once.

    `seen` is the `mark` of what was shown: only that is sent. A form that was sent already stays
    as it was sent. Raises NotYours, Done, ChangedSince, NothingToSend, and what asking raises.
    """
    read, draft = draft, _locked(draft, by=by, at=at)
    if draft.is_sent:
        return draft
    _must_be_open(draft)
    parcels = pack(draft=draft, filled=filled, user=draft.author, by=by, at=at)
    # `filled` is of the form as it was read, before it was locked.
    if {mark(read, parcels), mark(draft, parcels)} != {seen}:
        raise ChangedSince(_("Something has changed since you checked it. Look at it again."))
    going = [parcel for parcel in parcels if parcel.is_sent]
    if not going:
        raise NothingToSend(_("None of these can be asked now. Choose something else."))
    made = sittings.ask_many(
        person=draft.person,
        family=draft.family,
        services=[parcel.part.service for parcel in going],
        why=filled.why,
        facts=filled.facts,
        answers=filled.answers,
        by=by,
        at=at,
    )
    _must_be_as_shown(going, made)
    return settle(draft=draft, made=made, by=by, at=at)


@transaction.atomic
def settle(*, draft: Draft, made: Iterable[Referral], by: history.Actor, at: datetime) -> Draft:
    """Note what became of a form that was sent: what was typed is with the services now.

    Raises NotYours, Done.
    """
    draft = _open(draft, by=by, at=at)
    draft.referrals.set(made)
    return _close(draft, at=at, sent_at=at)


def purge(*, at: datetime, but: Q) -> int:
    """Delete forms last saved ninety days ago, but those that have to be kept; return how many."""
    gone = 0
    rows = Draft.objects.past_keeping(at).exclude(but).order_by("pk")
    while True:
        keys = list(rows.values_list("pk", flat=True)[:BATCH])
        if not keys:
            return gone
        with transaction.atomic():
            Draft.objects.past_keeping(at).filter(pk__in=keys).delete()
        gone += len(keys)


def services_of(draft: Draft, *, at: datetime) -> list[Service]:
    """Return what was chosen and is still offered, by name."""
    found = Service.objects.offered(localdate(at)).filter(pk__in=draft.services.values("pk"))
    return list(
        found.select_related("owner", "provider")
        .prefetch_related("processes", "criteria", "terms", "questions")
        .order_by("name", "pk")
    )


def _locked(draft: Draft, *, by: history.Actor, at: datetime) -> Draft:
    """Lock the household and the form, in this order, and return it as it is now."""
    Family.objects.select_for_update(no_key=True).get(pk=draft.family_id)
    user = parties.user_of(by)
    rows = Draft.objects.select_for_update(no_key=True, of=("self",))
    found = rows.select_related("author", "person", "family").get(pk=draft.pk)
    if user is None or not mine(user=user, at=at).filter(pk=draft.pk).exists():
        raise NotYours(_("This form is not yours."))
    return found


def _open(draft: Draft, *, by: history.Actor, at: datetime) -> Draft:
    return _must_be_open(_locked(draft, by=by, at=at))


def _must_be_open(draft: Draft) -> Draft:
    if not draft.is_unfinished:
        raise Done(_("This form was sent or thrown away already."))
    return draft


def _close(draft: Draft, *, at: datetime, **closed: datetime) -> Draft:
    draft.why, draft.answers, draft.saved_at = {}, {}, max(at, draft.saved_at)
    for name, moment in closed.items():
        setattr(draft, name, moment)
    draft.save(update_fields=["why", "answers", "saved_at", *closed])
    return draft


def _organisation(by: history.Actor) -> Organisation | None:
    if by.organisation is None:
        return None
    return Organisation.objects.get(reference=by.organisation)


def _chosen(services: Iterable[Service]) -> list[Service]:
    found = list(dict.fromkeys(services))
    if not found:
        raise NothingChosen(_("Choose one service or more first."))
    if len(found) > MOST_SERVICES:
        raise TooManyChosen(
            _("One form goes to %(most)s services at most. Take some off.")
            % {"most": MOST_SERVICES}
        )
    return found


def _is_secret(why: Mapping[str, Any], services: Iterable[Service]) -> bool:
    """Tell whether a form is about something that is kept from the household."""
    if why.get("is_private") or any(service.is_confidential for service in services):
        return True
    try:
        goal = UUID(str(why.get("goal") or ""))
    except ValueError:
        return False
    return Goal.objects.filter(reference=goal, is_confidential=True).exists()


def _must_be_as_shown(going: Iterable[applications.Parcel], made: Iterable[Referral]) -> None:
    """Compare what was sent with what was shown. Raises ChangedSince."""
    sent = {
        row.service_id: row.application.answers
        for row in Referral.objects.filter(
            pk__in=[each.pk for each in made], application__isnull=False
        ).select_related("application")
    }
    shown = {one.part.service.pk: dict(one.answers) for one in going if one.part.may_send}
    if sent != shown:
        raise ChangedSince(_("Something has changed since you checked it. Look at it again."))
