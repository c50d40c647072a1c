"""Where the addresses that need no sign-in lead."""

from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import TemplateView

from marketplace.pages.public import ask_for_help, catalogue, glossary

urlpatterns: list[URLPattern | URLResolver] = [
    path("", TemplateView.as_view(template_name="public/home.html"), name="home"),
    path("services/", catalogue.listing, name="catalogue"),
    path("services/compare/", catalogue.compare, name="compare"),
    path("services/<slug:slug>/", catalogue.service, name="service"),
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
