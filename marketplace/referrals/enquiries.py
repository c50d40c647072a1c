"""Ways in without a sign-in: somebody for herself, a GP or a school for her (report §4.6).

An enquiry lands in the inbox of the organisation that answers for the district. A worker takes it
up, finds or makes the household, asks services or finds an advocate, and closes it with a reason.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from budgets import history
from cms import places
from cms.models import Organisation, Term, TermTaxonomy
from marketplace.notices import notices, topics, working_days
from marketplace.people.models import User
from marketplace.people.roles import Role
from marketplace.referrals import catchments, parties
from marketplace.referrals.models import (
    Enquiry,
    EnquiryEnd,
    Route,
    Worry,
)
from marketplace.sharing import sharing

ANSWER_DAYS = 3
"""Working days in which whoever answers for the district gets in touch."""

SITE = history.Actor(kind=history.ActorKind.LINK, reference="ask-for-help")
# What is asked about at the door, each in a family's words; and what a worker asks about besides
# (report §4.6: a pro-forma against key issues).
KEY_ISSUES = (
    "rent-arrears",
    "money-and-debt",
    "parenting",
    "family-arguments",
    "missing-school",
    "never-worked",
    "low-mood",
    "living-with-illness",
    "caring-for-somebody",
    "drinking",
    "using-drugs",
    "not-going-out",
)
WITH_A_WORKER = (*KEY_ISSUES, "hurting-myself", "domestic-abuse")


@dataclass(frozen=True)
class Asked:
    """What was told at the door: who, how to reach her, what weighs on her, and her yes."""

    first_name: str
    consent_how: str
    last_name: str = ""
    born_on: date | None = None
    phone: str = ""
    email: str = ""
    contact_words: str = ""
    postcode: str = ""
    words: str = ""
    worries: Mapping[str, int] = field(default_factory=dict)
    is_for_self: bool = True
    is_confidential: bool = False


class NoWayBack(history.Refused):
    """Somebody who asks for help has to be reached."""


class SaysNothing(history.Refused):
    """An enquiry says what weighs on somebody."""


class NoYes(history.Refused):
    """Nobody passes on somebody's worries without her yes."""


class NotTheirs(history.Refused):
    """Only the organisation that answers for the district handles it."""


class IsClosed(history.Refused):
    """What is closed stays as it is."""


class NotTaken(history.Refused):
    """Somebody takes it up first, so that it is somebody's."""


class SaysNoReason(history.Refused):
    """Closing says what became of it, in a sentence."""


@transaction.atomic
def ask(
    *,
    route: Route,
    asked: Asked,
    by: history.Actor,
    at: datetime,
    user: User | None = None,
    from_organisation: Organisation | None = None,
) -> Enquiry:
    """Write down what was told at the door, and tell whoever answers for the district.

    Raises NoYes, NoWayBack, SaysNothing, catchments.NobodyThere.
    """
    _must_make_sense(asked)
    postcode = places.tidy(asked.postcode)
    point = places.find(postcode=asked.postcode)
    district = point.district if point else ""
    organisation = catchments.answers_for(district=district, at=at)
    enquiry = Enquiry.objects.create(
        route=route,
        organisation=organisation,
        from_organisation=from_organisation,
        asked_by=user,
        first_name=asked.first_name.strip(),
        last_name=asked.last_name.strip(),
        born_on=asked.born_on,
        phone=asked.phone.strip(),
        email=asked.email.strip(),
        contact_words=asked.contact_words.strip(),
        postcode=postcode,
        district=district,
        words=asked.words.strip(),
        worries={key: int(value) for key, value in asked.worries.items() if int(value)},
        is_for_self=asked.is_for_self,
        is_confidential=asked.is_confidential,
        consent_how=asked.consent_how,
        consented_at=at,
        asked_at=at,
        due_on=working_days.after(timezone.localdate(at), ANSWER_DAYS),
    )
    record(enquiry, verb="enquire", before="", after=route, by=by, at=at)
    tell(enquiry, at=at)
    return enquiry


def inbox(*, organisation: Organisation) -> QuerySet[Enquiry]:
    """Return the open enquiries an organisation answers for, what nobody took up first."""
    return Enquiry.objects.open().filter(organisation=organisation).with_names().overdue_first()


def sent_by(*, user: User, by: history.Actor) -> QuerySet[Enquiry]:
    """Return what a worker sent in for people, while she works there: what became of it."""
    if by.organisation is None:
        return Enquiry.objects.none()
    rows = Enquiry.objects.filter(asked_by=user, from_organisation__reference=by.organisation)
    return rows.with_names().order_by("-asked_at", "-pk")


def issues(keys: tuple[str, ...] = KEY_ISSUES) -> list[Term]:
    """Return the key issues that the taxonomy knows, in the order they are asked."""
    found = {
        term.slug: term for term in Term.objects.filter(taxonomy=TermTaxonomy.ISSUE, slug__in=keys)
    }
    return [found[key] for key in keys if key in found]


def note_look(*, enquiry: Enquiry, by: history.Actor, at: datetime) -> None:
    """Write down that somebody opened what is linked to nobody's record yet."""
    record(enquiry, verb="look", before="", after="", by=by, at=at)


@transaction.atomic
def take(*, enquiry: Enquiry, by: history.Actor, at: datetime) -> Enquiry:
    """Take an enquiry up, or over from a colleague. Raises NotTheirs, IsClosed."""
    enquiry, user = locked(enquiry, by=by, at=at)
    before = str(enquiry.taken_by.reference) if enquiry.taken_by else ""
    if enquiry.taken_by_id == user.pk:
        return enquiry
    enquiry.taken_by, enquiry.taken_at = user, enquiry.taken_at or at
    enquiry.save(update_fields=["taken_by", "taken_at"])
    record(enquiry, verb="take", before=before, after=str(user.reference), by=by, at=at)
    return enquiry


@transaction.atomic
def put_back(*, enquiry: Enquiry, by: history.Actor, at: datetime) -> Enquiry:
    """Put an enquiry back for any colleague. Raises NotTheirs, IsClosed."""
    enquiry, user = locked(enquiry, by=by, at=at)
    enquiry.taken_by, enquiry.taken_at = None, None
    enquiry.save(update_fields=["taken_by", "taken_at"])
    record(enquiry, verb="put_back", before=str(user.reference), after="", by=by, at=at)
    return enquiry


@transaction.atomic
def close(
    *, enquiry: Enquiry, end: EnquiryEnd, words: str, by: history.Actor, at: datetime
) -> Enquiry:
    """Close an enquiry with what became of it; nothing that was asked for stops.

    Raises NotTheirs, IsClosed, NotTaken, SaysNoReason.
    """
    enquiry, user = locked(enquiry, by=by, at=at)
    must_be_taken(enquiry)
    if not words.strip():
        raise SaysNoReason(_("Say in a sentence what became of it."))
    if end == EnquiryEnd.REFERRED and not enquiry.referrals.exists():
        raise SaysNoReason(_("Nothing was asked for yet. Ask first, or choose another reason."))
    enquiry.end, enquiry.end_words = end, words.strip()
    enquiry.closed_by, enquiry.closed_at = user, at
    enquiry.save(update_fields=["end", "end_words", "closed_by", "closed_at"])
    sharing.close_reasons(subject=enquiry.reference, at=at)
    record(enquiry, verb="close", before="", after=end, by=by, at=at)
    if enquiry.asked_by is not None:
        notices.tell(
            users=[enquiry.asked_by],
            kind="enquiry_answered",
            subject_kind="enquiry",
            subject=enquiry.reference,
            at=at,
        )
    topics.publish(topics.inbox(enquiry.organisation.reference))
    return enquiry


def sweep(*, at: datetime) -> int:
    """Chase once what nobody took up in time: intake again, and its commissioner; return how many.

    Silence never closes anything.
    """
    late = Enquiry.objects.late(timezone.localdate(at)).filter(chased_at__isnull=True)
    clock = history.Actor(kind=history.ActorKind.CLOCK, reference="enquiries")
    chased = 0
    for key in late.order_by("pk").values_list("pk", flat=True):
        with transaction.atomic():
            enquiry = Enquiry.objects.select_for_update(no_key=True, of=("self",)).get(pk=key)
            if enquiry.chased_at is not None or enquiry.is_taken:
                continue
            enquiry.chased_at = at
            enquiry.save(update_fields=["chased_at"])
            record(enquiry, verb="chased", before="", after="", by=clock, at=at)
            for role in (Role.INTAKE_WORKER, Role.COMMISSIONER):
                tell(enquiry, role=role, kind="enquiry_late", at=at)
            chased += 1
    return chased


def weight(enquiry: Enquiry) -> int:
    """Return how many key issues are a big worry."""
    return sum(value == Worry.BIG for value in enquiry.worries.values())


def _must_make_sense(asked: Asked) -> None:
    if not asked.consent_how:
        raise NoYes(_("We need a yes first, to write this down and get in touch."))
    if not (asked.phone.strip() or asked.email.strip()):
        raise NoWayBack(_("Give a phone number or an e-mail address, so that we can answer."))
    if not asked.first_name.strip():
        raise SaysNothing(_("Say who it is for."))
    if not (asked.words.strip() or any(asked.worries.values())):
        raise SaysNothing(_("Say what is hard, or choose from the list."))


def locked(enquiry: Enquiry, *, by: history.Actor, at: datetime) -> tuple[Enquiry, User]:
    found = (
        Enquiry.objects.select_for_update(no_key=True, of=("self",)).with_names().get(pk=enquiry.pk)
    )
    user = parties.user_of(by)
    if user is None or not parties.works_at(
        organisation=found.organisation, role=Role.INTAKE_WORKER, by=by, at=at
    ):
        raise NotTheirs(_("Only who answers for that district can do this."))
    if not found.is_open:
        raise IsClosed(_("This is closed already."))
    return found, user


def must_be_taken(enquiry: Enquiry) -> None:
    if not enquiry.is_taken:
        raise NotTaken(_("Take it up first, so that everybody knows who is at it."))


def record(
    enquiry: Enquiry,
    *,
    verb: str,
    before: str,
    after: str,
    by: history.Actor,
    at: datetime,
) -> None:
    history.record(
        by=by,
        at=at,
        verb=verb,
        subject_kind="enquiry",
        subject=enquiry.reference,
        family=enquiry.family,
        person=enquiry.person,
        from_state=before,
        to_state=after,
        is_confidential=enquiry.person is not None,  # hers alone to read, like the enquiry itself
    )


def tell(
    enquiry: Enquiry,
    *,
    at: datetime,
    role: Role = Role.INTAKE_WORKER,
    kind: str = "enquiry_for_you",
) -> None:
    """Tell a role at the organisation that answers."""
    notices.tell_role(
        organisation=enquiry.organisation,
        role=role,
        kind=kind,
        subject_kind="enquiry",
        subject=enquiry.reference,
        at=at,
    )
    topics.publish(topics.inbox(enquiry.organisation.reference))
