# Answers that need no provider: lists, pages, what browsers ask for.
config s
listen = ( { address = "127.0.0.1:8080"; } );
providers = (
{ id = "alpha"; dialect = "openai"; base_url = "http://alpha.test"; name = "Alpha AI";
keys = ( "key-alpha-one", "key-alpha-two" ); models = ( "m", "n" ); },
{ id = "off"; dialect = "openai"; base_url = "http://off.test"; keys = ( "key-off" ); models = ( "x" ); enabled = false; } );
groups = ( { name = "g"; targets = ( { provider = "alpha"; model = "m"; } ); } );
keys = ( { name = "user"; secret = "sk-user"; rpm = 50; },
{ name = "boss"; secret = "sk-boss"; role = "admin"; },
{ name = "few"; secret = "sk-few"; models = ( "n" ); },
{ name = "bound"; secret = "sk-bound"; groups = ( "g" ); },
{ name = "away"; secret = "sk-away"; role = "admin"; allow_from = ( "10.0.0.0/8" ); } );
end

scenario s: the list of models has groups and models, and of each what the key may use
header authorization: Bearer sk-user
get 1 /v1/models
expect 1 "HTTP/1.1 200 OK\r\n"
expect 1 "content-type: application/json\r\n"
expect 1 "{\"object\":\"list\",\"data\":[{\"id\":\"g\",\"object\":\"model\",\"created\":1800001000,\"owned_by\":\"aigw\"},{\"id\":\"m\",\"object\":\"model\",\"created\":1800001000,\"owned_by\":\"alpha\"},{\"id\":\"n\","
never 1 "\"id\":\"x\""
header authorization: Bearer sk-few
get 2 /v1/models
expect 2 "\"data\":[{\"id\":\"n\","
never 2 "\"id\":\"m\""
header authorization: Bearer sk-bound
get 3 /v1/models
expect 3 "\"data\":[{\"id\":\"g\","
expect 3 "}]}"
never 3 "\"id\":\"m\""
records 0

scenario s: one model is shown or not found, as its list says
header authorization: Bearer sk-user
get 1 /v1/models/m
expect 1 "HTTP/1.1 200 OK\r\n"
expect 1 "\r\n\r\n{\"id\":\"m\",\"object\":\"model\""
header authorization: Bearer sk-few
get 1 /v1/models/m
expect 1 "HTTP/1.1 404 "
expect 1 "the model \\\"m\\\" does not exist"
header authorization: Bearer sk-user
get 1 /v1/models/
expect 1 "HTTP/1.1 404 "

scenario s: the list below a provider's prefix is that provider's
conf routes = { openai = "on"; };
header authorization: Bearer sk-user
get 1 /alpha/v1/models
upstream 1 alpha
uptarget 1 /v1/models

scenario s: limits count for lists too, and their headers are there
header authorization: Bearer sk-user
limits 50 49 1s
get 1 /v1/models
expect 1 "x-ratelimit-limit-requests: 50\r\nx-ratelimit-remaining-requests: 49\r\nx-ratelimit-reset-requests: 1000ms\r\n"

scenario s: pages about the gateway want no key
get 1 /
expect 1 "HTTP/1.1 200 OK\r\n"
expect 1 "{\"status\":\"ok\",\"service\":\"aigw\"}"
get 1 /healthz
expect 1 "{\"status\":\"ok\"}"
get 1 /readyz
expect 1 "{\"status\":\"ok\"}"
get 1 /info
expect 1 "\"enabled_platforms\":[\"alpha\"],\"endpoints\":{\"alpha\":\"/alpha/v1/*\""
get 1 /routes
expect 1 "{\"available_endpoints\":{\"alpha\":\"/alpha/v1/*\"},\"gateway\":["
expect 1 "\"POST /v1/chat/completions\","
expect 1 "\"POST /v1beta/models/{model}:generateContent\","
expect 1 "\"GET /v1/models/{id}\","
get 1 /health/quick
expect 1 "\"alpha\":{\"display_name\":\"Alpha AI\",\"status\":\"enabled\""
expect 1 "\"total_keys\":2,\"healthy_keys\":0,\"unhealthy_keys\":0,\"unknown_keys\":2}"
records 0
attempts 0

scenario s: a wrong key does not shut the open pages
header authorization: Bearer sk-nobody
get 1 /health
expect 1 "HTTP/1.1 200 OK"
expect 1 "\"overall_status\":\"unknown\""
never 1 key_id

scenario s: the state of single keys is for admins, and never shows one whole
upkey alpha 2 rests 60s
wait 100ms
header authorization: Bearer sk-user
get 1 /health
never 1 key_preview
header authorization: Bearer sk-boss
get 2 /health
expect 2 "\"healthy_keys\":0,\"unhealthy_keys\":1,\"unknown_keys\":1,\"healthy_key_list\":[],\"unhealthy_key_list\":[\""
expect 2 "\"status\":\"unknown\",\"last_check\":null,\"response_time_ms\":null,\"error\":null,\"in_rotation\":true"
expect 2 "\"status\":\"unhealthy\",\"last_check\":\"2027-01-15T08:16:40.000Z\""
expect 2 "\"error\":\"probe failed\",\"in_rotation\":false,\"rests_until\":\"2027-01-15T08:17:40.000Z\""
never 2 key-alpha-one
never 2 key-alpha-two

scenario s: an admin's key shows it from where it may be used only
header authorization: Bearer sk-away
connect 1 from 192.168.7.200
get 1 /health
expect 1 "HTTP/1.1 200 OK"
never 1 key_preview
header authorization: Bearer sk-away
connect 2 from 10.1.2.3
get 2 /health
expect 2 key_preview

scenario s: what a request has shown of a key is told
header authorization: Bearer sk-user
post 1 /v1/chat/completions {"model":"m"}
whole 1 401 {}
whole 2 200 {}
header authorization: Bearer sk-boss
get 1 /health
expect 1 "\"overall_status\":\"healthy\",\"message\":\"0 of 1 providers healthy\""
expect 1 "\"status\":\"unhealthy\",\"base_url\":\"http://alpha.test\""
expect 1 "\"healthy_keys\":1,\"unhealthy_keys\":1,\"unknown_keys\":0"
expect 1 "\"error\":\"refused by the provider\""

scenario s: ready is who has a provider with a key that does not rest
upkey alpha 1 rests 60s
upkey alpha 2 rests 60s
wait 100ms
get 1 /readyz
expect 1 "HTTP/1.1 503 "
expect 1 "{\"status\":\"no usable provider\"}"
get 1 /healthz
expect 1 "HTTP/1.1 200 OK"
wait 61s
get 1 /readyz
expect 1 "HTTP/1.1 200 OK"

scenario s: who drains says so to those who ask
connect 1
connect 2
header authorization: Bearer sk-user
post 3 /v1/chat/completions {"model":"m"}
drain 60s
get 1 /healthz
expect 1 "HTTP/1.1 503 "
expect 1 "connection: close\r\n"
expect 1 "{\"status\":\"draining\"}"
get 2 /readyz
expect 2 "HTTP/1.1 503 "
whole 1 200 {}
expect 3 "HTTP/1.1 200 OK"
drained 1

scenario s: pages that are switched off are unknown paths
conf routes = { info = "off"; };
get 1 /info
expect 1 "HTTP/1.1 404 "
expect 1 "this page is switched off (routes.info)"
get 1 /routes
expect 1 "HTTP/1.1 404 "
get 1 /healthz
expect 1 "HTTP/1.1 200 OK"

scenario s: HEAD is GET without its body
header authorization: Bearer sk-user
head 1 /v1/models
expect 1 "HTTP/1.1 200 OK\r\n"
expect 1 "content-length: "
never 1 "\"object\""
head 1 /nowhere
expect 1 "HTTP/1.1 404 "
never 1 unknown_url
open 1

scenario s: a browser of an allowed origin may call, others are not told so
conf client = { cors_origins = ( "https://app.test" ); };
header authorization: Bearer sk-user
header origin: https://app.test
get 1 /v1/models
expect 1 "access-control-allow-origin: https://app.test\r\nvary: origin\r\n"
header authorization: Bearer sk-user
header origin: https://evil.test
get 2 /v1/models
expect 2 "HTTP/1.1 200 OK"
never 2 access-control
header origin: https://app.test
post 3 /v1/chat/completions {"model":"m"}
expect 3 "HTTP/1.1 401 "
expect 3 "access-control-allow-origin: https://app.test\r\n"

scenario s: a browser's question before a call is answered without a key
conf client = { cors_origins = ( "*" ); };
header origin: https://any.test
header access-control-request-method: POST
call 1 OPTIONS /v1/chat/completions
expect 1 "HTTP/1.1 204 "
expect 1 "access-control-allow-origin: https://any.test\r\n"
expect 1 "access-control-allow-methods: GET, POST, PUT, PATCH, DELETE\r\n"
expect 1 "access-control-allow-headers: authorization, content-type, "
never 1 content-length
open 1
header origin: https://any.test
header access-control-request-method: DELETE
call 1 OPTIONS /alpha/v1/files/1
expect 1 "HTTP/1.1 204 "
attempts 0
header authorization: Bearer sk-user
call 1 OPTIONS /alpha/v1/files/1
upmethod 1 OPTIONS

scenario s: without cors_origins nobody is asked twice
header origin: https://any.test
header access-control-request-method: POST
call 1 OPTIONS /v1/chat/completions
expect 1 "HTTP/1.1 405 "
never 1 access-control
