# Memory: what is held for whom, and what happens when there is none.
config m
listen = ( { address = "127.0.0.1:8080"; } );
auth = { required = false; };
client = { max_body = "1m"; buffer_budget = "1m"; hold_max = "1m"; };
providers = (
{ id = "alpha"; dialect = "openai"; base_url = "http://alpha.test";
keys = ( "key-a1" ); models = ( "m" ); },
{ id = "beta"; dialect = "openai"; base_url = "http://beta.test";
keys = ( "key-b1" ); models = ( "b" ); } );
groups = ( { name = "g"; targets = ( { provider = "alpha"; model = "m"; },
{ provider = "beta"; model = "m"; priority = 2; } ); } );
end

scenario m: a body is held until its answer begins, and no longer
send 1 "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: 65549\r\n\r\n{\"model\":\"m\"}"
send 1 " " *65536
buffered 65549
answer 1 200 sse -
bytes 1 "data: {\"choices\":[{\"delta\":{\"content\":\"x\"}}]}\n\n"
expect 1 "\"x\""
buffered 0

scenario m: a body is kept for the next target as long as there may be one
send 1 "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: 65549\r\n\r\n{\"model\":\"g\"}"
send 1 " " *65536
answer 1 200 json -
bytes 1 "{"
end 1 reset
upstream 2 beta
intact 2
fail 1
buffered 0

scenario m: an answer that would be held goes out when all together hold too much
post 1 /v1/chat/completions {"model":"m"}
answer 1 200 json -
bytes 1 "0123456789abcdef" *20000
nothing 1
post 2 /v1/chat/completions {"model":"m"}
answer 2 200 json -
bytes 2 "0123456789abcdef" *50000
bytes 2 "more"
expect 2 "HTTP/1.1 200 OK\r\n"
expect 2 "transfer-encoding: chunked\r\n"
nothing 1
end 2 ok
end 1 ok
expect 1 "HTTP/1.1 "

scenario m: a held answer without memory goes to the next target, its provider is not blamed
post 1 /v1/chat/completions {"model":"g"}
answer 1 200 json -
bytes 1 "0123456789abcdef" *1200000
cancelled 1
upstream 2 beta
whole 2 200 {}
expect 1 "HTTP/1.1 200 OK"
post 1 /v1/chat/completions {"model":"g"}
upstream 3 alpha
