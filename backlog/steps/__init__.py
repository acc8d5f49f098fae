"""The steps a person takes on a backlog case, as data: form, action, words. What is legal the move tables say.

Each part of the room keeps a module here and registers its rows; `backlog.views.cases.case_act` draws them all.
"""

from dispatch.steps.supervision import RowStep

CASE_STEPS: dict[str, RowStep] = {}


def register(*rows: RowStep) -> None:
    """Make steps of a backlog case known."""
    CASE_STEPS.update({row.name: row for row in rows})
