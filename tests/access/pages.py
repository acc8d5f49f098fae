"""Which permission opens which page: the table the generated matrix is compared with. A page that is not here fails.

`about` says what the page is about. "petition" and "order": a row out of reach is 404, one in reach without the
permission is refused. "own": the page looks for a row of its kind; that of nothing is 404 or refused, never shown.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Page:
    """A page of one permission ("" for everybody who is signed in), of several (any of them opens it), about a row."""

    permission: str = ""
    about: str = ""
    also: tuple[str, ...] = ()

    @property
    def permissions(self) -> tuple[str, ...]:
        return (self.permission, *self.also) if self.permission else ()


def each(page: Page, names: str) -> dict[str, Page]:
    """The same for several pages."""
    return dict.fromkeys(names.split(), page)


# Open without signing in: each shows nothing of a case, or asks for a key, a query code or a token.
PUBLIC = ("healthz", "metrics", "sign_in", "language", "api_", "api/", "portal_", "oidc_", "break_glass", "open311_")

# Its neighbour `wall_screens` is an office's: the name itself, no prefix. The guide for developers shows no data.
PUBLIC_NAMES = frozenset({"wall_screen", "developers"})

PAGES: dict[str, Page] = {
    # ---- the backlog room ----
    "backlog": Page("backlog.view"),
    "entry_rules": Page("backlog.entry_rules"),
    "entry_find": Page("backlog.entry_rules"),
    "progress_table": Page("backlog.view"),
    "progress_sheet": Page("backlog.export"),
    "forces": Page("backlog.view_forces"),
    # Another force is the whole city's to add: of those who edit forces, they who set targets too.
    "force_new": Page("backlog.targets"),
    **each(Page("backlog.view_meetings"), "meetings meeting_cases meeting_score"),
    "meeting_new": Page("backlog.run_meeting"),
    "visits": Page("backlog.view_visits"),
    "visit_new": Page("backlog.supervise_jointly"),
    **each(
        Page(about="own"),
        "backlog_nominate backlog_case backlog_act meeting meeting_act meeting_agenda "
        "meeting_sites meeting_minutes meeting_item meeting_note meeting_question meeting_task_back meeting_paper "
        "visit visit_act visit_paper milestone_plan milestone milestone_edit milestone_shift milestone_act force "
        "force_act force_rules workgroup workgroup_act workgroup_rules member_end",
    ),
    # ---- everybody who is signed in ----
    **each(
        Page(),
        "set_language sign_out preferences password_change second_factor "
        "second_factor_verify second_factor_off recovery_codes shortcuts matrix desk notices notices_read "
        "notice_preferences deliveries resend_many people due_preview jobs draft_discard",
    ),
    "rules": Page("dispatch.rules"),
    "rule_changes": Page("dispatch.rules"),
    "calendar": Page("dispatch.rules"),
    # ---- lists and forms of an office ----
    "access_log": Page("petitions.access_log"),
    "access_log_export": Page("petitions.access_log"),
    "search": Page("petitions.view"),
    "worklist": Page("petitions.view"),
    "view_save": Page("petitions.view"),
    **dict.fromkeys(
        ("petition_new registration_part duplicate_hint unit_options").split(),  # noqa: SIM905
        Page("petitions.register"),
    ),
    "record_book": Page("petitions.write_record"),
    "checklists": Page("petitions.checklists"),
    "checklist_new": Page("petitions.checklists"),
    "review_list": Page("petitions.view_reviews"),
    "hearing_list": Page("petitions.view_hearings"),
    "consultations": Page("dispatch.rule", also=("dispatch.opine", "dispatch.consult")),
    "unit_console": Page("dispatch.view"),
    "callbacks": Page("dispatch.call_back"),
    "callback_next": Page("dispatch.call_back"),
    "bad_ratings": Page("dispatch.view"),
    "talk_rule_save": Page("dispatch.limits"),
    "limits": Page("dispatch.limits"),
    "supervision_list": Page("dispatch.view_supervision"),
    "supervision_units": Page("dispatch.view_supervision"),
    "supervision_new": Page("dispatch.supervise", also=("dispatch.supervise_high",)),
    "suggestions": Page("dispatch.view_suggestions"),
    "suggestion_units": Page("dispatch.view_suggestions"),
    "suggestion_new": Page("dispatch.suggest"),
    **dict.fromkeys(
        ("channels channel_new quiet_hours").split(),  # noqa: SIM905
        Page("dispatch.channels"),
    ),
    "drill": Page("dispatch.drill"),
    "drill_run": Page("dispatch.drill"),
    "batch_start": Page("dispatch.dispatch"),
    "file_hold": Page("petitions.view"),
    "file_drop": Page("petitions.view"),
    "profile_edit": Page("dispatch.prepare_rules"),
    "annual_reports": Page("dispatch.reports"),
    **dict.fromkeys(
        ("calendar_days calendar_hours calendar_notice").split(),  # noqa: SIM905
        Page("dispatch.calendar"),
    ),
    **dict.fromkeys(
        ("insights indicators passing passing_rows outlook calibration calibration_rows").split(),  # noqa: SIM905
        Page("insights.view"),
    ),
    "insights_export": Page("insights.export"),
    "document_approvals": Page("petitions.document_check"),
    "document_templates": Page("petitions.document_templates"),
    "retention": Page("petitions.retention"),
    "retention_run": Page("petitions.anonymise"),
    # ---- connections to other systems ----
    "gateway_triage": Page("gateway.triage"),
    "gateway_channels": Page("gateway.channels"),
    **each(Page("gateway.webhooks"), "gateway_webhooks gateway_webhook_new"),
    **each(
        Page(about="own"),
        "gateway_webhook gateway_webhook_edit gateway_webhook_secret gateway_webhook_step "
        "gateway_delivery gateway_delivery_resend",
    ),
    **each(Page("gateway.channels"), "gateway_lines gateway_line_new gateway_line_units gateway_lines_confirm"),
    **each(
        Page(about="own"),
        "gateway_triage_item gateway_triage_refuse gateway_channel gateway_line gateway_line_use",
    ),
    # ---- the war-room wall ----
    **each(Page("backlog.wall"), "wall wall_past backlog_indicators"),
    "wall_screens": Page("backlog.wall_screens"),
    "wall_screen_revoke": Page(about="own"),
    "targets": Page("backlog.targets"),
    "backlog_indicators_export": Page("backlog.export"),
    # ---- the connections to other systems ----
    # The entry leads to the first page the person may see.
    "gateway": Page("gateway.view"),
    "gateway_bulk": Page("gateway.bulk"),
    "gateway_clients": Page("gateway.clients"),
    "gateway_client_new": Page("gateway.clients"),
    **each(
        Page(about="own"),
        "gateway_client gateway_client_change gateway_client_turn gateway_key_issue gateway_key_revoke",
    ),
    **each(Page(about="own"), "gateway_bulk_intake gateway_bulk_errors"),
    "gateway_datasets": Page("gateway.datasets"),
    **each(Page(about="own"), "gateway_dataset gateway_dataset_file"),
    # ---- leaders' receptions ----
    "reception_days": Page("backlog.view_receptions"),
    "reception_records": Page("backlog.view_receptions"),
    "reception_new": Page("backlog.run_reception"),
    "reception_units": Page("backlog.run_reception"),
    **each(
        Page(about="own"),
        "reception_day reception_change reception_act reception_book reception_receive reception_visitors "
        "reception_sheet booking_act batch_link batch_register",
    ),
    "backlog_tasks": Page("backlog.view_tasks"),
    "backlog_officials": Page("backlog.command"),
    "backlog_taken_over": Page("backlog.lead"),
    # ---- of one petition: out of reach is 404 ----
    "petition": Page("petitions.view", "petition"),
    "petition_slip": Page("petitions.slip", "petition"),
    "petition_note": Page("petitions.note", "petition"),
    "petition_reveal": Page("petitions.reveal", "petition"),
    "petition_act": Page("petitions.withdraw", "petition"),
    "petition_why": Page("petitions.view", "petition"),
    "route_preview": Page("petitions.view", "petition"),
    "unit_search": Page("petitions.view", "petition"),
    **each(
        Page("petitions.view", "own"),
        "record_new record_edit record_amend promise_end record_next_done rapport rapport_drop step_tick "
        "step_leave_out step_untick citizen_access",
    ),
    # ---- of one work order ----
    "order_act": Page("dispatch.contact", "order"),
    "order_why": Page("dispatch.view", "order"),
    # ---- of one row of another kind ----
    **each(Page(about="own"), "task task_act backlog_official"),
    **each(
        Page(about="own"),
        "view_delete absence_new absence_end people_hand_over clock callback_seat callback_take "
        "callback_release callback_number talk_rule_drop notice_open notice_digest resend_one supervision "
        "supervision_act circular_read supervision_print finding_act suggestion suggestion_act "
        "suggestion_print channel_edit channel_test channel_remove drill_shown drill_download drill_unit "
        "drill_send job batch_send job_undo job_cancel job_retry job_result attachment file_view "
        "file_page rule_change rule_change_decide rule rule_edit annual_report checklist_edit review "
        "hearing hearing_turn hearing_publish insights_unit indicator_rows indicator_rows_export draft_save",
    ),
    **each(
        Page(about="own"),
        "delivery_receipt document document_act document_file document_new document_preview document_template "
        "template_pdf template_preview template_restore paper_page file_download file_export retention_period "
        "retention_proof retention_proof_file suggestion_letter supervision_letter",
    ),
}
