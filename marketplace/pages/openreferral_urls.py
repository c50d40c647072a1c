"""Where the feed's addresses lead: as the standard has them, without a slash at the end."""

from django.urls import URLPattern, path

from marketplace.pages import openreferral

urlpatterns: list[URLPattern] = [
    path("", openreferral.about, name="openreferral"),
    path("openapi.json", openreferral.document, name="openreferral_document"),
    path("services", openreferral.services, name="openreferral_services"),
    path("services/<uuid:reference>", openreferral.service, name="openreferral_service"),
    path("service_at_locations", openreferral.at_locations, name="openreferral_at_locations"),
    path(
        "service_at_locations/<uuid:reference>",
        openreferral.at_location,
        name="openreferral_at_location",
    ),
    path("organizations", openreferral.organizations, name="openreferral_organizations"),
    path(
        "organizations/<uuid:reference>",
        openreferral.organization,
        name="openreferral_organization",
    ),
    path("taxonomies", openreferral.taxonomies, name="openreferral_taxonomies"),
    path("taxonomies/<uuid:reference>", openreferral.taxonomy, name="openreferral_taxonomy"),
    path("taxonomy_terms", openreferral.taxonomy_terms, name="openreferral_terms"),
    path("taxonomy_terms/<uuid:reference>", openreferral.taxonomy_term, name="openreferral_term"),
    path("<path:rest>", openreferral.nothing, name="openreferral_nothing"),
]
