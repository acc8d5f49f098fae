"""What it all shows: indicators, scoreboards, forecasts. Reads the rooms below and writes only its own tables."""
