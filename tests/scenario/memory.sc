# Memory: what is held for whom, and what happens when there is none.
config m
listen = ( { address = "127.0.0.1:8080"; } );
auth = { required = false; };
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
conf client = { max_body = "1m"; buffer_budget = "1m"; };
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

scenario m: a long held answer is judged in turns, and goes out whole
post 1 /v1/chat/completions {"model":"g"}
answer 1 200 json -
bytes 1 "{\"choices\":[{\"message\":{\"content\":\""
bytes 1 "0123456789abcdef" *55000
bytes 1 "\"}}],\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":7}}"
nothing 1
end 1 ok
expect 1 "content-length: 880090\r\n"
expect 1 "\"completion_tokens\":7}}"
record status=200 input=5 output=7
buffered 0

scenario m: a long answer that is none after all goes to the next target
post 1 /v1/chat/completions {"model":"g"}
answer 1 200 json -
bytes 1 "{\"choices\":[{\"message\":{\"content\":\""
bytes 1 "0123456789abcdef" *55000
bytes 1 "\"}}],\"usage\":}"
end 1 ok
upstream 2 beta
whole 2 200 {}
expect 1 "HTTP/1.1 200 OK"
never 1 0123456789abcdef

scenario m: a failure keyword is found at the end of a long answer
conf failure_keywords = ( "all is lost" );
post 1 /v1/chat/completions {"model":"g"}
answer 1 200 json -
bytes 1 "{\"choices\":[{\"message\":{\"content\":\""
bytes 1 "0123456789abcdef" *55000
bytes 1 "All is LOST\"}}]}"
end 1 ok
upstream 2 beta

scenario m: a key is hidden at the end of a long error
post 1 /v1/chat/completions {"model":"g"}
answer 1 400 json -
bytes 1 "{\"error\":\""
bytes 1 "0123456789abcdef" *60000
bytes 1 "key-a1 is wrong\"}"
end 1 ok
expect 1 "HTTP/1.1 400 "
expect 1 "abcdef****** is wrong\"}"
never 1 key-a1
