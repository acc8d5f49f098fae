"""The hard ones: backlog files, task forces, workgroups, war-room boards, weekly dispatch, receptions, joint visits."""

from django.apps import AppConfig


class BacklogConfig(AppConfig):
    name = "backlog"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from backlog import case_tabs, milestone_tab, permissions, receivers, retention  # noqa: F401
        from backlog.steps import cases, milestones  # noqa: F401
