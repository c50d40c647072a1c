"""Where the addresses of this front door lead."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
