"""What somebody may do in a cell now: the forms of the guided path, for the side that is due."""

import contextlib
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django import forms as django_forms
from django.http import QueryDict
from django.utils import timezone

from cms.models import Organisation, Service
from marketplace.authority import matrix as table
from marketplace.authority import pathways
from marketplace.authority.models import (
    Agreement,
    Cover,
    Offer,
    PathwayState,
    Suspension,
)
from marketplace.pages.commissioner import agreements_forms as forms
from marketplace.pages.commissioner.agreements_answers import Answers
from marketplace.pages.commissioner.agreements_desk import Desk
from marketplace.pages.commissioner.agreements_found import Found
from marketplace.people.models import Competence, Membership

NAMES = ("ask", "offer", "answer", "sign", "say", "withdraw", "suspend", "resume", "end")
MOST_OTHERS = 60
# The name of the form that was sent, and the form with what was typed.
Form = tuple[str, django_forms.Form]


@dataclass(frozen=True)
class Acts:
    """What the reader may do here now; a form that is None is not for her, or not yet."""

    due: str
    ask: bool
    offer: forms.Offer | None
    answer: Answers | None
    sign: bool
    seen: str
    say: forms.Words | None
    withdraw: bool
    suspend: bool
    resume: bool
    end: bool
    why: forms.Why
    sent: str

    @property
    def is_offer_due(self) -> bool:
        """Tell whether an offer is what comes next, or was just sent with something wrong."""
        return self.offer is not None and (self.due == "offer" or self.sent == "offer")

    @property
    def is_answer_due(self) -> bool:
        """Tell whether an answer is what comes next, or was just sent with something wrong."""
        return self.answer is not None and (self.due == "answer" or self.sent == "answer")

    @property
    def can_stop(self) -> bool:
        """Tell whether there is anything to take back, stop or end."""
        return self.withdraw or self.suspend or self.resume or self.end


def acts(found: Found, desk: Desk, *, at: datetime, form: Form | None) -> Acts:
    """Return what the reader, who speaks for her organisation, may do in a cell now."""
    sent, bound = form or ("", None)
    talk = found.talk
    version = pathways.on_the_table(pathway=talk.pathway) if talk and talk.version else None
    state = talk.pathway.state if talk and found.is_party else ""
    is_signed = state in (PathwayState.AGREED, PathwayState.LIVE)
    due = _due(found, talk)
    return Acts(
        due=due,
        ask=found.is_owner and found.holder is not None and talk is None and not found.is_holder,
        offer=_offer(found, desk, version, bound, at=at),
        answer=_answer(found, version, bound, at=at),
        sign=due == "sign",
        seen=at.isoformat(),
        say=(bound if isinstance(bound, forms.Words) else forms.Words()) if state else None,
        withdraw=found.is_holder and version is not None,
        suspend=is_signed,
        resume=state == PathwayState.SUSPENDED and _is_ours(found, desk, at=at),
        end=is_signed or state == PathwayState.SUSPENDED,
        why=bound if isinstance(bound, forms.Why) else forms.Why(),
        sent=sent,
    )


def _due(found: Found, talk: table.Talk | None) -> str:
    """Return what is the reader's to do next; who may offer and holds nothing yet, offers."""
    if talk is None:
        return "offer" if found.is_holder and not found.is_owner and not found.rules else ""
    ours = found.service.owner_id if found.is_owner else talk.pathway.holder_id
    return talk.due if found.is_party and ours in talk.turns else ""


def offer_form(
    data: QueryDict | None,
    *,
    service: Service,
    holder: Organisation,
    day: date,
    initial: dict[str, object] | None = None,
) -> forms.Offer:
    """Return the form in which a holder says which steps it has the skills for.

    It names the roles that somebody holds there today, and those that were offered before.
    """
    today = Membership.objects.on(day).filter(organisation=holder)
    before = Offer.objects.filter(
        agreement__pathway__service=service, agreement__pathway__holder=holder
    )
    return forms.Offer(
        data,
        steps=[process.step for process in service.processes.all()],
        roles={*today.values_list("role", flat=True), *before.values_list("role", flat=True)},
        services=_others(service=service, holder=holder),
        competences=competence_codes(),
        initial=initial,
    )


def answer_form(
    data: QueryDict | None, *, offers: Iterable[Offer], owner: Organisation, at: datetime
) -> Answers:
    """Return the form in which an owner answers lines, with the cover that was last agreed."""
    lines = list(offers)
    holders = {offer.agreement.holder_id for offer in lines}
    cover = (
        Cover.objects.filter(agreement__owner=owner, agreement__holder__in=holders)
        .exclude(valid_to__lte=timezone.localdate(at))
        .order_by("-pk")
        .first()
        if len(holders) == 1
        else None
    )
    return Answers(data, offers=lines, competences=competence_codes(), cover=cover)


def sent_offers(data: QueryDict, *, owner: Organisation) -> list[Offer]:
    """Return the lines of an owner's that a form answers, whatever became of them since."""
    keys = [name.partition("_")[2] for name in data if name.startswith("answer_")]
    sent = []
    for key in keys:
        with contextlib.suppress(ValueError):
            sent.append(uuid.UUID(key))
    return list(
        Offer.objects.filter(reference__in=sent, agreement__owner=owner)
        .select_related("agreement")
        .prefetch_related("answers__cover")
        .order_by("agreement", "pk")
    )


def competence_codes() -> list[str]:
    """Return the qualifications that are on anybody's record."""
    return list(Competence.objects.order_by("code").values_list("code", flat=True).distinct())


def _offer(
    found: Found,
    desk: Desk,
    version: Agreement | None,
    bound: django_forms.Form | None,
    *,
    at: datetime,
) -> forms.Offer | None:
    if not found.is_holder or found.is_owner or not found.needed:
        return None
    if isinstance(bound, forms.Offer):
        return bound
    known = version.offers.all() if version else ()
    initial: dict[str, object] = {}
    for role, step, competence, words in (
        (line.role, line.step, line.competence, getattr(line, "words", ""))
        for line in (known or found.rules)
    ):
        ticked = initial.setdefault(f"roles_{step}", [])
        assert isinstance(ticked, list)
        ticked.append(role)
        initial[f"competence_{step}"], initial[f"words_{step}"] = competence, words
    return offer_form(
        None,
        service=found.service,
        holder=desk.ours,
        day=timezone.localdate(at),
        initial=initial,
    )


def _answer(
    found: Found,
    version: Agreement | None,
    bound: django_forms.Form | None,
    *,
    at: datetime,
) -> Answers | None:
    if isinstance(bound, Answers):
        return bound
    if not found.is_owner or version is None or version.has_a_signature:
        return None
    return answer_form(None, offers=version.offers.all(), owner=found.service.owner, at=at)


def _is_ours(found: Found, desk: Desk, *, at: datetime) -> bool:
    """Tell whether it was us who suspended what held; only who did lets it hold again."""
    open_ones = Suspension.objects.on(timezone.localdate(at)).filter(
        agreement__pathway=found.pathway, ends_on__isnull=True
    )
    return not open_ones.exclude(organisation=desk.ours.reference).exists()


def _others(*, service: Service, holder: Organisation) -> list[tuple[str, str]]:
    """Return other services of the same owner, on which nothing is open between the two."""
    taken = {
        pathway.service_id
        for pathway in holder.pathways_held.filter(service__owner=service.owner_id)
        if pathway.state not in (PathwayState.LISTED, PathwayState.ENDED)
    }
    listed = Service.objects.filter(
        owner=service.owner_id, live=True, withdrawn_on__isnull=True, processes__isnull=False
    ).exclude(pk=service.pk)
    return [
        (slug, name)
        for pk, slug, name in listed.distinct()
        .order_by("name", "pk")
        .values_list("pk", "slug", "name")[:MOST_OTHERS]
        if pk not in taken
    ]
