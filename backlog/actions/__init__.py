"""The only code that writes the tables of this room. Import the module you need: `backlog.actions.moves`, …"""
