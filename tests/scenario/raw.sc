# The raw proxy below a provider's prefix, and what passes of headers.
config p
listen = ( { address = "127.0.0.1:8080"; } );
auth = { required = false; };
providers = (
{ id = "alpha"; dialect = "openai"; base_url = "http://alpha.test";
keys = ( "key-a1", "key-a2" ); models = ( "m" );
headers = { x-team = "gateway"; x-secret-key = "our-own-secret"; };
price = { input = 1.0; output = 2.0; unit = "per_million_tokens"; }; },
{ id = "deep"; dialect = "openai"; base_url = "http://deep.test/a/v1"; api_path = "/v1";
keys = ( "key-d1" ); models = ( "d" ); forward_headers = ( "x-trace", "Cookie", "Authorization", "api-key",
"proxy-authenticate", "Proxy-Authorization", "Forwarded", "x-forwarded-for", "x-real-ip", "accept-encoding", "x-request-id" ); },
{ id = "browser"; dialect = "openai"; base_url = "http://browser.test"; keys = ( "key-w1" ); models = ( "w" );
mask_as_browser = true; mask_origin = "https://site.test"; },
{ id = "late"; dialect = "openai"; base_url = "http://late.test"; keys = ( "key-l1" ); models = ( "l" );
connect_timeout = "1s"; first_token_timeout = "9s"; idle_timeout = "20s"; total_timeout = "120s"; } );
end

scenario p: any method passes with its query, and without a body when it has none
call 1 DELETE /alpha/v1/files/file-3?force=1&x=%20y
upmethod 1 DELETE
uptarget 1 /v1/files/file-3?force=1&x=%20y
upbody 1 ""
whole 1 200 {"deleted":true}
expect 1 "{\"deleted\":true}"
record endpoint=raw provider=alpha
call 1 OPTIONS /alpha/v1/files
upmethod 2 OPTIONS

scenario p: a body passes byte for byte, whatever it is
header content-type: application/octet-stream
post 1 /alpha/v1/blobs "\x not { json \"model\":\"z\""
upbody 1 "\x not { json \"model\":\"z\""
upheader 1 "content-type: application/octet-stream\n"
whole 1 200 {}
record model= status=200

scenario p: a prefix of the path is never doubled, and none is lost
get 1 /deep/v1/models
uptarget 1 /a/v1/models
get 2 /deep/models
uptarget 2 /a/v1/models
get 3 /deep/v1
uptarget 3 /a/v1
get 4 /deep/v1beta/x
uptarget 4 /a/v1/v1beta/x

scenario p: no path leads out of what is the provider's
get 1 /deep/../../admin
expect 1 "HTTP/1.1 400 "
expect 1 "{\"error\":\"the path has a part \\\".\\\" or \\\"..\\\", which may lead out of what is this provider's: leave it out\"}"
get 2 /deep/v1/%2E./x
expect 2 "HTTP/1.1 400 "
get 3 /deep/v1/x%2f%2e%2e%2fy
expect 3 "HTTP/1.1 400 "
get 4 /deep/v1/./x
expect 4 "HTTP/1.1 400 "
attempts 0
get 5 /deep/v1/..x/y..z/%2e%2e%2e?at=../x
uptarget 1 /a/v1/..x/y..z/%2e%2e%2e?at=../x

scenario p: a client's headers pass on the raw proxy, but what is his own business
header authorization: Bearer mine
header cookie: id=7
header x-custom: yes
header accept-encoding: gzip
header connection: x-hop
header x-hop: 1
header user-agent: curl/8
header x-team: theirs
get 1 /alpha/v1/files
upheader 1 "x-custom: yes\n"
upheader 1 "user-agent: curl/8\n"
upheader 1 "x-team: gateway\n"
upnoheader 1 "theirs"
upnoheader 1 "Bearer mine"
upnoheader 1 "cookie"
upnoheader 1 "gzip"
upheader 1 "x-secret-key: our-own-secret\n"

config many
listen = ( { address = "127.0.0.1:8080"; } );
auth = { required = false; };
providers = ( { id = "alpha"; dialect = "openai"; base_url = "http://alpha.test"; keys = ( "key-a1" );
models = ( "m" ); mask_as_browser = true; mask_origin = "https://o.test"; mask_referer = "https://r.test";
headers = {
x-own-00 = "v0"; x-own-01 = "v1"; x-own-02 = "v2"; x-own-03 = "v3"; x-own-04 = "v4";
x-own-05 = "v5"; x-own-06 = "v6"; x-own-07 = "v7"; x-own-08 = "v8"; x-own-09 = "v9";
x-own-10 = "v10"; x-own-11 = "v11"; x-own-12 = "v12"; x-own-13 = "v13"; x-own-14 = "v14";
x-own-15 = "v15"; x-own-16 = "v16"; x-own-17 = "v17"; x-own-18 = "v18"; x-own-19 = "v19";
x-own-20 = "v20"; x-own-21 = "v21"; x-own-22 = "v22"; x-own-23 = "v23"; x-own-24 = "v24";
x-own-25 = "v25"; x-own-26 = "v26"; x-own-27 = "v27"; x-own-28 = "v28"; x-own-29 = "v29";
x-own-30 = "v30"; x-own-31 = "v31"; x-own-32 = "v32"; x-own-33 = "v33"; x-own-34 = "v34";
x-own-35 = "v35"; x-own-36 = "v36"; x-own-37 = "v37"; x-own-38 = "v38"; x-own-39 = "v39";
}; } );
end

scenario many: the most headers that a client may send push out none of ours
send 1 "GET /alpha/v1/files HTTP/1.1\r\nhost: gw\r\n"
send 1 "x-theirs: yes\r\n" *98
send 1 "x-last: yes\r\n\r\n"
upheader 1 "Authorization: Bearer key-a1\n"
upheader 1 "x-last: yes\nuser-agent: Mozilla/"
upheader 1 "referer: https://r.test\nx-own-00: v0\n"
upheader 1 "x-own-39: v39\n"

scenario p: of a routed request only the named headers pass
header x-custom: yes
header x-trace: 42
header user-agent: sdk/1
post 1 /v1/chat/completions {"model":"d"}
upheader 1 "x-trace: 42\n"
upheader 1 "user-agent: aigw/"
upnoheader 1 "x-custom"
upnoheader 1 "sdk/1"

scenario p: what is never passed on is not, though it be named
header x-trace: 43
header cookie: kept-0
header authorization: Bearer kept-1
header proxy-authenticate: kept-3
header proxy-authorization: Basic kept-4
header forwarded: for=kept-5
header x-forwarded-for: kept-6
header x-real-ip: kept-7
header accept-encoding: kept-8
header x-request-id: kept-9
post 1 /v1/chat/completions {"model":"d"}
upheader 1 "x-trace: 43\n"
upnoheader 1 "kept-"
whole 1 200 {}
header te: kept-10
header upgrade: kept-11
header keep-alive: kept-12
header proxy-connection: kept-13
header api-key: kept-2
header x-trace: 44
get 2 /deep/files
upheader 2 "x-trace: 44\n"
upnoheader 2 "kept-"

scenario p: a provider that wants a browser gets one, not the client's words
header user-agent: curl/8
header origin: http://localhost:81
header referer: http://client.test/page
get 1 /browser/v1/files
upheader 1 "user-agent: Mozilla/5.0 "
upheader 1 "origin: https://site.test\n"
upnoheader 1 "client.test"
upnoheader 1 "localhost:81"
upnoheader 1 "curl/8"

scenario p: a secret header of ours is no more shown than a key
get 1 /alpha/v1/files
whole 1 400 {"error":"x-secret-key our-own-secret is wrong"}
expect 1 "HTTP/1.1 400 "
never 1 our-own-secret

scenario p: of the answer all passes but what belongs to one connection or to us
get 1 /alpha/v1/files
answer 1 200 json 2 x-ratelimit-remaining: 5|set-cookie: a=b|transfer-encoding: chunked|x-request-id: theirs|etag: "1"
bytes 1 "{}"
end 1 ok
expect 1 "x-ratelimit-remaining: 5\r\n"
expect 1 "etag: \"1\"\r\n"
expect 1 "x-upstream-request-id: theirs\r\n"
never 1 "a=b"
never 1 chunked
post 2 /v1/chat/completions {"model":"m"}
answer 2 200 json 2 x-ratelimit-remaining: 5|openai-organization: org-x|cf-ray: 8|access-control-allow-origin: *|openai-version: 2
bytes 2 "{}"
end 2 ok
expect 2 "openai-version: 2\r\n"
never 2 x-ratelimit
never 2 org-x
never 2 cf-ray
never 2 access-control

scenario p: a redirect is passed on to who asked for it raw
get 1 /alpha/v1/files/1/content
answer 1 302 none 0 location: https://cdn.test/file
end 1 ok
expect 1 "HTTP/1.1 302 "
expect 1 "location: https://cdn.test/file\r\n"
record status=302

scenario p: a raw 429 takes the next key, and tells when all are limited
get 1 /alpha/v1/files
retry 1 429 3
upstream 2 alpha
upheader 2 "key-a2"
retry 2 429 8
expect 1 "HTTP/1.1 429 "
expect 1 "retry-after: 8\r\n"
expect 1 "{\"error\":\"provider alpha limits the gateway's rate"
keyfaults 2

scenario p: a raw 401 is our key's, and never the client's
get 1 /alpha/v1/files
whole 1 401 {"error":"bad key"}
whole 2 401 {"error":"bad key"}
expect 1 "HTTP/1.1 502 "
expect 1 "{\"error\":\"provider alpha refused the gateway's own key or model (HTTP 401)"

scenario p: every other raw status is the client's to read
get 1 /alpha/v1/files
whole 1 503 {"their":"words"}
attempts 1
expect 1 "HTTP/1.1 503 "
expect 1 "{\"their\":\"words\"}"
get 1 /alpha/v1/files
whole 2 404 {"no":"file"}
expect 1 "HTTP/1.1 404 "
get 1 /alpha/v1/files
whole 3 408 {"slow":1}
expect 1 "HTTP/1.1 408 "
attempts 3

scenario p: what a raw answer has used is billed under the model of its request
post 1 /alpha/v1/chat/completions {"model":"m","messages":[]}
whole 1 200 {"usage":{"prompt_tokens":10,"completion_tokens":3}}
record provider=alpha model=m upstream_model=m endpoint=raw input=10 output=3 cost=16000000
post 1 /alpha/v1/responses {"model":"m2"}
whole 2 200 {"usage":{"input_tokens":4,"output_tokens":1}}
record model=m2 input=4 output=1
post 1 /alpha/v1/responses {"model":"m2","model":"m"}
whole 3 200 {"usage":{"input_tokens":4,"output_tokens":1}}
record model= input=4 output=1

scenario p: a raw answer without usage is estimated where text is made, free elsewhere
post 1 /alpha/v1/messages {"model":"m"}
whole 1 200 {"x":1}
record flags=estimated input=4
get 1 /alpha/v1/files
whole 2 200 {"x":1}
record input=0 output=0 cost=0

scenario p: a path is one of generated text however it is written
post 1 /alpha/v1/%63hat/%63ompletions {"model":"m","stream":true}
answer 1 200 sse -
bytes 1 "data: {\"choices\":[{\"delta\":{\"content\":\"one two three four\"}}]}\n\n"
bytes 1 "data: [DONE]\n\n"
end 1 ok
record flags=stream,estimated input=7 output=5
post 1 /alpha/v1/%4d%45ssages {"model":"m"}
whole 2 200 {"x":1}
record flags=estimated input=4

scenario p: an unknown path that answers a POST with a stream generates text
post 1 /alpha/v1/threads/t/runs {"model":"m","stream":true}
answer 1 200 sse -
bytes 1 "data: {\"choices\":[{\"delta\":{\"content\":\"one two three four\"}}]}\n\ndata: [DONE]\n\n"
end 1 ok
record flags=stream,estimated input=7 output=5
header content-type: multipart/form-data; boundary=x
post 1 /alpha/v1/audio/transcriptions "--x\r\n\r\n0123456789abcdef\r\n--x--\r\n"
answer 2 200 sse -
bytes 2 "data: {\"choices\":[{\"delta\":{\"content\":\"one two three four\"}}]}\n\ndata: [DONE]\n\n"
end 2 ok
record flags=stream,estimated input=0 output=5
get 1 /alpha/v1/events
answer 3 200 sse -
bytes 3 "data: {\"x\":1}\n\n"
end 3 ok
record input=0 output=0 cost=0

scenario p: a raw path of another format has its usage
post 1 /alpha/v1/%72esponses {"model":"m","stream":true}
answer 1 200 sse -
bytes 1 "event: response.output_text.delta\ndata: {\"delta\":\"hello\"}\n\nevent: response.completed\ndata: {\"response\":{\"usage\":{\"input_tokens\":10,\"output_tokens\":469}}}\n\n"
end 1 ok
record flags=stream input=10 output=469
post 1 /alpha/v1/messages {"model":"m"}
whole 2 200 {"usage":{"input_tokens":4,"cache_read_input_tokens":20,"output_tokens":3}}
record flags=none input=24 output=3 cached=20

scenario p: what is generated of a body counts, whatever the method is called
send 1 "GENERATE /alpha/v1/messages HTTP/1.1\r\nhost: gw\r\ncontent-length: 13\r\n\r\n{\"model\":\"m\"}"
upmethod 1 GENERATE
whole 1 200 {"x":1}
record flags=estimated input=4
send 1 "GENERATE /alpha/v1/messages HTTP/1.1\r\nhost: gw\r\n\r\n"
whole 2 200 {"x":1}
record input=0 output=0 cost=0

scenario p: a raw stream cut by its provider says so in the stream
post 1 /alpha/v1/messages {"model":"m","stream":true}
answer 1 200 sse -
bytes 1 "event: a\ndata: {\"x\":1}\n\nevent: b\nda"
end 1 truncated
expect 1 "event: a\ndata: {\"x\":1}\n\n"
expect 1 "data: {\"error\":"
expect 1 "the answer was cut short"
expect 1 "0\r\n\r\n"
open 1
record status=200 flags=stream,estimated,truncated

scenario p: a long raw answer passes with its own length, and a cut one breaks
conf client = { hold_max = "4k"; };
get 1 /alpha/v1/files/1/content
answer 1 200 application/pdf 6400
bytes 1 "0123456789abcdef" *300
expect 1 "HTTP/1.1 200 OK\r\n"
expect 1 "content-length: 6400\r\n"
bytes 1 "0123456789abcdef" *100
end 1 ok
open 1
record status=200 flags=estimated
get 1 /alpha/v1/files/1/content
answer 2 200 application/pdf 6400
bytes 2 "0123456789abcdef" *300
end 2 reset
cut 1
record flags=estimated,truncated

scenario p: the time-outs of an attempt are its provider's
get 1 /late/v1/files
bounds 1 1s 120s
idle 1 20s
first 1 0s
post 2 /v1/chat/completions {"model":"l","stream":true}
bounds 2 1s 120s
first 2 9s
