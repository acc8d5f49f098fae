"""Other systems: API clients and keys, idempotency, problem+json, resources of /api/v1/."""
