"""Who must do what by when: work orders, clocks, working calendar, escalation ladder, notices."""
