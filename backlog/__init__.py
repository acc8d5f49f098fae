"""The hard ones: backlog files and the war room. The room is reserved; its first slice comes with the backlog issue."""
