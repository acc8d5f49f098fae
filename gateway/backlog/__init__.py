"""The backlog room for other systems: cases, their milestones and tasks, and the figures of the boards."""
