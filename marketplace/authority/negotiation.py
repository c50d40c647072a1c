"""The beats of the guided path: laying out lines, weighing them, and writing what was agreed."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from budgets import history
from cms.models import Organisation, Process, Service, Step
from marketplace.authority import agreements
from marketplace.authority.models import (
    Agreement,
    AgreementState,
    Answer,
    Cover,
    CoverKind,
    Offer,
    Pathway,
    Risk,
    Rule,
)
from marketplace.people.roles import Role

ON_THE_TABLE = (AgreementState.PROPOSED, AgreementState.ANSWERED)


class NotListed(history.Refused):
    """The service has not said that it needs this step."""


class OwnService(history.Refused):
    """Nobody offers to an organisation what it owns itself."""


class NotAnswerable(history.Refused):
    """An answer lacks something: the risk, the cover, or who is qualified."""


class Changed(history.Refused):
    """What lies on the table was answered again since the signer read it."""


@dataclass(frozen=True)
class Line:
    """A step that a role at the holder has the skill for; for one service, or for all asked."""

    role: Role
    step: Step
    competence: str = ""
    words: str = ""
    service: Service | None = None


@dataclass(frozen=True)
class CoverTerms:
    """Who bears the risk: kind, and for insurance by whom, how much (pence) and until when."""

    kind: CoverKind
    insurer: str = ""
    policy_reference: str = ""
    amount_pence: int | None = None
    expires_on: date | None = None


@dataclass(frozen=True)
class LineAnswer:
    """The owner's answer to one line, named by its reference; limits in pence, null for none.

    `competence` is what the owner asks for, where that is more than what was offered.
    """

    offer: uuid.UUID
    accepted: bool
    risk: Risk | None = None
    risk_words: str = ""
    competence: str = ""
    cover: CoverTerms | None = None
    limit_commission_pence: int | None = None
    limit_family_year_pence: int | None = None
    limit_year_pence: int | None = None


def must_be_listed(service: Service) -> set[str]:
    """Return the steps that a service says it needs. Raises NotListed where it names none."""
    steps = set(Process.objects.filter(service=service).values_list("step", flat=True))
    if not steps:
        raise NotListed(
            _("“%(service)s” has not said which steps it needs. List them in the catalogue first.")
            % {"service": service.name}
        )
    return steps


def lay_out(*, pathway: Pathway, lines: Sequence[Line], at: datetime) -> Agreement:
    """Put a new version of a locked cell on the table, with its lines. Raises NotListed."""
    service, steps = pathway.service, must_be_listed(pathway.service)
    own = [line for line in lines if line.service is not None and line.service.pk == service.pk]
    if any(line.step not in steps for line in own):
        raise NotListed(_("“%(service)s” does not need that step.") % {"service": service.name})
    shared = [line for line in lines if line.service is None and line.step in steps]
    wanted = {(line.role, line.step): line for line in (*shared, *own)}
    if not wanted:
        raise NotListed(
            _("Say at least one step that “%(service)s” needs.") % {"service": service.name}
        )
    last = pathway.versions.order_by("-version").first()
    version = Agreement.objects.create(
        owner=service.owner,
        holder=pathway.holder,
        pathway=pathway,
        version=last.version + 1 if last else 1,
        valid_from=timezone.localdate(at),
    )
    Offer.objects.bulk_create(
        Offer(
            agreement=version,
            role=line.role,
            step=line.step,
            competence=line.competence,
            words=line.words,
            offered_at=at,
        )
        for line in wanted.values()
    )
    return version


def clear_table(*, pathway: Pathway, on: date) -> Agreement | None:
    """Take what lies on the table of a locked cell off it, and return it; it is kept."""
    version = pathway.versions.filter(state__in=ON_THE_TABLE).first()
    if version is not None:
        version.state, version.ended_on = AgreementState.ENDED, on
        version.save(update_fields=["state", "ended_on"])
    return version


def by_version(answers: Iterable[LineAnswer]) -> dict[Agreement, list[LineAnswer]]:
    """Return the answers by the version they are about, in the order of their cells.

    The order is the order of locks. Raises NotAnswerable for a line that nobody offered.
    """
    said = {each.offer: each for each in answers}
    offers = Offer.objects.filter(reference__in=said).select_related("agreement__pathway")
    found: dict[Agreement, list[LineAnswer]] = {}
    for offered in offers.order_by("agreement__pathway", "pk"):
        found.setdefault(offered.agreement, []).append(said.pop(offered.reference))
    if said or not found:
        raise NotAnswerable(_("Say yes or no to a line that was offered."))
    return found


def on_the_table(pathway: Pathway, version: Agreement) -> Agreement:
    """Return a version of a locked cell that may still be answered. Raises NotNow."""
    found = Agreement.objects.get(pk=version.pk)
    if found.has_a_signature or not found.is_on_the_table or found.pathway_id != pathway.pk:
        raise agreements.NotNow(
            _("This version was signed, withdrawn or replaced. Look at the newest one.")
        )
    return found


def weigh(
    *,
    version: Agreement,
    said: LineAnswer,
    cover: CoverTerms | None,
    by: history.Actor,
    at: datetime,
) -> Answer:
    """Write the answer to one line; the answer before is kept. Raises NotAnswerable."""
    offered = version.offers.get(reference=said.offer)
    terms = said.cover or cover
    _must_be_whole(offered=offered, said=said, terms=terms, on=timezone.localdate(at))
    is_money = said.accepted and offered.step == Step.COMMISSION
    offered.answers.filter(replaced_at__isnull=True).update(replaced_at=at)
    return Answer.objects.create(
        offer=offered,
        accepted=said.accepted,
        risk=said.risk or "",
        risk_words=said.risk_words,
        competence=(said.competence or offered.competence) if said.accepted else "",
        cover=_cover(version=version, terms=terms, at=at) if said.accepted and terms else None,
        limit_commission_pence=said.limit_commission_pence if is_money else None,
        limit_family_year_pence=said.limit_family_year_pence if is_money else None,
        limit_year_pence=said.limit_year_pence if is_money else None,
        answered_by=by.reference,
        answered_at=at,
    )


def close_if_answered(*, version: Agreement, starts_on: date | None, at: datetime) -> None:
    """Mark a version as answered once every one of its lines is."""
    version.answered_at = at
    if starts_on is not None:
        version.valid_from = max(starts_on, timezone.localdate(at))
    answered = Answer.objects.filter(offer__agreement=version, replaced_at__isnull=True)
    if answered.count() == version.offers.count():
        version.state = AgreementState.ANSWERED
    version.save(update_fields=["answered_at", "state", "valid_from"])


def ready(pathway: Pathway, *, seen: datetime | None) -> Agreement:
    """Return the version of a locked cell that can be signed. Raises NotNow, Changed."""
    version = pathway.versions.filter(state=AgreementState.ANSWERED).first()
    if version is None:
        raise agreements.NotNow(_("Every line has to be answered before anybody signs."))
    if not _accepted(version):
        raise agreements.NotNow(_("Nothing was accepted here, so there is nothing to sign."))
    if seen is not None and version.answered_at is not None and version.answered_at > seen:
        raise Changed(_("The answers changed since you read them. Please read them again."))
    return version


def sign(*, version: Agreement, party: Organisation, by: history.Actor, at: datetime) -> Agreement:
    """Sign a version for a party; write its rules with the second signature. Raises NotAParty."""
    before = Agreement.objects.get(pk=version.pk)
    agreements.must_sign_for(agreement=before, party=party, by=by, at=at)
    other = before.holder_signed_at if party.pk == before.owner_id else before.owner_signed_at
    if other is not None:
        # In the same transaction, and before the second name stands under it.
        start = max(before.valid_from, timezone.localdate(at))
        _replace(version=before, start=start)
        _write_rules(version=before, start=start)
    return agreements.sign(agreement=before, party=party, by=by, at=at)


def lasting(pathway: Pathway, *, on: date) -> list[Agreement]:
    """Return the versions that both signed and that have not ended, begun or not."""
    found: list[Agreement] = list(
        pathway.versions.filter(
            Q(valid_to__isnull=True) | Q(valid_to__gt=on),
            Q(ended_on__isnull=True) | Q(ended_on__gt=on),
            state__in=(AgreementState.SIGNED, AgreementState.SUSPENDED),
        ).order_by("version")
    )
    return found


def _must_be_whole(*, offered: Offer, said: LineAnswer, terms: CoverTerms | None, on: date) -> None:
    if not said.accepted:
        return
    if not said.risk:
        raise NotAnswerable(_("Say whether the risk is low, medium or high."))
    if terms is None:
        raise NotAnswerable(_("Say who bears the risk before you say yes."))
    if offered.step == Step.DIAGNOSE and not (said.competence or offered.competence):
        raise NotAnswerable(_("Diagnosis needs a role with a named qualification."))
    is_insured = terms.kind == CoverKind.INSURED
    if is_insured and not (terms.insurer and terms.amount_pence and terms.expires_on):
        raise NotAnswerable(_("Insurance names the insurer, the amount and the day it ends."))
    if terms.expires_on is not None and terms.expires_on <= on:
        raise NotAnswerable(_("This cover has run out already."))


def _cover(*, version: Agreement, terms: CoverTerms, at: datetime) -> Cover:
    """Return the version's cover on these terms; lines with the same terms share one row."""
    cover, _is_new = Cover.objects.get_or_create(
        agreement=version,
        kind=terms.kind,
        insurer=terms.insurer,
        policy_reference=terms.policy_reference,
        amount_pence=terms.amount_pence,
        valid_to=terms.expires_on,
        defaults={"valid_from": timezone.localdate(at)},
    )
    return cover


def _accepted(version: Agreement) -> list[Answer]:
    return list(
        Answer.objects.filter(offer__agreement=version, replaced_at__isnull=True, accepted=True)
        .select_related("offer")
        .order_by("offer")
    )


def _write_rules(*, version: Agreement, start: date) -> None:
    assert version.pathway is not None  # only cells are negotiated
    Rule.objects.bulk_create(
        Rule(
            agreement=version,
            role=answer.offer.role,
            step=answer.offer.step,
            service=version.pathway.service,
            cover=answer.cover,
            competence=answer.competence,
            limit_commission_pence=answer.limit_commission_pence,
            limit_family_year_pence=answer.limit_family_year_pence,
            limit_year_pence=answer.limit_year_pence,
            valid_from=start,
        )
        for answer in _accepted(version)
    )


def _replace(*, version: Agreement, start: date) -> None:
    """End what held between the two on this service: the version before, and older rules."""
    assert version.pathway is not None  # only cells are negotiated
    on_it = Rule.objects.filter(
        Q(valid_to__isnull=True) | Q(valid_to__gt=start),
        service=version.pathway.service,
        agreement__owner=version.owner_id,
        agreement__holder=version.holder_id,
    ).exclude(agreement=version)
    for rule in on_it:
        rule.valid_to = max(start, rule.valid_from)
        rule.save(update_fields=["valid_to"])
    for before in lasting(version.pathway, on=start):
        before.ended_on = start
        before.save(update_fields=["ended_on"])
