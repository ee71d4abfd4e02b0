# Keys of ours that a provider sends back in a good answer, cut anywhere.
config e
listen = ( { address = "127.0.0.1:8080"; } );
auth = { required = false; };
client = { hold_max = "4k"; };
providers = (
{ id = "alpha"; dialect = "openai"; base_url = "http://alpha.test";
keys = ( "key-a1" ); models = ( "m" );
headers = { x-secret-key = "ke-ours/k"; }; },
{ id = "beta"; dialect = "openai"; base_url = "http://beta.test";
keys = ( "kk/ey/b1" ); models = ( "m", "b" ); },
{ id = "ant"; dialect = "anthropic"; base_url = "http://ant.test";
keys = ( "key-ant" ); models = ( "claude" ); },
{ id = "gamma"; dialect = "openai"; base_url = "http://gamma.test";
keys = ( "abcabcd" ); models = ( "c" ); },
{ id = "two"; dialect = "openai"; base_url = "http://two.test";
keys = ( "key-t1", "key-t1-more" ); models = ( "t" ); } );
groups = ( { name = "g"; strategy = "priority"; targets = (
{ provider = "alpha"; model = "m"; priority = 1; },
{ provider = "beta"; model = "m"; priority = 2; } ); } );
end

scenario e: a body of known length, byte by byte and in larger pieces
post 1 /v1/chat/completions {"model":"alpha/m"}
answer 1 200 json 34
pieces 1 1 "{\"id\":\"key-a1kekey-a1 key-a ke-o\"}"
end 1 ok
expect 1 "content-length: 34\r\n"
expect 1 "{\"id\":\"******ke****** key-a ke-o\"}"
post 1 /v1/chat/completions {"model":"alpha/m"}
answer 2 200 json -
pieces 2 2 "{\"id\":\"xkey-a1kekey-a1 key-a ke-\"}"
end 2 ok
expect 1 "\r\n\r\n{\"id\":\"x******ke****** key-a ke-\"}"
post 1 /v1/chat/completions {"model":"alpha/m"}
answer 3 200 json -
pieces 3 5 "{\"id\":\"key-a1kekey-a1 key-a ke-\"}"
end 3 ok
expect 1 "\r\n\r\n{\"id\":\"******ke****** key-a ke-\"}"

scenario e: a header of ours that is a credential, and slashes that are escaped
post 1 /v1/chat/completions {"model":"alpha/m"}
answer 1 200 json -
pieces 1 1 "{\"id\":\"ke-ours/k\",\"a\":\"ke-ours\\/k\"}"
end 1 ok
expect 1 "{\"id\":\"*********\",\"a\":\"**********\"}"
post 1 /v1/chat/completions {"model":"b"}
answer 2 200 json -
pieces 2 1 "{\"id\":\"kk/ey/b1kk/ey\\/b1kk\\/ey\\/b1kk\\/ey b1\"}"
end 2 ok
expect 1 "{\"id\":\"***************************kk\\/ey b1\"}"
post 1 /v1/chat/completions {"model":"b"}
answer 3 200 json -
pieces 3 3 "{\"id\":\"kk/ey/b1kk/ey\\/b1kk\\/ey\\/b1kk\\/ey b1\"}"
end 3 ok
expect 1 "{\"id\":\"***************************kk\\/ey b1\"}"

scenario e: bytes that may begin one wait for the next, and no others
post 1 /alpha/v1/x {"stream":true}
answer 1 200 sse -
bytes 1 "data: one\n\n"
expect 1 "data: one\n\n\r\n"
bytes 1 "data: key-"
expect 1 "data: \r\n"
bytes 1 "a"
nothing 1
bytes 1 "2\n"
expect 1 "key-a2\n\r\n"
bytes 1 "\ndata: key"
expect 1 "\ndata: \r\n"
bytes 1 "-a1\n\n"
expect 1 "******\n\n\r\n"
bytes 1 "data: key-a1"
expect 1 "data: ******\r\n"
bytes 1 "\n\ndata: k"
bytes 1 "k\n\n"
expect 1 "kk\n\n\r\n"
end 1 ok
never 1 key-a1

scenario e: what waits at the end of an answer is a part of it
get 1 /alpha/v1/x
answer 1 200 text/plain 12
bytes 1 "the end: key"
end 1 ok
expect 1 "content-length: 12\r\n"
expect 1 "the end: key"
open 1

scenario e: and of one that was cut
post 1 /alpha/v1/x {"stream":true}
answer 1 200 sse -
bytes 1 "data: a\n\ndata: key-a"
expect 1 "data: a\n\ndata: \r\n"
end 1 truncated
expect 1 "key-a\r\n"
expect 1 "the answer was cut short"
record status=200 flags=stream,estimated,truncated,unpriced
get 1 /alpha/v1/x
answer 2 200 text/plain 9000
bytes 2 "0123456789" *500
bytes 2 "01234key-"
end 2 reset
cut 1
record flags=estimated,truncated

scenario e: an answer that is too long to be held
get 1 /alpha/v1/x
answer 1 200 text/plain 5020
bytes 1 "0123456789" *499
bytes 1 "0123ke-our"
bytes 1 "s/k456"
expect 1 "content-length: 5020\r\n"
bytes 1 "key"
pieces 1 1 "-a1 key-a1k"
end 1 ok
expect 1 "0123*********456****** ******k"
open 1
never 1 ke-ours
never 1 key-a1

scenario e: a beginning inside a beginning
post 1 /v1/chat/completions {"model":"c"}
answer 1 200 json -
pieces 1 1 "{\"id\":\"abcabcabcd abcabca abcabcdabcabcd\"}"
end 1 ok
expect 1 "{\"id\":\"abc******* abcabca **************\"}"

scenario e: one key is the beginning of the other
post 1 /v1/chat/completions {"model":"t"}
upheader 1 "Bearer key-t1\n"
answer 1 200 json -
bytes 1 "{\"id\":\"key-t1-more key-t1 "
pieces 1 1 "key-t1-more key-t1-m\"}"
end 1 ok
expect 1 "{\"id\":\"*********** ****** ******-more ******-m\"}"
post 1 /v1/chat/completions {"model":"t"}
upheader 2 "Bearer key-t1-more\n"
answer 2 200 json -
pieces 2 1 "{\"id\":\"key-t1-more key-t1-m\"}"
end 2 ok
expect 1 "{\"id\":\"*********** key-t1-m\"}"

scenario e: content of a stream, with usage withheld
post 1 /v1/chat/completions {"model":"alpha/m","stream":true}
answer 1 200 sse -
pieces 1 1 "data: {\"choices\":[{\"delta\":{\"content\":\"key-a1\"}}]}\n\ndata: {\"choices\":[],\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":2}}\n\ndata: [DONE]\n\n"
end 1 ok
expect 1 "data: {\"choices\":[{\"delta\":{\"content\":\"******\"}}]}\n\n"
expect 1 "data: [DONE]\n\n"
never 1 prompt_tokens
record status=200 input=5 output=2 flags=stream,unpriced

scenario e: a stream that is translated
post 1 /v1/chat/completions {"model":"claude","stream":true,"messages":[{"role":"user","content":"hi"}]}
answer 1 200 sse -
pieces 1 1 "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"claude\",\"content\":[],\"usage\":{\"input_tokens\":7,\"output_tokens\":1}}}\n\nevent: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\nevent: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"it is key-ant\"}}\n\nevent: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\nevent: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},\"usage\":{\"output_tokens\":4}}\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n"
end 1 ok
expect 1 "it is *******\""
expect 1 "data: [DONE]\n\n"
record status=200 input=7 output=4

scenario e: what waited of an attempt is no part of the next
post 1 /v1/chat/completions {"model":"g","stream":true}
answer 1 200 sse -
bytes 1 ": key-a"
end 1 reset
upstream 2 beta
answer 2 200 sse -
bytes 2 "data: {\"choices\":[{\"delta\":{\"content\":\"1\"}}]}\n\ndata: [DONE]\n\n"
end 2 ok
expect 1 "\r\n\r\n3d\r\ndata: {\"choices\""
never 1 key-a

scenario e: a key that the translation puts together, or that comes as escapes
post 1 /v1/responses {"model":"claude","stream":true,"input":"hi"}
answer 1 200 sse -
bytes 1 "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"claude\",\"content\":[],\"usage\":{\"input_tokens\":7,\"output_tokens\":1}}}\n\nevent: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n"
bytes 1 "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"it is key-\"}}\n\n"
bytes 1 "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"ant, key\\u002dant\"}}\n\n"
bytes 1 "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\nevent: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},\"usage\":{\"output_tokens\":4}}\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n"
end 1 ok
expect 1 "\"it is key-\""
expect 1 "\"ant, *******\""
expect 1 "\"it is *******, *******\""
never 1 key-ant
record status=200 input=7 output=4
post 1 /v1/chat/completions {"model":"claude","messages":[{"role":"user","content":"hi"}]}
whole 2 200 {"id":"msg_1","type":"message","role":"assistant","model":"claude","content":[{"type":"text","text":"it is key\u002dant"}],"stop_reason":"end_turn","usage":{"input_tokens":9,"output_tokens":3}}
expect 1 "\"content\":\"it is *******\""
record status=200 input=9 output=3
