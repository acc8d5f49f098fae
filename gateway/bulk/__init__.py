"""Bulk intake: a table of up to 50,000 petitions, taken in by a job, each line once."""
