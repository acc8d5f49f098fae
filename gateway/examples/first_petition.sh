#!/bin/sh
# Set YQ_URL and YQ_KEY first. Stops at the first error and shows its answer.
set -eu
api() { curl -sS --fail-with-body -H "Authorization: Bearer $YQ_KEY" "$@" && echo; }

# Register. REF is your own number of the matter; the same Idempotency-Key with every retry registers it once.
REF="GD$(date +%Y%m%d%H%M%S)"
api "$YQ_URL/api/v1/petitions" -D answer.txt \
  -H "Idempotency-Key: $REF" -H "Content-Type: application/json" \
  -d "{\"source_ref\": \"$REF\", \"content\": \"小区三号楼电梯停运两个月。\", \"area\": \"330203\"}"

# Read it where the Location header of that answer says. Its ETag goes back as If-Match with a step.
PLACE=$(tr -d '\r' < answer.txt | sed -n 's/^[Ll]ocation: *//p')
api -i "$YQ_URL$PLACE"

# A list: follow "next" as cursor until it is null.
api "$YQ_URL/api/v1/petitions?limit=100&fields=id,number,state"

# What changed: keep "resume" and ask with it as cursor next time.
api "$YQ_URL/api/v1/petitions?updated_after=2026-01-01T00:00:00Z&limit=100"
