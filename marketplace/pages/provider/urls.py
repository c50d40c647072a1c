"""Where the addresses of the provider's front door lead."""

from django.urls import URLPattern, path

from marketplace.pages.commissioner import agreements_urls
from marketplace.pages.provider import (
    bookings,
    calendar,
    entries,
    inbox,
    intake_urls,
    payments,
    prices,
    services,
    sessions,
)

urlpatterns: list[URLPattern] = [
    path("", inbox.home, name="provider_home"),
    path("inbox/", inbox.inbox, name="provider_inbox"),
    path("inbox/take/", inbox.take, name="provider_take"),
    *intake_urls.urlpatterns,
    path("bookings/new/<uuid:reference>/", bookings.propose, name="provider_offer"),
    path("bookings/<uuid:reference>/", bookings.show, name="provider_booking"),
    path("bookings/<uuid:reference>/accept/", bookings.accept, name="provider_accept"),
    path("bookings/<uuid:reference>/decline/", bookings.decline, name="provider_decline"),
    path("bookings/<uuid:reference>/offer/", bookings.offer, name="provider_offer_other"),
    path("bookings/<uuid:reference>/cancel/", bookings.cancel, name="provider_cancel"),
    path("calendar/", calendar.calendar, name="provider_calendar"),
    path("sessions/", sessions.overview, name="provider_sessions"),
    path("sessions/<uuid:reference>/", sessions.record, name="provider_session"),
    path("payments/", payments.statement, name="provider_payments"),
    *agreements_urls.behind("provider"),
    path("services/", services.overview, name="provider_services"),
    path("services/<uuid:reference>/", services.show, name="provider_service"),
    path("services/<uuid:reference>/times/", services.open_times, name="provider_times"),
    path("services/<uuid:reference>/closure/", services.close_times, name="provider_closure"),
    path("services/<uuid:reference>/price/", prices.show, name="provider_price"),
    path(
        "services/<uuid:reference>/price/<uuid:asked>/take-back/",
        prices.take_back,
        name="provider_price_take_back",
    ),
    path("services/new/", entries.add, name="provider_new"),
    path("services/<uuid:reference>/change/", entries.change, name="provider_change"),
    path(
        "services/<uuid:reference>/change/<slug:section>/",
        entries.change,
        name="provider_change_section",
    ),
    path("services/<uuid:reference>/place/", entries.add_place, name="provider_place"),
    path("services/<uuid:reference>/criteria/", entries.suggest, name="provider_criteria"),
]
