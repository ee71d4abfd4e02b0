# Connections: what keeps one open, order, framing, and how one ends.
config n
listen = ( { address = "127.0.0.1:8080"; } );
auth = { required = false; };
providers = (
{ id = "alpha"; dialect = "openai"; base_url = "http://alpha.test";
keys = ( "key-a1" ); models = ( "m" ); } );
end

scenario n: answers from here and from there keep the order of their requests
send 1 "GET /v1/models HTTP/1.1\r\nhost: x\r\n\r\nPOST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: 13\r\n\r\n{\"model\":\"m\"}GET /nowhere HTTP/1.1\r\nhost: x\r\n\r\nGET /healthz HTTP/1.1\r\nhost: x\r\n\r\n"
expect 1 "\"object\":\"list\""
never 1 nowhere
whole 1 200 {"a":1}
expect 1 "{\"a\":1}HTTP/1.1 404 "
expect 1 "HTTP/1.1 200 OK"
expect 1 "{\"status\":\"ok\"}"
open 1

scenario n: a mistake behind a request is told behind its answer, then it is the end
send 1 "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: 13\r\n\r\n{\"model\":\"m\"}GARBAGE\r\n\r\nGET /healthz HTTP/1.1\r\nhost: x\r\n\r\n"
nothing 1
whole 1 200 {"a":1}
expect 1 "HTTP/1.1 200 OK"
expect 1 "{\"a\":1}HTTP/1.1 400 "
closed 1
never 1 "\"ok\""

scenario n: what stands behind a request is read as far as it is needed
send 1 "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: 13\r\n\r\n{\"model\":\"m\"}POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: 200013\r\n\r\n{\"model\":\"m\"}"
send 1 " " *200000
attempts 1
whole 1 200 {"a":1}
expect 1 "{\"a\":1}"
upstream 2 alpha
whole 2 200 {"b":1}
expect 1 "{\"b\":1}"
open 1
buffered 0

scenario n: the first request's close is the end, whatever stands behind it
send 1 "GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\nPOST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: 13\r\n\r\n{\"model\":\"m\"}"
expect 1 "connection: close\r\n"
closed 1
attempts 0

scenario n: HTTP/1.0 is kept open when it asks, and then told so
send 1 "GET /healthz HTTP/1.0\r\nconnection: keep-alive\r\n\r\n"
expect 1 "HTTP/1.1 200 OK\r\n"
expect 1 "connection: keep-alive\r\n"
open 1
send 1 "GET /healthz HTTP/1.0\r\n\r\n"
expect 1 "connection: close\r\n"
closed 1

scenario n: a chunked body comes whole however it is cut, and trailers are not passed
send 1 "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{\"mod"
send 1 "\r"
send 1 "\n8\r\nel\":\"m\"}\r\n0\r\nx-trailer: 1\r\n\r"
attempts 0
send 1 "\nGET /healthz HTTP/1.1\r\nhost: x\r\n\r\n"
upbody 1 {"model":"m"}
upnoheader 1 x-trailer
whole 1 200 {}
expect 1 "HTTP/1.1 200 OK"
expect 1 "\"ok\""

scenario n: a body may come slowly, as long as it comes
send 1 "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: 13\r\n\r\n{"
wait 50s
send 1 "\"model\":"
wait 50s
send 1 "\"m\"}"
attempts 1
whole 1 200 {}
expect 1 "HTTP/1.1 200 OK"

scenario n: a long body may not come a few bytes at a time
send 1 "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n500\r\n{\"model\":\"m\",\"p\":\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\r\n"
wait 50s
send 1 "a\r\n0123456789\r\n"
wait 8s
nothing 1
wait 3s
expect 1 "HTTP/1.1 408 "
expect 1 "client.body_timeout"
closed 1
attempts 0

scenario n: nor is the framing of one anything that came
send 1 "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n500\r\n{\"model\":\"m\",\"p\":\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\r\n"
wait 50s
send 1 "a"
wait 11s
expect 1 "HTTP/1.1 408 "

scenario n: a 64th of it at a time is enough, in whatever pieces
send 1 "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n500\r\n{\"model\":\"m\",\"p\":\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\r\n"
wait 50s
send 1 "a\r\n0123456789\r\n"
wait 5s
send 1 "b\r\n0123456789a\r\n"
wait 50s
send 1 "15\r\n0123456789a0123456789\r\n"
wait 50s
send 1 "2\r\n\"}\r\n0\r\n\r\n"
attempts 1
whole 1 200 {}
expect 1 "HTTP/1.1 200 OK"

scenario n: as is 1 KiB a second
conf client = { body_timeout = "10ms"; };
send 1 "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n500\r\n{\"model\":\"m\",\"p\":\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\r\n"
wait 8ms
send 1 "c\r\n0123456789ab\r\n"
wait 8ms
send 1 "4\r\n01\"}\r\n0\r\n\r\n"
attempts 1
whole 1 200 {}
expect 1 "HTTP/1.1 200 OK"

scenario n: a head may not, however often a byte of it comes
connect 1
send 1 "GET /healthz HTTP/1.1\r\n"
wait 6s
send 1 "host: x\r\n"
wait 6s
expect 1 "HTTP/1.1 408 "
closed 1

scenario n: a connection on which nothing ever comes is closed without a word
connect 1
wait 9s
open 1
wait 2s
nothing 1
cut 1
counter aigw_connections_accepted_total 1

scenario n: half a head behind an answer has a head's time, not an idle connection's
send 1 "GET /healthz HTTP/1.1\r\nhost: x\r\n\r\nGET /v1"
expect 1 "\"ok\""
wait 11s
expect 1 "HTTP/1.1 408 "
closed 1

scenario n: an empty line before a request is passed over
send 1 "GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n\r\nGET /healthz HTTP/1.1\r\nhost: x\r\n\r\n"
expect 1 "\"ok\""
expect 1 "\"ok\""
open 1

scenario n: nobody is told to continue who has sent his body, or whose body is too long
conf client = { max_body = "64k"; };
send 1 "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 13\r\n\r\n{\"model\":\"m\"}"
whole 1 200 {}
expect 1 "HTTP/1.1 200 OK"
never 1 "100 Continue"
send 2 "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 70000\r\n\r\n"
expect 2 "HTTP/1.1 413 "
never 2 "100 Continue"
closed 2

scenario n: a target with a host in it is the same path
send 1 "GET http://gw.test/healthz HTTP/1.1\r\nhost: gw.test\r\n\r\n"
expect 1 "HTTP/1.1 200 OK"
expect 1 "\"ok\""

scenario n: who shuts his side while he waits is taken for gone
post 1 /v1/chat/completions {"model":"m"}
eof 1
cancelled 1
cut 1
record status=499 flags=estimated,aborted,failed,unpriced

scenario n: a broken connection with no request on it costs nothing
connect 1
fail 1
cut 1
send 2 "POST /v1/ch"
fail 2
records 0
counter aigw_requests_total 0

scenario n: who does not read his answer is cut after write_timeout, and it is paid for
post 1 /v1/chat/completions {"model":"m"}
reads 1 10
whole 1 200 {"usage":{"prompt_tokens":5,"completion_tokens":2}}
record status=200 input=5 output=2
wait 59s
open 1
wait 62s
cut 1

scenario n: draining cuts what is under way when its time is over, and accounts for it
post 1 /v1/chat/completions {"model":"m"}
drain 3s
wait 2s
open 1
wait 2s
cancelled 1
cut 1
drained 1
record status=499 input=4 flags=estimated,aborted,failed,unpriced

scenario n: draining lets a body that still comes be answered
send 1 "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: 13\r\n\r\n{"
drain 60s
send 1 "\"model\":\"m\"}"
attempts 1
whole 1 200 {}
expect 1 "HTTP/1.1 200 OK\r\n"
expect 1 "connection: close\r\n"
closed 1
drained 1

scenario n: draining leaves an idle connection its time, then it goes
post 1 /v1/chat/completions {"model":"m"}
whole 1 200 {}
drain 300s
drained 0
open 1
wait 76s
cut 1
drained 1

scenario n: a second word to drain shortens the time of the first
post 1 /v1/chat/completions {"model":"m"}
drain 600s
wait 5s
open 1
drain 1s
wait 2s
cut 1
drained 1

scenario n: a client that shuts an idle connection is let go
post 1 /v1/chat/completions {"model":"m"}
whole 1 200 {}
eof 1
cut 1
connect 2
eof 2
cut 2
records 1

scenario n: who asked for the close and then does not read is not waited for
header connection: close
post 1 /v1/chat/completions {"model":"m"}
reads 1 10
whole 1 200 {"pad":"0123456789012345678901234567890123456789"}
wait 59s
open 1
wait 62s
cut 1
records 1

scenario n: a worker with more connections than the others takes none until some go, and then at once
connect 0
connect 1
connect 2
connect 3
connect 4
connect 5
connect 6
connect 7
connect 8
wait 200ms
accepting 1
idle-workers
wait 200ms
accepting 0
fail 3
accepting 1
connect 9
connect 10
wait 200ms
accepting 0
fail 0
accepting 0
fail 1
accepting 1
