"""An invented city at work, for the demo: people, matters and six months of casework made through the real actions."""
