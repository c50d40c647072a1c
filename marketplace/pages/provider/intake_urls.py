"""Where the intake worker's addresses lead."""

from django.urls import URLPattern, path

from marketplace.pages.provider import intake

urlpatterns: list[URLPattern] = [
    path("referrals/<uuid:reference>/", intake.referral, name="provider_referral"),
    path("referrals/<uuid:reference>/step/<slug:step>/", intake.step, name="provider_step"),
    path("referrals/<uuid:reference>/decline/", intake.decline, name="provider_decline_referral"),
]
