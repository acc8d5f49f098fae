"""A façade of Open311 GeoReport v2 over the same actions as /api/v1: what citizens' apps of the whole world speak."""
