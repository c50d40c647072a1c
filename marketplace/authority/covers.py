"""The cover behind an agreement: when it ends, who was told, and its renewal (report §5.4.3)."""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from budgets import history
from cms.models import Organisation
from marketplace.authority import agreements, signatories
from marketplace.authority.models import Agreement, Cover, CoverKind, CoverWarning, Rule
from marketplace.authority.models.agreement import CoverQuerySet
from marketplace.authority.models.rule import RuleQuerySet
from marketplace.notices import notices

WARNED_DAYS = (30, 14, 7, 0)
"""Days ahead of the end on which both are told; on the last, that it has ended."""


class TooLittle(history.Refused):
    """A renewal covers at least what both signed, and for longer; anything else is a new deal."""


def lapsing(*, on: date, within: int, organisation: Organisation | None = None) -> CoverQuerySet:
    """Return the covers that agreements rest on and that end within some days, the next first."""
    return _standing(on=on, organisation=organisation).lapsing(on=on, within=within)


def lapsed(*, on: date, organisation: Organisation | None = None) -> CoverQuerySet:
    """Return the covers that agreements in force rest on and that hold no more."""
    return _standing(on=on, organisation=organisation).lapsed(on)


def lapsed_rules(*, on: date, owner: Organisation | None = None) -> RuleQuerySet:
    """Return the rules in force on a day behind which no cover stands any more."""
    found = Rule.objects.in_force(on).filter(
        Q(cover__isnull=True) | Q(cover__valid_to__lte=on), agreement__holder__isnull=False
    )
    return found if owner is None else found.filter(agreement__owner=owner)


def uncovered_rules(*, on: date, owner: Organisation) -> RuleQuerySet:
    """Return the rules, of all versions, whose cover has lapsed and that no renewal carries on."""
    holds = Q(cover__valid_to__isnull=True) | Q(cover__valid_to__gt=on)
    carried = Rule.objects.in_force(on).filter(holds, cover__valid_from__lte=on)
    return Rule.objects.filter(
        agreement__owner=owner, agreement__holder__isnull=False, cover__valid_to__lte=on
    ).exclude(lineage__in=carried.values("lineage"))


@transaction.atomic
def renew(
    *,
    cover: Cover,
    valid_from: date,
    valid_to: date | None,
    by: history.Actor,
    at: datetime,
    insurer: str = "",
    policy_reference: str = "",
    amount_pence: int | None = None,
) -> Cover:
    """Record that whoever bears the risk is covered for longer; the terms stay as both signed.

    Each rule that rests on the cover goes on unchanged under the new one, with its totals, and
    what held on past days stays as it was. Raises NotAParty, NotNow, TooLittle.
    """
    cover = Cover.objects.select_for_update(no_key=True, of=("self",)).get(pk=cover.pk)
    agreement = cover.agreement
    bearer = agreement.owner if cover.kind == CoverKind.OWNER else agreement.holder
    signatories.must_act_for(bearer or agreement.owner, by=by, at=at)
    day = timezone.localdate(at)
    if not agreement.is_signed_by_both or Cover.objects.filter(renews=cover).exists():
        raise agreements.NotNow(_("This cover was renewed already, or nothing rests on it."))
    if (amount_pence or 0) < (cover.amount_pence or 0):
        raise TooLittle(_("This covers less than both of you signed. Make a new version for that."))
    if valid_to is not None and (valid_to <= day or valid_to <= valid_from):
        raise TooLittle(_("This cover would have ended already."))
    renewal = Cover.objects.create(
        agreement=agreement,
        kind=cover.kind,
        insurer=insurer or cover.insurer,
        policy_reference=policy_reference,
        amount_pence=amount_pence,
        valid_from=valid_from,
        valid_to=valid_to,
        renews=cover,
    )
    _carry_on(cover=cover, renewal=renewal, start=max(valid_from, day))
    _record(agreement=agreement, by=by, at=at)
    _tell(agreement, kind="agreement_changed", at=at)
    return renewal


def warn(*, at: datetime) -> int:
    """Tell both parties of every cover that ends soon or has ended: once at each of its marks.

    Returns how many covers somebody was told of. A night that was missed is made up for.
    """
    day = timezone.localdate(at)
    due = _standing(on=day).filter(valid_to__lte=day + timedelta(days=max(WARNED_DAYS)))
    return sum(_warn(cover, at=at) for cover in due)


@transaction.atomic
def _warn(cover: Cover, *, at: datetime) -> bool:
    locked = Cover.objects.select_for_update(no_key=True, of=("self",)).get(pk=cover.pk)
    assert locked.valid_to is not None  # it was found by its end
    left = (locked.valid_to - timezone.localdate(at)).days
    marks = [mark for mark in WARNED_DAYS if left <= mark]
    told = set(locked.warnings.values_list("days", flat=True))
    if min(marks) in told:
        return False
    CoverWarning.objects.bulk_create(
        CoverWarning(cover=locked, days=mark, at=at) for mark in marks if mark not in told
    )
    _tell(locked.agreement, kind="cover_ends" if left > 0 else "cover_ended", at=at)
    return True


def _standing(*, on: date, organisation: Organisation | None = None) -> CoverQuerySet:
    """Return the covers that rules in force rest on, the first to end first."""
    found = (
        Cover.objects.filter(
            pk__in=Rule.objects.in_force(on).filter(cover__isnull=False).values("cover"),
            valid_to__isnull=False,
            renewed_by__isnull=True,
        )
        .select_related("agreement__owner", "agreement__holder", "agreement__pathway__service")
        .prefetch_related("warnings")
        .order_by("valid_to", "pk")
    )
    if organisation is None:
        return found
    return found.filter(Q(agreement__owner=organisation) | Q(agreement__holder=organisation))


def _carry_on(*, cover: Cover, renewal: Cover, start: date) -> None:
    on_it = cover.rules.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=start))
    for rule in on_it.order_by("pk"):
        until, rule.valid_to = rule.valid_to, max(start, rule.valid_from)
        rule.save(update_fields=["valid_to"])
        Rule.objects.create(
            agreement=rule.agreement,
            lineage=rule.lineage,
            role=rule.role,
            service=rule.service,
            term=rule.term,
            step=rule.step,
            limit_commission_pence=rule.limit_commission_pence,
            limit_family_year_pence=rule.limit_family_year_pence,
            limit_year_pence=rule.limit_year_pence,
            cover=renewal,
            competence=rule.competence,
            valid_from=rule.valid_to,
            valid_to=until,
        )


def _record(*, agreement: Agreement, by: history.Actor, at: datetime) -> None:
    history.record(
        by=by,
        at=at,
        verb="cover_renewed",
        subject_kind="agreement",
        subject=agreement.reference,
        from_state=agreement.state,
        to_state=agreement.state,
    )


def _tell(agreement: Agreement, *, kind: str, at: datetime) -> None:
    pathway = agreement.pathway
    parties = [party for party in (agreement.owner, agreement.holder) if party]
    notices.tell(
        users=signatories.of(*parties, at=at),
        kind=kind,
        subject_kind="pathway" if pathway else "agreement",
        subject=pathway.reference if pathway else agreement.reference,
        at=at,
    )
