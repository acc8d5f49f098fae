"""The only code that writes in this room: orders, clocks, the sweep, notices, rules."""
