"""Figures for Prometheus: what the web processes count, and what is read from database and broker at each scrape."""
