"""De-identified data sets: resources and pages."""

from django.urls import URLPattern, path

from gateway.datasets import pages, resources

patterns: list[URLPattern] = [
    path("api/v1/datasets", resources.Datasets.as_view(), name="api_datasets"),
    path("api/v1/datasets/<int:pk>", resources.DatasetItem.as_view(), name="api_dataset"),
    path("api/v1/datasets/<int:pk>/file", resources.DatasetFile.as_view(), name="api_dataset_file"),
    path("gateway/datasets/", pages.datasets, name="gateway_datasets"),
    path("gateway/datasets/<int:pk>/", pages.dataset, name="gateway_dataset"),
    path("gateway/datasets/<int:pk>/file.<str:form>", pages.dataset_file, name="gateway_dataset_file"),
]
