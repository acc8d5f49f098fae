"""The only code that writes this room's tables. Everything is set-based, and doing it twice changes nothing."""
