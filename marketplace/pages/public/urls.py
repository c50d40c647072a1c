"""Where the addresses that need no sign-in lead."""

from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import TemplateView

from marketplace.pages.public import (
    ask_for_help,
    catalogue,
    compare,
    glossary,
    service,
    shortlist,
)

urlpatterns: list[URLPattern | URLResolver] = [
    path("", TemplateView.as_view(template_name="public/home.html"), name="home"),
    path("services/", catalogue.listing, name="catalogue"),
    path("services/compare/", compare.page, name="compare"),
    path("services/shortlist/", shortlist.page, name="shortlist"),
    path("services/shortlist/keep/", shortlist.keep, name="shortlist_keep"),
    path("services/shortlist/empty/", shortlist.empty, name="shortlist_empty"),
    path("services/<slug:slug>/", service.page, name="service"),
    path("services/<slug:slug>/keep/", shortlist.add, name="shortlist_add"),
    path("services/<slug:slug>/take-off/", shortlist.remove, name="shortlist_remove"),
    path("ask-for-help/", ask_for_help.page, name="ask_for_help"),
    path("ask-for-help/<uuid:reference>/", ask_for_help.sent, name="ask_for_help_sent"),
    path("glossary/", glossary.glossary, name="glossary"),
    path(
        "accessibility/",
        TemplateView.as_view(template_name="public/accessibility.html"),
        name="accessibility",
    ),
    path("privacy/", TemplateView.as_view(template_name="public/privacy.html"), name="privacy"),
    path("cookies/", TemplateView.as_view(template_name="public/cookies.html"), name="cookies"),
    path("guides/", include("wagtail.urls")),
]
