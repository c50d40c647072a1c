"""The guided path to a cell of the table (design §5, report §5.4.2).

Each service lists its processes and criteria; every other organisation says which of them it has
the skills for; the owner answers with risk and cover; both sign; it is live; suspended or ended.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from budgets import history
from cms.models import Organisation, Service
from marketplace.authority import agreements, negotiation, rules, signatories, standing
from marketplace.authority.models import (
    Agreement,
    AgreementState,
    Message,
    Pathway,
    Rule,
)
from marketplace.authority.negotiation import (
    Changed,
    CoverTerms,
    Line,
    LineAnswer,
    NotAnswerable,
    NotListed,
    OwnService,
)
from marketplace.authority.signatories import NotAParty
from marketplace.notices import notices
from marketplace.people.models import User

__all__ = [
    "Changed",
    "CoverTerms",
    "Line",
    "LineAnswer",
    "NotAParty",
    "NotAnswerable",
    "NotListed",
    "NotNow",
    "OwnService",
    "answer",
    "end",
    "invite",
    "offer",
    "on_day",
    "on_the_table",
    "resume",
    "say",
    "sign",
    "suspend",
    "versions",
    "withdraw",
]  # fmt: skip

NotNow = agreements.NotNow


@transaction.atomic
def invite(
    *,
    services: Iterable[Service],
    holders: Iterable[Organisation],
    by: history.Actor,
    at: datetime,
) -> list[Pathway]:
    """Ask other organisations what they have the skills for: a cell for each service and holder.

    What is open already stays as it is. Raises NotAParty unless `by` speaks for each owner,
    NotListed for a service whose steps are not on record, OwnService.
    """
    wanted, found = list(holders), []
    for service in services:
        signatories.must_act_for(service.owner, by=by, at=at)
        negotiation.must_be_listed(service)
        for holder in wanted:
            pathway, is_new = _cell(service=service, holder=holder, at=at)
            found.append(pathway)
            if is_new:
                _record(pathway, verb="listed", before="", by=by, at=at)
    for holder in wanted:
        theirs = [pathway for pathway in found if pathway.holder_id == holder.pk]
        _tell(theirs[:1], holder, at=at)
    return found


@transaction.atomic
def offer(
    *,
    services: Iterable[Service],
    holder: Organisation,
    lines: Sequence[Line],
    by: history.Actor,
    at: datetime,
    words: str = "",
) -> list[Pathway]:
    """Say which steps of these services a holder has the skills for; each becomes a new version.

    A line without a service counts for each of them that needs its step. What lay on the table
    before is replaced, and kept. Raises NotAParty, OwnService, NotListed where nothing remains.
    """
    signatories.must_act_for(holder, by=by, at=at)
    found = []
    for service in sorted(services, key=lambda service: service.pk):
        pathway, _is_new = _cell(service=service, holder=holder, at=at)
        pathway = _locked(pathway)
        before = pathway.state
        negotiation.clear_table(pathway=pathway, on=timezone.localdate(at))
        negotiation.lay_out(pathway=pathway, lines=lines, at=at)
        found.append(_settled(pathway, verb="offered", before=before, by=by, at=at, words=words))
    for owner in dict.fromkeys(pathway.service.owner for pathway in found):
        theirs = [pathway for pathway in found if pathway.service.owner_id == owner.pk]
        _tell(theirs[:1], owner, at=at)
    return found


@transaction.atomic
def answer(
    *,
    answers: Sequence[LineAnswer],
    by: history.Actor,
    at: datetime,
    cover: CoverTerms | None = None,
    starts_on: date | None = None,
    words: str = "",
) -> list[Pathway]:
    """Answer lines, of one cell or of many: yes or no, the risk, the cover and the limits.

    `cover` is for the lines that name none of their own. A line may be answered again until
    somebody signs; each answer is kept. A version is answered once all its lines are. Raises
    NotAParty, NotNow (signed, withdrawn or replaced), NotAnswerable.
    """
    found = []
    for offered, said in negotiation.by_version(answers).items():
        pathway = _locked(offered.pathway)
        signatories.must_act_for(pathway.service.owner, by=by, at=at)
        before = pathway.state
        version = negotiation.on_the_table(pathway, offered)
        for each in said:
            negotiation.weigh(version=version, said=each, cover=cover, by=by, at=at)
        negotiation.close_if_answered(version=version, starts_on=starts_on, at=at)
        found.append(_settled(pathway, verb="answered", before=before, by=by, at=at, words=words))
    for holder in dict.fromkeys(pathway.holder for pathway in found):
        theirs = [pathway for pathway in found if pathway.holder_id == holder.pk]
        _tell(theirs[:1], holder, at=at)
    return found


@transaction.atomic
def sign(
    *,
    pathways: Iterable[Pathway],
    party: Organisation,
    by: history.Actor,
    at: datetime,
    seen: datetime | None = None,
) -> list[Pathway]:
    """Sign what lies on the table of one cell or of many, for one party.

    Once both have, the rules are written, hold from that day (or the later one agreed), and
    replace whatever held between the two on that service. `seen` is when the signer read it:
    raises Changed where it was answered since. Raises NotAParty, NotNow.
    """
    found = []
    for each in sorted(pathways, key=lambda pathway: pathway.pk):
        pathway = _locked(each)
        before = pathway.state
        version = negotiation.ready(pathway, seen=seen)
        version = negotiation.sign(version=version, party=party, by=by, at=at)
        verb = "agreed" if version.is_signed_by_both else "signed"
        found.append(_settled(pathway, verb=verb, before=before, by=by, at=at))
    for pathway in found[:1]:
        for other in {pathway.service.owner, pathway.holder} - {party}:
            _tell([pathway], other, at=at)
    return found


@transaction.atomic
def withdraw(*, pathway: Pathway, by: history.Actor, at: datetime, words: str = "") -> Pathway:
    """Take back what the holder offered and both have not signed. Raises NotAParty, NotNow."""
    pathway = _locked(pathway)
    signatories.must_act_for(pathway.holder, by=by, at=at)
    before = pathway.state
    if not negotiation.clear_table(pathway=pathway, on=timezone.localdate(at)):
        raise NotNow(_("Nothing lies on the table here."))
    pathway = _settled(pathway, verb="withdrawn", before=before, by=by, at=at, words=words)
    _tell([pathway], pathway.service.owner, at=at)
    return pathway


@transaction.atomic
def suspend(*, pathway: Pathway, by: history.Actor, at: datetime, words: str = "") -> Pathway:
    """Stop what holds in a cell from today on; either party can. Raises NotAParty, NotNow."""
    pathway = _locked(pathway)
    before = pathway.state
    for version in _lasting(pathway, AgreementState.SIGNED, at):
        agreements.suspend(agreement=version, by=by, at=at, words=words)
    return _moved(pathway, verb="suspended", before=before, by=by, at=at, words=words)


@transaction.atomic
def resume(*, pathway: Pathway, by: history.Actor, at: datetime, words: str = "") -> Pathway:
    """Let a suspended cell hold again; only who suspended it can. Raises NotAParty, NotNow."""
    pathway = _locked(pathway)
    before = pathway.state
    for version in _lasting(pathway, AgreementState.SUSPENDED, at):
        agreements.resume(agreement=version, by=by, at=at)
    return _moved(pathway, verb="resumed", before=before, by=by, at=at, words=words)


@transaction.atomic
def end(*, pathway: Pathway, by: history.Actor, at: datetime, words: str = "") -> Pathway:
    """End what was agreed in a cell, from today on; either party can. Raises NotAParty, NotNow.

    What was commissioned stands, and what lay on the table goes with it.
    """
    pathway = _locked(pathway)
    before = pathway.state
    for version in _lasting(pathway, None, at):
        agreements.end(agreement=version, by=by, at=at, words=words)
    negotiation.clear_table(pathway=pathway, on=timezone.localdate(at))
    return _moved(pathway, verb="ended", before=before, by=by, at=at, words=words)


@transaction.atomic
def say(*, pathway: Pathway, words: str, by: history.Actor, at: datetime) -> Message:
    """Write a line in the thread of a cell, for both to read. Raises NotAParty, NotAnswerable."""
    owner, holder = pathway.service.owner, pathway.holder
    signatories.must_be_one_of(owner, holder, by=by, at=at)
    if not words.strip():
        raise NotAnswerable(_("Write something first."))
    message = _write(pathway, words=words.strip(), by=by, at=at)
    for party in (owner, holder):
        if party.reference != by.organisation:
            _tell([pathway], party, at=at)
    return message


def versions(*, pathway: Pathway) -> list[Agreement]:
    """Return every version of a cell, the newest first, with its lines, answers and rules."""
    return list(
        pathway.versions.select_related("owner", "holder")
        .prefetch_related("offers__answers__cover", "rules__cover", "covers", "suspensions")
        .order_by("-version")
    )


def on_day(*, service: Service, holder: Organisation | None, day: date) -> list[Rule]:
    """Return what an organisation (null: families) could do on a service on a day, past or not."""
    return rules.on_day(service=service, holder=holder, day=day)


def on_the_table(*, pathway: Pathway) -> Agreement | None:
    """Return the version that is still talked about, with its lines and answers, or None."""
    return (
        pathway.versions.filter(state__in=negotiation.ON_THE_TABLE)
        .select_related("owner", "holder")
        .prefetch_related("offers__answers__cover", "covers")
        .first()
    )


def _cell(*, service: Service, holder: Organisation, at: datetime) -> tuple[Pathway, bool]:
    if service.owner_id == holder.pk:
        raise OwnService(_("What an organisation's own staff may do needs no offer."))
    return Pathway.objects.get_or_create(service=service, holder=holder, defaults={"opened_at": at})


def _locked(pathway: Pathway | None) -> Pathway:
    assert pathway is not None  # an offer is always a cell's
    return (
        Pathway.objects.select_for_update(no_key=True, of=("self",))
        .select_related("service__owner", "holder")
        .get(pk=pathway.pk)
    )


def _lasting(pathway: Pathway, state: AgreementState | None, at: datetime) -> list[Agreement]:
    found = negotiation.lasting(pathway, on=timezone.localdate(at))
    if state is not None:
        found = [version for version in found if version.state == state]
    if not found:
        raise NotNow(_("There is nothing here that this could be done to now."))
    return found


def _moved(
    pathway: Pathway, *, verb: str, before: str, by: history.Actor, at: datetime, words: str
) -> Pathway:
    pathway = _settled(pathway, verb=verb, before=before, by=by, at=at, words=words)
    for party in (pathway.service.owner, pathway.holder):
        if party.reference != by.organisation:
            _tell([pathway], party, at=at)
    return pathway


def _settled(
    pathway: Pathway,
    *,
    verb: str,
    before: str,
    by: history.Actor,
    at: datetime,
    words: str = "",
) -> Pathway:
    pathway = standing.settle(pathway=pathway, on=timezone.localdate(at))
    _record(pathway, verb=verb, before=before, by=by, at=at)
    if words.strip():
        _write(pathway, words=words.strip(), by=by, at=at)
    return pathway


def _write(pathway: Pathway, *, words: str, by: history.Actor, at: datetime) -> Message:
    author = None
    if by.kind == history.ActorKind.PERSON:
        author = User.objects.filter(reference=by.reference).first()
    organisation = None
    if by.organisation is not None:
        organisation = Organisation.objects.filter(reference=by.organisation).first()
    return Message.objects.create(
        pathway=pathway, author=author, organisation=organisation, words=words, at=at
    )


def _record(pathway: Pathway, *, verb: str, before: str, by: history.Actor, at: datetime) -> None:
    history.record(
        by=by,
        at=at,
        verb=verb,
        subject_kind="pathway",
        subject=pathway.reference,
        from_state=before,
        to_state=pathway.state,
    )


def _tell(pathways: Sequence[Pathway], party: Organisation, *, at: datetime) -> None:
    for pathway in pathways:
        notices.tell(
            users=signatories.of(party, at=at),
            kind="agreement_changed",
            subject_kind="pathway",
            subject=pathway.reference,
            at=at,
        )
