# Bounds: memory of all workers together, connections, overload.
config b
listen = ( { address = "127.0.0.1:8080"; } );
auth = { required = false; };
providers = (
{ id = "alpha"; dialect = "openai"; base_url = "http://alpha.test";
keys = ( "key-a1" ); models = ( "m" ); } );
end

scenario b: a connection too many is a 503 and a close, until there is room
conf client = { max_connections = 2; };
connect 1
connect 2
connect 3
expect 3 "HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\n"
expect 3 "\r\nconnection: close\r\n\r\n{\"error\":{\"message\":\"too many connections, try again\","
closed 3
counter aigw_connections_refused_total 1
post 1 /v1/chat/completions {"model":"m"}
whole 1 200 {}
expect 1 "HTTP/1.1 200 OK"
fail 2
post 4 /v1/chat/completions {"model":"m"}
whole 2 200 {}
expect 4 "HTTP/1.1 200 OK"
counter aigw_connections_accepted_total 3
counter aigw_connections_refused_total 1

scenario b: a body without room waits a second, then it is a 503
conf client = { max_body = "1m"; buffer_budget = "1m"; };
send 1 "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: 1000000\r\n\r\n"
send 1 "x" *900000
send 2 "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: 500000\r\n\r\n"
nothing 2
wait 900ms
nothing 2
wait 200ms
expect 2 "HTTP/1.1 503 "
expect 2 "retry-after: 1\r\n"
expect 2 "client.buffer_budget"
closed 2
counter aigw_buffer_refused_total 1
records 0
fail 1
buffered 0
post 3 /v1/chat/completions {"model":"m"}
whole 1 200 {}
expect 3 "HTTP/1.1 200 OK"

scenario b: a body gets its room when another gives it back in time
conf client = { max_body = "1m"; buffer_budget = "1m"; };
send 1 "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: 1000000\r\n\r\n"
send 1 "x" *900000
send 2 "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 500013\r\n\r\n"
wait 500ms
nothing 2
fail 1
wait 100ms
exactly 2 "HTTP/1.1 100 Continue\r\n\r\n"
send 2 "{\"model\":\"m\"}"
send 2 " " *500000
whole 1 200 {}
expect 2 "HTTP/1.1 200 OK"
counter aigw_buffer_refused_total 0
buffered 0

scenario b: waiting for room is not the client's silence
conf client = { max_body = "1m"; buffer_budget = "1m"; body_timeout = "800ms"; };
send 1 "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: 1000000\r\n\r\n"
send 1 "x" *900000
send 2 "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: 500000\r\n\r\n"
wait 790ms
send 1 "x" *50000
wait 250ms
expect 2 "HTTP/1.1 503 "

scenario b: a body as large as the budget has room, all of it
conf client = { max_body = "1m"; buffer_budget = "1m"; };
send 1 "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: 1048576\r\n\r\n{\"model\":\"m\"}"
send 1 " " *1048563
buffered 1048576
whole 1 200 {}
expect 1 "HTTP/1.1 200 OK"

scenario b: who only says that much will come holds little
conf client = { max_body = "64m"; };
send 1 "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: 60000000\r\n\r\n"
send 1 "{"
buffered 16384
send 2 "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n1\r\n{\r\n"
wait 1s

scenario b: a chunked body of exactly max_body is taken, one more byte is not
conf client = { max_body = "64k"; };
send 1 "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nd\r\n{\"model\":\"m\"}\r\nfff3\r\n"
send 1 " " *65523
send 1 "\r\n0\r\n\r\n"
whole 1 200 {}
expect 1 "HTTP/1.1 200 OK"
send 2 "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nd\r\n{\"model\":\"m\"}\r\nfff4\r\n"
send 2 " " *65524
expect 2 "HTTP/1.1 413 "
buffered 0

scenario b: what a slow client has not taken is in the budget, and keeps others out
conf client = { max_body = "1m"; buffer_budget = "1m"; hold_max = "1m"; };
post 1 /v1/chat/completions {"model":"m"}
reads 1 1000
answer 1 200 json
bytes 1 "x" * 1100000
paused 1
post 3 /v1/chat/completions {"model":"m"}
wait 1100ms
expect 3 "HTTP/1.1 503 "
reads 1 all
expect 1 "HTTP/1.1 200 OK"
running 1
bytes 1 "y"
end 1 ok
post 2 /v1/chat/completions {"model":"m"}
whole 2 200 {}
expect 2 "HTTP/1.1 200 OK"

scenario b: requests are refused at once when work waits far too long
lag 90ms
post 2 /v1/chat/completions {"model":"m"}
post 1 /v1/chat/completions {"model":"m"}
whole 2 200 {}
expect 1 "HTTP/1.1 200 OK"
wait 30ms
post 1 /v1/chat/completions {"model":"m"}
whole 3 200 {}
expect 1 "HTTP/1.1 200 OK"
wait 30ms
post 1 /v1/chat/completions {"model":"m"}
expect 1 "HTTP/1.1 503 "
expect 1 "retry-after: 1\r\nretry-after-ms: 1000\r\n"
expect 1 "overloaded"
open 2
attempts 3
counter aigw_overload_refused_total 1
get 1 /healthz
expect 1 "HTTP/1.1 200 OK"
lag 0ms
post 1 /v1/chat/completions {"model":"m"}
whole 4 200 {}
expect 1 "HTTP/1.1 200 OK"
lag 90ms
post 1 /v1/chat/completions {"model":"m"}
expect 1 "HTTP/1.1 503 "
whole 1 200 {}
expect 2 "HTTP/1.1 200 OK"
# one for one that has ended
post 1 /v1/chat/completions {"model":"m"}
whole 5 200 {}
expect 1 "HTTP/1.1 200 OK"
post 2 /v1/chat/completions {"model":"m"}
post 1 /v1/chat/completions {"model":"m"}
expect 1 "HTTP/1.1 503 "
lag 1ms
wait 2s
post 1 /v1/chat/completions {"model":"m"}
whole 7 200 {}
expect 1 "HTTP/1.1 200 OK"
lag 90ms
post 1 /v1/chat/completions {"model":"m"}
whole 8 200 {}
expect 1 "HTTP/1.1 200 OK"

scenario b: the rest of long answers may wait six times as long
backlog 300ms
post 2 /v1/chat/completions {"model":"m"}
post 1 /v1/chat/completions {"model":"m"}
whole 2 200 {}
wait 40ms
post 1 /v1/chat/completions {"model":"m"}
whole 3 200 {}
wait 40ms
post 1 /v1/chat/completions {"model":"m"}
whole 4 200 {}
backlog 540ms
post 1 /v1/chat/completions {"model":"m"}
whole 5 200 {}
wait 40ms
post 1 /v1/chat/completions {"model":"m"}
whole 6 200 {}
wait 40ms
post 1 /v1/chat/completions {"model":"m"}
expect 1 "HTTP/1.1 503 "

scenario b: a body that is read in slices is no backlog
send 1 "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 1000013\r\n\r\n{\"model\":\"m\"}"
send 1 " " *1000000
put-off 4 0
whole 1 200 {}
expect 1 "HTTP/1.1 200 OK"
send 2 "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\nd\r\n{\"model\":\"m\"}\r\nf4240\r\n"
send 2 " " *1000000
send 2 "\r\n0\r\n\r\n"
put-off 8 0
whole 2 200 {}
expect 2 "HTTP/1.1 200 OK"

scenario b: a refusal under overload reads no body that is not there
lag 90ms
post 3 /v1/chat/completions {"model":"m"}
post 1 /v1/chat/completions {"model":"m"}
whole 2 200 {}
expect 1 "HTTP/1.1 200 OK"
wait 40ms
post 2 /v1/chat/completions {"model":"m"}
whole 3 200 {}
wait 40ms
send 1 "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: 500000\r\n\r\n"
expect 1 "HTTP/1.1 503 "
closed 1

scenario b: no lag is too long when that is switched off
conf client = { max_lag = "0s"; };
lag 9s
post 1 /v1/chat/completions {"model":"m"}
whole 1 200 {}
wait 90ms
post 1 /v1/chat/completions {"model":"m"}
whole 2 200 {}
wait 90ms
post 1 /v1/chat/completions {"model":"m"}
whole 3 200 {}
wait 90ms
post 1 /v1/chat/completions {"model":"m"}
whole 4 200 {}
expect 1 "HTTP/1.1 200 OK"
never 1 "503"

scenario b: a long body is scanned in slices, and judged as one
send 1 "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: 1200021\r\n\r\n{\"model\":\"m\",\"x\":["
send 1 "1," * 600000
send 1 "1]}"
whole 1 200 {}
expect 1 "HTTP/1.1 200 OK"
send 1 "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: 1200021\r\n\r\n{\"model\":\"m\",\"x\":["
send 1 "1," * 600000
send 1 "1]]"
expect 1 "HTTP/1.1 400 "
expect 1 "at byte 1200020"
buffered 0

scenario b: a long form is searched in slices
send 1 "POST /v1/audio/transcriptions HTTP/1.1\r\nhost: x\r\ncontent-type: multipart/form-data; boundary=BB\r\ncontent-length: 1500118\r\n\r\n--BB\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\n"
send 1 "\r\n--B" * 300000
send 1 "\r\n--BB\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nm\r\n--BB--"
upstream 1 alpha
whole 1 200 {}
expect 1 "HTTP/1.1 200 OK"
