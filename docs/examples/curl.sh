URL=${DBSBM_URL:-http://127.0.0.1:4000/graphql}
ask() { curl --silent --show-error "$URL" -H 'content-type: application/json' "$@"; }

# Sign in: the token lasts five minutes.
TOKEN=$(ask -d '{
  "query": "mutation SignIn($input: SignInInput!) { signIn(input: $input) { accessToken } }",
  "variables": { "input": { "email": "analyst@acme.example", "password": "demo-analyst", "tenantId": "1" } }
}' | sed 's/.*"accessToken":"\([^"]*\)".*/\1/')

# Ask, and see what it costs.
ask -H "authorization: Bearer $TOKEN" -d '{
  "query": "{ fixtures(first: 2) { edges { node { home away startsAt } } } }",
  "extensions": { "cost": true }
}'
echo

# Follow for three seconds; each event begins with its cursor as its id.
EVENTS=$(ask --no-buffer --max-time 3 -H "authorization: Bearer $TOKEN" \
  -H 'accept: text/event-stream' \
  -d '{ "query": "subscription { oddsChanged { odds source at } }" }' 2>/dev/null)
echo "$EVENTS" | grep '^data: {"data"' | head -n 2

# Go on after the first of them.
CURSOR=$(echo "$EVENTS" | sed -n 's/^id: //p' | head -n 1)
ask --no-buffer --max-time 2 -H "authorization: Bearer $TOKEN" \
  -H 'accept: text/event-stream' -H "last-event-id: $CURSOR" \
  -d '{ "query": "subscription { oddsChanged { odds source at } }" }' 2>/dev/null |
  grep '^data: {"data"' | head -n 1
