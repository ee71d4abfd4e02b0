# Who calls: credentials, roles, tiers, allow lists, addresses, limits.
config k
listen = ( { address = "127.0.0.1:8080"; } );
providers = (
{ id = "alpha"; dialect = "openai"; base_url = "http://alpha.test";
keys = ( "key-a1" ); models = ( "m", "mini-1" ); },
{ id = "beta"; dialect = "openai"; base_url = "http://beta.test";
keys = ( "key-b1" ); models = ( "m", "n" ); priority = 2; },
{ id = "gg"; dialect = "gemini"; base_url = "http://gg.test";
keys = ( "key-g1" ); models = ( "q" ); } );
default_strategy = "priority";
groups = ( { name = "g"; targets = ( { provider = "alpha"; model = "m"; } ); } );
tiers = ( { name = "basic"; rps = 3; rpm = 40; max_concurrency = 2; cooldown = "2s"; },
{ name = "gold"; rpm = 900; daily_limit = 50; } );
default_tier = "basic";
keys = ( { name = "user"; secret = "sk-user"; rpm = 7; rps = 0; },
{ name = "off"; secret = "sk-off"; enabled = false; },
{ name = "late"; secret = "sk-late"; expires = "2027-01-14"; },
{ name = "last"; secret = "sk-last"; expires = "2027-01-15"; },
{ name = "onlybeta"; secret = "sk-beta"; providers = ( "beta" ); },
{ name = "minis"; secret = "sk-mini"; models = ( "mini-*", "g" ); },
{ name = "inside"; secret = "sk-in"; allow_from = ( "192.168.1.0/24", "2001:db8::/32" ); },
{ name = "root"; secret = "sk-root"; role = "root"; rpm = 1; groups = ( "g" ); providers = ( "beta" ); allow_from = ( "10.0.0.0/8" ); } );
end

scenario k: no key is a 401 that says how to send one
post 1 /v1/chat/completions {"model":"m"}
expect 1 "HTTP/1.1 401 Unauthorized\r\n"
expect 1 "x-should-retry: false\r\n"
expect 1 "no API key: send \\\"Authorization: Bearer KEY\\\""
expect 1 "\"type\":\"invalid_request_error\",\"param\":null,\"code\":\"invalid_api_key\"}}"
open 1
counter aigw_auth_failures_total 1
attempts 0
records 0

scenario k: an unknown key is a 401 that does not repeat it
header authorization: Bearer sk-nobody
post 1 /v1/chat/completions {"model":"m"}
expect 1 "HTTP/1.1 401 "
expect 1 "unknown API key"
never 1 nobody
attempts 0

scenario k: a key that is switched off says so
header authorization: Bearer sk-off
post 1 /v1/chat/completions {"model":"m"}
expect 1 "HTTP/1.1 401 "
expect 1 "this API key is disabled"

scenario k: a key works until the end of its last day
header authorization: Bearer sk-late
post 1 /v1/chat/completions {"model":"m"}
expect 1 "HTTP/1.1 401 "
expect 1 "this API key has expired"
header authorization: Bearer sk-last
post 1 /v1/chat/completions {"model":"m"}
attempts 1
whole 1 200 {}
record key=last

scenario k: a key may stand in any of four fields, with a scheme or without
header authorization: bEaReR   sk-user
get 1 /v1/models
expect 1 "HTTP/1.1 200 OK"
header authorization: sk-user
get 1 /v1/models
expect 1 "HTTP/1.1 200 OK"
header x-api-key: sk-user
get 1 /v1/models
expect 1 "HTTP/1.1 200 OK"
header api-key: sk-user
get 1 /v1/models
expect 1 "HTTP/1.1 200 OK"
header x-goog-api-key: sk-user
get 1 /v1/models
expect 1 "HTTP/1.1 200 OK"
header authorization: Bearer
header x-api-key: sk-user
get 1 /v1/models
expect 1 "HTTP/1.1 200 OK"

scenario k: a key in the query is none outside of Gemini's paths
get 1 /v1/models?key=sk-user
expect 1 "HTTP/1.1 401 "

scenario k: two credentials that differ are refused, the same one twice is not
header authorization: Bearer sk-user
header x-api-key: sk-off
post 1 /v1/chat/completions {"model":"m"}
expect 1 "HTTP/1.1 400 "
expect 1 "two different credentials"
attempts 0
header authorization: Bearer sk-user
header x-api-key: sk-user
post 1 /v1/chat/completions {"model":"m"}
attempts 1

scenario k: the gateway token is sent as its base64, and is a caller of its own
conf auth = { gateway_token = "open sesame"; };
header authorization: Bearer b3BlbiBzZXNhbWU=
post 1 /v1/chat/completions {"model":"m"}
whole 1 200 {}
expect 1 "HTTP/1.1 200 OK"
record key=gateway
header authorization: Bearer open sesame
post 1 /v1/chat/completions {"model":"m"}
expect 1 "HTTP/1.1 401 "
attempts 1

scenario k: a client's credential never reaches a provider
header authorization: Bearer sk-user
header x-api-key: sk-user
header cookie: a=sk-user
header x-forwarded-for: 203.0.113.7
post 1 /v1/chat/completions {"model":"m"}
upnoheader 1 "sk-user"
upnoheader 1 "203.0.113.7"

scenario k: a limit of the key replaces its tier's, 0 lifts it, what is absent is inherited
header authorization: Bearer sk-user
get 1 /v1/models
admitted rps=0 rpm=7 rpd=0 cooldown=2000000 max_concurrency=2 max_tokens=0

scenario k: a key of the ledger has its tier's limits and its own
ledger sk-led name=led tier=gold rpm=12
header authorization: Bearer sk-led
post 1 /v1/chat/completions {"model":"m"}
admitted rps=0 rpm=12 daily_limit=50
whole 1 200 {}
record key=led

scenario k: a key whose tier is no longer there has the default one's, not none
ledger sk-led name=led tier=platinum
header authorization: Bearer sk-led
get 1 /v1/models
admitted rps=3 rpm=40 cooldown=2000000

scenario k: a key of the ledger is refused when it is disabled, and when its time is over
ledger sk-out name=out disabled
ledger sk-old name=old expires=2s
header authorization: Bearer sk-out
get 1 /v1/models
expect 1 "this API key is disabled"
header authorization: Bearer sk-old
get 1 /v1/models
expect 1 "HTTP/1.1 200 OK"
wait 2s
header authorization: Bearer sk-old
get 1 /v1/models
expect 1 "this API key has expired"

scenario k: the lists of a key of the ledger hold, with blanks between them
ledger sk-led name=led providers=beta,other models=n*,x
header authorization: Bearer sk-led
post 1 /v1/chat/completions {"model":"m"}
expect 1 "HTTP/1.1 403 "
header authorization: Bearer sk-led
post 1 /v1/chat/completions {"model":"alpha/n"}
expect 1 "HTTP/1.1 403 "
attempts 0
header authorization: Bearer sk-led
post 1 /v1/chat/completions {"model":"n"}
upstream 1 beta

scenario k: a list of commas allows nothing
ledger sk-none name=none allow_from=,
connect 1 from 192.168.7.200
header authorization: Bearer sk-none
get 1 /v1/models
expect 1 "HTTP/1.1 403 "
expect 1 "\"code\":\"address_not_allowed\""
ledger sk-few name=few models=,
header authorization: Bearer sk-few
post 2 /v1/chat/completions {"model":"m"}
expect 2 "HTTP/1.1 403 "
attempts 0

scenario k: a key of the ledger is used from its networks only, v4 and v6
ledger sk-net name=net allow_from=192.168.7.0/24,2001:db8:1::/48,nonsense
connect 1 from 192.168.7.200
header authorization: Bearer sk-net
get 1 /v1/models
expect 1 "HTTP/1.1 200 OK"
connect 2 from 192.168.8.1
header authorization: Bearer sk-net
get 2 /v1/models
expect 2 "HTTP/1.1 403 "
expect 2 "\"code\":\"address_not_allowed\""
connect 3 from 2001:db8:1:ffff::1
header authorization: Bearer sk-net
get 3 /v1/models
expect 3 "HTTP/1.1 200 OK"
connect 4 from 2001:db8:2::1
header authorization: Bearer sk-net
get 4 /v1/models
expect 4 "HTTP/1.1 403 "

scenario k: a key may be bound to networks, by either family
connect 1 from 192.168.1.9
header authorization: Bearer sk-in
get 1 /v1/models
expect 1 "HTTP/1.1 200 OK"
connect 2 from 192.168.2.9
header authorization: Bearer sk-in
get 2 /v1/models
expect 2 "HTTP/1.1 403 "
connect 3 from 2001:db8:77::1
header authorization: Bearer sk-in
get 3 /v1/models
expect 3 "HTTP/1.1 200 OK"

scenario k: root passes every limit and list, but not the rule about addresses
connect 1 from 10.9.9.9
header authorization: Bearer sk-root
post 1 /v1/chat/completions {"model":"alpha/m"}
upstream 1 alpha
admitted rps=0 rpm=0 cooldown=0 max_concurrency=0
connect 2 from 11.9.9.9
header authorization: Bearer sk-root
post 2 /v1/chat/completions {"model":"m"}
expect 2 "HTTP/1.1 403 "
attempts 1

scenario k: loopback always passes, but not when it speaks for somebody else
conf client = { allow_from = ( "192.168.0.0/16" ); };
header authorization: Bearer sk-user
get 1 /v1/models
expect 1 "HTTP/1.1 200 OK"
header authorization: Bearer sk-user
header x-forwarded-for: 192.168.1.1
get 1 /v1/models
expect 1 "HTTP/1.1 403 "
header authorization: Bearer sk-user
header forwarded: for=192.168.1.1
get 1 /v1/models
expect 1 "HTTP/1.1 403 "

scenario k: nobody is believed who is not one of the trusted proxies
conf client = { allow_from = ( "192.168.0.0/16" ); trusted_proxies = ( "10.0.0.0/8" ); };
connect 1 from 203.0.113.1
header authorization: Bearer sk-user
header x-forwarded-for: 192.168.1.1
get 1 /v1/models
expect 1 "HTTP/1.1 403 "
connect 2 from 10.0.0.1
header authorization: Bearer sk-user
header x-forwarded-for: 192.168.1.1, 203.0.113.9
get 2 /v1/models
expect 2 "HTTP/1.1 403 "
header authorization: Bearer sk-user
header x-forwarded-for: 203.0.113.9, 192.168.1.1, 10.0.0.2
get 2 /v1/models
expect 2 "HTTP/1.1 200 OK"
header authorization: Bearer sk-user
header x-forwarded-for: 192.168.1.1, unknown
get 2 /v1/models
expect 2 "HTTP/1.1 403 "

scenario k: a trusted proxy in an allowed network lets in nobody who cannot be read
conf client = { allow_from = ( "10.0.0.0/8", "192.168.0.0/16", "2001:db8::/32" ); trusted_proxies = ( "10.0.0.0/8" ); };
connect 1 from 10.0.0.1
header authorization: Bearer sk-user
get 1 /v1/models
expect 1 "HTTP/1.1 200 OK"
header authorization: Bearer sk-user
header x-forwarded-for: 203.0.113.9:51234
get 1 /v1/models
expect 1 "HTTP/1.1 403 "
header authorization: Bearer sk-user
header x-forwarded-for: [2001:db9::1]:51234, 10.0.0.2:80
get 1 /v1/models
expect 1 "HTTP/1.1 403 "
header authorization: Bearer sk-user
header x-forwarded-for: 192.168.1.1:51234
get 1 /v1/models
expect 1 "HTTP/1.1 200 OK"
header authorization: Bearer sk-user
header x-forwarded-for: [2001:db8::1]:51234, 10.0.0.2:80
get 1 /v1/models
expect 1 "HTTP/1.1 200 OK"
header authorization: Bearer sk-user
header x-forwarded-for: unknown
get 1 /v1/models
expect 1 "HTTP/1.1 403 "
header authorization: Bearer sk-user
header x-forwarded-for: unknown, 10.0.0.2
get 1 /v1/models
expect 1 "HTTP/1.1 403 "
header authorization: Bearer sk-user
header forwarded: for=_hidden
get 1 /v1/models
expect 1 "HTTP/1.1 403 "
header authorization: Bearer sk-user
header x-forwarded-for:
get 1 /v1/models
expect 1 "HTTP/1.1 403 "

scenario k: where all may come, one who cannot be read may too
conf client = { trusted_proxies = ( "10.0.0.0/8" ); };
connect 1 from 10.0.0.1
header authorization: Bearer sk-user
header x-forwarded-for: unknown
get 1 /v1/models
expect 1 "HTTP/1.1 200 OK"

scenario k: a key of some providers gets no other, not even as a second choice
header authorization: Bearer sk-beta
post 1 /v1/chat/completions {"model":"m"}
upstream 1 beta
end 1 connect
attempts 1
expect 1 "HTTP/1.1 502 "
header authorization: Bearer sk-beta
post 1 /v1/chat/completions {"model":"g"}
expect 1 "HTTP/1.1 403 "
expect 1 "this key may not use the model \\\"g\\\""
header authorization: Bearer sk-beta
get 1 /alpha/v1/files
expect 1 "HTTP/1.1 403 "
expect 1 "{\"error\":\"this key may not use this provider\"}"

scenario k: a key of some models may name a group that stands for another
header authorization: Bearer sk-mini
post 1 /v1/chat/completions {"model":"m"}
expect 1 "HTTP/1.1 403 "
expect 1 "\"param\":\"model\",\"code\":\"permission_denied\""
header authorization: Bearer sk-mini
post 1 /v1/chat/completions {"model":"mini-1"}
upbody 1 {"model":"mini-1"}
whole 1 200 {}
header authorization: Bearer sk-mini
post 1 /v1/chat/completions {"model":"g"}
upbody 2 {"model":"m"}

scenario k: a list of models reaches into the raw proxy's body, and needs one it can read
header authorization: Bearer sk-mini
post 1 /alpha/v1/chat/completions {"model":"m"}
expect 1 "HTTP/1.1 403 "
header authorization: Bearer sk-mini
post 1 /alpha/v1/files not json
expect 1 "HTTP/1.1 403 "
expect 1 "{\"error\":\"this key may only use its models, and this request does not name one in its path or a JSON body\"}"
header authorization: Bearer sk-mini
post 1 /alpha/v1/files {"model":"mini-1","Model":"m"}
expect 1 "HTTP/1.1 403 "
attempts 0
header authorization: Bearer sk-mini
post 1 /alpha/v1/chat/completions {"model":"mini-1"}
attempts 1

scenario k: where a raw path names the model, it is that one
header authorization: Bearer sk-mini
post 1 /gg/v1beta/models/q:generateContent {"model":"mini-1","contents":[]}
expect 1 "HTTP/1.1 403 "
header authorization: Bearer sk-mini
post 1 /gg/v1beta/%6dodels/q:generateContent {"model":"mini-1"}
expect 1 "HTTP/1.1 403 "
header authorization: Bearer sk-mini
post 1 /gg/v1beta/tunedModels/q:generateContent {"model":"mini-1"}
expect 1 "HTTP/1.1 403 "
header authorization: Bearer sk-mini
post 1 /gg/v1beta/models/mini-1/%2e%2e/q:generateContent {"model":"mini-1"}
expect 1 "HTTP/1.1 403 "
header authorization: Bearer sk-mini
get 1 /gg/v1beta/models/q
expect 1 "HTTP/1.1 403 "
attempts 0
header authorization: Bearer sk-mini
post 1 /gg/v1beta/models/mini-1:generateContent {"contents":[]}
upstream 1 gg
uptarget 1 /v1beta/models/mini-1:generateContent

scenario k: every kind of limit is named in its refusal
header authorization: Bearer sk-user
refuse rps 300ms
get 1 /v1/models
expect 1 "HTTP/1.1 429 "
expect 1 "retry-after: 1\r\nretry-after-ms: 300\r\n"
expect 1 "limit reached: rps is 0 for this key, try again in 300 ms"
header authorization: Bearer sk-user
refuse rpm 42s
get 1 /v1/models
expect 1 "limit reached: rpm is 7 for this key"
header authorization: Bearer sk-user
refuse max_concurrency 1s
get 1 /v1/models
expect 1 "limit reached: max_concurrency is 2 for this key"
header authorization: Bearer sk-user
refuse daily_limit 3600s
get 1 /v1/models
expect 1 "retry-after: 3600\r\n"
expect 1 "daily_limit"
header authorization: Bearer sk-user
refuse tpm 5s
get 1 /v1/models
expect 1 "limit reached: tpm "
expect 1 "\"type\":\"requests\",\"param\":null,\"code\":\"rate_limit_exceeded\""
counter aigw_limited_total 5

scenario k: in shadow what would be refused is counted and served
conf limits = { shadow = true; };
header authorization: Bearer sk-user
refuse rpm 10s
post 1 /v1/chat/completions {"model":"m"}
attempts 1
whole 1 200 {}
expect 1 "HTTP/1.1 200 OK"
record key=user release=1
counter aigw_limited_total 0
counter aigw_limited_shadow_total 1

scenario k: when the shared state fails that is a 500, and nothing is sent
header authorization: Bearer sk-user
refuse broken
post 1 /v1/chat/completions {"model":"m"}
expect 1 "HTTP/1.1 500 "
expect 1 "\"code\":\"internal_error\""
open 1
attempts 0
header authorization: Bearer sk-user
post 1 /v1/chat/completions {"model":"m"}
attempts 1

scenario k: a place is given back when a request ends before it leaves
header authorization: Bearer sk-user
post 1 /v1/chat/completions {"model":"nowhere"}
expect 1 "HTTP/1.1 404 "
header authorization: Bearer sk-user
post 1 /v1/chat/completions {"model":
expect 1 "HTTP/1.1 400 "
header authorization: Bearer sk-user
get 1 /v1/models
expect 1 "HTTP/1.1 200 OK"
records 0

scenario k: a client that goes away before it was admitted gives back its place
header authorization: Bearer sk-user
send 1 "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer sk-user\r\ncontent-length: 9\r\n\r\n{"
fail 1
records 0
attempts 0

scenario k: a limit is counted before the body is read
send 1 "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer sk-user\r\nexpect: 100-continue\r\ncontent-length: 900\r\n\r\n"
expect 1 "HTTP/1.1 100 Continue\r\n"
refuse rpm 1s
send 2 "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer sk-user\r\nexpect: 100-continue\r\ncontent-length: 900\r\n\r\n"
expect 2 "HTTP/1.1 429 "
never 2 "100 Continue"
closed 2

scenario k: whoever comes by the Unix socket is loopback
conf client = { allow_from = ( "192.168.0.0/16" ); };
connect 1 from unix
header authorization: Bearer sk-user
get 1 /v1/models
expect 1 "HTTP/1.1 200 OK"
logged "\"client\":\"127.0.0.1\""
connect 2 from 203.0.113.1
header authorization: Bearer sk-user
get 2 /v1/models
expect 2 "HTTP/1.1 403 "

scenario k: when all hops are trusted the first of them is who calls
conf client = { trusted_proxies = ( "10.0.0.0/8" ); allow_from = ( "10.1.0.0/16" ); };
connect 1 from 10.9.0.1
header authorization: Bearer sk-user
header x-forwarded-for: 10.1.2.3, 10.9.0.7
get 1 /v1/models
expect 1 "HTTP/1.1 200 OK"
logged "\"client\":\"10.1.2.3\""

scenario k: single addresses in a ledger key's list are whole ones
ledger sk-one name=one allow_from=192.168.7.9,2001:db8::5
connect 1 from 192.168.7.9
header authorization: Bearer sk-one
get 1 /v1/models
expect 1 "HTTP/1.1 200 OK"
connect 2 from 192.168.7.8
header authorization: Bearer sk-one
get 2 /v1/models
expect 2 "HTTP/1.1 403 "
connect 3 from 2001:db8::5
header authorization: Bearer sk-one
get 3 /v1/models
expect 3 "HTTP/1.1 200 OK"
connect 4 from 2001:db8::6
header authorization: Bearer sk-one
get 4 /v1/models
expect 4 "HTTP/1.1 403 "

scenario k: the list of models has each once, with the providers that the key may use
header authorization: Bearer sk-root
get 1 /api/models
expect 1 "{\"object\":\"list\",\"data\":[{\"id\":\"g\",\"object\":\"model\",\"created\":1800001000,\"owned_by\":\"aigw\",\"providers\":1},{\"id\":\"m\",\"object\":\"model\",\"created\":1800001000,\"owned_by\":\"alpha\",\"providers\":2},{\"id\":\"mini-1\",\"object\":\"model\",\"created\":1800001000,\"owned_by\":\"alpha\",\"providers\":1},{\"id\":\"n\",\"object\":\"model\",\"created\":1800001000,\"owned_by\":\"beta\",\"providers\":1},{\"id\":\"q\",\"object\":\"model\",\"created\":1800001000,\"owned_by\":\"gg\",\"providers\":1}]}"
header authorization: Bearer sk-beta
get 1 /api/v1/models
expect 1 "[{\"id\":\"m\",\"object\":\"model\",\"created\":1800001000,\"owned_by\":\"beta\",\"providers\":1},{\"id\":\"n\","
never 1 "\"mini-1\",\"object\":\"model\",\"created\":1800001000,\"owned_by\":\"beta\""
attempts 0
records 0

scenario k: a list of models keeps to what the key may use
header authorization: Bearer sk-mini
get 1 /models
expect 1 "{\"object\":\"list\",\"data\":[{\"id\":\"g\",\"object\":\"model\",\"created\":1800001000,\"owned_by\":\"aigw\"},{\"id\":\"mini-1\",\"object\":\"model\",\"created\":1800001000,\"owned_by\":\"alpha\"}]}"
header authorization: Bearer sk-mini
get 1 /models/n
expect 1 "HTTP/1.1 404 "
header authorization: Bearer sk-mini
get 1 /models/mini-1
expect 1 "{\"id\":\"mini-1\",\"object\":\"model\","

scenario k: without models.public a list of models needs a key
get 1 /api/models
expect 1 "HTTP/1.1 401 "
get 1 /models
expect 1 "HTTP/1.1 401 "

scenario k: models.public opens the list with the counts, and no other
conf models = { public = true; };
connect 1 from 192.168.9.9
get 1 /api/models
expect 1 "HTTP/1.1 200 OK"
expect 1 "{\"id\":\"g\",\"object\":\"model\",\"created\":1800001000,\"owned_by\":\"aigw\",\"providers\":1}"
connect 2 from 192.168.9.9
header authorization: Bearer sk-nobody
get 2 /api/v1/models
expect 2 "HTTP/1.1 200 OK"
expect 2 "\"id\":\"n\""
connect 3 from 192.168.9.9
header authorization: Bearer sk-mini
get 3 /api/models
expect 3 "\"id\":\"mini-1\""
never 3 "\"id\":\"n\""
connect 4 from 192.168.9.9
header authorization: Bearer sk-off
get 4 /api/models
expect 4 "this API key is disabled"
connect 5 from 192.168.9.9
get 5 /v1/models
expect 5 "HTTP/1.1 401 "
connect 6 from 192.168.9.9
get 6 /models
expect 6 "HTTP/1.1 401 "
attempts 0

scenario k: with routes.models off there is no list on any path
conf routes = { models = "off"; };
header authorization: Bearer sk-user
get 1 /models
expect 1 "HTTP/1.1 404 "
header authorization: Bearer sk-user
get 1 /api/models
expect 1 "HTTP/1.1 404 "
header authorization: Bearer sk-user
get 1 /api/v1/models
expect 1 "HTTP/1.1 404 "
