"""The acts on a referral as a page offers them: a form where something is asked, else a button."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from budgets import history
from cms.models import Organisation, Step
from marketplace.authority import authority
from marketplace.pages.advocate import questions, step_forms
from marketplace.referrals import acts, applications, commissions, referrals
from marketplace.referrals.models import Referral

BUTTONS: dict[str, object] = {
    Step.CHECK_ELIGIBILITY: gettext_lazy("Check who can have it"),
    Step.TAKE_APPLICATION: gettext_lazy("Send the form"),
    Step.DECIDE_ELIGIBILITY: gettext_lazy("Decide: yes, they can have it"),
    Step.ASSESS: gettext_lazy("Save how much"),
    Step.DIAGNOSE: gettext_lazy("Note that the cause is found"),
    Step.COMMISSION: gettext_lazy("Set the money aside"),
}
TITLES: dict[str, object] = {
    Step.CHECK_ELIGIBILITY: gettext_lazy("Check who can have it"),
    Step.TAKE_APPLICATION: gettext_lazy("Take the application"),
    Step.DECIDE_ELIGIBILITY: gettext_lazy("Decide who can have it"),
    Step.ASSESS: gettext_lazy("Work out how much"),
    Step.DIAGNOSE: gettext_lazy("Find the cause"),
    Step.COMMISSION: gettext_lazy("Set the money aside"),
    Step.BOOK: gettext_lazy("Agree a time"),
}
# What is said elsewhere on the page: a yes and an approval have forms of their own.
OWN_FORMS = {"no_yes", "not_weighed", "too_early"}


@dataclass(frozen=True)
class Shown:
    """One act on a page."""

    act: acts.Act
    title: str
    button: str
    form: forms.Form | None
    reasons: list[str]
    is_next: bool
    needs_yes: bool
    needs_weighing: bool = False

    @property
    def who(self) -> tuple[authority.WhoCan, ...]:
        """Return who can, where she cannot."""
        return self.act.who_can[:4]

    @property
    def first_who(self) -> authority.WhoCan | None:
        """Return the first who can: the owner, or the provider."""
        return self.act.who_can[0] if self.act.who_can else None


def shown(
    *,
    referral: Referral,
    by: history.Actor,
    at: datetime,
    bound: Mapping[str, forms.Form] | None = None,
    told_to: Organisation | None = None,
) -> list[Shown]:
    """Return every act still to take, allowed or refused, with the form of the next one.

    `told_to` fills the form in only with what that owner was told.
    """
    found = []
    for position, act in enumerate(acts.available(referral=referral, by=by, at=at)):
        codes = {reason.code for reason in act.reasons}
        form = (bound or {}).get(act.step)
        if form is None and position == 0 and act.allowed:
            form = form_for(step=act.step, referral=referral, at=at, told_to=told_to)
        found.append(
            Shown(
                act=act,
                title=str(TITLES[act.step]),
                button=str(BUTTONS.get(act.step, "")),
                form=form if form is not None and form.fields else None,
                reasons=[one.sentence for one in act.reasons if one.code not in OWN_FORMS],
                is_next=position == 0,
                needs_yes="no_yes" in codes and "too_early" not in codes,
                needs_weighing="not_weighed" in codes and "too_early" not in codes,
            )
        )
    return found


def form_for(
    *,
    step: str,
    referral: Referral,
    at: datetime,
    data: Any = None,
    told_to: Organisation | None = None,
) -> forms.Form:
    """Return the form of one act; without fields where it only takes a button."""
    return step_forms.of(steps=[step], referral=referral, at=at, data=data, told_to=told_to)


def take(
    *, step: str, referral: Referral, form: forms.Form, by: history.Actor, at: datetime
) -> Referral:
    """Take one step with a valid form's answers. Raises what the step raises."""
    if step == Step.CHECK_ELIGIBILITY:
        return referrals.check_eligibility(
            referral=referral, answers=questions.facts(form), by=by, at=at
        )
    if step == Step.TAKE_APPLICATION:
        return referrals.apply(
            referral=referral,
            answers=questions.answers(form),
            basis=applications.basis_for(referral),
            by=by,
            at=at,
        )
    if step == Step.DECIDE_ELIGIBILITY:
        return referrals.decide_eligibility(
            referral=referral, answers=questions.facts(form), by=by, at=at
        )
    if step == Step.ASSESS:
        given = step_forms.given(form)
        return referrals.assess(
            referral=referral,
            quantity=given.quantity,
            answers=given.facts,
            reason=given.reason,
            by=by,
            at=at,
        )
    if step == Step.DIAGNOSE:
        return referrals.diagnose(referral=referral, by=by, at=at)
    return commissions.commission(referral=referral, by=by, at=at)
