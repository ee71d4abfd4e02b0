# Client and provider speak different formats.
config x
listen = ( { address = "127.0.0.1:8080"; } );
auth = { required = false; };
providers = (
{ id = "ant"; dialect = "anthropic"; base_url = "http://ant.test";
keys = ( "key-ant" ); models = ( "claude", "both" ); },
{ id = "gem"; dialect = "gemini"; base_url = "http://gem.test";
keys = ( "key-gem" ); models = ( "gemini-pro" ); },
{ id = "openai"; dialect = "openai"; base_url = "http://openai.test";
keys = ( "key-oai" ); models = ( "gpt" ); },
{ id = "resp"; dialect = "openai"; base_url = "http://resp.test";
keys = ( "key-resp" ); models = ( "only" ); apis = ( "responses" ); } );
groups = ( { name = "g"; strategy = "priority"; targets = (
{ provider = "openai"; model = "gpt"; priority = 1; },
{ provider = "ant"; model = "claude"; priority = 2; },
{ provider = "gem"; model = "gemini-pro"; priority = 3; } ); } );
end

scenario x: a chat request reaches Anthropic in its format, the answer comes back
post 1 /v1/chat/completions {"model":"claude","max_tokens":50,"seed":7,"messages":[{"role":"system","content":"be kind"},{"role":"user","content":"hi \u00e9"}]}
upstream 1 ant
uptarget 1 /v1/messages
upheader 1 "x-api-key: key-ant"
upheader 1 "anthropic-version: 2023-06-01"
upheader 1 "content-type: application/json"
whole 1 200 {"id":"msg_1","type":"message","role":"assistant","model":"claude","content":[{"type":"text","text":"hello"}],"stop_reason":"end_turn","usage":{"input_tokens":9,"output_tokens":3}}
expect 1 "HTTP/1.1 200 OK"
expect 1 "x-aigw-dropped: seed\r\n"
expect 1 "\"object\":\"chat.completion\""
expect 1 "\"content\":\"hello\""
expect 1 "\"finish_reason\":\"stop\""
expect 1 "\"prompt_tokens\":9"
record status=200 provider=ant input=9 output=3

scenario x: a model that would lead elsewhere in the provider's path is none
post 1 /v1/chat/completions {"model":"gem/../../x","messages":[{"role":"user","content":"hi"}]}
expect 1 "HTTP/1.1 400 "
post 2 /v1beta/models/gem%2f%2e%2e:generateContent {"contents":[{"parts":[{"text":"hi"}]}]}
expect 2 "HTTP/1.1 400 "
post 3 /v1/chat {"provider":"gem","model":"a/..","messages":[{"role":"user","content":"hi"}]}
expect 3 "HTTP/1.1 4"
attempts 0
post 4 /v1beta/models/gem/tunedModels/a..b:generateContent {"contents":[{"parts":[{"text":"hi"}]}]}
uptarget 1 /v1beta/models/tunedModels/a..b:generateContent

scenario x: the body is JSON, whatever the client calls it, and it is called so once
post 1 /v1/chat/completions {"model":"claude","messages":[{"role":"user","content":"hi"}]}
upheader 1 "content-type: application/json\n"
header content-type: application/x-www-form-urlencoded
post 2 /v1/chat/completions {"model":"gpt","messages":[{"role":"user","content":"hi"}]}
upheader 2 "content-type: application/json\n"
upnoheader 2 urlencoded
post 3 /v1/chat/completions {"model":"claude","messages":[{"role":"user","content":"hi"}]}
upnoheader 3 urlencoded

scenario x: a chat stream from Anthropic
post 1 /v1/chat/completions {"model":"claude","stream":true,"messages":[{"role":"user","content":"hi"}]}
answer 1 200 sse -
bytes 1 "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"claude\",\"content\":[],\"usage\":{\"input_tokens\":7,\"output_tokens\":1}}}\n\n"
nothing 1
bytes 1 "event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n"
bytes 1 "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"hel\"}}\n\n"
expect 1 "content-type: text/event-stream"
expect 1 "\"content\":\"hel\""
bytes 1 "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"lo\"}}\n\n"
expect 1 "\"content\":\"lo\""
bytes 1 "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\nevent: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\",\"stop_sequence\":null},\"usage\":{\"output_tokens\":5}}\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n"
end 1 ok
expect 1 "\"finish_reason\":\"stop\""
expect 1 "data: [DONE]\n\n"
record status=200 provider=ant input=7 output=5 flags=stream,unpriced

scenario x: an event that ends with CR is translated at once, its LF is no other one
post 1 /v1/chat/completions {"model":"claude","stream":true,"messages":[{"role":"user","content":"hi"}]}
answer 1 200 sse -
bytes 1 "event: message_start\rdata: {\"type\":\"message_start\",\"message\":{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"claude\",\"content\":[],\"usage\":{\"input_tokens\":7,\"output_tokens\":1}}}\r\r"
bytes 1 "event: content_block_start\rdata: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\r\r"
bytes 1 "event: content_block_delta\rdata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"hel\"}}\r\r"
expect 1 "\"content\":\"hel\""
bytes 1 "event: content_block_delta\r\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"lo\"}}\r\n\r"
expect 1 "\"content\":\"lo\""
pieces 1 1 "\nevent: content_block_stop\rdata: {\"type\":\"content_block_stop\",\"index\":0}\r\revent: message_delta\r\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\",\"stop_sequence\":null},\"usage\":{\"output_tokens\":5}}\r\n\r\nevent: message_stop\rdata: {\"type\":\"message_stop\"}\r\r"
expect 1 "\"finish_reason\":\"stop\""
expect 1 "data: [DONE]\n\n"
end 1 ok
record status=200 provider=ant input=7 output=5 flags=stream,unpriced

scenario x: a long event that ends with CR is translated at once
post 1 /v1/chat/completions {"model":"claude","stream":true,"messages":[{"role":"user","content":"hi"}]}
answer 1 200 sse -
bytes 1 "event: message_start\rdata: {\"type\":\"message_start\",\"message\":{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"claude\",\"content\":[],\"usage\":{\"input_tokens\":7,\"output_tokens\":1}}}\r\r"
bytes 1 "event: content_block_start\rdata: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\r\revent: content_block_delta\rdata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\""
pieces 1 65536 "0123456789abcdef" * 10000
bytes 1 "END\"}}\r\r"
expect 1 "END\""
bytes 1 "\nevent: content_block_stop\rdata: {\"type\":\"content_block_stop\",\"index\":0}\r\revent: message_delta\r\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\",\"stop_sequence\":null},\"usage\":{\"output_tokens\":5}}\r\n\r\nevent: message_stop\rdata: {\"type\":\"message_stop\"}\r\r"
expect 1 "data: [DONE]\n\n"
end 1 ok
record status=200 provider=ant input=7 output=5 flags=stream,unpriced

scenario x: what an answer has and the client's format has not is reported
post 1 /v1/chat/completions {"model":"claude","max_tokens":9,"seed":7,"messages":[{"role":"user","content":"hi"}]}
whole 1 200 {"type":"message","content":[{"type":"text","text":"hello","citations":[{"type":"char_location","cited_text":"h","document_index":0,"document_title":null,"start_char_index":0,"end_char_index":1}]}],"stop_reason":"end_turn","usage":{"input_tokens":9,"output_tokens":3}}
expect 1 "x-aigw-dropped: seed,citations\r\n"
logged ",\"dropped\":\"seed,citations\"}\n"

scenario x: in a stream the log reports it, the head is gone
post 1 /v1/chat/completions {"model":"claude","max_tokens":9,"stream":true,"messages":[{"role":"user","content":"hi"}]}
answer 1 200 sse -
bytes 1 "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"m\",\"content\":[],\"usage\":{\"input_tokens\":7,\"output_tokens\":1}}}\n\nevent: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\nevent: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"hel\"}}\n\n"
bytes 1 "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"citations_delta\",\"citation\":{\"type\":\"page_location\"}}}\n\nevent: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\nevent: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\",\"stop_sequence\":null},\"usage\":{\"output_tokens\":5}}\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n"
end 1 ok
never 1 "x-aigw-dropped"
logged ",\"dropped\":\"citations\"}\n"

scenario x: a translated stream that is cut has no good end
post 1 /v1/chat/completions {"model":"claude","stream":true,"messages":[{"role":"user","content":"hi"}]}
answer 1 200 sse -
bytes 1 "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"m\",\"content\":[],\"usage\":{\"input_tokens\":7,\"output_tokens\":1}}}\n\nevent: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\nevent: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"hel\"}}\n\n"
expect 1 "\"content\":\"hel\""
end 1 ok
expect 1 "\"error\""
never 1 "[DONE]"

scenario x: a chat request reaches Gemini in its format
post 1 /v1/chat/completions {"model":"gemini-pro","messages":[{"role":"user","content":"hi"}]}
upstream 1 gem
uptarget 1 /v1beta/models/gemini-pro:generateContent
upheader 1 "x-goog-api-key: key-gem"
whole 1 200 {"candidates":[{"content":{"role":"model","parts":[{"text":"hello"}]},"finishReason":"STOP","index":0}],"usageMetadata":{"promptTokenCount":4,"candidatesTokenCount":2,"totalTokenCount":6}}
expect 1 "HTTP/1.1 200 OK"
expect 1 "\"content\":\"hello\""
record status=200 provider=gem input=4 output=2

scenario x: a chat stream from Gemini
post 1 /v1/chat/completions {"model":"gemini-pro","stream":true,"messages":[{"role":"user","content":"hi"}]}
uptarget 1 /v1beta/models/gemini-pro:streamGenerateContent?alt=sse
answer 1 200 sse -
bytes 1 "data: {\"candidates\":[{\"content\":{\"role\":\"model\",\"parts\":[{\"text\":\"hel\"}]},\"index\":0}],\"responseId\":\"r\"}\r\n\r\n"
expect 1 "\"content\":\"hel\""
bytes 1 "data: {\"candidates\":[{\"content\":{\"role\":\"model\",\"parts\":[{\"text\":\"lo\"}]},\"finishReason\":\"STOP\",\"index\":0}],\"usageMetadata\":{\"promptTokenCount\":4,\"candidatesTokenCount\":2}}\r\n\r\n"
end 1 ok
expect 1 "\"content\":\"lo\""
expect 1 "data: [DONE]\n\n"
record status=200 input=4 output=2 flags=stream,unpriced

scenario x: a message reaches OpenAI, the answer is a message
post 1 /v1/messages {"model":"gpt","max_tokens":9,"system":"be kind","messages":[{"role":"user","content":"hi"}]}
upstream 1 openai
uptarget 1 /v1/chat/completions
upheader 1 "Authorization: Bearer key-oai"
whole 1 200 {"id":"c1","object":"chat.completion","model":"gpt","choices":[{"index":0,"message":{"role":"assistant","content":"hello"},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}}
expect 1 "HTTP/1.1 200 OK"
expect 1 "\"type\":\"message\""
expect 1 "\"text\":\"hello\""
expect 1 "\"stop_reason\":\"end_turn\""
record status=200 provider=openai input=3 output=2

scenario x: a stream of messages from OpenAI
post 1 /v1/messages {"model":"gpt","max_tokens":9,"stream":true,"messages":[{"role":"user","content":"hi"}]}
answer 1 200 sse -
bytes 1 "data: {\"id\":\"c1\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\ndata: {\"id\":\"c1\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"hello\"}}]}\n\n"
expect 1 "event: message_start\n"
expect 1 "event: content_block_start\n"
expect 1 "\"text\":\"hello\""
bytes 1 "data: {\"id\":\"c1\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: {\"id\":\"c1\",\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":2,\"total_tokens\":5}}\n\ndata: [DONE]\n\n"
end 1 ok
expect 1 "event: content_block_stop\n"
expect 1 "event: message_delta\n"
expect 1 "event: message_stop\n"
record status=200 input=3 output=2 flags=stream,unpriced

scenario x: a Gemini client and OpenAI
post 1 /v1beta/models/gpt:generateContent {"contents":[{"role":"user","parts":[{"text":"hi"}]}]}
upstream 1 openai
whole 1 200 {"id":"c1","object":"chat.completion","model":"gpt","choices":[{"index":0,"message":{"role":"assistant","content":"hello"},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}}
expect 1 "\"candidates\":["
expect 1 "\"text\":\"hello\""
expect 1 "\"finishReason\":\"STOP\""

scenario x: what cannot be carried is refused with its name, before anything is sent
post 1 /v1/chat/completions {"model":"claude","logit_bias":{"5":1},"messages":[{"role":"user","content":"hi"}]}
expect 1 "HTTP/1.1 400 "
expect 1 "\"param\":\"logit_bias\""
attempts 0

scenario x: a field of a wrong type is named
post 1 /v1/chat/completions {"model":"claude","messages":[{"role":"user","content":7}]}
expect 1 "HTTP/1.1 400 "
expect 1 "messages[0].content"
attempts 0

scenario x: an answer that is none goes to the next target
post 1 /v1/messages {"model":"g","max_tokens":9,"messages":[{"role":"user","content":"hi"}]}
upstream 1 openai
whole 1 200 {"choices":"none"}
upstream 2 ant
upbody 2 {"model":"claude","max_tokens":9,"messages":[{"role":"user","content":"hi"}]}
whole 2 200 {"type":"message","content":[],"usage":{"input_tokens":3,"output_tokens":4}}
expect 1 "x-aigw-provider: ant\r\n"

scenario x: the client's own fault comes back in the client's shape
post 1 /v1/chat/completions {"model":"claude","messages":[{"role":"user","content":"hi"}]}
whole 1 400 {"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long"}}
expect 1 "HTTP/1.1 400 "
expect 1 "\"message\":\"prompt is too long\""
expect 1 "\"type\":\"invalid_request_error\""

scenario x: a prompt that is too long for a provider is told in Anthropic's words
post 1 /v1/messages {"model":"gpt","max_tokens":5,"messages":[{"role":"user","content":"hi"}]}
whole 1 400 {"error":{"message":"Your input exceeds the context window","type":"invalid_request_error","param":"input","code":"context_length_exceeded"}}
expect 1 "HTTP/1.1 400"
expect 1 "\"message\":\"prompt is too long: Your input exceeds the context window\""

scenario x: and in OpenAI's with the code that its clients look at
post 1 /v1/chat/completions {"model":"claude","max_tokens":5,"messages":[{"role":"user","content":"hi"}]}
whole 1 400 {"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: 9 tokens > 8 maximum"}}
expect 1 "HTTP/1.1 400"
expect 1 "\"code\":\"context_length_exceeded\""

scenario x: failover over three formats
post 1 /v1/chat/completions {"model":"g","messages":[{"role":"user","content":"hi"}]}
upstream 1 openai
whole 1 503 {}
upstream 2 ant
uptarget 2 /v1/messages
whole 2 529 {}
upstream 3 gem
whole 3 200 {"candidates":[{"content":{"role":"model","parts":[{"text":"hello"}]},"finishReason":"STOP","index":0}]}
expect 1 "x-aigw-provider: gem\r\n"
expect 1 "\"content\":\"hello\""

scenario x: a chat request reaches a provider that has the Responses API only
post 1 /v1/chat/completions {"model":"only","messages":[{"role":"system","content":"be kind"},{"role":"user","content":"hi"}]}
upstream 1 resp
uptarget 1 /v1/responses
whole 1 200 {"id":"resp_1","object":"response","status":"completed","output":[{"type":"message","content":[{"type":"output_text","text":"hello"}]}],"usage":{"input_tokens":4,"output_tokens":2}}
expect 1 "HTTP/1.1 200 OK"
expect 1 "\"content\":\"hello\""
record status=200 provider=resp input=4 output=2

scenario x: a Responses client is told in its words that a stream was cut
post 1 /v1/responses {"model":"claude","stream":true,"input":"hi"}
uptarget 1 /v1/messages
answer 1 200 sse -
bytes 1 "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"m\",\"content\":[],\"usage\":{\"input_tokens\":7,\"output_tokens\":1}}}\n\nevent: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\nevent: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"hel\"}}\n\n"
expect 1 "event: response.output_text.delta\n"
end 1 ok
expect 1 "event: error\n"
expect 1 "event: response.failed\n"
never 1 "response.completed"

scenario x: the version of the Messages API that a client names is kept to
header anthropic-version: 2026-10-21
post 1 /v1/messages {"model":"gpt","max_tokens":5,"temperature":1,"messages":[{"role":"user","content":"hi"}]}
expect 1 "HTTP/1.1 400"
expect 1 "temperature: Extra inputs are not permitted"

scenario x: an older version of the Messages API has temperature
header anthropic-version: 2023-06-01
post 1 /v1/messages {"model":"gpt","max_tokens":5,"temperature":1,"messages":[{"role":"user","content":"hi"}]}
upstream 1 openai
whole 1 200 {"choices":[{"index":0,"message":{"role":"assistant","content":"a"},"finish_reason":"stop"}],"usage":{"prompt_tokens":5,"completion_tokens":2}}
expect 1 "HTTP/1.1 200"

scenario x: names that the client made up do not swell the head
post 1 /v1/chat/completions {"model":"claude","max_tokens":5,"seed":1,"messages":[{"role":"user","content":"hi"}],"user":"u"}
whole 1 200 {"type":"message","content":[{"type":"text","text":"hello"}],"stop_reason":"end_turn","usage":{"input_tokens":9,"output_tokens":3}}
expect 1 "x-aigw-dropped: seed"
never 1 "x-aigw-dropped: seed,seed"

scenario x: what a translation holds is in the budget, and is given back
conf client = { max_body = "1m"; buffer_budget = "1m"; };
send 1 "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: 300060\r\n\r\n{\"model\":\"claude\",\"messages\":[{\"role\":\"user\",\"content\":\""
send 1 "x" *300000
send 1 "\"}]}"
upstream 1 ant
send 2 "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: 500000\r\n\r\n"
wait 1100ms
expect 2 "HTTP/1.1 503 "
expect 2 "client.buffer_budget"
whole 1 200 {"type":"message","content":[{"type":"text","text":"hello"}],"stop_reason":"end_turn","usage":{"input_tokens":9,"output_tokens":3}}
expect 1 "HTTP/1.1 200 OK"
expect 1 "hello"
buffered 0

scenario x: a long stream that is translated holds no more than a short one
post 1 /v1/messages {"model":"gpt","max_tokens":9,"stream":true,"messages":[{"role":"user","content":"hi"}]}
answer 1 200 sse -
bytes 1 "data: {\"id\":\"c1\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"hel\"}}]}\n\n"
bytes 1 "data: {\"id\":\"c1\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"l\\n\"}}]}\n\n" *100000
bytes 1 "data: {\"id\":\"c1\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n"
end 1 ok
expect 1 "event: message_stop\n"
record status=200
buffered 0
