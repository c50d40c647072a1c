"""Where each address leads; the pages' own addresses are in `pages/urls.py`."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.utils.urlpatterns import decorate_urlpatterns

from marketplace.pages import catalogue_gate

# Wagtail checks permission for a kind of entry only; the gate checks every entry's address.
gated = decorate_urlpatterns(wagtailadmin_urls.urlpatterns, catalogue_gate.gate)

urlpatterns: list[URLPattern | URLResolver] = [
    path("account/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    path("cms/", include(gated)),
    path("", include("marketplace.pages.urls")),
]
