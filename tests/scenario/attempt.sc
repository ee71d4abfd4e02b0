# Attempts: what is tried, in which order, and what the client is told.
config two
listen = ( { address = "127.0.0.1:8080"; } );
auth = { required = false; };
providers = (
{ id = "alpha"; dialect = "openai"; base_url = "http://alpha.test";
keys = ( "key-a1", "key-a2" ); models = ( "m" );
price = { input = 1.0; output = 2.0; unit = "per_million_tokens"; }; },
{ id = "beta"; dialect = "openai"; base_url = "http://beta.test/api";
keys = ( "key-b1" ); models = ( "m" );
price = { input = 1.0; output = 2.0; unit = "per_million_tokens"; }; },
{ id = "bare"; dialect = "openai"; base_url = "http://bare.test";
models = ( "nokey" ); } );
groups = ( { name = "g"; strategy = "priority"; targets = (
{ provider = "alpha"; model = "m"; priority = 1; },
{ provider = "beta"; model = "n"; priority = 2; } ); } );
end

scenario two: a whole answer passes byte for byte and is accounted for
post 1 /v1/chat/completions {"model":"g","messages":[]}
upstream 1 alpha
uptarget 1 /v1/chat/completions
upheader 1 "Authorization: Bearer key-a1"
upbody 1 {"model":"m","messages":[]}
wait 250ms
whole 1 200 {"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":4}}
expect 1 "HTTP/1.1 200 OK\r\n"
expect 1 "x-upstream-request-id: up-1\r\n"
expect 1 "x-aigw-provider: alpha\r\nx-aigw-model: m\r\nx-aigw-attempts: 1\r\nx-aigw-cost: "
expect 1 "content-length: 64\r\n\r\n"
exactly 1 {"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":4}}
open 1
record status=200 provider=alpha group=g model=g upstream_model=m attempts=1 input=3 output=4 cost=11000000 duration_ms=250 upstream_ms=250 flags=none
records 1
buffered 0

scenario two: a name that cannot be resolved goes to the next target
post 1 /v1/chat/completions {"model":"g"}
end 1 resolve
upstream 2 beta
uptarget 2 /api/v1/chat/completions
upbody 2 {"model":"n"}
whole 2 200 {"usage":{"prompt_tokens":1,"completion_tokens":1}}
expect 1 "x-aigw-provider: beta\r\nx-aigw-model: n\r\nx-aigw-attempts: 2\r\n"
record status=200 provider=beta upstream_model=n attempts=2

scenario two: a guarded address goes to the next target
post 1 /v1/chat/completions {"model":"g"}
end 1 guarded
upstream 2 beta

scenario two: a refused connection goes to the next target, then 503
post 1 /v1/chat/completions {"model":"g"}
end 1 connect
end 2 connect
expect 1 "HTTP/1.1 503 "
expect 1 "x-aigw-attempts: 2\r\n"
expect 1 "all 2 attempts failed, the last at provider beta"
record status=503 attempts=2 input=0 output=0 cost=0 flags=failed
open 1

scenario two: no connection in time at the only candidate is 504
post 1 /v1/chat/completions {"model":"beta/x"}
upstream 1 beta
end 1 connect_timeout
expect 1 "HTTP/1.1 504 "
record status=504 attempts=1

scenario two: a failed handshake goes to the next target
post 1 /v1/chat/completions {"model":"g"}
end 1 tls
upstream 2 beta

scenario two: a connection that broke while sending goes to the next target
post 1 /v1/chat/completions {"model":"g"}
end 1 send
upstream 2 beta

scenario two: a reset before the head goes to the next target
post 1 /v1/chat/completions {"model":"g"}
end 1 reset
upstream 2 beta

scenario two: no head in time goes to the next target
post 1 /v1/chat/completions {"model":"g"}
end 1 head_timeout
upstream 2 beta

scenario two: nonsense instead of a head goes to the next target
post 1 /v1/chat/completions {"model":"g"}
end 1 bad_head
upstream 2 beta

scenario two: a held answer that is cut short goes to the next target
post 1 /v1/chat/completions {"model":"g"}
answer 1 200 json 100
bytes 1 {"half":
end 1 truncated
upstream 2 beta
whole 2 200 {"usage":{"prompt_tokens":1,"completion_tokens":1}}
expect 1 "HTTP/1.1 200 OK\r\n"
never 1 half
record status=200 attempts=2 provider=beta

scenario two: a held answer with a broken body goes to the next target
post 1 /v1/chat/completions {"model":"g"}
answer 1 200 json -
bytes 1 {"half":
end 1 bad_body
upstream 2 beta

scenario two: silence inside a held answer goes to the next target
post 1 /v1/chat/completions {"model":"g"}
answer 1 200 json -
end 1 idle_timeout
upstream 2 beta
end 2 total_timeout
expect 1 "HTTP/1.1 503 "

scenario two: 500, 502, 503, 504, 529 and 408 go to the next target
post 1 /v1/chat/completions {"model":"g"}
whole 1 500 {"error":"a"}
upstream 2 beta
whole 2 502 {"error":"b"}
expect 1 "HTTP/1.1 503 "
post 1 /v1/chat/completions {"model":"g"}
whole 3 503 {}
whole 4 504 {}
expect 1 "HTTP/1.1 503 "
wait 60s
post 1 /v1/chat/completions {"model":"g"}
whole 5 529 {}
upstream 6 beta
whole 6 408 {}
expect 1 "HTTP/1.1 503 "
records 3

scenario two: a status that is the client's own fault passes unchanged
post 1 /v1/chat/completions {"model":"g"}
whole 1 400 {"error":{"message":"bad tool"}}
attempts 1
expect 1 "HTTP/1.1 400 Bad Request\r\n"
expect 1 "\r\n\r\n{\"error\":{\"message\":\"bad tool\"}}"
record status=400 flags=failed input=0
post 1 /v1/chat/completions {"model":"g"}
whole 2 422 {"e":1}
expect 1 "HTTP/1.1 422 "

scenario two: 401 takes the next key, then the next target, then is a 502
post 1 /v1/chat/completions {"model":"g"}
upheader 1 "Bearer key-a1"
whole 1 401 {"error":"no"}
upstream 2 alpha
upheader 2 "Bearer key-a2"
whole 2 403 {"error":"no"}
upstream 3 beta
whole 3 402 {"error":"no"}
attempts 3
expect 1 "HTTP/1.1 502 "
expect 1 "refused the gateway's own key or model (HTTP 402)"
keyfaults 3
record status=502 attempts=3 cost=0 flags=failed
# the keys are out of rotation, so all are taken back at once
post 1 /v1/chat/completions {"model":"beta/x"}
upheader 4 "Bearer key-b1"

scenario two: an unknown model at the provider goes to the next target
post 1 /v1/chat/completions {"model":"g"}
whole 1 404 {"error":"no such model"}
upstream 2 beta
whole 2 400 {"error":{"code":"model_not_found"}}
expect 1 "HTTP/1.1 503 "
keyfaults 0

scenario two: 404 everywhere is a 502 that says so
post 1 /v1/chat/completions {"model":"beta/x"}
whole 1 404 {}
expect 1 "HTTP/1.1 502 "

scenario two: a provider without keys that wants one is asked once
post 1 /v1/chat/completions {"model":"nokey"}
upstream 1 bare
upnoheader 1 "Authorization"
whole 1 401 {}
attempts 1
expect 1 "HTTP/1.1 502 "
record attempts=1 status=502

scenario two: 429 with Retry-After rests the key and tells the client
post 1 /v1/chat/completions {"model":"beta/x"}
retry 1 429 7
expect 1 "HTTP/1.1 429 "
expect 1 "retry-after: 7\r\nretry-after-ms: 7000\r\n"
keyfaults 1
post 1 /v1/chat/completions {"model":"g"}
retry 2 429 7
upstream 3 alpha
retry 3 429 7
upstream 4 beta
whole 4 200 {}
expect 1 "HTTP/1.1 200 OK"

scenario two: 429 without Retry-After rests the key for a moment
post 1 /v1/chat/completions {"model":"alpha/m"}
upheader 1 "Bearer key-a1"
whole 1 429 {}
upstream 2 alpha
upheader 2 "Bearer key-a2"
whole 2 200 {"usage":{"prompt_tokens":1,"completion_tokens":1}}
keyfaults 1
post 1 /v1/chat/completions {"model":"alpha/m"}
upheader 3 "Bearer key-a2"
whole 3 200 {"usage":{"prompt_tokens":1,"completion_tokens":1}}
wait 2s
post 1 /v1/chat/completions {"model":"alpha/m"}
whole 4 200 {"usage":{"prompt_tokens":1,"completion_tokens":1}}
post 1 /v1/chat/completions {"model":"alpha/m"}
upheader 5 "Bearer key-a1"

scenario two: a quota answer rests the key, whatever its status
post 1 /v1/chat/completions {"model":"alpha/m"}
whole 1 400 {"error":{"code":"insufficient_quota","message":"m"}}
upstream 2 alpha
upheader 2 "Bearer key-a2"
whole 2 200 {"usage":{"prompt_tokens":1,"completion_tokens":1}}
wait 60s
post 1 /v1/chat/completions {"model":"alpha/m"}
upheader 3 "Bearer key-a2"
whole 3 200 {"usage":{"prompt_tokens":1,"completion_tokens":1}}
wait 3600s
post 2 /v1/chat/completions {"model":"alpha/m"}
whole 4 200 {"usage":{"prompt_tokens":1,"completion_tokens":1}}
post 2 /v1/chat/completions {"model":"alpha/m"}
upheader 5 "Bearer key-a1"

scenario two: words of the client put no key out
post 1 /v1/chat/completions {"model":"alpha/m"}
whole 1 400 {"error":{"message":"bad: insufficient_quota"}}
attempts 1
expect 1 "HTTP/1.1 400 "
expect 1 "bad: insufficient_quota"
keyfaults 0

scenario two: all out, all back, and the one that works is in again
post 1 /v1/chat/completions {"model":"alpha/m"}
whole 1 401 {}
upstream 2 alpha
whole 2 401 {}
expect 1 "HTTP/1.1 502 "
wait 2s
post 1 /v1/chat/completions {"model":"alpha/m"}
whole 3 200 {"usage":{"prompt_tokens":1,"completion_tokens":1}}
expect 1 "HTTP/1.1 200 "
post 1 /v1/chat/completions {"model":"alpha/m"}
whole 4 200 {"usage":{"prompt_tokens":1,"completion_tokens":1}}
expect 1 "HTTP/1.1 200 "
keyfaults 2

scenario two: an error passed through shows no key of the provider
post 1 /v1/chat/completions {"model":"alpha/m"}
whole 1 400 {"error":"neither key-a1 nor key-a2 but key-b1"}
expect 1 "HTTP/1.1 400 "
expect 1 {"error":"neither ****** nor ****** but key-b1"}

scenario two: nor one that is too long to be held
post 1 /v1/chat/completions {"model":"alpha/m"}
answer 1 400 json 1200012
bytes 1 "key-a1 0123" *100000
bytes 1 "..key-"
bytes 1 "a2....."
end 1 ok
expect 1 "HTTP/1.1 400 "
expect 1 "content-length: 1200012\r\n"
expect 1 "..******....."
never 1 key-a

config paced
listen = ( { address = "127.0.0.1:8080"; } );
auth = { required = false; };
providers = (
{ id = "slow"; dialect = "openai"; base_url = "http://slow.test";
keys = ( { key = "key-s1"; max_qps = 1; }, { key = "key-s2"; max_qps = 1; } );
models = ( "m" ); },
{ id = "whole"; dialect = "openai"; base_url = "http://whole.test";
keys = ( "key-w1", "key-w2" ); max_qps = 0.2; models = ( "m" ); },
{ id = "bare"; dialect = "openai"; base_url = "http://bare.test";
max_qps = 1; models = ( "m" ); },
{ id = "free"; dialect = "openai"; base_url = "http://free.test";
keys = ( "key-f1" ); models = ( "m" ); } );
groups = ( { name = "g"; strategy = "priority"; targets = (
{ provider = "slow"; model = "m"; priority = 1; },
{ provider = "free"; model = "m"; priority = 2; } ); } );
end

scenario paced: max_qps of a key gives the turn to the next, then to the next target
post 1 /v1/chat/completions {"model":"g"}
upheader 1 "Bearer key-s1"
post 2 /v1/chat/completions {"model":"g"}
upheader 2 "Bearer key-s2"
post 3 /v1/chat/completions {"model":"g"}
upstream 3 free
wait 1100ms
post 4 /v1/chat/completions {"model":"g"}
upstream 4 slow

scenario paced: with nobody else a request waits for its pass, in order
post 1 /v1/chat/completions {"model":"slow/m"}
post 2 /v1/chat/completions {"model":"slow/m"}
attempts 2
wait 200ms
post 3 /v1/chat/completions {"model":"slow/m"}
post 4 /v1/chat/completions {"model":"slow/m"}
post 5 /v1/chat/completions {"model":"slow/m"}
attempts 2
expect 5 "HTTP/1.1 429 "
expect 5 "retry-after: 2\r\n"
expect 5 max_qps
wait 800ms
attempts 2
wait 60ms
attempts 4
whole 3 200 {"usage":{"prompt_tokens":1,"completion_tokens":1}}
whole 4 200 {"usage":{"prompt_tokens":1,"completion_tokens":1}}
expect 4 "HTTP/1.1 200 "
expect 3 "HTTP/1.1 200 "

scenario paced: a key that is refused while a request waits for its pass is not used
post 1 /v1/chat/completions {"model":"slow/m"}
post 2 /v1/chat/completions {"model":"slow/m"}
wait 200ms
post 3 /v1/chat/completions {"model":"slow/m"}
attempts 2
upkey slow 1 rests 60s
wait 900ms
attempts 3
upheader 3 "key-s2"

scenario paced: a client that goes away while it waits costs nothing more
post 1 /v1/chat/completions {"model":"bare/m"}
wait 200ms
post 2 /v1/chat/completions {"model":"bare/m"}
fail 2
wait 5s
attempts 1

scenario paced: a wait that is too long is a 429 that says how long
post 1 /v1/chat/completions {"model":"whole/m"}
attempts 1
wait 1s
post 2 /v1/chat/completions {"model":"whole/m"}
attempts 1
expect 2 "HTTP/1.1 429 "
expect 2 "retry-after: 5\r\nretry-after-ms: 4050\r\n"
wait 4050ms
post 2 /v1/chat/completions {"model":"whole/m"}
attempts 2

scenario paced: what failed elsewhere waits too
post 1 /v1/chat/completions {"model":"slow/m"}
post 2 /v1/chat/completions {"model":"slow/m"}
wait 500ms
post 3 /v1/chat/completions {"model":"g"}
upstream 3 free
whole 3 500 {}
attempts 3
wait 600ms
upstream 4 slow
whole 4 200 {"usage":{"prompt_tokens":1,"completion_tokens":1}}
expect 3 "x-aigw-attempts: 2\r\n"

scenario two: an error text never shows the upstream key
post 1 /v1/chat/completions {"model":"beta/x"}
whole 1 500 {"error":"key key-b1 is tired"}
expect 1 "HTTP/1.1 502 "
expect 1 "is tired"
never 1 key-b1

scenario two: the time of an attempt given up counts
post 1 /v1/chat/completions {"model":"g","stream":true}
answer 1 200 sse -
wait 2s
bytes 1 "data: {\"error\":{\"message\":\"overloaded\"}}\n\n"
cancelled 1
upstream 2 beta
wait 3s
answer 2 200 sse -
bytes 2 "data: {\"choices\":[{\"delta\":{\"content\":\"x\"}}]}\n\n"
bytes 2 "data: [DONE]\n\n"
end 2 ok
expect 1 "[DONE]"
record status=200 attempts=2 upstream_ms=5000 first_ms=5000 duration_ms=5000

scenario two: a long answer streams, its usage is found at its end
conf client = { hold_max = "4k"; };
post 1 /v1/embeddings {"model":"m"}
answer 1 200 json -
bytes 1 "{\"data\":\""
nothing 1
bytes 1 "0123456789abcdef" * 300
expect 1 "HTTP/1.1 200 OK\r\n"
expect 1 "transfer-encoding: chunked\r\n"
running 1
bytes 1 "\",\"usage\":{\"prompt_tokens\":9,\"total_tokens\":9}}"
end 1 ok
expect 1 "\r\n0\r\n\r\n"
open 1
record status=200 input=9 output=0 flags=none

scenario two: a long answer that is cut short breaks the connection
conf client = { hold_max = "4k"; };
post 1 /v1/chat/completions {"model":"m"}
answer 1 200 json -
bytes 1 "0123456789abcdef" * 300
end 1 truncated
cut 1
record status=200 flags=estimated,truncated

scenario two: priority keeps its order, a provider that failed twice goes last
post 1 /v1/chat/completions {"model":"g"}
end 1 connect
whole 2 200 {}
post 1 /v1/chat/completions {"model":"g"}
upstream 3 alpha
end 3 connect
whole 4 200 {}
post 1 /v1/chat/completions {"model":"g"}
upstream 5 beta
whole 5 200 {}
wait 31s
post 1 /v1/chat/completions {"model":"g"}
upstream 6 alpha

scenario two: what the gateway itself lacks is no failure of a provider
post 1 /v1/chat/completions {"model":"g"}
end 1 ours
whole 2 200 {}
post 1 /v1/chat/completions {"model":"g"}
upstream 3 alpha
end 3 ours
whole 4 200 {}
post 1 /v1/chat/completions {"model":"g"}
upstream 5 alpha
whole 5 200 {}

scenario two: a head that is too large to be sent on is no failure of a provider
post 1 /v1/chat/completions {"model":"g"}
end 1 head_too_large
expect 1 "HTTP/1.1 431 "
expect 1 "x-aigw-attempts: 1\r\n"
expect 1 "those that provider alpha is sent besides, are too large to be passed on: send fewer or shorter ones"
expect 1 "\"code\":\"headers_too_large\""
record status=431 attempts=1 input=0 output=0 cost=0 flags=failed
open 1
post 1 /v1/messages {"model":"g","max_tokens":9,"messages":[{"role":"user","content":"x"}]}
upstream 2 alpha
end 2 head_too_large
expect 1 "HTTP/1.1 431 "
expect 1 "{\"type\":\"error\",\"error\":{\"type\":\"invalid_request_error\",\"message\":\"the request's header fields"
post 1 /v1/chat/completions {"model":"g","stream":true}
upstream 3 alpha
end 3 head_too_large
expect 1 "HTTP/1.1 431 "
get 1 /alpha/v1/files
upstream 4 alpha
end 4 head_too_large
expect 1 "{\"error\":\"the request's header fields"
post 1 /v1/chat/completions {"model":"g"}
upstream 5 alpha
whole 5 200 {}
keyfaults 0
counter aigw_failovers_total 0
counter aigw_upstream_attempts_failed_total 0

scenario two: nor does it tell that a provider which failed works again
post 1 /v1/chat/completions {"model":"g"}
end 1 connect
end 2 connect
post 1 /v1/chat/completions {"model":"g"}
end 3 connect
end 4 connect
wait 31s
post 1 /v1/chat/completions {"model":"g"}
upstream 5 alpha
end 5 head_too_large
expect 1 "HTTP/1.1 431 "
post 1 /v1/chat/completions {"model":"g"}
upstream 6 alpha
end 6 connect
whole 7 200 {}
post 1 /v1/chat/completions {"model":"g"}
upstream 8 beta
whole 8 200 {}

scenario two: an answer before the request was sent whole keeps the body
post 1 /v1/chat/completions {"model":"g","stream":true,"pad":"0123456789"}
early 1
answer 1 200 sse -
bytes 1 "data: {\"choices\":[{\"delta\":{\"content\":\"x\"}}]}\n\n"
expect 1 "\"x\""
intact 1
bytes 1 "data: [DONE]\n\n"
end 1 ok
expect 1 "0\r\n\r\n"

scenario two: the raw proxy takes both spellings and passes statuses on
get 1 /alpha/v1/files?limit=2
uptarget 1 /v1/files?limit=2
whole 1 500 {"e":1}
expect 1 "HTTP/1.1 500 "
expect 1 "\r\n\r\n{\"e\":1}"
get 1 /alpha/files
uptarget 2 /v1/files
whole 2 404 {"e":2}
expect 1 "HTTP/1.1 404 "
get 1 /beta/v1/files
uptarget 3 /api/v1/files
whole 3 200 {"e":3}
expect 1 "{\"e\":3}"

scenario two: a raw POST that may have been processed is not sent again
post 1 /alpha/v1/files {}
end 1 reset
attempts 1
expect 1 "HTTP/1.1 502 "

scenario two: HEAD, 204 and 304 have no body and no wrong framing
head 1 /alpha/v1/files
answer 1 200 json - content-length: 1234
end 1 ok
expect 1 "HTTP/1.1 200 OK\r\n"
expect 1 "content-length: 1234\r\n"
never 1 chunked
open 1
head 1 /alpha/v1/files
answer 2 204 none -
end 2 ok
expect 1 "HTTP/1.1 204 "
get 1 /alpha/v1/files
answer 3 304 none - etag: "x"
end 3 ok
expect 1 "HTTP/1.1 304 "
never 1 chunked
get 1 /alpha/v1/files
answer 4 200 sse 0
end 4 ok
expect 1 "HTTP/1.1 200 OK\r\n"
expect 1 "content-length: 0\r\n"

config order
listen = ( { address = "127.0.0.1:8080"; } );
auth = { required = false; };
providers = (
{ id = "a"; dialect = "openai"; base_url = "http://a.test"; keys = ( "k1" ); models = ( "m" ); },
{ id = "b"; dialect = "openai"; base_url = "http://b.test"; keys = ( "k2" ); models = ( "m" ); },
{ id = "c"; dialect = "openai"; base_url = "http://c.test"; keys = ( "k3" ); models = ( "m" ); } );
groups = (
{ name = "rr"; strategy = "round_robin"; targets = (
{ provider = "a"; model = "m"; }, { provider = "b"; model = "m"; }, { provider = "c"; model = "m"; } ); },
{ name = "w"; strategy = "weighted"; targets = (
{ provider = "a"; model = "m"; weight = 0.0; }, { provider = "b"; model = "m"; weight = 1.0; } ); },
{ name = "other"; targets = ( { provider = "c"; model = "m"; } ); } );
keys = ( { name = "bound"; secret = "sk-bound"; groups = ( "other" ); } );
end

scenario order: round robin takes each in its turn
post 1 /v1/chat/completions {"model":"rr"}
upstream 1 a
whole 1 200 {}
post 1 /v1/chat/completions {"model":"rr"}
upstream 2 b
whole 2 200 {}
post 1 /v1/chat/completions {"model":"rr"}
upstream 3 c
end 3 connect
upstream 4 a
whole 4 200 {}
post 1 /v1/chat/completions {"model":"rr"}
upstream 5 a

scenario order: weight 0 is tried only after the others
post 1 /v1/chat/completions {"model":"w"}
upstream 1 b
end 1 connect
upstream 2 a

scenario order: a key bound to a group may use no other
header authorization: Bearer sk-bound
post 1 /v1/chat/completions {"model":"rr"}
expect 1 "HTTP/1.1 403 "
attempts 0
header authorization: bearer sk-bound
post 1 /v1/chat/completions {"model":"other"}
upstream 1 c
whole 1 200 {}
expect 1 "HTTP/1.1 200 OK"
record key=bound group=other
header x-api-key: sk-bound
get 1 /a/v1/files
expect 1 "HTTP/1.1 403 "
records 1
