from marketplace.referrals.models.application import Application
from marketplace.referrals.models.approval import Approval, ApprovalState
from marketplace.referrals.models.promise import Promise, PromiseKind
from marketplace.referrals.models.referral import EndReason, Referral, Rung, YesHow
from marketplace.referrals.models.step import Outcome, StepTaken

__all__ = [
    "Application",
    "Approval",
    "ApprovalState",
    "EndReason",
    "Outcome",
    "Promise",
    "PromiseKind",
    "Referral",
    "Rung",
    "StepTaken",
    "YesHow",
]
