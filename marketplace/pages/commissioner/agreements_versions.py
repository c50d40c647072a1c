"""Every version of a cell, and what each changed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cms.models import Step
from marketplace.authority.models import Agreement, AgreementState, Cover, Offer, Rule
from marketplace.pages.commissioner.agreements_answers import standing_answer
from marketplace.people.roles import Role
from pricing import money

VERDICTS = {"": "", "yes": gettext_lazy("yes"), "no": gettext_lazy("no")}


@dataclass(frozen=True)
class Term:
    """What a version says about one role and step."""

    role: str
    step: str
    verdict: str
    """yes, no, or nothing where it waits for its answer."""
    competence: str
    limits: tuple[int | None, int | None, int | None]
    cover: str
    risk: str
    risk_words: str
    words: str

    @property
    def name(self) -> str:
        """Return the role and the step in words."""
        return f"{Role(self.role).label}: {Step(self.step).label}"

    @property
    def competence_words(self) -> str:
        """Return the qualification in words."""
        return self.competence.replace("_", " ")

    @property
    def limits_words(self) -> str:
        """Return the limits in words; nothing where there is none."""
        shown = (_("%(sum)s a time"), _("%(sum)s a family and year"), _("%(sum)s a year in all"))
        return ", ".join(
            words % {"sum": money.show(pence)}
            for words, pence in zip(shown, self.limits, strict=True)
            if pence is not None
        )


@dataclass(frozen=True)
class Entry:
    """One version, as the page tells it."""

    title: str
    state: str
    tone: str
    signed: tuple[str, ...]
    days: str
    terms: tuple[Term, ...]
    changes: tuple[str, ...]


def entries(versions: Sequence[Agreement], *, before: Iterable[Rule]) -> list[Entry]:
    """Return versions, newest first, then what was agreed before the table was used."""
    found, older = [], [*versions, None][1:]
    for version, last in zip(versions, older, strict=True):
        terms = terms_of(version)
        changes = _changes(terms_of(last), terms) if last is not None else ()
        found.append(_entry(version, _("Version %(n)s") % {"n": version.version}, terms, changes))
    agreements: dict[int, list[Rule]] = {}
    for rule in before:
        agreements.setdefault(rule.agreement_id, []).append(rule)
    for rules in agreements.values():
        terms = tuple(term_of_rule(rule) for rule in rules)
        found.append(_entry(rules[0].agreement, _("Agreement"), terms, ()))
    return found


def terms_of(version: Agreement) -> tuple[Term, ...]:
    """Return a version's lines, with the answers that stand; all must have been fetched."""
    return tuple(_term_of_offer(offer) for offer in version.offers.all())


def cover_words(cover: Cover | None) -> str:
    """Return who bears the risk, by whom it is insured, for how much and until when."""
    if cover is None:
        return ""
    parts = [str(cover.get_kind_display())]
    if cover.insurer:
        parts.append(f"{cover.insurer} {cover.policy_reference}".strip())
    if cover.amount_pence:
        parts.append(money.show(cover.amount_pence))
    if cover.valid_to:
        parts.append(_("until %(day)s") % {"day": dated(cover.valid_to)})
    return ", ".join(parts)


def dated(day: date) -> str:
    """Return a day with its year, for what is kept: 3 June 2026."""
    return date_format(day, "j F Y", use_l10n=False)


def _term_of_offer(offer: Offer) -> Term:
    answer = standing_answer(offer)
    said = "" if answer is None else ("yes" if answer.accepted else "no")
    return Term(
        role=offer.role,
        step=offer.step,
        verdict=said,
        competence=answer.competence if answer and answer.accepted else offer.competence,
        limits=_limits(answer),
        cover=cover_words(answer.cover) if answer else "",
        risk=str(answer.get_risk_display()) if answer and answer.risk else "",
        risk_words=answer.risk_words if answer else "",
        words=offer.words,
    )


def term_of_rule(rule: Rule) -> Term:
    """Return what a rule says; its cover must have been fetched."""
    return Term(
        role=rule.role,
        step=rule.step,
        verdict="yes",
        competence=rule.competence,
        limits=_limits(rule),
        cover=cover_words(rule.cover),
        risk="",
        risk_words="",
        words="",
    )


def _limits(row: object) -> tuple[int | None, int | None, int | None]:
    names = ("limit_commission_pence", "limit_family_year_pence", "limit_year_pence")
    commission, family, year = (getattr(row, name, None) for name in names)
    return commission, family, year


def _entry(
    version: Agreement, title: str, terms: tuple[Term, ...], changes: tuple[str, ...]
) -> Entry:
    is_void = version.state == AgreementState.ENDED and not version.is_signed_by_both
    words = _("Replaced or taken back") if is_void else str(version.get_state_display())
    tones = {AgreementState.SIGNED: "good", AgreementState.SUSPENDED: "stop"}
    has_ended = version.is_signed_by_both and version.ended_on is not None
    return Entry(
        title=title,
        state=_("Ended") if has_ended else words,
        tone="plain" if has_ended else tones.get(AgreementState(version.state), "plain"),
        signed=tuple(_signatures(version)),
        days="" if is_void or not version.is_signed_by_both else _days(version),
        terms=terms,
        changes=changes,
    )


def _signatures(version: Agreement) -> Iterable[str]:
    signatures = [(version.owner.name, version.owner_signed_at)]
    if version.holder is not None and version.holder_id != version.owner_id:
        signatures.append((version.holder.name, version.holder_signed_at))
    for name, at in signatures:
        if at is not None:
            shown = {"organisation": name, "day": dated(timezone.localdate(at))}
            yield _("Signed by %(organisation)s on %(day)s") % shown


def _days(version: Agreement) -> str:
    words = _("Holds from %(day)s") % {"day": dated(version.valid_from)}
    ends = min((day for day in (version.valid_to, version.ended_on) if day), default=None)
    if ends is None:
        return words
    start = {"start": dated(version.valid_from), "end": dated(ends)}
    return _("Held from %(start)s until %(end)s") % start


def _changes(before: Iterable[Term], after: Iterable[Term]) -> tuple[str, ...]:
    """Return what one version says that the one before did not."""
    was = {(term.role, term.step): term for term in before}
    now = {(term.role, term.step): term for term in after}
    found = [_("Added: %(line)s") % {"line": now[key].name} for key in now if key not in was]
    found += [_("Gone: %(line)s") % {"line": was[key].name} for key in was if key not in now]
    for key in now:
        if key in was:
            found += _difference(was[key], now[key])
    return tuple(found) or (_("The same lines as before"),)


def _difference(was: Term, now: Term) -> Iterable[str]:
    pairs = (
        (_("limits"), was.limits_words, now.limits_words),
        (_("qualification"), was.competence, now.competence),
        (_("cover"), was.cover, now.cover),
        (_("answer"), VERDICTS[was.verdict], VERDICTS[now.verdict]),
    )
    for what, old, new in pairs if now.verdict else ():
        if old != new:
            shown = {"line": now.name, "what": what, "old": old or "–", "new": new or "–"}
            yield _("%(line)s: %(what)s from %(old)s to %(new)s") % shown
