"""The documentation that people read in a browser; everything else under /api/ is answered by the middleware."""

from django.urls import path

from guanxi.kernel.openapi import pages

urlpatterns = [
    path("<str:set_key>/docs", pages.docs, name="api_docs"),
    path("<str:set_key>/docs/", pages.docs),
    path("<str:set_key>/openapi.json", pages.openapi),
]
