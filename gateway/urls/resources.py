"""Petitions, work orders, backlog and the reference tables."""

from django.urls import URLPattern, path

from gateway import api, catalogues, extending, identities, indicators, material, papers
from gateway.backlog import boards
from gateway.backlog import views as backlog

patterns: list[URLPattern] = [
    path("api/v1/petitions", api.Petitions.as_view(), name="api_petitions"),
    path("api/v1/petitions/_search", api.PetitionSearch.as_view(), name="api_petition_search"),
    path("api/v1/petitions/<int:pk>", api.PetitionItem.as_view(), name="api_petition"),
    path("api/v1/petitions/<int:pk>/withdraw", api.PetitionWithdrawal.as_view(), name="api_petition_withdraw"),
    path("api/v1/petitions/<int:pk>/material", material.PetitionMaterial.as_view(), name="api_petition_material"),
    path(
        "api/v1/petitions/<int:pk>/identities", identities.PetitionIdentities.as_view(), name="api_petition_identities"
    ),
    path("api/v1/petitions/<int:pk>/events", api.PetitionEvents.as_view(), name="api_petition_events"),
    path("api/v1/petitions/<int:pk>/clocks", api.PetitionClocks.as_view(), name="api_petition_clocks"),
    path("api/v1/petitions/<int:pk>/clocks/<int:clock>", api.PetitionClock.as_view(), name="api_petition_clock"),
    path("api/v1/petitions/<int:pk>/supervision", api.PetitionSupervision.as_view(), name="api_petition_supervision"),
    path("api/v1/petitions/<int:pk>/reviews", api.PetitionReviews.as_view(), name="api_petition_reviews"),
    path("api/v1/petitions/<int:pk>/documents", papers.PetitionDocuments.as_view(), name="api_petition_documents"),
    path(
        "api/v1/petitions/<int:pk>/documents/<int:document>/file",
        papers.PetitionDocumentFile.as_view(),
        name="api_petition_document_file",
    ),
    path("api/v1/work-orders", api.WorkOrders.as_view(), name="api_orders"),
    path("api/v1/work-orders/<int:pk>", api.OrderItem.as_view(), name="api_order"),
    path("api/v1/work-orders/<int:pk>/sign", api.OrderSign.as_view(), name="api_order_sign"),
    path("api/v1/work-orders/<int:pk>/contact", api.OrderContact.as_view(), name="api_order_contact"),
    path("api/v1/work-orders/<int:pk>/extend", extending.OrderExtension.as_view(), name="api_order_extend"),
    path("api/v1/work-orders/<int:pk>/return", api.OrderReturnRequest.as_view(), name="api_order_return"),
    path("api/v1/work-orders/<int:pk>/explanation", api.OrderExplanation.as_view(), name="api_order_explanation"),
    path("api/v1/work-orders/<int:pk>/feedback", api.OrderFeedback.as_view(), name="api_order_feedback"),
    path("api/v1/backlog/cases", backlog.Cases.as_view(), name="api_backlog_cases"),
    path("api/v1/backlog/cases/<int:pk>", backlog.CaseItem.as_view(), name="api_backlog_case"),
    path("api/v1/backlog/cases/<int:pk>/tasks", backlog.CaseTasks.as_view(), name="api_backlog_case_tasks"),
    path(
        "api/v1/backlog/cases/<int:pk>/milestones",
        backlog.CaseMilestones.as_view(),
        name="api_backlog_case_milestones",
    ),
    path("api/v1/backlog/milestones/<int:pk>", backlog.MilestoneItem.as_view(), name="api_backlog_milestone"),
    *[
        path(f"api/v1/backlog/milestones/<int:pk>/{name}", view.as_view(), name=f"api_backlog_milestone_{name}")
        for name, view in (
            ("change", backlog.MilestoneChange),
            ("reach", backlog.MilestoneReach),
            ("remove", backlog.MilestoneRemove),
        )
    ],
    path("api/v1/backlog/boards", boards.Boards.as_view(), name="api_backlog_boards"),
    path("api/v1/backlog/tasks", backlog.Tasks.as_view(), name="api_backlog_tasks"),
    path("api/v1/backlog/tasks/<int:pk>", backlog.TaskItem.as_view(), name="api_backlog_task"),
    path("api/v1/backlog/tasks/<int:pk>/report", backlog.TaskReport.as_view(), name="api_backlog_task_report"),
    path("api/v1/indicators", indicators.Indicators.as_view(), name="api_indicators"),
    path("api/v1/units", catalogues.Units.as_view(), name="api_units"),
    path("api/v1/areas", catalogues.Areas.as_view(), name="api_areas"),
    path("api/v1/categories", catalogues.Categories.as_view(), name="api_categories"),
]
