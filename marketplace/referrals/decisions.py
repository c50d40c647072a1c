"""What a decision rested on, for whoever judges afterwards if it was right: nobody is named."""

from dataclasses import dataclass
from uuid import UUID

from django.utils import timezone

from budgets.models import Event
from cms.models import Step
from marketplace.referrals import eligibility, facts
from marketplace.referrals.models import Application, Referral, StepTaken


@dataclass(frozen=True)
class Rested:
    """One rule of the service, and whether it was met, as far as the service knew that day."""

    sentence: str
    met: bool | None


@dataclass(frozen=True)
class Decided:
    """What was known, rule by rule, and for how much; a secret is judged by neither."""

    rested: tuple[Rested, ...] = ()
    amount_pence: int | None = None
    is_secret: bool = False


def of(*, event: UUID, subject: UUID, step: str) -> Decided:
    """Return what one decision on a referral rested on, by the line of history that tells of it.

    Answers and names stay in the record: of each rule only yes, no or not known.
    """
    referral = Referral.objects.filter(reference=subject).with_names().first()
    line = Event.objects.filter(reference=event, subject=subject).first()
    if referral is None or line is None:
        return Decided()
    if referral.is_confidential:
        return Decided(is_secret=True)
    day = timezone.localdate(line.at)
    checked = StepTaken.objects.filter(referral=referral, at__lte=line.at).values_list("facts")
    told = Application.objects.filter(referral=referral, sent_at__lte=line.at)
    known: dict[str, object] = {}
    for (answers,) in [*checked.order_by("at", "pk"), *told.values_list("answers")]:
        known |= answers
    known |= facts.held(person=referral.person, day=day, told_to=referral.service.owner)
    known |= facts.recorded(person=referral.person, family=referral.family, day=day)
    said = eligibility.evaluate(facts.criteria_on(service=referral.service, day=day), known)
    is_money = step == Step.COMMISSION and referral.quote is not None
    return Decided(
        rested=tuple(Rested(one.criterion.sentence, one.met) for one in said.answers),
        amount_pence=referral.quote.total_pence if is_money and referral.quote else None,
    )
