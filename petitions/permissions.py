"""The permission table of this room (domain-facts §4.2), used by views, API and templates alike."""

from accounts.actors import Actor
from accounts.roles import Role, Scope, register_table

_CITY_DISTRICT = {Role.CITY_OFFICER: Scope.CITY, Role.DISTRICT_OFFICER: Scope.AREA}
_UNIT = {Role.UNIT_ADMIN: Scope.UNIT, Role.UNIT_HANDLER: Scope.OWN}

PERMISSIONS = register_table(
    "petitions",
    {
        "petitions.register": {
            Role.HOTLINE_AGENT: Scope.CITY,
            Role.DISPATCHER: Scope.CITY,
            Role.CITY_OFFICER: Scope.CITY,
            Role.DISTRICT_OFFICER: Scope.AREA,
            Role.UNIT_ADMIN: Scope.UNIT,
        },
        # The slip shows the query code, with which its reader is the citizen: one's own registrations (the view asks),
        # and of others' the offices that may lift the mask.
        "petitions.slip": {Role.HOTLINE_AGENT: Scope.OWN, **_CITY_DISTRICT},
        "petitions.view": {
            Role.HOTLINE_AGENT: Scope.OWN,
            Role.DISPATCHER: Scope.CITY,
            Role.CITY_OFFICER: Scope.CITY,
            Role.DISTRICT_OFFICER: Scope.AREA,
            Role.CONFERENCE_OFFICER: Scope.CITY,
            Role.UNIT_ADMIN: Scope.UNIT,
            Role.UNIT_HANDLER: Scope.OWN,
            Role.LEAD_OFFICIAL: Scope.NAMED,
            Role.REVIEWER: Scope.NAMED,
            Role.INSPECTOR: Scope.CITY,
        },
        # Who may lift the mask, with a reason, logged. "M" and "–" of the matrix are simply absent.
        "petitions.reveal": {
            Role.HOTLINE_AGENT: Scope.OWN,
            Role.CITY_OFFICER: Scope.CITY,
            Role.DISTRICT_OFFICER: Scope.AREA,
            Role.UNIT_ADMIN: Scope.UNIT,
            Role.UNIT_HANDLER: Scope.OWN,
            Role.LEAD_OFFICIAL: Scope.NAMED,
            Role.REVIEWER: Scope.NAMED,
        },
        "petitions.note": {
            Role.HOTLINE_AGENT: Scope.OWN,
            Role.DISPATCHER: Scope.CITY,
            **_CITY_DISTRICT,
            Role.UNIT_ADMIN: Scope.UNIT,
            Role.UNIT_HANDLER: Scope.OWN,
        },
        # The work record book is the team's (domain-facts §4.2, "work notes"): neither hotline nor reviewer reads it.
        "petitions.records": {
            **_CITY_DISTRICT,
            Role.CONFERENCE_OFFICER: Scope.CITY,
            Role.UNIT_ADMIN: Scope.UNIT,
            Role.UNIT_HANDLER: Scope.OWN,
            Role.LEAD_OFFICIAL: Scope.NAMED,
            Role.INSPECTOR: Scope.CITY,
        },
        "petitions.write_record": {
            **_CITY_DISTRICT,
            Role.CONFERENCE_OFFICER: Scope.CITY,
            Role.UNIT_ADMIN: Scope.UNIT,
            Role.UNIT_HANDLER: Scope.OWN,
            Role.LEAD_OFFICIAL: Scope.NAMED,
        },
        # The steps of a case: read by all who work on it, ticked by offices and units.
        "petitions.tick": {
            Role.HOTLINE_AGENT: Scope.OWN,
            Role.DISPATCHER: Scope.CITY,
            **_CITY_DISTRICT,
            Role.UNIT_ADMIN: Scope.UNIT,
            Role.UNIT_HANDLER: Scope.OWN,
        },
        "petitions.checklists": {Role.CITY_OFFICER: Scope.CITY, Role.SYSTEM_ADMIN: Scope.CITY},
        "petitions.access_log": {**_CITY_DISTRICT, Role.INSPECTOR: Scope.CITY},
        "petitions.amend": {Role.DISPATCHER: Scope.CITY, **_CITY_DISTRICT},
        # Naming persons for a restricted matter is the petition office's business (§1.17).
        "petitions.name_persons": {Role.CITY_OFFICER: Scope.CITY},
        # Recusal (Regulation, art. 28): who works on it may ask; heads decide on their handlers, offices on all.
        "petitions.ask_recusal": {
            Role.HOTLINE_AGENT: Scope.OWN,
            Role.DISPATCHER: Scope.CITY,
            **_CITY_DISTRICT,
            Role.UNIT_ADMIN: Scope.UNIT,
            Role.UNIT_HANDLER: Scope.OWN,
            Role.LEAD_OFFICIAL: Scope.NAMED,
            Role.REVIEWER: Scope.NAMED,
        },
        "petitions.decide_recusal": {**_CITY_DISTRICT, Role.UNIT_ADMIN: Scope.UNIT},
        "petitions.view_recusals": {**_CITY_DISTRICT, Role.UNIT_ADMIN: Scope.UNIT, Role.INSPECTOR: Scope.CITY},
        # More material to a running matter: at the counter, on the line, or by the citizen.
        "petitions.supplement": {
            Role.HOTLINE_AGENT: Scope.OWN,
            Role.DISPATCHER: Scope.CITY,
            **_CITY_DISTRICT,
            Role.UNIT_ADMIN: Scope.UNIT,
            Role.UNIT_HANDLER: Scope.OWN,
        },
        # The legal route, splitting, hand-over and joint signers are the petition offices' (Regulation, arts. 22-24).
        "petitions.set_route": {Role.DISPATCHER: Scope.CITY, **_CITY_DISTRICT},
        "petitions.split": {**_CITY_DISTRICT},
        "petitions.sign": {Role.DISPATCHER: Scope.CITY, **_CITY_DISTRICT},
        "petitions.hand_over": {**_CITY_DISTRICT},
        "petitions.take_over": {**_CITY_DISTRICT},
        # Disputes over competence go to the office above (art. 24).
        "petitions.rule_over": {Role.CITY_OFFICER: Scope.CITY},
        "petitions.lay_before": {**_CITY_DISTRICT},
        "petitions.name_lead": {Role.CONFERENCE_OFFICER: Scope.CITY},
        "petitions.answer": {Role.HOTLINE_AGENT: Scope.OWN, Role.DISPATCHER: Scope.CITY, **_CITY_DISTRICT},
        "petitions.lead_out": {**_CITY_DISTRICT},
        "petitions.reply": {**_CITY_DISTRICT},
        "petitions.rate": {Role.HOTLINE_AGENT: Scope.OWN, Role.DISPATCHER: Scope.CITY, **_CITY_DISTRICT},
        "petitions.put_right": {
            Role.DISPATCHER: Scope.CITY,
            **_CITY_DISTRICT,
            Role.UNIT_ADMIN: Scope.UNIT,
            Role.UNIT_HANDLER: Scope.OWN,
        },
        "petitions.rework": {**_CITY_DISTRICT},
        "petitions.close": {**_CITY_DISTRICT},
        "petitions.withdraw": {Role.HOTLINE_AGENT: Scope.OWN, Role.DISPATCHER: Scope.CITY, **_CITY_DISTRICT},
        "petitions.merge": {Role.DISPATCHER: Scope.CITY, **_CITY_DISTRICT},
        "petitions.reopen": {**_CITY_DISTRICT},
        # Notices and opinions are the responsible unit's, signed by its head; the offices may record them for it.
        "petitions.report_up": {
            Role.HOTLINE_AGENT: Scope.OWN,
            Role.DISPATCHER: Scope.CITY,
            **_CITY_DISTRICT,
            Role.UNIT_ADMIN: Scope.UNIT,
        },
        "petitions.notify": {**_CITY_DISTRICT, Role.UNIT_ADMIN: Scope.UNIT},
        "petitions.refuse": {**_CITY_DISTRICT, Role.UNIT_ADMIN: Scope.UNIT},
        "petitions.deliver": {**_CITY_DISTRICT, Role.UNIT_ADMIN: Scope.UNIT},
        "petitions.ask_review": {**_CITY_DISTRICT, Role.REVIEWER: Scope.NAMED},
        "petitions.decide_review": {Role.REVIEWER: Scope.NAMED},
        "petitions.appoint_reviewers": {**_CITY_DISTRICT, Role.REVIEWER: Scope.NAMED},
        # A review opinion is delivered through the unit concerned (domain-facts §1.9).
        "petitions.deliver_review": {**_CITY_DISTRICT, Role.UNIT_ADMIN: Scope.UNIT, Role.REVIEWER: Scope.NAMED},
        "petitions.view_reviews": {
            **_CITY_DISTRICT,
            Role.CONFERENCE_OFFICER: Scope.CITY,
            Role.UNIT_ADMIN: Scope.UNIT,
            Role.REVIEWER: Scope.NAMED,
            Role.INSPECTOR: Scope.CITY,
        },
        "petitions.view_hearings": {
            **_CITY_DISTRICT,
            Role.CONFERENCE_OFFICER: Scope.CITY,
            Role.UNIT_ADMIN: Scope.UNIT,
            Role.UNIT_HANDLER: Scope.OWN,
            Role.LEAD_OFFICIAL: Scope.NAMED,
            Role.REVIEWER: Scope.NAMED,
            Role.INSPECTOR: Scope.CITY,
        },
        # What the panel says among itself, how each voted and its report are not for the sides of a hearing.
        "petitions.view_deliberation": {**_CITY_DISTRICT, Role.REVIEWER: Scope.NAMED, Role.INSPECTOR: Scope.CITY},
        "petitions.ask_hearing": {
            **_CITY_DISTRICT,
            Role.UNIT_ADMIN: Scope.UNIT,
            Role.UNIT_HANDLER: Scope.OWN,
            Role.REVIEWER: Scope.NAMED,
        },
        # The superior office certifies; which office is above which case the action says.
        "petitions.certify": _CITY_DISTRICT,
        # By the clock alone: nobody lets another's right lapse.
        "petitions.lapse": {},
        # The archive (§1.18): the offices put cases in and hold them back; the city office erases before its time.
        "petitions.archive": {**_CITY_DISTRICT},
        "petitions.hold": {**_CITY_DISTRICT},
        "petitions.retention": {**_CITY_DISTRICT, Role.INSPECTOR: Scope.CITY},
        "petitions.anonymise": {Role.CITY_OFFICER: Scope.CITY},
        "petitions.archive_rules": {Role.CITY_OFFICER: Scope.CITY},
        "petitions.hearing": {**_CITY_DISTRICT, Role.UNIT_ADMIN: Scope.UNIT, Role.REVIEWER: Scope.NAMED},
        # Documents (§4.2 "issue opinion"): the unit drafts and its head signs; an office signs its own letters. Each
        # reaches documents of one's own unit only, whatever else may be read.
        "petitions.document_draft": {**_CITY_DISTRICT, **_UNIT, Role.REVIEWER: Scope.NAMED},
        "petitions.document_check": {**_CITY_DISTRICT, **_UNIT, Role.REVIEWER: Scope.NAMED},
        "petitions.document_sign": {**_CITY_DISTRICT, Role.UNIT_ADMIN: Scope.UNIT, Role.REVIEWER: Scope.NAMED},
        "petitions.document_issue": {**_CITY_DISTRICT, **_UNIT, Role.REVIEWER: Scope.NAMED},
        "petitions.document_void": {**_CITY_DISTRICT, Role.UNIT_ADMIN: Scope.UNIT, Role.REVIEWER: Scope.NAMED},
        # The offices deliver for the units and record it for them.
        "petitions.document_deliver": {**_CITY_DISTRICT, **_UNIT, Role.REVIEWER: Scope.NAMED},
        # The whole file as one PDF or as a package, with a reason, on the record (§4.2 "export").
        "petitions.export_file": {
            **_CITY_DISTRICT,
            Role.CONFERENCE_OFFICER: Scope.CITY,
            Role.UNIT_ADMIN: Scope.UNIT,
            Role.INSPECTOR: Scope.CITY,
        },
        # Wording is the office's, setting it up the administrator's; no case stands on these pages.
        "petitions.document_templates": {Role.CITY_OFFICER: Scope.CITY, Role.SYSTEM_ADMIN: Scope.CITY},
    },
)

# The twelfth column of the matrix: what a citizen may do with a matter of their own.
CITIZEN = frozenset(
    {
        "petitions.view",
        "petitions.rate",
        "petitions.ask_review",
        "petitions.ask_hearing",
        "petitions.withdraw",
        "petitions.supplement",
        "petitions.ask_recusal",
    }
)


def citizen(petition_id: int) -> Actor:
    """The petitioner of one petition, known by its query code or a link; events name them without a name."""
    grants = dict.fromkeys(CITIZEN, Scope.NAMED)
    return Actor(label="citizen", grants=grants, matters=frozenset({petition_id}))
