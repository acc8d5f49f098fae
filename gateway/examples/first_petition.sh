# Set YQ_URL and YQ_KEY first.
curl -i "$YQ_URL/api/v1/petitions" -H "Authorization: Bearer $YQ_KEY" \
  -H "Idempotency-Key: my-system-0001" -H "Content-Type: application/json" \
  -d '{"source_ref": "GD20261116001", "content": "小区三号楼电梯停运两个月。", "area": "330203"}'

# ID is the "id" of that answer. The ETag header goes back as If-Match with a step.
curl -i "$YQ_URL/api/v1/petitions/$ID" -H "Authorization: Bearer $YQ_KEY"

# A list: follow "next" as cursor. The change feed: keep "resume".
curl "$YQ_URL/api/v1/petitions?limit=100" -H "Authorization: Bearer $YQ_KEY"
curl "$YQ_URL/api/v1/petitions?updated_after=2026-11-16T00:00:00Z" -H "Authorization: Bearer $YQ_KEY"
