# What a client of each format sees when a translated stream, or a whole answer,
# comes to no good end.

config x
listen = ( { address = "127.0.0.1:8080"; } );
auth = { required = false; };
client = { max_body = "64k"; hold_max = "4k"; };
providers = (
{ id = "ant"; dialect = "anthropic"; base_url = "http://ant.test";
keys = ( "key-ant" ); models = ( "claude" ); },
{ id = "gem"; dialect = "gemini"; base_url = "http://gem.test";
keys = ( "key-gem" ); models = ( "gemini-pro" ); },
{ id = "openai"; dialect = "openai"; base_url = "http://openai.test";
keys = ( "key-oai" ); models = ( "gpt" ); },
{ id = "resp"; dialect = "openai"; base_url = "http://resp.test";
keys = ( "key-resp" ); models = ( "only" ); apis = ( "responses" ); } );
groups = ( { name = "g"; strategy = "priority"; targets = (
{ provider = "resp"; model = "only"; priority = 1; },
{ provider = "ant"; model = "claude"; priority = 2; } ); } );
end

scenario x: chat: refused before the head: the status, in its shape
post 1 /v1/chat/completions {"model":"claude","stream":true,"messages":[{"role":"user","content":"hi"}]}
whole 1 400 {"error":{"message":"too long"}}
expect 1 "HTTP/1.1 400 "
expect 1 "too long"

scenario x: chat: fails before the head: 502, in its shape
post 1 /v1/chat/completions {"model":"claude","stream":true,"messages":[{"role":"user","content":"hi"}]}
whole 1 500 {}
expect 1 "HTTP/1.1 502 "
expect 1 "\"type\":\"server_error\""

scenario x: chat: silent before the head: 504, in its shape
post 1 /v1/chat/completions {"model":"claude","stream":true,"messages":[{"role":"user","content":"hi"}]}
end 1 head_timeout
expect 1 "HTTP/1.1 504 "
expect 1 "\"type\":\"server_error\""

scenario x: chat: an error is the first event: 502, in its shape
post 1 /v1/chat/completions {"model":"claude","stream":true,"messages":[{"role":"user","content":"hi"}]}
answer 1 200 sse -
bytes 1 "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"too busy\"}}\n\n"
expect 1 "HTTP/1.1 502 "
expect 1 "\"type\":\"server_error\""

scenario x: chat: an error event in the middle
post 1 /v1/chat/completions {"model":"claude","stream":true,"messages":[{"role":"user","content":"hi"}]}
answer 1 200 sse -
bytes 1 "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"m\",\"type\":\"message\",\"role\":\"assistant\",\"content\":[],\"usage\":{\"input_tokens\":7,\"output_tokens\":1}}}\n\nevent: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\nevent: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"hel\"}}\n\n"
expect 1 "content-type: text/event-stream"
expect 1 "hel"
bytes 1 "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"too busy\"}}\n\n"
expect 1 "data: {\"error\":{"
end 1 ok

never 1 "data: [DONE]"
record status=200

scenario x: chat: cut without the end mark
post 1 /v1/chat/completions {"model":"claude","stream":true,"messages":[{"role":"user","content":"hi"}]}
answer 1 200 sse -
bytes 1 "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"m\",\"type\":\"message\",\"role\":\"assistant\",\"content\":[],\"usage\":{\"input_tokens\":7,\"output_tokens\":1}}}\n\nevent: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\nevent: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"hel\"}}\n\n"
expect 1 "content-type: text/event-stream"
expect 1 "hel"
end 1 ok
expect 1 "data: {\"error\":{"

never 1 "data: [DONE]"
record status=200

scenario x: chat: broken off
post 1 /v1/chat/completions {"model":"claude","stream":true,"messages":[{"role":"user","content":"hi"}]}
answer 1 200 sse -
bytes 1 "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"m\",\"type\":\"message\",\"role\":\"assistant\",\"content\":[],\"usage\":{\"input_tokens\":7,\"output_tokens\":1}}}\n\nevent: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\nevent: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"hel\"}}\n\n"
expect 1 "content-type: text/event-stream"
expect 1 "hel"
end 1 reset
expect 1 "data: {\"error\":{"

never 1 "data: [DONE]"
record status=200

scenario x: chat: silence
post 1 /v1/chat/completions {"model":"claude","stream":true,"messages":[{"role":"user","content":"hi"}]}
answer 1 200 sse -
bytes 1 "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"m\",\"type\":\"message\",\"role\":\"assistant\",\"content\":[],\"usage\":{\"input_tokens\":7,\"output_tokens\":1}}}\n\nevent: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\nevent: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"hel\"}}\n\n"
expect 1 "content-type: text/event-stream"
expect 1 "hel"
end 1 idle_timeout
expect 1 "data: {\"error\":{"

never 1 "data: [DONE]"
record status=200

scenario x: chat: a malformed event
post 1 /v1/chat/completions {"model":"claude","stream":true,"messages":[{"role":"user","content":"hi"}]}
answer 1 200 sse -
bytes 1 "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"m\",\"type\":\"message\",\"role\":\"assistant\",\"content\":[],\"usage\":{\"input_tokens\":7,\"output_tokens\":1}}}\n\nevent: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\nevent: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"hel\"}}\n\n"
expect 1 "content-type: text/event-stream"
expect 1 "hel"
bytes 1 "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\n\n"
expect 1 "data: {\"error\":{"

never 1 "data: [DONE]"
record status=200

scenario x: chat: nothing follows a good end, though the connection breaks
post 1 /v1/chat/completions {"model":"claude","stream":true,"messages":[{"role":"user","content":"hi"}]}
answer 1 200 sse -
bytes 1 "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"m\",\"type\":\"message\",\"role\":\"assistant\",\"content\":[],\"usage\":{\"input_tokens\":7,\"output_tokens\":1}}}\n\nevent: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\nevent: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"hel\"}}\n\n"
expect 1 "content-type: text/event-stream"
expect 1 "hel"
bytes 1 "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\nevent: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},\"usage\":{\"output_tokens\":5}}\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n"
end 1 reset
expect 1 "data: [DONE]"
never 1 "error"
record status=200

scenario x: Messages: refused before the head: the status, in its shape
post 1 /v1/messages {"model":"gpt","max_tokens":9,"stream":true,"messages":[{"role":"user","content":"hi"}]}
whole 1 400 {"error":{"message":"too long"}}
expect 1 "HTTP/1.1 400 "
expect 1 "too long"

scenario x: Messages: fails before the head: 502, in its shape
post 1 /v1/messages {"model":"gpt","max_tokens":9,"stream":true,"messages":[{"role":"user","content":"hi"}]}
whole 1 500 {}
expect 1 "HTTP/1.1 502 "
expect 1 "{\"type\":\"error\",\"error\":{"

scenario x: Messages: silent before the head: 504, in its shape
post 1 /v1/messages {"model":"gpt","max_tokens":9,"stream":true,"messages":[{"role":"user","content":"hi"}]}
end 1 head_timeout
expect 1 "HTTP/1.1 504 "
expect 1 "{\"type\":\"error\",\"error\":{"

scenario x: Messages: an error is the first event: 502, in its shape
post 1 /v1/messages {"model":"gpt","max_tokens":9,"stream":true,"messages":[{"role":"user","content":"hi"}]}
answer 1 200 sse -
bytes 1 "data: {\"error\":{\"message\":\"too busy\",\"type\":\"server_error\",\"code\":\"overloaded\"}}\n\n"
expect 1 "HTTP/1.1 502 "
expect 1 "{\"type\":\"error\",\"error\":{"

scenario x: Messages: an error event in the middle
post 1 /v1/messages {"model":"gpt","max_tokens":9,"stream":true,"messages":[{"role":"user","content":"hi"}]}
answer 1 200 sse -
bytes 1 "data: {\"id\":\"c1\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\ndata: {\"id\":\"c1\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"hel\"}}]}\n\n"
expect 1 "content-type: text/event-stream"
expect 1 "hel"
bytes 1 "data: {\"error\":{\"message\":\"too busy\",\"type\":\"server_error\",\"code\":\"overloaded\"}}\n\n"
expect 1 "event: error\ndata: {\"type\":\"error\",\"error\":{"
end 1 ok

never 1 "event: message_stop"
record status=200

scenario x: Messages: cut without the end mark
post 1 /v1/messages {"model":"gpt","max_tokens":9,"stream":true,"messages":[{"role":"user","content":"hi"}]}
answer 1 200 sse -
bytes 1 "data: {\"id\":\"c1\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\ndata: {\"id\":\"c1\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"hel\"}}]}\n\n"
expect 1 "content-type: text/event-stream"
expect 1 "hel"
end 1 ok
expect 1 "event: error\ndata: {\"type\":\"error\",\"error\":{"

never 1 "event: message_stop"
record status=200

scenario x: Messages: broken off
post 1 /v1/messages {"model":"gpt","max_tokens":9,"stream":true,"messages":[{"role":"user","content":"hi"}]}
answer 1 200 sse -
bytes 1 "data: {\"id\":\"c1\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\ndata: {\"id\":\"c1\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"hel\"}}]}\n\n"
expect 1 "content-type: text/event-stream"
expect 1 "hel"
end 1 reset
expect 1 "event: error\ndata: {\"type\":\"error\",\"error\":{"

never 1 "event: message_stop"
record status=200

scenario x: Messages: silence
post 1 /v1/messages {"model":"gpt","max_tokens":9,"stream":true,"messages":[{"role":"user","content":"hi"}]}
answer 1 200 sse -
bytes 1 "data: {\"id\":\"c1\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\ndata: {\"id\":\"c1\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"hel\"}}]}\n\n"
expect 1 "content-type: text/event-stream"
expect 1 "hel"
end 1 idle_timeout
expect 1 "event: error\ndata: {\"type\":\"error\",\"error\":{"

never 1 "event: message_stop"
record status=200

scenario x: Messages: a malformed event
post 1 /v1/messages {"model":"gpt","max_tokens":9,"stream":true,"messages":[{"role":"user","content":"hi"}]}
answer 1 200 sse -
bytes 1 "data: {\"id\":\"c1\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\ndata: {\"id\":\"c1\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"hel\"}}]}\n\n"
expect 1 "content-type: text/event-stream"
expect 1 "hel"
bytes 1 "data: {\"id\":\"c1\",\"choices\":[{\"index\":0,\n\n"
expect 1 "event: error\ndata: {\"type\":\"error\",\"error\":{"

never 1 "event: message_stop"
record status=200 output=1 flags=stream,estimated,truncated,unpriced

scenario x: Messages: nothing follows a good end, though the connection breaks
post 1 /v1/messages {"model":"gpt","max_tokens":9,"stream":true,"messages":[{"role":"user","content":"hi"}]}
answer 1 200 sse -
bytes 1 "data: {\"id\":\"c1\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\ndata: {\"id\":\"c1\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"hel\"}}]}\n\n"
expect 1 "content-type: text/event-stream"
expect 1 "hel"
bytes 1 "data: {\"id\":\"c1\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: {\"id\":\"c1\",\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":2,\"total_tokens\":5}}\n\ndata: [DONE]\n\n"
end 1 reset
expect 1 "event: message_stop"
never 1 "error"
record status=200

scenario x: Responses: refused before the head: the status, in its shape
post 1 /v1/responses {"model":"claude","stream":true,"input":"hi"}
whole 1 400 {"error":{"message":"too long"}}
expect 1 "HTTP/1.1 400 "
expect 1 "too long"

scenario x: Responses: fails before the head: 502, in its shape
post 1 /v1/responses {"model":"claude","stream":true,"input":"hi"}
whole 1 500 {}
expect 1 "HTTP/1.1 502 "
expect 1 "\"type\":\"server_error\""

scenario x: Responses: silent before the head: 504, in its shape
post 1 /v1/responses {"model":"claude","stream":true,"input":"hi"}
end 1 head_timeout
expect 1 "HTTP/1.1 504 "
expect 1 "\"type\":\"server_error\""

scenario x: Responses: an error is the first event: 502, in its shape
post 1 /v1/responses {"model":"claude","stream":true,"input":"hi"}
answer 1 200 sse -
bytes 1 "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"too busy\"}}\n\n"
expect 1 "HTTP/1.1 502 "
expect 1 "\"type\":\"server_error\""

scenario x: Responses: an error event in the middle
post 1 /v1/responses {"model":"claude","stream":true,"input":"hi"}
answer 1 200 sse -
bytes 1 "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"m\",\"type\":\"message\",\"role\":\"assistant\",\"content\":[],\"usage\":{\"input_tokens\":7,\"output_tokens\":1}}}\n\nevent: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\nevent: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"hel\"}}\n\n"
expect 1 "content-type: text/event-stream"
expect 1 "hel"
bytes 1 "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"too busy\"}}\n\n"
expect 1 "event: response.failed\ndata: {\"type\":\"response.failed\""
expect 1 "\"status\":\"failed\""
end 1 ok

never 1 "response.completed"
record status=200

scenario x: Responses: cut without the end mark
post 1 /v1/responses {"model":"claude","stream":true,"input":"hi"}
answer 1 200 sse -
bytes 1 "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"m\",\"type\":\"message\",\"role\":\"assistant\",\"content\":[],\"usage\":{\"input_tokens\":7,\"output_tokens\":1}}}\n\nevent: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\nevent: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"hel\"}}\n\n"
expect 1 "content-type: text/event-stream"
expect 1 "hel"
end 1 ok
expect 1 "event: response.failed\ndata: {\"type\":\"response.failed\""
expect 1 "\"status\":\"failed\""

never 1 "response.completed"
record status=200

scenario x: Responses: broken off
post 1 /v1/responses {"model":"claude","stream":true,"input":"hi"}
answer 1 200 sse -
bytes 1 "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"m\",\"type\":\"message\",\"role\":\"assistant\",\"content\":[],\"usage\":{\"input_tokens\":7,\"output_tokens\":1}}}\n\nevent: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\nevent: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"hel\"}}\n\n"
expect 1 "content-type: text/event-stream"
expect 1 "hel"
end 1 reset
expect 1 "event: response.failed\ndata: {\"type\":\"response.failed\""
expect 1 "\"status\":\"failed\""

never 1 "response.completed"
record status=200

scenario x: Responses: silence
post 1 /v1/responses {"model":"claude","stream":true,"input":"hi"}
answer 1 200 sse -
bytes 1 "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"m\",\"type\":\"message\",\"role\":\"assistant\",\"content\":[],\"usage\":{\"input_tokens\":7,\"output_tokens\":1}}}\n\nevent: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\nevent: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"hel\"}}\n\n"
expect 1 "content-type: text/event-stream"
expect 1 "hel"
end 1 idle_timeout
expect 1 "event: response.failed\ndata: {\"type\":\"response.failed\""
expect 1 "\"status\":\"failed\""

never 1 "response.completed"
record status=200

scenario x: Responses: a malformed event
post 1 /v1/responses {"model":"claude","stream":true,"input":"hi"}
answer 1 200 sse -
bytes 1 "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"m\",\"type\":\"message\",\"role\":\"assistant\",\"content\":[],\"usage\":{\"input_tokens\":7,\"output_tokens\":1}}}\n\nevent: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\nevent: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"hel\"}}\n\n"
expect 1 "content-type: text/event-stream"
expect 1 "hel"
bytes 1 "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\n\n"
expect 1 "event: response.failed\ndata: {\"type\":\"response.failed\""
expect 1 "\"status\":\"failed\""

never 1 "response.completed"
record status=200

scenario x: Responses: nothing follows a good end, though the connection breaks
post 1 /v1/responses {"model":"claude","stream":true,"input":"hi"}
answer 1 200 sse -
bytes 1 "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"m\",\"type\":\"message\",\"role\":\"assistant\",\"content\":[],\"usage\":{\"input_tokens\":7,\"output_tokens\":1}}}\n\nevent: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\nevent: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"hel\"}}\n\n"
expect 1 "content-type: text/event-stream"
expect 1 "hel"
bytes 1 "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\nevent: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},\"usage\":{\"output_tokens\":5}}\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n"
end 1 reset
expect 1 "response.completed"
never 1 "response.failed"
record status=200

scenario x: Gemini: refused before the head: the status, in its shape
post 1 /v1beta/models/gpt:streamGenerateContent?alt=sse {"contents":[{"role":"user","parts":[{"text":"hi"}]}]}
whole 1 400 {"error":{"message":"too long"}}
expect 1 "HTTP/1.1 400 "
expect 1 "too long"

scenario x: Gemini: fails before the head: 502, in its shape
post 1 /v1beta/models/gpt:streamGenerateContent?alt=sse {"contents":[{"role":"user","parts":[{"text":"hi"}]}]}
whole 1 500 {}
expect 1 "HTTP/1.1 502 "
expect 1 "\"status\":\""

scenario x: Gemini: silent before the head: 504, in its shape
post 1 /v1beta/models/gpt:streamGenerateContent?alt=sse {"contents":[{"role":"user","parts":[{"text":"hi"}]}]}
end 1 head_timeout
expect 1 "HTTP/1.1 504 "
expect 1 "\"status\":\""

scenario x: Gemini: an error is the first event: 502, in its shape
post 1 /v1beta/models/gpt:streamGenerateContent?alt=sse {"contents":[{"role":"user","parts":[{"text":"hi"}]}]}
answer 1 200 sse -
bytes 1 "data: {\"error\":{\"message\":\"too busy\",\"type\":\"server_error\",\"code\":\"overloaded\"}}\n\n"
expect 1 "HTTP/1.1 502 "
expect 1 "\"status\":\""

scenario x: Gemini: an error event in the middle
post 1 /v1beta/models/gpt:streamGenerateContent?alt=sse {"contents":[{"role":"user","parts":[{"text":"hi"}]}]}
answer 1 200 sse -
bytes 1 "data: {\"id\":\"c1\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\ndata: {\"id\":\"c1\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"hel\"}}]}\n\n"
expect 1 "content-type: text/event-stream"
expect 1 "hel"
bytes 1 "data: {\"error\":{\"message\":\"too busy\",\"type\":\"server_error\",\"code\":\"overloaded\"}}\n\n"
expect 1 "data: {\"error\":{\"code\":"
end 1 ok

never 1 "finishReason"
record status=200

scenario x: Gemini: cut without the end mark
post 1 /v1beta/models/gpt:streamGenerateContent?alt=sse {"contents":[{"role":"user","parts":[{"text":"hi"}]}]}
answer 1 200 sse -
bytes 1 "data: {\"id\":\"c1\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\ndata: {\"id\":\"c1\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"hel\"}}]}\n\n"
expect 1 "content-type: text/event-stream"
expect 1 "hel"
end 1 ok
expect 1 "data: {\"error\":{\"code\":"

never 1 "finishReason"
record status=200

scenario x: Gemini: broken off
post 1 /v1beta/models/gpt:streamGenerateContent?alt=sse {"contents":[{"role":"user","parts":[{"text":"hi"}]}]}
answer 1 200 sse -
bytes 1 "data: {\"id\":\"c1\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\ndata: {\"id\":\"c1\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"hel\"}}]}\n\n"
expect 1 "content-type: text/event-stream"
expect 1 "hel"
end 1 reset
expect 1 "data: {\"error\":{\"code\":"

never 1 "finishReason"
record status=200

scenario x: Gemini: silence
post 1 /v1beta/models/gpt:streamGenerateContent?alt=sse {"contents":[{"role":"user","parts":[{"text":"hi"}]}]}
answer 1 200 sse -
bytes 1 "data: {\"id\":\"c1\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\ndata: {\"id\":\"c1\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"hel\"}}]}\n\n"
expect 1 "content-type: text/event-stream"
expect 1 "hel"
end 1 idle_timeout
expect 1 "data: {\"error\":{\"code\":"

never 1 "finishReason"
record status=200

scenario x: Gemini: a malformed event
post 1 /v1beta/models/gpt:streamGenerateContent?alt=sse {"contents":[{"role":"user","parts":[{"text":"hi"}]}]}
answer 1 200 sse -
bytes 1 "data: {\"id\":\"c1\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\ndata: {\"id\":\"c1\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"hel\"}}]}\n\n"
expect 1 "content-type: text/event-stream"
expect 1 "hel"
bytes 1 "data: {\"id\":\"c1\",\"choices\":[{\"index\":0,\n\n"
expect 1 "data: {\"error\":{\"code\":"

never 1 "finishReason"
record status=200

scenario x: Gemini: nothing follows a good end, though the connection breaks
post 1 /v1beta/models/gpt:streamGenerateContent?alt=sse {"contents":[{"role":"user","parts":[{"text":"hi"}]}]}
answer 1 200 sse -
bytes 1 "data: {\"id\":\"c1\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\ndata: {\"id\":\"c1\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"hel\"}}]}\n\n"
expect 1 "content-type: text/event-stream"
expect 1 "hel"
bytes 1 "data: {\"id\":\"c1\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: {\"id\":\"c1\",\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":2,\"total_tokens\":5}}\n\ndata: [DONE]\n\n"
end 1 reset
expect 1 "finishReason"
never 1 "error"
record status=200

scenario x: Gemini array: refused before the head: the status, in its shape
post 1 /v1beta/models/gpt:streamGenerateContent {"contents":[{"role":"user","parts":[{"text":"hi"}]}]}
whole 1 400 {"error":{"message":"too long"}}
expect 1 "HTTP/1.1 400 "
expect 1 "too long"

scenario x: Gemini array: fails before the head: 502, in its shape
post 1 /v1beta/models/gpt:streamGenerateContent {"contents":[{"role":"user","parts":[{"text":"hi"}]}]}
whole 1 500 {}
expect 1 "HTTP/1.1 502 "
expect 1 "\"status\":\""

scenario x: Gemini array: silent before the head: 504, in its shape
post 1 /v1beta/models/gpt:streamGenerateContent {"contents":[{"role":"user","parts":[{"text":"hi"}]}]}
end 1 head_timeout
expect 1 "HTTP/1.1 504 "
expect 1 "\"status\":\""

scenario x: Gemini array: an error is the first event: 502, in its shape
post 1 /v1beta/models/gpt:streamGenerateContent {"contents":[{"role":"user","parts":[{"text":"hi"}]}]}
answer 1 200 sse -
bytes 1 "data: {\"error\":{\"message\":\"too busy\",\"type\":\"server_error\",\"code\":\"overloaded\"}}\n\n"
expect 1 "HTTP/1.1 502 "
expect 1 "\"status\":\""

scenario x: Gemini array: an error event in the middle
post 1 /v1beta/models/gpt:streamGenerateContent {"contents":[{"role":"user","parts":[{"text":"hi"}]}]}
answer 1 200 sse -
bytes 1 "data: {\"id\":\"c1\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\ndata: {\"id\":\"c1\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"hel\"}}]}\n\n"
expect 1 "content-type: application/json"
expect 1 "["
expect 1 "hel"
bytes 1 "data: {\"error\":{\"message\":\"too busy\",\"type\":\"server_error\",\"code\":\"overloaded\"}}\n\n"
expect 1 ",\r\n{\"error\":{\"code\":"
expect 1 "}}]"
end 1 ok

never 1 "finishReason"
record status=200

scenario x: Gemini array: cut without the end mark
post 1 /v1beta/models/gpt:streamGenerateContent {"contents":[{"role":"user","parts":[{"text":"hi"}]}]}
answer 1 200 sse -
bytes 1 "data: {\"id\":\"c1\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\ndata: {\"id\":\"c1\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"hel\"}}]}\n\n"
expect 1 "content-type: application/json"
expect 1 "["
expect 1 "hel"
end 1 ok
expect 1 ",\r\n{\"error\":{\"code\":"
expect 1 "}}]"

never 1 "finishReason"
record status=200

scenario x: Gemini array: broken off
post 1 /v1beta/models/gpt:streamGenerateContent {"contents":[{"role":"user","parts":[{"text":"hi"}]}]}
answer 1 200 sse -
bytes 1 "data: {\"id\":\"c1\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\ndata: {\"id\":\"c1\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"hel\"}}]}\n\n"
expect 1 "content-type: application/json"
expect 1 "["
expect 1 "hel"
end 1 reset
expect 1 ",\r\n{\"error\":{\"code\":"
expect 1 "}}]"

never 1 "finishReason"
record status=200

scenario x: Gemini array: silence
post 1 /v1beta/models/gpt:streamGenerateContent {"contents":[{"role":"user","parts":[{"text":"hi"}]}]}
answer 1 200 sse -
bytes 1 "data: {\"id\":\"c1\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\ndata: {\"id\":\"c1\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"hel\"}}]}\n\n"
expect 1 "content-type: application/json"
expect 1 "["
expect 1 "hel"
end 1 idle_timeout
expect 1 ",\r\n{\"error\":{\"code\":"
expect 1 "}}]"

never 1 "finishReason"
record status=200

scenario x: Gemini array: a malformed event
post 1 /v1beta/models/gpt:streamGenerateContent {"contents":[{"role":"user","parts":[{"text":"hi"}]}]}
answer 1 200 sse -
bytes 1 "data: {\"id\":\"c1\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\ndata: {\"id\":\"c1\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"hel\"}}]}\n\n"
expect 1 "content-type: application/json"
expect 1 "["
expect 1 "hel"
bytes 1 "data: {\"id\":\"c1\",\"choices\":[{\"index\":0,\n\n"
expect 1 ",\r\n{\"error\":{\"code\":"
expect 1 "}}]"

never 1 "finishReason"
record status=200

scenario x: Gemini array: nothing follows a good end, though the connection breaks
post 1 /v1beta/models/gpt:streamGenerateContent {"contents":[{"role":"user","parts":[{"text":"hi"}]}]}
answer 1 200 sse -
bytes 1 "data: {\"id\":\"c1\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\ndata: {\"id\":\"c1\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"hel\"}}]}\n\n"
expect 1 "content-type: application/json"
expect 1 "["
expect 1 "hel"
bytes 1 "data: {\"id\":\"c1\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: {\"id\":\"c1\",\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":2,\"total_tokens\":5}}\n\ndata: [DONE]\n\n"
end 1 reset
expect 1 "finishReason"
never 1 "error"
record status=200

# --- whole answers --------------------------------------------------------

scenario x: an error in a 200 of a whole answer has a status of its own
post 1 /v1/chat/completions {"model":"only","messages":[{"role":"user","content":"hi"}]}
whole 1 200 {"id":"resp_1","object":"response","status":"failed","error":{"code":"server_error","message":"it broke"},"output":[]}
expect 1 "HTTP/1.1 502 "
expect 1 "it broke"
expect 1 "\"type\":\"server_error\""
record status=502

scenario x: a rate in a 200 is one for the client
post 1 /v1/chat/completions {"model":"only","messages":[{"role":"user","content":"hi"}]}
whole 1 200 {"id":"resp_1","object":"response","status":"failed","error":{"code":"rate_limit_exceeded","message":"slow down"},"output":[]}
expect 1 "HTTP/1.1 429 "
expect 1 "retry-after:"

scenario x: the client's own mistake in a 200 is a 400, and nobody else is asked
post 1 /v1/messages {"model":"g","max_tokens":9,"messages":[{"role":"user","content":"hi"}]}
upstream 1 resp
whole 1 200 {"id":"resp_1","object":"response","status":"failed","error":{"code":"invalid_prompt","message":"not this"},"output":[]}
expect 1 "HTTP/1.1 400 "
expect 1 "\"type\":\"invalid_request_error\""
expect 1 "not this"
attempts 1

scenario x: an error in a 200 goes to the next target
post 1 /v1/chat/completions {"model":"g","messages":[{"role":"user","content":"hi"}]}
upstream 1 resp
whole 1 200 {"id":"resp_1","object":"response","status":"failed","error":{"code":"server_error","message":"it broke"},"output":[]}
upstream 2 ant
whole 2 200 {"type":"message","content":[{"type":"text","text":"hello"}],"stop_reason":"end_turn","usage":{"input_tokens":3,"output_tokens":4}}
expect 1 "HTTP/1.1 200 "
expect 1 "\"content\":\"hello\""

scenario x: an answer that the client's format has no place for is an error
post 1 /v1/messages {"model":"gemini-pro","max_tokens":9,"messages":[{"role":"user","content":"hi"}]}
whole 1 200 {"candidates":[{"content":{"role":"model","parts":[{"inlineData":{"mimeType":"image/png","data":"aaaa"}}]},"finishReason":"STOP","index":0}]}
expect 1 "HTTP/1.1 502 "
expect 1 "{\"type\":\"error\",\"error\":{\"type\":\"api_error\""
expect 1 "image"

scenario x: a model that could not finish is an error
post 1 /v1/responses {"model":"gemini-pro","input":"hi"}
whole 1 200 {"candidates":[{"content":{"role":"model","parts":[]},"finishReason":"MALFORMED_FUNCTION_CALL","index":0}]}
expect 1 "HTTP/1.1 502 "
expect 1 "MALFORMED_FUNCTION_CALL"

scenario x: a stream for a client that asked for none becomes one answer
post 1 /v1/messages {"model":"gpt","max_tokens":9,"messages":[{"role":"user","content":"hi"}]}
answer 1 200 sse -
bytes 1 "data: {\"id\":\"c1\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"hel\"}}]}\n\n"
nothing 1
bytes 1 "data: {\"id\":\"c1\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"lo\"},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":2,\"total_tokens\":5}}\n\ndata: [DONE]\n\n"
end 1 ok
expect 1 "HTTP/1.1 200 OK"
expect 1 "content-type: application/json"
expect 1 "\"type\":\"message\""
expect 1 "\"text\":\"hello\""
record status=200 input=3 output=2

scenario x: an error in the middle of such a stream is an error
post 1 /v1/messages {"model":"gpt","max_tokens":9,"messages":[{"role":"user","content":"hi"}]}
answer 1 200 sse -
bytes 1 "data: {\"id\":\"c1\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"hel\"}}]}\n\ndata: {\"error\":{\"message\":\"it broke\",\"type\":\"server_error\"}}\n\n"
end 1 ok
expect 1 "HTTP/1.1 502 "
expect 1 "it broke"
never 1 "hel"

scenario x: such a stream that is cut is an error
post 1 /v1/messages {"model":"gpt","max_tokens":9,"messages":[{"role":"user","content":"hi"}]}
answer 1 200 sse -
bytes 1 "data: {\"id\":\"c1\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"hel\"}}]}\n\n"
end 1 ok
expect 1 "HTTP/1.1 502 "

scenario x: a whole answer may be larger than hold_max
post 1 /v1/messages {"model":"gpt","max_tokens":9,"messages":[{"role":"user","content":"hi"}]}
answer 1 200 json -
bytes 1 "{\"id\":\"c1\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\""
bytes 1 "x" *10000
bytes 1 "\"},\"finish_reason\":\"stop\"}]}"
end 1 ok
expect 1 "HTTP/1.1 200 OK"
expect 1 "\"stop_reason\":\"end_turn\""

scenario x: one that is larger than max_body cannot be translated, and says so
post 1 /v1/messages {"model":"gpt","max_tokens":9,"messages":[{"role":"user","content":"hi"}]}
answer 1 200 json -
bytes 1 "{\"id\":\"c1\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\""
bytes 1 "x" *70000
expect 1 "HTTP/1.1 502 "
expect 1 "client.max_body"

scenario x: an event that is larger than all an answer may have ends the stream
post 1 /v1/messages {"model":"gpt","max_tokens":9,"stream":true,"messages":[{"role":"user","content":"hi"}]}
answer 1 200 sse -
bytes 1 "data: {\"id\":\"c1\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"hel\"}}]}\n\n"
expect 1 "hel"
bytes 1 "data: {\"id\":\"c1\",\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\""
bytes 1 "x" *70000
bytes 1 "\",\"function\":{\"name\":\"f\",\"arguments\":\"\"}}]}}]}\n\n"
expect 1 "event: error\ndata: {\"type\":\"error\""
expect 1 "client.max_body"

# --- not translated -------------------------------------------------------

scenario x: a Responses stream that is passed on and cut ends in its own form
post 1 /v1/responses {"model":"only","stream":true,"input":"hi"}
answer 1 200 sse -
bytes 1 "event: response.created\ndata: {\"type\":\"response.created\",\"response\":{\"id\":\"resp_1\"}}\n\nevent: response.output_text.delta\ndata: {\"type\":\"response.output_text.delta\",\"output_index\":0,\"delta\":\"hel\"}\n\n"
expect 1 "hel"
end 1 ok
expect 1 "event: response.failed\ndata: {\"type\":\"response.failed\""
expect 1 "\"status\":\"failed\""
never 1 "response.in_progress"
never 1 "response.completed"
