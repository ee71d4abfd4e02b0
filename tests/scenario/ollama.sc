# Ollama: its clients, its servers, and streams that are lines of JSON.
config o
listen = ( { address = "127.0.0.1:8080"; } );
auth = { required = false; };
providers = (
{ id = "local"; dialect = "ollama"; base_url = "http://local.test:11434"; models = ( "llama", "both" ); },
{ id = "cloud"; dialect = "ollama"; base_url = "https://cloud.test/api"; keys = ( "key-cloud" ); models = ( "big" ); },
{ id = "openai"; dialect = "openai"; base_url = "http://openai.test"; keys = ( "key-oai" ); models = ( "gpt" ); },
{ id = "ant"; dialect = "anthropic"; base_url = "http://ant.test"; keys = ( "key-ant" ); models = ( "claude" ); } );
groups = ( { name = "g"; strategy = "priority"; targets = (
{ provider = "local"; model = "llama"; priority = 1; },
{ provider = "openai"; model = "gpt"; priority = 2; } ); } );
end

scenario o: the same format on both sides: not a byte is changed, and streaming is the default
post 1 /ollama/api/chat { "model":"llama", "keep_alive":"5m", "new":1, "messages":[{"role":"user","content":"hi"}]}
upstream 1 local
uptarget 1 /api/chat
upbody 1 { "model":"llama", "keep_alive":"5m", "new":1, "messages":[{"role":"user","content":"hi"}]}
answer 1 200 application/x-ndjson -
bytes 1 "{\"model\":\"llama\",\"message\":{\"role\":\"assistant\",\"content\":\"\"},\"done\":false}\n"
nothing 1
bytes 1 "{\"model\":\"llama\",\"message\":{\"role\":\"assistant\",\"content\":\"hel\"},\"odd\":2,\"done\":false}\n"
expect 1 "content-type: application/x-ndjson\r\n"
expect 1 "{\"model\":\"llama\",\"message\":{\"role\":\"assistant\",\"content\":\"hel\"},\"odd\":2,\"done\":false}\n"
bytes 1 "{\"model\":\"llama\",\"message\":{\"role\":\"assistant\",\"content\":\"\"},\"done\":true,\"done_reason\":\"stop\",\"prompt_eval_count\":7,\"eval_count\":3}\n"
end 1 ok
expect 1 "\"prompt_eval_count\":7"
expect 1 "0\r\n\r\n"
record status=200 provider=local input=7 output=3 flags=stream,unpriced

scenario o: without a stream when the body says so
post 1 /ollama/v5/api/chat {"model":"big","stream":false,"messages":[{"role":"user","content":"hi"}]}
upstream 1 cloud
uptarget 1 /api/chat
upheader 1 "Authorization: Bearer key-cloud"
whole 1 200 {"model":"big","message":{"role":"assistant","content":"hello"},"done":true,"done_reason":"stop","prompt_eval_count":5,"eval_count":2}
expect 1 "HTTP/1.1 200 OK"
expect 1 "content-type: application/json\r\n"
expect 1 "\"content\":\"hello\""
record status=200 provider=cloud input=5 output=2 flags=unpriced

scenario o: a prompt reaches a server of Ollama's as a prompt
post 1 /ollama/api/generate {"model":"llama","prompt":"hi","context":[1,2]}
uptarget 1 /api/generate
upbody 1 {"model":"llama","prompt":"hi","context":[1,2]}
answer 1 200 application/x-ndjson -
bytes 1 "{\"model\":\"llama\",\"response\":\"hel\",\"done\":false}\n"
expect 1 "\"response\":\"hel\""
bytes 1 "{\"model\":\"llama\",\"response\":\"\",\"done\":true,\"prompt_eval_count\":4,\"eval_count\":2}\n"
end 1 ok
record status=200 input=4 output=2 flags=stream,unpriced

scenario o: a model that has another name there
post 1 /ollama/api/chat {"model":"g","messages":[{"role":"user","content":"hi"}]}
upbody 1 {"model":"llama","messages":[{"role":"user","content":"hi"}]}

scenario o: every split of a stream of lines
post 1 /ollama/api/chat {"model":"llama","messages":[{"role":"user","content":"hi"}]}
answer 1 200 application/x-ndjson -
pieces 1 1 "{\"message\":{\"content\":\"hel\"},\"done\":false}\n{\"message\":{\"content\":\"lo\"},\"done\":false}\n{\"message\":{\"content\":\"\"},\"done\":true,\"prompt_eval_count\":7,\"eval_count\":3}\n"
end 1 ok
record status=200 input=7 output=3 flags=stream,unpriced

scenario o: a stream without its last line was cut, and the client is told
post 1 /ollama/api/chat {"model":"llama","messages":[{"role":"user","content":"hi"}]}
answer 1 200 application/x-ndjson -
bytes 1 "{\"message\":{\"content\":\"12345678\"},\"done\":false}\n"
end 1 ok
expect 1 "{\"error\":\"the provider ended the stream without its end mark\"}\n"
never 1 "data:"
record flags=stream,estimated,truncated,unpriced

scenario o: cut in the middle of a line
post 1 /ollama/api/chat {"model":"llama","messages":[{"role":"user","content":"hi"}]}
answer 1 200 application/x-ndjson -
bytes 1 "{\"message\":{\"content\":\"12345678\"},\"done\":false}\n{\"mess"
end 1 reset
expect 1 "{\"mess\r\n"
expect 1 "\n{\"error\":"

scenario o: an error in the middle is the server's own line
post 1 /ollama/api/chat {"model":"llama","messages":[{"role":"user","content":"hi"}]}
answer 1 200 application/x-ndjson -
bytes 1 "{\"message\":{\"content\":\"12345678\"},\"done\":false}\n{\"error\":\"out of memory\"}\n"
end 1 ok
expect 1 "{\"error\":\"out of memory\"}\n"
never 1 "end mark"

scenario o: an error before the first text goes elsewhere
post 1 /ollama/api/chat {"model":"g","messages":[{"role":"user","content":"hi"}]}
answer 1 200 application/x-ndjson -
bytes 1 "{\"error\":\"out of memory\"}\n"
upstream 2 openai
uptarget 2 /v1/chat/completions
upbody 2 {"model":"gpt","stream":true,"stream_options":{"include_usage":true},"messages":[{"role":"user","content":"hi"}]}
answer 2 200 sse -
bytes 2 "data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"hello\"}}]}\n\n"
expect 1 "content-type: application/x-ndjson\r\n"
expect 1 "\"message\":{\"role\":\"assistant\",\"content\":\"hello\"},\"done\":false}\n"
bytes 2 "data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: {\"id\":\"c\",\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":2,\"total_tokens\":5}}\n\ndata: [DONE]\n\n"
end 2 ok
expect 1 "\"done\":true,\"done_reason\":\"stop\",\"total_duration\":"
expect 1 "\"prompt_eval_count\":3,"
expect 1 "\"eval_count\":2,"
record status=200 provider=openai input=3 output=2 flags=stream,unpriced

scenario o: silence of a stream is filled with a line that adds nothing
post 1 /ollama/api/chat {"model":"llama","messages":[{"role":"user","content":"hi"}]}
wait 15s
expect 1 "content-type: application/x-ndjson\r\n"
expect 1 "{\"message\":{\"role\":\"assistant\",\"content\":\"\"},\"response\":\"\",\"done\":false}\n"
never 1 "keepalive"
answer 1 200 application/x-ndjson -
bytes 1 "{\"message\":{\"content\":\"hel\"},\"done\":false}\n"
expect 1 "\"content\":\"hel\""
wait 15s
expect 1 "\"response\":\"\",\"done\":false}\n"
bytes 1 "{\"mess"
wait 30s
expect 1 "{\"mess\r\n"
nothing 1
bytes 1 "age\":{},\"done\":true}\n"
end 1 ok

scenario o: a server that is silent to the end, and a client that is told in a line
post 1 /ollama/api/chat {"model":"llama","messages":[{"role":"user","content":"hi"}]}
wait 15s
end 1 reset
expect 1 "{\"error\":\"provider local failed"
expect 1 "}\n"

scenario o: a chat request reaches Ollama in its format, the answer comes back
post 1 /v1/chat/completions {"model":"llama","max_tokens":50,"user":"u","messages":[{"role":"user","content":"hi"}]}
upstream 1 local
uptarget 1 /api/chat
upbody 1 {"model":"llama","stream":false,"messages":[{"role":"user","content":"hi"}],"options":{"num_predict":50}}
whole 1 200 {"model":"llama","message":{"role":"assistant","content":"hello"},"done":true,"done_reason":"stop","prompt_eval_count":9,"eval_count":3}
expect 1 "x-aigw-dropped: user\r\n"
expect 1 "\"object\":\"chat.completion\""
expect 1 "\"content\":\"hello\""
expect 1 "\"finish_reason\":\"stop\""
expect 1 "\"prompt_tokens\":9"
record status=200 provider=local input=9 output=3 flags=unpriced

scenario o: a chat stream from Ollama
post 1 /v1/chat/completions {"model":"llama","stream":true,"messages":[{"role":"user","content":"hi"}]}
upbody 1 {"model":"llama","stream":true,"messages":[{"role":"user","content":"hi"}]}
answer 1 200 application/x-ndjson -
pieces 1 7 "{\"model\":\"llama\",\"message\":{\"role\":\"assistant\",\"content\":\"hel\"},\"done\":false}\n{\"model\":\"llama\",\"message\":{\"role\":\"assistant\",\"content\":\"lo\"},\"done\":false}\n"
expect 1 "content-type: text/event-stream\r\n"
expect 1 "\"content\":\"hel\""
expect 1 "\"content\":\"lo\""
bytes 1 "{\"model\":\"llama\",\"message\":{\"role\":\"assistant\",\"content\":\"\"},\"done\":true,\"done_reason\":\"stop\",\"prompt_eval_count\":7,\"eval_count\":5}\n"
end 1 ok
expect 1 "\"finish_reason\":\"stop\""
expect 1 "data: [DONE]\n\n"
record status=200 provider=local input=7 output=5 flags=stream,unpriced

scenario o: a translated stream that is cut has no good end
post 1 /v1/chat/completions {"model":"llama","stream":true,"messages":[{"role":"user","content":"hi"}]}
answer 1 200 application/x-ndjson -
bytes 1 "{\"message\":{\"content\":\"hel\"},\"done\":false}\n{\"mess"
expect 1 "\"content\":\"hel\""
end 1 reset
expect 1 "data: {\"error\""
never 1 "[DONE]"

scenario o: a message reaches Ollama, with a call of a tool
post 1 /v1/messages {"model":"llama","max_tokens":9,"stream":true,"tools":[{"name":"f","input_schema":{"type":"object"}}],"messages":[{"role":"user","content":"hi"}]}
uptarget 1 /api/chat
answer 1 200 application/x-ndjson -
bytes 1 "{\"message\":{\"content\":\"\",\"tool_calls\":[{\"function\":{\"name\":\"f\",\"arguments\":{\"a\":1}}}]},\"done\":false}\n{\"message\":{},\"done\":true,\"done_reason\":\"stop\",\"prompt_eval_count\":7,\"eval_count\":5}\n"
end 1 ok
expect 1 "\"type\":\"tool_use\""
expect 1 "\"partial_json\":\"{\\\"a\\\":1}\""
expect 1 "\"stop_reason\":\"tool_use\""
expect 1 "event: message_stop\n"

scenario o: a client of Ollama and Anthropic, cut in the middle
post 1 /ollama/api/chat {"model":"claude","messages":[{"role":"user","content":"hi"}],"options":{"num_ctx":4096}}
upstream 1 ant
uptarget 1 /v1/messages
answer 1 200 sse -
bytes 1 "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"m\",\"content\":[],\"usage\":{\"input_tokens\":7,\"output_tokens\":1}}}\n\nevent: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\nevent: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"hel\"}}\n\nevent: content"
expect 1 "x-aigw-dropped: options.num_ctx,options.num_predict\r\n"
expect 1 "\"content\":\"hel\""
end 1 reset
expect 1 "{\"error\":"
never 1 "\n\n"
never 1 "data:"

scenario o: a prompt and OpenAI
post 1 /ollama/api/generate {"model":"gpt","prompt":"hi","system":"be kind","stream":false}
upstream 1 openai
upbody 1 {"model":"gpt","messages":[{"role":"system","content":"be kind"},{"role":"user","content":"hi"}]}
whole 1 200 {"id":"c1","object":"chat.completion","model":"gpt","choices":[{"index":0,"message":{"role":"assistant","content":"hello"},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}}
expect 1 "\"response\":\"hello\","
expect 1 "\"done\":true"
never 1 "\"message\""

scenario o: what cannot be carried is refused in Ollama's shape
post 1 /ollama/api/chat {"model":"gpt","messages":[{"role":"user","content":"hi"}],"options":{"top_k":4}}
expect 1 "HTTP/1.1 400 "
expect 1 "{\"error\":\"options.top_k has no equivalent"
attempts 0
post 1 /ollama/api/chat {"model":"none","messages":[{"role":"user","content":"hi"}]}
expect 1 "HTTP/1.1 404 "
expect 1 "{\"error\":\""

scenario o: an error of the server is told in the client's shape, and the other way round
post 1 /v1/chat/completions {"model":"llama","messages":[{"role":"user","content":"hi"}]}
whole 1 400 {"error":"does not support tools"}
expect 1 "\"message\":\"does not support tools\""
post 2 /ollama/api/chat {"model":"gpt","messages":[{"role":"user","content":"hi"}]}
whole 2 400 {"error":{"message":"too long","type":"invalid_request_error"}}
expect 2 "HTTP/1.1 400 "
expect 2 "{\"error\":\"too long\"}"
post 3 /ollama/api/chat {"model":"llama","messages":[]}
whole 3 400 {"error":"its own words"}
expect 3 "{\"error\":\"its own words\"}"

scenario o: OpenAI's other operations have OpenAI's path there
post 1 /v1/embeddings {"model":"llama","input":"x"}
upstream 1 local
uptarget 1 /v1/embeddings
whole 1 200 {"data":[],"usage":{"prompt_tokens":3,"total_tokens":3}}
record status=200 input=3 output=0

scenario o: the raw proxy knows both of its interfaces
post 1 /local/api/chat {"model":"llama","messages":[]}
uptarget 1 /api/chat
answer 1 200 application/x-ndjson -
bytes 1 "{\"message\":{\"content\":\"hel\"},\"done\":false}\n{\"message\":{},\"done\":true,\"prompt_eval_count\":7,\"eval_count\":5}\n"
end 1 ok
record status=200 input=7 output=5
post 2 /local/v1/chat/completions {"model":"llama","messages":[]}
uptarget 2 /v1/chat/completions
whole 2 200 {"choices":[],"usage":{"prompt_tokens":4,"completion_tokens":2}}
record status=200 input=4 output=2

scenario o: the models of this key, as Ollama lists them
get 1 /ollama/api/tags
expect 1 "{\"models\":[{\"name\":\""
expect 1 "{\"name\":\"llama\",\"model\":\"llama\",\"modified_at\":\"2027-01-15T08:16:40.000Z\""
expect 1 "\"name\":\"gpt\""

config off
listen = ( { address = "127.0.0.1:8080"; } );
auth = { required = false; };
routes = { ollama = "off"; };
providers = ( { id = "ollama"; dialect = "ollama"; base_url = "http://local.test:11434"; models = ( "llama" ); } );
end

scenario off: the family is off: its prefix is the provider's
post 1 /ollama/api/chat {"model":"llama","messages":[]}
uptarget 1 /api/chat
post 2 /ollama/v5/api/chat {"model":"llama","messages":[]}
uptarget 2 /v5/api/chat

config one
listen = ( { address = "127.0.0.1:8080"; } );
auth = { required = false; };
providers = ( { id = "ollama"; dialect = "ollama"; base_url = "http://local.test:11434"; models = ( "llama" ); },
{ id = "other"; dialect = "openai"; base_url = "http://other.test"; keys = ( "k" ); models = ( "llama" ); } );
groups = ( { name = "g"; targets = ( { provider = "other"; model = "gpt"; } ); } );
end

scenario one: a path of the family below a provider of that name goes there, but for groups
post 1 /ollama/api/chat {"model":"unheard","messages":[{"role":"user","content":"hi"}]}
upstream 1 ollama
post 2 /ollama/api/chat {"model":"g","messages":[{"role":"user","content":"hi"}]}
upstream 2 other

scenario o: a model whose name has a colon, in a path of Gemini's
post 1 /v1beta/models/local/llama:7b:generateContent {"contents":[{"parts":[{"text":"hi"}]}]}
upbody 1 {"model":"llama:7b","stream":false,"messages":[{"role":"user","content":"hi"}]}
