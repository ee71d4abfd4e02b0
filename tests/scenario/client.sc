# Clients: time-outs, pipelines, limits, drain, what is kept open.
config c
listen = ( { address = "127.0.0.1:8080"; } );
auth = { required = false; };
providers = (
{ id = "alpha"; dialect = "openai"; base_url = "http://alpha.test";
keys = ( "key-a1" ); models = ( "m" ); } );
keys = ( { name = "lim"; secret = "sk-lim"; rpm = 100; max_concurrency = 2; } );
end

scenario c: pipelined requests are answered in order, each with its record
send 1 "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: 13\r\n\r\n{\"model\":\"m\"}POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: 19\r\n\r\n{\"model\":\"m\",\"n\":2}"
attempts 1
whole 1 200 {"a":1}
expect 1 "{\"a\":1}"
upstream 2 alpha
upbody 2 {"model":"m","n":2}
whole 2 200 {"b":1}
expect 1 "{\"b\":1}"
open 1
records 2

scenario c: a head that does not come whole is a 408
connect 1
send 1 "POST /v1/chat"
wait 9s
nothing 1
wait 2s
expect 1 "HTTP/1.1 408 "
closed 1

scenario c: a body that does not come is a 408 after body_timeout
send 1 "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: 13\r\n\r\n"
wait 59s
nothing 1
wait 2s
expect 1 "HTTP/1.1 408 "
closed 1

scenario c: the body's time does not begin with the last request's idle time
post 1 /v1/chat/completions {"model":"m"}
whole 1 200 {}
wait 1s
send 1 "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: 13\r\n\r\n{"
wait 61s
expect 1 "HTTP/1.1 408 "

scenario c: an idle connection closes after idle_timeout
post 1 /v1/chat/completions {"model":"m"}
whole 1 200 {}
wait 74s
open 1
wait 2s
cut 1

scenario c: a client that asks for it is told to continue
send 1 "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 13\r\n\r\n"
exactly 1 "HTTP/1.1 100 Continue\r\n\r\n"
send 1 "{\"model\":\"m\"}"
whole 1 200 {}
expect 1 "HTTP/1.1 200 OK"

scenario c: a limit is a 429 that says when to come back, and keeps the connection
refuse rpm 1500ms
post 1 /v1/chat/completions {"model":"m"}
expect 1 "HTTP/1.1 429 "
expect 1 "retry-after: 2\r\nretry-after-ms: 1500\r\n"
attempts 0
records 0
open 1
post 1 /v1/chat/completions {"model":"m"}
whole 1 200 {}
expect 1 "HTTP/1.1 200 OK"

scenario c: a token budget that is used up says that waiting does not help
refuse max_tokens
post 1 /v1/chat/completions {"model":"m"}
expect 1 "HTTP/1.1 429 "
expect 1 "x-should-retry: false\r\n"

scenario c: a store that is full is a 503 with Retry-After
refuse full
post 1 /v1/chat/completions {"model":"m"}
expect 1 "HTTP/1.1 503 "
expect 1 "retry-after: 5\r\n"
records 0

scenario c: a settlement that finds the store full is repeated, then answered
post 1 /v1/chat/completions {"model":"m"}
full
whole 1 200 {}
records 0
wait 1s
record status=200
expect 1 "HTTP/1.1 200 OK"

scenario c: limits of tokens are told too, and when they reset if they do
header authorization: Bearer sk-lim
limits 100 0 1ms 5000 4321 2500ms
post 1 /v1/chat/completions {"model":"m"}
whole 1 200 {}
expect 1 "x-ratelimit-limit-requests: 100\r\nx-ratelimit-remaining-requests: 0\r\nx-ratelimit-reset-requests: 1ms\r\nx-ratelimit-limit-tokens: 5000\r\nx-ratelimit-remaining-tokens: 4321\r\nx-ratelimit-reset-tokens: 2500ms\r\n"
header authorization: Bearer sk-lim
limits 100 0 1ms 5000 0
post 2 /v1/chat/completions {"model":"m"}
whole 2 200 {}
expect 2 "x-ratelimit-remaining-tokens: 0\r\n"
never 2 "x-ratelimit-reset-tokens"

scenario c: a wait of a moment is a second to Retry-After, never none
refuse cooldown 1ms
post 1 /v1/chat/completions {"model":"m"}
expect 1 "retry-after: 1\r\nretry-after-ms: 1\r\n"
never 1 "x-should-retry"

scenario c: limits are told, a place is given back on every end
header authorization: Bearer sk-lim
limits 100 99 1500ms
post 1 /v1/chat/completions {"model":"m"}
whole 1 200 {}
expect 1 "x-ratelimit-limit-requests: 100\r\nx-ratelimit-remaining-requests: 99\r\nx-ratelimit-reset-requests: 1500ms\r\n"
record key=lim release=1
header authorization: Bearer sk-lim
post 1 /v1/chat/completions {"model":"unknown"}
expect 1 "HTTP/1.1 404 "
header authorization: Bearer sk-lim
post 1 /v1/chat/completions {"model":"m"}
fail 1
record key=lim release=1 status=499

scenario c: a client that goes away in its body is not accounted for
send 1 "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: 13\r\n\r\n{"
eof 1
cut 1
records 0
attempts 0

scenario c: a body that is no JSON, or too long, never reaches a provider
conf client = { max_body = "64k"; };
post 1 /v1/chat/completions {"model":"m",}
expect 1 "HTTP/1.1 400 "
post 1 /v1/chat/completions {"model":"m","model":"n"}
expect 1 "HTTP/1.1 400 "
send 1 "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: 65537\r\n\r\n"
expect 1 "HTTP/1.1 413 "
closed 1
attempts 0

scenario c: a slow reader gets all of an answer before its connection closes
header connection: close
post 1 /v1/chat/completions {"model":"m"}
reads 1 100
whole 1 200 {"pad":"0123456789012345678901234567890123456789012345678901234567890123456789"}
wait 30s
reads 1 20
wait 30s
reads 1 all
expect 1 "456789\"}"
closed 1

scenario c: a connection that still brings an answer is not idle
post 1 /v1/chat/completions {"model":"m"}
reads 1 100
whole 1 200 {"pad":"0123456789012345678901234567890123456789012345678901234567890123456789"}
wait 50s
reads 1 20
wait 50s
reads 1 all
expect 1 "456789\"}"
open 1

scenario c: the last hop decides whose address counts, in whatever field it stands
conf client = { trusted_proxies = ( "10.0.0.0/8" ); allow_from = ( "192.168.1.0/24" ); };
connect 1 from 10.0.0.1
header x-forwarded-for: 192.168.1.7
header x-forwarded-for: 203.0.113.9
post 1 /v1/chat/completions {"model":"m"}
expect 1 "HTTP/1.1 403 "
header x-forwarded-for: 203.0.113.9
header x-forwarded-for: 192.168.1.7
post 1 /v1/chat/completions {"model":"m"}
attempts 1

scenario c: draining with nothing under way ends at once
drain 60s
drained 1

scenario c: draining answers what is under way and the next request, then closes
post 1 /v1/chat/completions {"model":"m"}
connect 2
drain 60s
drained 0
whole 1 200 {}
expect 1 "HTTP/1.1 200 OK"
expect 1 "connection: close"
closed 1
post 2 /v1/chat/completions {"model":"m"}
whole 2 200 {}
expect 2 "connection: close"
closed 2
drained 1
records 2

scenario c: an answer until the close that is cut short is a reset
conf client = { hold_max = "4k"; };
send 1 "POST /v1/chat/completions HTTP/1.0\r\nhost: x\r\ncontent-length: 13\r\n\r\n{\"model\":\"m\"}"
answer 1 200 json -
bytes 1 "0123456789abcdef" * 300
end 1 truncated
reset 1

scenario c: who pipelines and does not read gets no further until it does
post 1 /v1/chat/completions {"model":"m"}
reads 1 0
answer 1 200 json
bytes 1 "1" * 70000
end 1 ok
records 1
send 1 "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: 13\r\n\r\n{\"model\":\"m\"}GET /healthz HTTP/1.1\r\nhost: x\r\n\r\nPOST /v1/chat/compl"
attempts 1
wait 50s
open 1
reads 1 30000
attempts 1
wait 50s
reads 1 30000
attempts 2
whole 2 200 {"b":1}
wait 5s
open 1
reads 1 all
expect 1 "{\"b\":1}"
expect 1 "{\"status\":\"ok\""
wait 12s
expect 1 "HTTP/1.1 408 "
closed 1

scenario c: while memory is short, less than that is too much to go on
conf client = { max_body = "1m"; buffer_budget = "1m"; hold_max = "1m"; };
post 1 /v1/chat/completions {"model":"m"}
reads 1 0
answer 1 200 json
bytes 1 "1" * 30000
end 1 ok
post 2 /v1/chat/completions {"model":"m"}
reads 2 0
answer 2 200 json
bytes 2 "1" * 1100000
paused 2
attempts 2
send 1 "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: 13\r\n\r\n{\"model\":\"m\"}"
wait 1100ms
reads 2 all
running 2
attempts 2
reads 1 all
attempts 3
whole 3 200 {}

scenario c: who half-closes while an answer is on its way to it gets all of it
post 1 /v1/chat/completions {"model":"m"}
reads 1 100
whole 1 200 {"pad":"0123456789012345678901234567890123456789012345678901234567890123456789"}
eof 1
open 1
reads 1 all
expect 1 "456789\"}"
closed 1

scenario c: a page of the web needs a key where others in the machine need none
header origin: https://evil.example
post 1 /v1/chat/completions {"model":"m"}
expect 1 "HTTP/1.1 403 "
expect 1 "client.cors_origins"
header origin: null
post 2 /v1/chat/completions {"model":"m"}
expect 2 "HTTP/1.1 403 "
header origin: http://localhost.evil.example
post 3 /v1/chat/completions {"model":"m"}
expect 3 "HTTP/1.1 403 "
attempts 0
header origin: http://localhost:3000
post 4 /v1/chat/completions {"model":"m"}
header origin: http://[::1]:3000
post 5 /v1/chat/completions {"model":"m"}
attempts 2

scenario c: nor is a name that leads here taken for local, without a key
send 1 "POST /v1/chat/completions HTTP/1.1\r\nhost: rebind.example:8080\r\ncontent-length: 13\r\n\r\n{\"model\":\"m\"}"
expect 1 "HTTP/1.1 403 "
expect 1 "client.allow_from"
attempts 0
send 2 "POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1:8080\r\ncontent-length: 13\r\n\r\n{\"model\":\"m\"}"
attempts 1
send 3 "POST /v1/chat/completions HTTP/1.1\r\nhost: [::1]:8080\r\ncontent-length: 13\r\n\r\n{\"model\":\"m\"}"
attempts 2
send 4 "POST /v1/chat/completions HTTP/1.1\r\nhost: app.localhost\r\ncontent-length: 13\r\n\r\n{\"model\":\"m\"}"
attempts 3
send 5 "POST /v1/chat/completions HTTP/1.1\r\nhost: aigw:8080\r\ncontent-length: 13\r\n\r\n{\"model\":\"m\"}"
attempts 4
send 6 "POST /v1/chat/completions HTTP/1.1\r\nhost: aigw.example\r\nauthorization: Bearer sk-lim\r\ncontent-length: 13\r\n\r\n{\"model\":\"m\"}"
attempts 5

scenario c: who names the clients, or the origin, has them let in
conf client = { allow_from = ( "127.0.0.0/8" ); };
send 1 "POST /v1/chat/completions HTTP/1.1\r\nhost: aigw.example\r\norigin: https://app.example\r\ncontent-length: 13\r\n\r\n{\"model\":\"m\"}"
attempts 1

scenario c: an origin of cors_origins may call without a key
conf client = { cors_origins = ( "https://app.example" ); };
send 1 "POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\norigin: https://app.example\r\ncontent-length: 13\r\n\r\n{\"model\":\"m\"}"
attempts 1
