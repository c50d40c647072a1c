"""Agreements between an owner and a holder: proposed, signed by both, suspended, ended.

What both signed never changes. A change is a new agreement, which both sign again.
"""

from collections.abc import Iterable
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from budgets import history
from cms.models import Organisation, Service, Step, Term
from marketplace.authority import lineages, signatories, standing
from marketplace.authority.models import (
    Agreement,
    AgreementState,
    Cover,
    CoverKind,
    Rule,
    Suspension,
)
from marketplace.authority.signatories import NotAParty
from marketplace.people.roles import Role

__all__ = [
    "AlreadySigned", "NotAParty", "NotNow", "NotTheirs",
    "add_cover", "add_rules", "end", "must_sign_for", "propose", "resume", "sign", "suspend",
]  # fmt: skip


class AlreadySigned(history.Refused):
    """What somebody signed is not added to: a new version has to be signed by both."""


class NotNow(history.Refused):
    """The agreement is not in a state for this."""


class NotTheirs(history.Refused):
    """A rule is about the owner's services and rests on the same agreement's cover."""


@transaction.atomic
def propose(
    *,
    owner: Organisation,
    holder: Organisation | None,
    valid_from: date,
    valid_to: date | None,
    by: history.Actor,
    at: datetime,
) -> Agreement:
    """Put an agreement on the table; a null holder means families themselves. Raises NotAParty."""
    signatories.must_be_one_of(owner, holder, by=by, at=at)
    agreement = Agreement.objects.create(
        owner=owner, holder=holder, valid_from=valid_from, valid_to=valid_to
    )
    _record(agreement=agreement, verb="proposed", before="", by=by, at=at)
    return agreement


@transaction.atomic
def add_cover(
    *,
    agreement: Agreement,
    kind: CoverKind,
    valid_from: date,
    valid_to: date | None = None,
    insurer: str = "",
    policy_reference: str = "",
    amount_pence: int | None = None,
) -> Cover:
    """Record who bears the risk, and until when (amount in pence). Raises AlreadySigned."""
    _open(agreement)
    return Cover.objects.create(
        agreement=agreement,
        kind=kind,
        insurer=insurer,
        policy_reference=policy_reference,
        amount_pence=amount_pence,
        valid_from=valid_from,
        valid_to=valid_to,
    )


@transaction.atomic
def add_rules(
    *,
    agreement: Agreement,
    role: Role,
    steps: Iterable[Step],
    valid_from: date,
    service: Service | None = None,
    term: Term | None = None,
    cover: Cover | None = None,
    competence: str = "",
    limit_commission_pence: int | None = None,
    limit_family_year_pence: int | None = None,
    limit_year_pence: int | None = None,
) -> list[Rule]:
    """Let a role at the holder take these steps; limits in pence, null meaning none.

    Limits are about commissioning, so the rules for other steps have none. Raises NotTheirs,
    and AlreadySigned once anybody has signed.
    """
    _open(agreement)
    if service is not None and service.owner_id != agreement.owner_id:
        raise NotTheirs(_("This service belongs to another organisation than the agreement."))
    if cover is not None and cover.agreement_id != agreement.pk:
        raise NotTheirs(_("This cover was given for another agreement."))
    return Rule.objects.bulk_create(
        Rule(
            agreement=agreement,
            role=role,
            service=service,
            term=term,
            step=step,
            cover=cover,
            competence=competence,
            limit_commission_pence=limit_commission_pence if step == Step.COMMISSION else None,
            limit_family_year_pence=limit_family_year_pence if step == Step.COMMISSION else None,
            limit_year_pence=limit_year_pence if step == Step.COMMISSION else None,
            valid_from=valid_from,
        )
        for step in steps
    )


@transaction.atomic
def sign(
    *, agreement: Agreement, party: Organisation, by: history.Actor, at: datetime
) -> Agreement:
    """Sign for one party; the agreement holds once both have, and not for the days before.

    Signing again what is signed by both changes nothing. Raises NotAParty, NotNow.
    """
    agreement = _locked(agreement)
    must_sign_for(agreement=agreement, party=party, by=by, at=at)
    _must_be_another(agreement, party=party, by=by)
    if agreement.is_signed_by_both and agreement.state == AgreementState.SIGNED:
        return agreement
    day = timezone.localdate(at)
    if not agreement.is_on_the_table:
        raise NotNow(_("This agreement was stopped. Propose a new one."))
    if agreement.valid_to is not None and agreement.valid_to <= day:
        raise NotNow(_("The last day of this agreement has passed. Propose a new one."))
    if party.pk == agreement.owner_id and not agreement.owner_signed_at:
        agreement.owner_signed_at, agreement.owner_signed_by = at, by.reference
    if party.pk == agreement.holder_id and not agreement.holder_signed_at:
        agreement.holder_signed_at, agreement.holder_signed_by = at, by.reference
    before = agreement.state
    if agreement.is_signed_by_both:
        agreement.state = AgreementState.SIGNED
        agreement.valid_from = max(agreement.valid_from, day)
    agreement.save(
        update_fields=[
            "owner_signed_at", "owner_signed_by", "holder_signed_at", "holder_signed_by",
            "state", "valid_from",
        ]
    )  # fmt: skip
    if agreement.is_signed_by_both:
        lineages.carry_on(agreement=agreement)
    _record(agreement=agreement, verb="signed", before=before, by=by, at=at)
    return agreement


@transaction.atomic
def suspend(*, agreement: Agreement, by: history.Actor, at: datetime, words: str = "") -> Agreement:
    """Stop an agreement from today on; what was commissioned stands. Raises NotAParty, NotNow."""
    agreement = _locked(agreement)
    signatories.must_be_one_of(agreement.owner, agreement.holder, by=by, at=at)
    if agreement.state != AgreementState.SIGNED:
        raise NotNow(_("This agreement is not in force any more, or not yet."))
    Suspension.objects.create(
        agreement=agreement,
        starts_on=timezone.localdate(at),
        organisation=by.organisation,
        suspended_by=by.reference,
        words=words,
    )
    return _move(agreement, AgreementState.SUSPENDED, verb="suspended", by=by, at=at, words=words)


@transaction.atomic
def resume(*, agreement: Agreement, by: history.Actor, at: datetime) -> Agreement:
    """Let a suspended agreement hold again from today on. Raises NotNow, NotAParty.

    Only the organisation that suspended it can.
    """
    agreement = _locked(agreement)
    signatories.must_be_one_of(agreement.owner, agreement.holder, by=by, at=at)
    stopped = agreement.suspensions.filter(ends_on__isnull=True).first()
    if agreement.state != AgreementState.SUSPENDED or stopped is None:
        raise NotNow(_("This agreement is not suspended."))
    is_theirs = stopped.organisation in (None, by.organisation)
    if by.kind == history.ActorKind.PERSON and not is_theirs:
        raise NotAParty(_("Only the organisation that stopped this can let it go on."))
    stopped.ends_on = max(stopped.starts_on, timezone.localdate(at))
    stopped.save(update_fields=["ends_on"])
    return _move(agreement, AgreementState.SIGNED, verb="resumed", by=by, at=at)


@transaction.atomic
def end(*, agreement: Agreement, by: history.Actor, at: datetime, words: str = "") -> Agreement:
    """End an agreement for good, from today on; what was commissioned stands.

    Either party can. Raises NotAParty, NotNow.
    """
    agreement = _locked(agreement)
    signatories.must_be_one_of(agreement.owner, agreement.holder, by=by, at=at)
    if agreement.state == AgreementState.ENDED:
        raise NotNow(_("This agreement has ended already."))
    agreement.ended_on = timezone.localdate(at)
    agreement.save(update_fields=["ended_on"])
    return _move(agreement, AgreementState.ENDED, verb="ended", by=by, at=at, words=words)


def must_sign_for(
    *, agreement: Agreement, party: Organisation, by: history.Actor, at: datetime
) -> None:
    """Refuse whoever may not sign an agreement for a party. Raises NotAParty."""
    if party.pk not in (agreement.owner_id, agreement.holder_id):
        raise NotAParty(_("Only the two organisations in an agreement can sign it."))
    signatories.must_act_for(party, by=by, at=at)


def _must_be_another(agreement: Agreement, *, party: Organisation, by: history.Actor) -> None:
    """Refuse one person who would sign for both sides. Raises NotAParty."""
    is_owner = party.pk == agreement.owner_id
    other = agreement.holder_signed_by if is_owner else agreement.owner_signed_by
    if by.kind == history.ActorKind.PERSON and other == by.reference:
        raise NotAParty(_("You signed for the other side. Somebody else has to sign for this one."))


def _move(
    agreement: Agreement,
    after: AgreementState,
    *,
    verb: str,
    by: history.Actor,
    at: datetime,
    words: str = "",
) -> Agreement:
    was, agreement.state = agreement.state, after
    agreement.save(update_fields=["state"])
    _record(agreement=agreement, verb=verb, before=was, by=by, at=at, text=words)
    if agreement.pathway is not None:
        standing.settle(pathway=agreement.pathway, on=timezone.localdate(at))
    return agreement


def _locked(agreement: Agreement) -> Agreement:
    return Agreement.objects.select_for_update(no_key=True, of=("self",)).get(pk=agreement.pk)


def _open(agreement: Agreement) -> None:
    """Lock an agreement and make sure that its terms may still change."""
    found = _locked(agreement)
    if found.has_a_signature or not found.is_on_the_table:
        raise AlreadySigned(
            _("This is signed, so nothing can be added to it. Make a new version for both to sign.")
        )


def _record(
    *,
    agreement: Agreement,
    verb: str,
    before: str,
    by: history.Actor,
    at: datetime,
    text: str = "",
) -> None:
    history.record(
        by=by,
        at=at,
        verb=verb,
        subject_kind="agreement",
        subject=agreement.reference,
        from_state=before,
        to_state=agreement.state,
        text=text,
    )
