from marketplace.referrals.models.amendment import Amendment
from marketplace.referrals.models.application import Application
from marketplace.referrals.models.approval import Approval, ApprovalState
from marketplace.referrals.models.assessment import Assessment
from marketplace.referrals.models.draft import Draft
from marketplace.referrals.models.ending import Ending, GoalMet, WhatNext, WhyEnds
from marketplace.referrals.models.enquiry import Catchment, Enquiry, EnquiryEnd, Worry
from marketplace.referrals.models.pause import Pause, PauseReason
from marketplace.referrals.models.promise import GIVEN_KINDS, Promise, PromiseKind
from marketplace.referrals.models.referral import EndReason, Referral, Rung, YesHow, YesThrough
from marketplace.referrals.models.route import Route
from marketplace.referrals.models.step import Outcome, StepTaken
from marketplace.referrals.models.take import Take
from marketplace.referrals.models.turned_away import AgeBand, TurnedAway, TurningPoint

__all__ = [
    "GIVEN_KINDS",
    "AgeBand",
    "Amendment",
    "Application",
    "Approval",
    "ApprovalState",
    "Assessment",
    "Catchment",
    "Draft",
    "EndReason",
    "Ending",
    "Enquiry",
    "EnquiryEnd",
    "GoalMet",
    "Outcome",
    "Pause",
    "PauseReason",
    "Promise",
    "PromiseKind",
    "Referral",
    "Route",
    "Rung",
    "StepTaken",
    "Take",
    "TurnedAway",
    "TurningPoint",
    "WhatNext",
    "WhyEnds",
    "Worry",
    "YesHow",
    "YesThrough",
]
