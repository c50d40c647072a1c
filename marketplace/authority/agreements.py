"""Agreements between an owner and a holder: proposed, signed by both, suspended, ended."""

from collections.abc import Iterable
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from budgets import history
from cms.models import Organisation, Service, Step, Term
from marketplace.authority.models import Agreement, AgreementState, Cover, CoverKind, Rule
from marketplace.people.roles import Role

SIGNABLE = (AgreementState.PROPOSED, AgreementState.ANSWERED)


class NotAParty(history.Refused):
    """Only the owner and the holder sign an agreement, each for itself."""


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
    """Put an agreement on the table; a null holder means families themselves."""
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
    """Record who bears the risk, and until when (amount in pence)."""
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

    Limits are about commissioning, so the rules for other steps have none. Raises NotTheirs.
    """
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
    """Sign for one party; the agreement is live once both have. Raises NotAParty, NotNow.

    Signing again what is signed by both changes nothing.
    """
    agreement = Agreement.objects.select_for_update(no_key=True).get(pk=agreement.pk)
    _must_be_party(agreement=agreement, party=party, by=by)
    if agreement.state == AgreementState.SIGNED:
        return agreement
    if agreement.state not in SIGNABLE:
        raise NotNow(_("This agreement was stopped. Propose a new one."))
    if party.pk == agreement.owner_id:
        agreement.owner_signed_at = agreement.owner_signed_at or at
    if party.pk == agreement.holder_id:
        agreement.holder_signed_at = agreement.holder_signed_at or at
    before = agreement.state
    if agreement.owner_signed_at and (agreement.holder_id is None or agreement.holder_signed_at):
        agreement.state = AgreementState.SIGNED
    agreement.save(update_fields=["owner_signed_at", "holder_signed_at", "state"])
    _record(agreement=agreement, verb="signed", before=before, by=by, at=at)
    return agreement


def suspend(*, agreement: Agreement, by: history.Actor, at: datetime) -> Agreement:
    """Stop an agreement at once; what was commissioned stands. Raises NotNow."""
    return _move(
        agreement=agreement,
        verb="suspended",
        before=(AgreementState.SIGNED,),
        after=AgreementState.SUSPENDED,
        by=by,
        at=at,
    )


def resume(*, agreement: Agreement, by: history.Actor, at: datetime) -> Agreement:
    """Let a suspended agreement hold again. Raises NotNow."""
    return _move(
        agreement=agreement,
        verb="resumed",
        before=(AgreementState.SUSPENDED,),
        after=AgreementState.SIGNED,
        by=by,
        at=at,
    )


def end(*, agreement: Agreement, by: history.Actor, at: datetime) -> Agreement:
    """End an agreement for good; what was commissioned stands. Raises NotNow."""
    return _move(
        agreement=agreement,
        verb="ended",
        before=(*SIGNABLE, AgreementState.SIGNED, AgreementState.SUSPENDED),
        after=AgreementState.ENDED,
        by=by,
        at=at,
    )


@transaction.atomic
def _move(
    *,
    agreement: Agreement,
    verb: str,
    before: Iterable[str],
    after: AgreementState,
    by: history.Actor,
    at: datetime,
) -> Agreement:
    agreement = Agreement.objects.select_for_update(no_key=True).get(pk=agreement.pk)
    if agreement.state not in before:
        raise NotNow(_("This agreement is not in force any more, or not yet."))
    was, agreement.state = agreement.state, after
    agreement.save(update_fields=["state"])
    _record(agreement=agreement, verb=verb, before=was, by=by, at=at)
    return agreement


def _must_be_party(*, agreement: Agreement, party: Organisation, by: history.Actor) -> None:
    if party.pk not in (agreement.owner_id, agreement.holder_id):
        raise NotAParty(_("Only the two organisations in an agreement can sign it."))
    if by.kind == history.ActorKind.PERSON and by.organisation != party.reference:
        raise NotAParty(_("Somebody who works there has to sign for that organisation."))


def _record(
    *, agreement: Agreement, verb: str, before: str, by: history.Actor, at: datetime
) -> None:
    history.record(
        by=by,
        at=at,
        verb=verb,
        subject_kind="agreement",
        subject=agreement.reference,
        from_state=before,
        to_state=agreement.state,
    )
