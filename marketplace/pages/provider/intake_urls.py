"""Where the intake worker's addresses lead."""

from django.urls import URLPattern, path

from marketplace.pages.provider import inbox

urlpatterns: list[URLPattern] = [
    path("referrals/<uuid:reference>/", inbox.inbox, name="provider_referral"),
]
