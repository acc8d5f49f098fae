"""What the room starts with: task forces, workgroups, usual milestones."""
