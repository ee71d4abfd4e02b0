# Answers that are no stream and were let go before they were whole.
config w
listen = ( { address = "127.0.0.1:8080"; } );
auth = { required = false; };
client = { max_body = "64k"; hold_max = "4k"; };
providers = (
{ id = "alpha"; dialect = "openai"; base_url = "http://alpha.test"; keys = ( "key-a1" ); models = ( "m" ); },
{ id = "gem"; dialect = "gemini"; base_url = "http://gem.test"; keys = ( "key-g1" ); models = ( "gemini-pro" ); },
{ id = "local"; dialect = "ollama"; base_url = "http://local.test:11434"; models = ( "llama" ); } );
end

scenario w: who leaves in the middle pays for the text that came
post 1 /v1/chat/completions {"model":"m"}
answer 1 200 json -
bytes 1 "{\"choices\":[{\"message\":{\"content\":\""
bytes 1 "four " * 1000
fail 1
record output=1259 flags=estimated,aborted,unpriced

scenario w: while it is held too
post 1 /v1/chat/completions {"model":"m"}
answer 1 200 json -
bytes 1 "four " * 400
fail 1
record status=499 output=500 flags=estimated,aborted,failed,unpriced

scenario w: a picture is no text
post 1 /v1beta/models/gemini-pro:generateContent {"contents":[{"parts":[{"text":"a"}]}]}
answer 1 200 json -
bytes 1 "{\"candidates\":[{\"content\":{\"parts\":[{\"inlineData\":{\"data\":\""
bytes 1 "0123456789abcdef" * 600
bytes 1 "0123456789abcdef" * 600
bytes 1 "\"}},{\"text\":\"and so on"
fail 1
record output=20 flags=estimated,aborted,unpriced

scenario w: what stands behind usage may be long
post 1 /v1/responses {"model":"m","input":"a"}
answer 1 200 json -
bytes 1 "{\"output\":[\""
bytes 1 "four " * 1000
bytes 1 "\"],\"usage\":{\"input_tokens\":7,\"output_tokens\":3},\"metadata\":{\"a\":\""
bytes 1 "four " * 2000
bytes 1 "\"}}"
end 1 ok
record input=7 output=3 flags=unpriced

scenario w: Ollama's numbers stand at the end, one of them not always
post 1 /ollama/api/chat {"model":"llama","stream":false,"messages":[{"role":"user","content":"a"}]}
answer 1 200 json -
bytes 1 "{\"message\":{\"content\":\""
bytes 1 "four " * 1000
bytes 1 "\"},\"done\":true,\"total_duration\":5,\"prompt_eval_count\":26,\"eval_count\":290,\"eval_duration\":7}"
end 1 ok
record input=26 output=290 flags=unpriced
post 1 /ollama/api/chat {"model":"llama","stream":false,"messages":[{"role":"user","content":"a"}]}
answer 2 200 json -
bytes 2 "{\"message\":{\"content\":\""
bytes 2 "four " * 1000
bytes 2 "\"},\"done\":true,\"total_duration\":5,\"eval_count\":290,\"eval_duration\":7}"
end 2 ok
record input=0 output=290 flags=unpriced

scenario w: an answer with no usage at all costs its text
post 1 /v1/chat/completions {"model":"m"}
answer 1 200 json -
bytes 1 "{\"choices\":[{\"message\":{\"content\":\""
bytes 1 "four " * 1000
bytes 1 "\"}}]}"
end 1 ok
record output=1260 flags=estimated,unpriced

config m
listen = ( { address = "127.0.0.1:8080"; } );
auth = { required = false; };
client = { max_body = "1m"; buffer_budget = "1m"; hold_max = "1m"; };
providers = (
{ id = "alpha"; dialect = "openai"; base_url = "http://alpha.test"; keys = ( "key-a1" ); models = ( "m", "n" ); },
{ id = "ant"; dialect = "anthropic"; base_url = "http://ant.test"; keys = ( "key-ant" ); models = ( "c" ); } );
groups = ( { name = "g"; strategy = "priority"; targets = (
{ provider = "ant"; model = "c"; priority = 1; },
{ provider = "alpha"; model = "n"; priority = 2; } ); } );
end

scenario m: one that memory lets go is looked at from its beginning
post 2 /v1/chat/completions {"model":"m"}
post 1 /v1/chat/completions {"model":"m"}
reads 1 0
answer 2 200 json
bytes 2 "1" * 1100000
answer 1 200 json 93
bytes 1 "{\"choices\":[{\"message\":{\"content\":\"abc\"}}],\"usage\":"
expect 2 "HTTP/1.1 200 OK"
bytes 1 "{\"prompt_tokens\":7,\"completion_tokens\":3}}"
end 1 ok
expect 2 "\"completion_tokens\":3}}"
record input=7 output=3 flags=unpriced

scenario m: one that must be translated is no fault of its provider's, nor is the next one paid
post 2 /v1/chat/completions {"model":"g","messages":[{"role":"user","content":"a"}]}
post 3 /v1/chat/completions {"model":"g","messages":[{"role":"user","content":"a"}]}
post 1 /v1/chat/completions {"model":"m"}
reads 1 0
answer 3 200 json
bytes 3 "1" * 1100000
answer 1 200 json
bytes 1 "{\"content\":"
expect 2 "HTTP/1.1 503 "
expect 2 "retry-after: 1\r\n"
expect 2 "short of memory"
answer 2 200 json
bytes 2 "{\"content\":"
expect 3 "HTTP/1.1 503 "
attempts 3
reads 1 all
post 4 /v1/chat/completions {"model":"g","messages":[{"role":"user","content":"a"}]}
upstream 4 ant
