# Errors: each kind with its status and words, and what it leaves of the
# connection.
config f
listen = ( { address = "127.0.0.1:8080"; } );
auth = { required = false; };
providers = (
{ id = "alpha"; dialect = "openai"; base_url = "http://alpha.test";
keys = ( "key-a1" ); models = ( "m" ); apis = ( "chat" ); },
{ id = "openai"; dialect = "openai"; base_url = "http://openai.test";
keys = ( "key-o1" ); models = ( "o" ); } );
keys = ( { name = "lim"; secret = "sk-lim"; tpm = 5000; } );
end

scenario f: an unknown path is a 404 that shows where the known ones are
get 1 /v2/chat
expect 1 "HTTP/1.1 404 "
expect 1 "unknown path /v2/chat: see GET /routes"
expect 1 "\"code\":\"unknown_url\""
open 1

scenario f: a wrong method is a 405, its body is skipped, and the connection goes on
post 1 /v1/models {"a":1}
expect 1 "HTTP/1.1 405 "
expect 1 "method POST is not allowed for /v1/models"
get 1 /v1/chat/completions
expect 1 "HTTP/1.1 405 "
expect 1 "\"code\":\"method_not_allowed\""
post 1 /v1/chat/completions {"model":"m"}
attempts 1

scenario f: a wrong method names the right one, a family's errors are its own
get 1 /v1/messages
expect 1 "\r\nallow: POST\r\n"
expect 1 "{\"type\":\"error\",\"error\":{\"type\":\"invalid_request_error\",\"message\":\"method GET"
post 1 /v1/models {}
expect 1 "\r\nallow: GET, HEAD\r\n"
get 2 /v1beta/models/m:generateContent
expect 2 "{\"error\":{\"code\":405,"
get 3 /ollama/api/chat
expect 3 "{\"error\":\"method GET"
post 4 /v1/messages/batches {}
expect 4 "{\"type\":\"error\",\"error\":{\"type\":\"not_found_error\","
post 5 /gemini/v1beta/files {}
expect 5 "{\"error\":{\"code\":404,"
post 6 /ollama/api/push {}
expect 6 "{\"error\":\"unknown path"
post 7 /mistral/v1/agents {}
expect 7 "{\"object\":\"error\","
never 7 "\r\nallow:"

scenario f: a refusal with a body still to come closes the connection
send 1 "POST /v2/x HTTP/1.1\r\nhost: x\r\ncontent-length: 100000\r\n\r\nabc"
expect 1 "HTTP/1.1 404 "
expect 1 "connection: close\r\n"
closed 1

scenario f: a first line that is too long is a 414
send 1 "GET /"
send 1 "abcdefghijklmnop" *1024
expect 1 "HTTP/1.1 414 "
expect 1 "\"code\":\"uri_too_long\""
closed 1
counter aigw_bad_requests_total 1

scenario f: a head that is too long is a 431, as soon as that is known
conf client = { max_header = "1k"; };
send 1 "GET /v1/models HTTP/1.1\r\nhost: x\r\nx-long: "
send 1 "0123456789abcdef" *128
expect 1 "HTTP/1.1 431 "
expect 1 "\"code\":\"headers_too_large\""
closed 1

scenario f: more than a hundred fields are a 431 too
send 1 "GET /v1/models HTTP/1.1\r\nhost: x\r\n"
send 1 "a: b\r\n" *100
send 1 "\r\n"
expect 1 "HTTP/1.1 431 "
closed 1

scenario f: an expectation that is not known is a 417
send 1 "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nexpect: 200-ok\r\ncontent-length: 2\r\n\r\n{}"
expect 1 "HTTP/1.1 417 "
expect 1 "\"code\":\"expectation_failed\""

scenario f: a version that is not spoken here is a 505
send 1 "GET / HTTP/2.0\r\nhost: x\r\n\r\n"
expect 1 "HTTP/1.1 505 "
expect 1 "\"code\":\"http_version_not_supported\""
closed 1

scenario f: two lengths, or a length and chunks, are refused and closed
send 1 "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\ncontent-length: 4\r\n\r\n{}  "
expect 1 "HTTP/1.1 400 "
closed 1
send 2 "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n"
expect 2 "HTTP/1.1 400 "
closed 2
send 3 "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ntransfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n"
expect 3 "HTTP/1.1 "
closed 3
send 4 "POST /v1/chat/completions HTTP/1.1\r\ncontent-length: 2\r\n\r\n{}"
expect 4 "HTTP/1.1 400 "
closed 4
attempts 0

scenario f: chunks that are none end the request and the connection
send 1 "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{\"mod\r\nzz\r\n"
expect 1 "HTTP/1.1 400 "
expect 1 "the chunked body is malformed"
closed 1
attempts 0
buffered 0

scenario f: a WebSocket is a 426, an offer of HTTP/2 is passed over
header connection: upgrade
header upgrade: websocket
get 1 /v1/models
expect 1 "HTTP/1.1 426 "
expect 1 "this path has no WebSocket: use plain HTTP"
header connection: upgrade, http2-settings
header upgrade: h2c
header http2-settings: AAMAAABkAAQAAP__
get 1 /v1/models
expect 1 "HTTP/1.1 200 OK"

scenario f: what a body lacks is said with the name of the field
post 1 /v1/chat/completions {"messages":[]}
expect 1 "HTTP/1.1 400 "
expect 1 "you must provide a model parameter"
expect 1 "\"param\":\"model\""
post 1 /v1/chat/completions {"model":null}
expect 1 "you must provide a model parameter"
post 1 /v1/chat/completions {"model":17}
expect 1 "model must be a string"
post 1 /v1/chat/completions {"model":""}
expect 1 "model must be a string of 1 to 511 bytes"
post 1 /v1/chat/completions {"model":"m","stream":"yes"}
expect 1 "stream must be true or false"
expect 1 "\"param\":\"stream\""
post 1 /v1/chat/completions ["model","m"]
expect 1 "the body must be a JSON object"
post 1 /v1/chat/completions "{\"model\":\"m\"} x"
expect 1 "\"code\":\"invalid_json\""
post 1 /v1/chat/completions ""
expect 1 "the body is not valid JSON"
open 1
attempts 0
records 0

scenario f: a field that another reader would take for the model is refused
post 1 /v1/chat/completions {"model":"m","Model":"o"}
expect 1 "HTTP/1.1 400 "
expect 1 "at byte "
post 1 /v1/chat/completions {"model":"m","mo\u0064el":"o"}
expect 1 "HTTP/1.1 400 "
attempts 0

scenario f: a body in a coding is refused, before it could be read another way
header content-encoding: gzip
post 1 /v1/chat/completions {"model":"m"}
expect 1 "HTTP/1.1 400 "
expect 1 "the body has a content-encoding: send it without"
header content-encoding: identity
post 1 /v1/chat/completions {"model":"m"}
attempts 1

scenario f: a model that nobody serves is a 404 with its name
post 1 /v1/chat/completions {"model":"ghost \" 9"}
expect 1 "HTTP/1.1 404 "
expect 1 "the model \\\"ghost \\\" 9\\\" does not exist"
expect 1 "\"param\":\"model\",\"code\":\"model_not_found\""

scenario f: a provider that does not speak the API is not asked
post 1 /v1/embeddings {"model":"m"}
expect 1 "HTTP/1.1 400 "
expect 1 "no provider of the model \\\"m\\\" can serve /v1/embeddings"
expect 1 "\"code\":\"unsupported_operation\""
attempts 0

scenario f: with its routes off a family's path is unknown, and then the provider's own
conf routes = { openai = "off"; };
post 1 /v1/chat/completions {"model":"m"}
expect 1 "HTTP/1.1 404 "
expect 1 "\"code\":\"unknown_url\""
post 1 /openai/v1/chat/completions {"model":"anything"}
upstream 1 openai
uptarget 1 /v1/chat/completions
upbody 1 {"model":"anything"}

scenario f: with the raw proxy off a provider's prefix is unknown
conf routes = { platforms = "off"; };
get 1 /alpha/v1/files
expect 1 "HTTP/1.1 404 "
attempts 0

scenario f: errors of the raw proxy have its shape
get 1 /alpha/v1/files
end 1 connect
expect 1 "HTTP/1.1 502 "
expect 1 "\r\n\r\n{\"error\":\"provider alpha failed: connection refused or unreachable\"}"

scenario f: a reservation that the store cannot take is a 503 when it is full, else a 500
header authorization: Bearer sk-lim
tokens full
post 1 /v1/chat/completions {"model":"m","max_tokens":8000}
expect 1 "HTTP/1.1 503 "
expect 1 "retry-after: 5\r\n"
expect 1 "usage cannot be recorded now (store full), try again"
reserved 0
header authorization: Bearer sk-lim
tokens broken
post 1 /v1/chat/completions {"model":"m","max_tokens":8000}
expect 1 "HTTP/1.1 500 "
reserved 0
attempts 0

scenario f: what cannot be put on record for another reason is a 500
norecord broken
post 1 /v1/chat/completions {"model":"m"}
expect 1 "HTTP/1.1 500 "
attempts 0
records 0

scenario f: an id of the client's is kept when it is sane, else a new one is given
header x-request-id: my-own.id/7
get 1 /v1/models
expect 1 "x-request-id: my-own.id/7\r\nrequest-id: my-own.id/7\r\n"
header x-request-id: "two words"
get 1 /v1/models
expect 1 "x-request-id: req_"

scenario f: every outcome of the last attempt has its status and its words
post 1 /v1/chat/completions {"model":"m"}
end 1 resolve
expect 1 "HTTP/1.1 502 "
expect 1 "provider alpha failed: no address for the provider's name"
post 1 /v1/chat/completions {"model":"m"}
end 2 guarded
expect 1 "HTTP/1.1 502 "
expect 1 "address not allowed for this provider"
post 1 /v1/chat/completions {"model":"m"}
end 3 tls
expect 1 "HTTP/1.1 502 "
expect 1 "TLS handshake failed"
post 1 /v1/chat/completions {"model":"m"}
end 4 send
expect 1 "HTTP/1.1 502 "
expect 1 "connection broke while sending"
post 1 /v1/chat/completions {"model":"m"}
end 5 reset
expect 1 "HTTP/1.1 502 "
expect 1 "connection broke before an answer came"
post 1 /v1/chat/completions {"model":"m"}
end 6 head_timeout
expect 1 "HTTP/1.1 504 "
expect 1 "provider alpha did not answer in time: no answer in time"
post 1 /v1/chat/completions {"model":"m"}
end 7 bad_head
expect 1 "HTTP/1.1 502 "
expect 1 "the answer is not valid HTTP"
open 1

scenario f: every outcome behind the head has its status and its words
post 1 /v1/chat/completions {"model":"m"}
answer 1 200 json 10
end 1 truncated
expect 1 "HTTP/1.1 502 "
expect 1 "the answer was cut short"
post 1 /v1/chat/completions {"model":"m"}
answer 2 200 json -
end 2 bad_body
expect 1 "HTTP/1.1 502 "
expect 1 "the answer's body is malformed"
post 1 /v1/chat/completions {"model":"m"}
answer 3 200 json -
end 3 idle_timeout
expect 1 "HTTP/1.1 504 "
expect 1 "silence inside the answer"
post 1 /v1/chat/completions {"model":"m"}
answer 4 200 json -
end 4 total_timeout
expect 1 "HTTP/1.1 504 "
expect 1 "the answer took too long"
record status=502 flags=failed
record status=502 flags=failed
record status=504 flags=failed
record status=504 flags=failed

scenario f: when our own memory was short that is not the provider's failure
post 1 /v1/chat/completions {"model":"m"}
end 1 nomem
expect 1 "HTTP/1.1 503 "
expect 1 "retry-after: 1\r\n"
expect 1 "short of memory"
expect 1 "\"code\":\"overloaded\""

scenario f: an error that a client makes is a line of its own, not of the provider's
post 1 /v1/chat/completions {"model":"m"}
whole 1 413 {"error":{"message":"too long"}}
expect 1 "HTTP/1.1 413 "
expect 1 "x-aigw-provider: alpha\r\n"
expect 1 "{\"error\":{\"message\":\"too long\"}}"
record status=413 flags=failed cost=0
post 1 /v1/chat/completions {"model":"m"}
whole 2 200 {}
expect 1 "HTTP/1.1 200 OK"
