# Upstream keys: whose turn it is, what puts one out, what brings it back.
config u
listen = ( { address = "127.0.0.1:8080"; } );
auth = { required = false; };
providers = (
{ id = "two"; dialect = "openai"; base_url = "http://two.test";
keys = ( "key-1", "key-2" ); models = ( "m" ); },
{ id = "heavy"; dialect = "openai"; base_url = "http://heavy.test"; models = ( "h" );
keys = ( { key = "key-h1"; weight = 2.0; }, { key = "key-h2"; weight = 1.0; }, { key = "key-h3"; weight = 0.0; } ); },
{ id = "one"; dialect = "openai"; base_url = "http://one.test"; keys = ( "key-one" ); models = ( "o" ); },
{ id = "probed"; dialect = "openai"; base_url = "http://probed.test"; keys = ( "key-p1", "key-p2" ); models = ( "p" );
health = { unhealthy_retry = "0s"; }; },
{ id = "unprobed"; dialect = "openai"; base_url = "http://unprobed.test"; keys = ( "key-n1", "key-n2" ); models = ( "n" );
health = { interval = "0s"; }; },
{ id = "claude"; dialect = "anthropic"; base_url = "http://claude.test"; keys = ( "key-c1", "key-c2" ); models = ( "c" ); },
{ id = "gem"; dialect = "gemini"; base_url = "http://gem.test"; keys = ( "key-g1", "key-g2" ); models = ( "g" ); },
{ id = "own"; dialect = "openai"; base_url = "http://own.test"; keys = ( "key-own" ); models = ( "w" );
auth_header = "x-token"; auth_format = "Token <{key}>"; } );
groups = ( { name = "g2"; targets = ( { provider = "two"; model = "m"; }, { provider = "one"; model = "m"; priority = 2; } ); } );
end

scenario u: keys take turns
post 1 /v1/chat/completions {"model":"m"}
upheader 1 "Authorization: Bearer key-1"
post 2 /v1/chat/completions {"model":"m"}
upheader 2 "Authorization: Bearer key-2"
post 3 /v1/chat/completions {"model":"m"}
upheader 3 "Authorization: Bearer key-1"

scenario u: a key of weight 2 has twice the turns of one of weight 1, one of 0 none
post 1 /v1/chat/completions {"model":"h"}
upheader 1 "key-h1"
post 2 /v1/chat/completions {"model":"h"}
upheader 2 "key-h2"
post 3 /v1/chat/completions {"model":"h"}
upheader 3 "key-h1"
post 4 /v1/chat/completions {"model":"h"}
upheader 4 "key-h1"
post 5 /v1/chat/completions {"model":"h"}
upheader 5 "key-h2"
post 6 /v1/chat/completions {"model":"h"}
upheader 6 "key-h1"
attempts 6

scenario u: a key of weight 0 is used when the others are out
post 1 /v1/chat/completions {"model":"h"}
whole 1 401 {}
whole 2 401 {}
upheader 3 "key-h3"
whole 3 200 {}
expect 1 "HTTP/1.1 200 OK"
post 1 /v1/chat/completions {"model":"h"}
upheader 4 "key-h3"

scenario u: Retry-After may be a date, and milliseconds go before it
post 1 /v1/chat/completions {"model":"o"}
answer 1 429 none 0 retry-after: Fri, 15 Jan 2027 08:16:52 GMT
end 1 ok
expect 1 "HTTP/1.1 429 "
expect 1 "retry-after: 12\r\nretry-after-ms: 12000\r\n"
post 1 /v1/chat/completions {"model":"o"}
answer 2 429 none 0 retry-after: 60|retry-after-ms: 2500
end 2 ok
expect 1 "retry-after: 3\r\nretry-after-ms: 2500\r\n"
post 1 /v1/chat/completions {"model":"o"}
answer 3 429 none 0 retry-after: soon
end 3 ok
expect 1 "retry-after: 1\r\nretry-after-ms: 1000\r\n"

scenario u: Google says in the body when to come again
post 1 /v1/chat/completions {"model":"g","messages":[{"role":"user","content":"a"}]}
whole 1 429 {"error":{"code":429,"status":"RESOURCE_EXHAUSTED","details":[{"@type":"x"},{"retryDelay":"9s"}]}}
whole 2 429 {"error":{"code":429,"status":"RESOURCE_EXHAUSTED","details":[{"retryDelay":"34.4s"}]}}
expect 1 "HTTP/1.1 429 "
expect 1 "retry-after: 35\r\nretry-after-ms: 34400\r\n"
wait 9100ms
post 2 /v1beta/models/g:generateContent {"contents":[{"parts":[{"text":"a"}]}]}
upheader 3 "key-g1"
whole 3 429 {"error":{"code":429,"status":"RESOURCE_EXHAUSTED","details":[{"retryDelay":"7s"}]}}
whole 4 429 {"error":{"code":429,"status":"RESOURCE_EXHAUSTED","details":[{"retryDelay":"5s"}]}}
expect 2 "retry-after: 5\r\n"
expect 2 "\"retryDelay\":\"5s\"}]}}"

scenario u: Retry-After rests the key for as long as it says
post 1 /v1/chat/completions {"model":"m"}
retry 1 429 4
whole 2 200 {}
wait 3900ms
post 1 /v1/chat/completions {"model":"m"}
upheader 3 "key-2"
whole 3 200 {}
wait 200ms
post 1 /v1/chat/completions {"model":"m"}
whole 4 200 {}
post 1 /v1/chat/completions {"model":"m"}
whole 5 200 {}
upheader 5 "key-1"

scenario u: a key that is limited again and again rests longer each time
post 1 /v1/chat/completions {"model":"o"}
whole 1 429 {}
wait 1100ms
post 1 /v1/chat/completions {"model":"o"}
whole 2 429 {}
keyfaults 2
post 1 /v1/chat/completions {"model":"g2"}
whole 3 500 {}
upstream 4 one
whole 4 200 {}
wait 1s
get 1 /readyz
expect 1 "HTTP/1.1 200 OK"

scenario u: Retry-After of a 503 does not rest a key, but its provider's fault is noted
post 1 /v1/chat/completions {"model":"g2"}
retry 1 503 60
upstream 2 one
whole 2 200 {}
keyfaults 0
post 1 /v1/chat/completions {"model":"m"}
upstream 3 two

scenario u: the words of a quota put a key out, whatever the status, the prompt's do not
post 1 /v1/chat/completions {"model":"m"}
whole 1 429 {"error":{"message":"You exceeded your current quota, please check"}}
upheader 2 "key-2"
whole 2 403 {"error":{"type":"billing_error","message":"x"}}
expect 1 "HTTP/1.1 502 "
keyfaults 2
post 1 /v1/chat/completions {"model":"h"}
whole 3 400 {"error":{"message":"bad word: You exceeded your current quota"}}
expect 1 "HTTP/1.1 400 "
keyfaults 2

scenario u: a moderator's 403 puts no key out
post 1 /v1/chat/completions {"model":"o"}
whole 1 403 {"error":{"code":"content_policy_violation","message":"no"}}
keyfaults 0
expect 1 "HTTP/1.1 502 "

scenario u: nor does one that gives reasons
post 1 /v1/chat/completions {"model":"m"}
whole 1 403 {"error":{"code":403,"message":"flagged","metadata":{"reasons":["x"],"provider_name":"p"}}}
upheader 2 "key-2"
whole 2 403 {"error":{"code":403,"message":"flagged","metadata":{"reasons":["x"],"provider_name":"p"}}}
keyfaults 0
expect 1 "HTTP/1.1 502 "

scenario u: nor does a file that a key may not see
post 1 /v1beta/models/g:generateContent {"contents":[{"parts":[{"text":"a"}]}]}
upheader 1 "key-g1"
whole 1 403 {"error":{"code":403,"message":"You do not have permission to access the File x or it may not exist.","status":"PERMISSION_DENIED"}}
upheader 2 "key-g2"
whole 2 200 {"usageMetadata":{"promptTokenCount":1,"candidatesTokenCount":1}}
expect 1 "HTTP/1.1 200 OK"
keyfaults 0

scenario u: on a raw path a 403 goes to the next key and puts none out without a word about keys
post 1 /two/v1/fine_tuning/jobs {}
upheader 1 "key-1"
whole 1 403 {"error":{"message":"Missing scopes: x"}}
upheader 2 "key-2"
whole 2 403 {"error":{"message":"Missing scopes: x"}}
expect 1 "HTTP/1.1 502 "
keyfaults 0
post 2 /two/v1/fine_tuning/jobs {}
whole 3 403 {"error":{"code":"account_deactivated"}}
keyfaults 1

scenario u: what Google wraps into an array, for a stream without alt=sse, is read
post 1 /v1beta/models/g:streamGenerateContent {"contents":[{"parts":[{"text":"a"}]}]}
upheader 1 "key-g1"
whole 1 400 [{"error":{"code":400,"message":"API key not valid. Please pass a valid API key.","status":"INVALID_ARGUMENT"}}]
keyfaults 1
upheader 2 "key-g2"
whole 2 429 [{"error":{"code":429,"message":"m","status":"RESOURCE_EXHAUSTED","details":[{"retryDelay":"48s"}]}}]
keyfaults 2
expect 1 "HTTP/1.1 429 "
expect 1 "retry-after: 48\r\n"

scenario u: a key that waits for a probe is used when there are none
upkey unprobed 1 waits
wait 100ms
post 1 /v1/chat/completions {"model":"n"}
upheader 1 "key-n1"
upkey probed 1 waits
wait 100ms
post 2 /v1/chat/completions {"model":"p"}
upheader 2 "key-p2"

scenario u: without a time for it only a probe brings a key back
post 1 /v1/chat/completions {"model":"p"}
whole 1 401 {}
whole 2 200 {}
wait 3700s
post 2 /v1/chat/completions {"model":"p"}
upheader 3 "key-p2"
post 3 /v1/chat/completions {"model":"p"}
upheader 4 "key-p2"
upkey probed 1 good
wait 100ms
post 4 /v1/chat/completions {"model":"p"}
post 5 /v1/chat/completions {"model":"p"}
upheader 5 "key-p1"
upheader 6 "key-p2"

scenario u: a key that another worker found bad rests here too
upkey two 1 rests 60s
wait 100ms
post 1 /v1/chat/completions {"model":"m"}
upheader 1 "key-2"
post 2 /v1/chat/completions {"model":"m"}
upheader 2 "key-2"
wait 61s
post 3 /v1/chat/completions {"model":"m"}
upheader 3 "key-1"
post 4 /v1/chat/completions {"model":"m"}
upheader 4 "key-2"

scenario u: a key whose probe failed goes on being used, since that may be the probe
upkey two 1 down
wait 100ms
post 1 /v1/chat/completions {"model":"m"}
post 2 /v1/chat/completions {"model":"m"}
upheader 1 "key-1"
upheader 2 "key-2"

scenario u: a target whose keys all rest is asked last
upkey two 1 rests 60s
upkey two 2 rests 60s
wait 100ms
post 1 /v1/chat/completions {"model":"g2"}
upstream 1 one
end 1 connect
upstream 2 two
whole 2 200 {}
expect 1 "HTTP/1.1 200 OK"

scenario u: when all rest and one serves, that one is in rotation again
upkey two 1 rests 3600s
upkey two 2 rests 3600s
wait 100ms
post 1 /v1/chat/completions {"model":"m"}
whole 1 200 {}
post 1 /v1/chat/completions {"model":"m"}
upheader 2 "key-1"
whole 2 200 {}
post 1 /v1/chat/completions {"model":"m"}
upheader 3 "key-1"
keyfaults 0

scenario u: with one key a second refusal is told at once, without a second try
post 1 /v1/chat/completions {"model":"o"}
whole 1 401 {"error":{"message":"Incorrect API key provided: key-one."}}
attempts 1
expect 1 "HTTP/1.1 502 "
expect 1 "x-should-retry: false\r\n"
expect 1 "provider one refused the gateway's own key or model (HTTP 401): tell the operator"
expect 1 "\"code\":\"upstream_auth\""
never 1 key-one

scenario u: Anthropic's empty purse puts a key out, and its key has its own field
post 1 /claude/v1/messages {"model":"c","max_tokens":5}
upheader 1 "x-api-key: key-c1"
upnoheader 1 "Bearer"
whole 1 400 {"type":"error","error":{"type":"invalid_request_error","message":"Your credit balance is too low to access the API."}}
upheader 2 "x-api-key: key-c2"
whole 2 200 {"usage":{"input_tokens":5,"output_tokens":2}}
expect 1 "HTTP/1.1 200 OK"
record provider=claude model=c input=5 output=2 attempts=2
keyfaults 1

scenario u: Gemini's bad key is a 400 that goes to the next key
post 1 /gem/v1beta/models/g:generateContent {"contents":[]}
upheader 1 "x-goog-api-key: key-g1"
whole 1 400 {"error":{"code":400,"message":"API key not valid. Please pass a valid API key.","status":"INVALID_ARGUMENT"}}
upheader 2 "key-g2"
keyfaults 1

scenario u: a key goes where the provider wants it, in its form
post 1 /v1/chat/completions {"model":"w"}
upheader 1 "x-token: Token <key-own>\n"
upnoheader 1 "uthorization"
whole 1 400 {"error":{"message":"Token <key-own> is bad"}}
never 1 key-own
expect 1 "*******"

scenario u: a header of the answer shows no key either
post 1 /v1/chat/completions {"model":"o"}
answer 1 400 json 2 x-debug: used key-one here
bytes 1 "{}"
end 1 ok
expect 1 "HTTP/1.1 400 "
never 1 key-one

scenario u: refusals of requests that were under way count once
post 1 /v1/chat/completions {"model":"m"}
post 2 /v1/chat/completions {"model":"m"}
post 3 /v1/chat/completions {"model":"m"}
upheader 1 "key-1"
upheader 3 "key-1"
whole 1 401 {}
whole 3 401 {}
keyfaults 1
attempts 5
upheader 4 "key-2"
upheader 5 "key-2"

scenario u: a quota told before the content of a stream goes to the next key
post 1 /v1/chat/completions {"model":"m","stream":true}
answer 1 200 sse -
bytes 1 "data: {\"error\":{\"message\":\"no more\",\"type\":\"insufficient_quota\",\"code\":\"insufficient_quota\"}}\n\n"
cancelled 1
upheader 2 "key-2"
answer 2 200 sse -
bytes 2 "data: {\"choices\":[{\"delta\":{\"content\":\"Hi\"}}]}\n\ndata: [DONE]\n\n"
end 2 ok
expect 1 "Hi"
never 1 "no more"
keyfaults 1
post 1 /v1/chat/completions {"model":"m"}
upheader 3 "key-2"

scenario u: when all keys say so inside their streams, the client is told as by a status
post 1 /v1/chat/completions {"model":"m","stream":true}
answer 1 200 sse -
bytes 1 "data: {\"error\":{\"code\":429,\"message\":\"slow down\"}}\n\n"
answer 2 200 sse -
bytes 2 "data: {\"error\":{\"type\":\"x\",\"code\":\"rate_limit_exceeded\"}}\n\n"
keyfaults 2
attempts 2
expect 1 "HTTP/1.1 429 "
expect 1 "retry-after: 1\r\n"

scenario u: a bad key inside a stream goes on to the next target when it is the last
post 1 /v1/chat/completions {"model":"g2","stream":true}
answer 1 200 sse -
bytes 1 "data: {\"error\":{\"code\":\"invalid_api_key\"}}\n\n"
answer 2 200 sse -
bytes 2 "data: {\"error\":{\"code\":\"invalid_api_key\"}}\n\n"
upstream 3 one
keyfaults 2

scenario u: a rate limit behind content puts the key out, and the client reads it
post 1 /claude/v1/messages {"model":"c","max_tokens":5,"stream":true}
answer 1 200 sse -
bytes 1 "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"Hi\"}}\n\n"
expect 1 "Hi"
keyfaults 0
bytes 1 "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"rate_limit_error\",\"message\":\"too fast\"}}\n\n"
end 1 ok
expect 1 "too fast"
keyfaults 1
post 1 /claude/v1/messages {"model":"c","max_tokens":5}
upheader 2 "x-api-key: key-c2"

scenario u: an event that says no more than overload or a bad request puts no key out
post 1 /v1/chat/completions {"model":"g2","stream":true}
answer 1 200 sse -
bytes 1 "data: {\"error\":{\"type\":\"server_error\",\"code\":503,\"message\":\"rate_limit_exceeded\"}}\n\n"
upstream 2 one
keyfaults 0

scenario u: a whole answer that is an error of its key goes to the next one, others are passed on
post 1 /v1/chat/completions {"model":"m"}
whole 1 200 {"error":{"message":"x","code":402}}
upheader 2 "key-2"
whole 2 200 {"error":{"message":"their words","code":500}}
expect 1 "HTTP/1.1 200 OK"
expect 1 "their words"
keyfaults 1
