"""Bulk intake: resources and pages."""

from django.urls import URLPattern, path

from gateway import jobs
from gateway.bulk import pages, resources

patterns: list[URLPattern] = [
    path("api/v1/petitions/bulk", resources.BulkPetitions.as_view(), name="api_bulk"),
    path("api/v1/jobs/<int:pk>", jobs.JobItem.as_view(), name="api_job"),
    path("api/v1/jobs/<int:pk>/rows", resources.JobRows.as_view(), name="api_job_rows"),
    path("api/v1/jobs/<int:pk>/errors", resources.JobErrors.as_view(), name="api_job_errors"),
    path("gateway/bulk/", pages.bulk, name="gateway_bulk"),
    path("gateway/bulk/<int:pk>/", pages.bulk_intake, name="gateway_bulk_intake"),
    path("gateway/bulk/<int:pk>/errors.<str:form>", pages.bulk_errors, name="gateway_bulk_errors"),
]
