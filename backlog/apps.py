"""The hard ones: backlog files, task forces, workgroups, war-room boards, weekly dispatch, receptions, joint visits."""

from django.apps import AppConfig


class BacklogConfig(AppConfig):
    name = "backlog"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from backlog import (  # noqa: F401
            case_tabs,
            commanding,
            meeting_tab,
            milestone_tab,
            permissions,
            petition_page,
            receivers,
            reception_tab,
            retention,
            task_desk,
        )
        from backlog.steps import acceptance, cases, command, milestones  # noqa: F401
