"""Where the addresses of the family's front door lead."""

from django.urls import path

from marketplace.pages.family import (
    answers,
    ask,
    choose,
    home,
    looks,
    money,
    plan,
    referral,
    requests,
    safety,
    sharing,
    who_helps,
)

urlpatterns = [
    path("", home.page, name="family_home"),
    path("money/", money.page, name="family_money"),
    path("plan/", plan.page, name="family_plan"),
    path("plan/add/", plan.add, name="family_goal_add"),
    path("plan/<uuid:reference>/", plan.goal, name="family_goal"),
    path("plan/<uuid:reference>/up/", plan.rise, name="family_goal_up"),
    path("plan/<uuid:reference>/reached/", plan.reached, name="family_goal_reached"),
    path("choose/", choose.page, name="family_choose"),
    path("choose/<slug:slug>/", ask.page, name="family_ask"),
    path("next/", requests.page, name="family_next"),
    path("next/<uuid:reference>/", referral.page, name="family_referral"),
    path("next/<uuid:reference>/yes/", answers.yes, name="family_yes"),
    path("next/<uuid:reference>/times/", answers.times, name="family_times"),
    path("next/<uuid:reference>/offer/", referral.take_offer, name="family_offer"),
    path("next/<uuid:reference>/no-offer/", referral.leave_offer, name="family_no_offer"),
    path("next/<uuid:reference>/stop/", referral.stop, name="family_stop"),
    path("next/<uuid:reference>/how/", referral.how, name="family_how"),
    path("helpers/", who_helps.page, name="family_helpers"),
    path("danger/", safety.ring, name="family_danger"),
    path("safety/", safety.page, name="family_safety"),
    path("helpers/choose/", who_helps.choose, name="family_choose_helper"),
    path("helpers/<uuid:reference>/end/", who_helps.end, name="family_end_helper"),
    path("looks/", looks.page, name="family_looks"),
    path("sharing/", sharing.page, name="family_sharing"),
    path("sharing/<uuid:reference>/stop/", sharing.stop, name="family_stop_sharing"),
]
