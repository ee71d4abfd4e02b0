# Streams whose content type says something else, or nothing.
config ty
listen = ( { address = "127.0.0.1:8080"; } );
auth = { required = false; };
providers = (
{ id = "openai"; dialect = "openai"; base_url = "http://openai.test"; keys = ( "key-oai" ); models = ( "gpt" ); },
{ id = "ant"; dialect = "anthropic"; base_url = "http://ant.test"; keys = ( "key-ant" ); models = ( "claude" ); },
{ id = "gem"; dialect = "gemini"; base_url = "http://gem.test"; keys = ( "key-gem" ); models = ( "gemini-pro" ); },
{ id = "local"; dialect = "ollama"; base_url = "http://local.test:11434"; models = ( "llama" ); } );
end

scenario ty: events that are called JSON are passed on as events, byte for byte
post 1 /v1/chat/completions {"model":"gpt","stream":true,"messages":[{"role":"user","content":"hi"}]}
answer 1 200 application/json -
bytes 1 "\ndata:  {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"hel\"}}]}\n\n"
expect 1 "HTTP/1.1 200 OK"
expect 1 "content-type: text/event-stream\r\n"
expect 1 "\r\n\r\n3d\r\n\ndata:  {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"hel\"}}]}\n\n"
bytes 1 "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: {\"choices\":[],\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":2}}\n\ndata: [DONE]\n\n"
end 1 ok
expect 1 "data: [DONE]\n\n"
never 1 prompt_tokens
record status=200 provider=openai input=5 output=2 flags=stream,unpriced

scenario ty: or text, or nothing, and come byte by byte
post 1 /v1/messages {"model":"claude","max_tokens":9,"stream":true,"messages":[{"role":"user","content":"hi"}]}
answer 1 200 text/plain -
pieces 1 1 ": hi\n\nevent: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"m\",\"usage\":{\"input_tokens\":7,\"output_tokens\":1}}}\n\nevent: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"hel\"}}\n\n"
expect 1 "content-type: text/event-stream\r\n"
bytes 1 "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},\"usage\":{\"output_tokens\":5}}\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n"
end 1 ok
record status=200 provider=ant input=7 output=5 flags=stream,unpriced
post 1 /v1/chat/completions {"model":"gpt","stream":true,"messages":[{"role":"user","content":"hi"}]}
answer 2 200 none -
pieces 2 1 "data:{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"hel\"}}]}\r\rdata:{\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\r\rdata:[DONE]\r\r"
end 2 ok
expect 1 "content-type: text/event-stream\r\n"
expect 1 "data:[DONE]\r"

scenario ty: they are translated as events
post 1 /v1/messages {"model":"gpt","max_tokens":9,"stream":true,"messages":[{"role":"user","content":"hi"}]}
answer 1 200 application/json -
bytes 1 "dat"
nothing 1
bytes 1 "a: {\"id\":\"c1\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"hel\"}}]}\n\n"
expect 1 "content-type: text/event-stream\r\n"
expect 1 "\"text\":\"hel\""
bytes 1 "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: {\"choices\":[],\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":2}}\n\ndata: [DONE]\n\n"
end 1 ok
expect 1 "event: message_stop"
record status=200 provider=openai input=5 output=2 flags=stream,unpriced
post 1 /v1/chat/completions {"model":"gemini-pro","stream":true,"messages":[{"role":"user","content":"hi"}]}
answer 2 200 text/plain -
bytes 2 "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"hel\"}]}}]}\r\n\r\n"
expect 1 "\"content\":\"hel\""
bytes 2 "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"lo\"}]},\"finishReason\":\"STOP\"}],\"usageMetadata\":{\"promptTokenCount\":2,\"candidatesTokenCount\":1}}\r\n\r\n"
end 2 ok
expect 1 "data: [DONE]\n\n"
record status=200 provider=gem input=2 output=1 flags=stream,unpriced

scenario ty: Ollama's lines too, after the first of them
post 1 /v1/chat/completions {"model":"llama","stream":true,"messages":[{"role":"user","content":"hi"}]}
answer 1 200 application/json -
bytes 1 "{\"model\":\"llama\",\"message\":{\"role\":\"assistant\",\"content\":\"hel\"},"
nothing 1
bytes 1 "\"done\":false}\n"
expect 1 "\"content\":\"hel\""
bytes 1 "{\"model\":\"llama\",\"message\":{\"role\":\"assistant\",\"content\":\"\"},\"done\":true,\"done_reason\":\"stop\",\"prompt_eval_count\":7,\"eval_count\":3}\n"
end 1 ok
expect 1 "data: [DONE]\n\n"
record status=200 provider=local input=7 output=3 flags=stream,unpriced

scenario ty: an array of Gemini's for a client of its format goes on element by element
post 1 /v1beta/models/gemini-pro:streamGenerateContent {"contents":[]}
answer 1 200 text/plain -
bytes 1 " [{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"hel\"}]}}]}"
expect 1 "content-type: application/json\r\n"
expect 1 "hel"
bytes 1 ",{\"candidates\":[{\"finishReason\":\"STOP\"}],\"usageMetadata\":{\"promptTokenCount\":2,\"candidatesTokenCount\":1}}]"
end 1 ok
record status=200 provider=gem input=2 output=1 flags=stream,unpriced

scenario ty: a whole answer where a stream was asked for becomes one, whatever it is called
post 1 /v1/messages {"model":"gpt","max_tokens":9,"stream":true,"messages":[{"role":"user","content":"hi"}]}
answer 1 200 application/json -
bytes 1 "{\"id\":\"c1\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"hello\"},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":2}}"
end 1 ok
expect 1 "content-type: text/event-stream\r\n"
expect 1 "\"text\":\"hello\""
expect 1 "event: message_stop"
record status=200 provider=openai input=5 output=2
post 1 /v1/chat/completions {"model":"gemini-pro","stream":true,"messages":[{"role":"user","content":"hi"}]}
answer 2 200 text/plain -
bytes 2 "[{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"hello\"}]},\"finishReason\":\"STOP\"}],\"usageMetadata\":{\"promptTokenCount\":2,\"candidatesTokenCount\":1}}]"
end 2 ok
expect 1 "content-type: text/event-stream\r\n"
expect 1 "\"content\":\"hello\""
expect 1 "data: [DONE]\n\n"
post 1 /v1/chat/completions {"model":"llama","stream":true,"messages":[{"role":"user","content":"hi"}]}
answer 3 200 application/json -
bytes 3 "{\n \"model\":\"llama\",\"message\":{\"role\":\"assistant\",\"content\":\"hello\"},\n\"done\":true,\"done_reason\":\"stop\",\"prompt_eval_count\":7,\"eval_count\":3}\n"
end 3 ok
expect 1 "\"content\":\"hello\""
expect 1 "data: [DONE]\n\n"

scenario ty: what begins like nothing of the format is no answer
post 1 /v1/messages {"model":"gpt","max_tokens":9,"stream":true,"messages":[{"role":"user","content":"hi"}]}
answer 1 200 text/plain -
bytes 1 "dates: none\n\n"
end 1 ok
expect 1 "HTTP/1.1 502 "
post 1 /v1/chat/completions {"model":"llama","stream":true,"messages":[{"role":"user","content":"hi"}]}
answer 2 200 application/json -
bytes 2 "{}x\n"
end 2 ok
expect 1 "HTTP/1.1 502 "

scenario ty: nobody looks where no stream was asked for
post 1 /v1/messages {"model":"gpt","max_tokens":9,"messages":[{"role":"user","content":"hi"}]}
answer 1 200 text/plain -
bytes 1 "data: {\"id\":\"c1\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"hel\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n"
end 1 ok
expect 1 "HTTP/1.1 502 "

scenario ty: a stream that came late, its 200 already sent
conf client = { commit_after = "2s"; };
post 1 /v1/messages {"model":"gpt","max_tokens":9,"stream":true,"messages":[{"role":"user","content":"hi"}]}
wait 3s
expect 1 "HTTP/1.1 200 OK"
answer 1 200 application/json -
bytes 1 "data: {\"id\":\"c1\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"hel\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n"
end 1 ok
expect 1 "\"text\":\"hel\""
expect 1 "event: message_stop"
never 1 "event: error"
post 2 /v1/messages {"model":"gpt","max_tokens":9,"stream":true,"messages":[{"role":"user","content":"hi"}]}
wait 3s
answer 2 200 application/json -
bytes 2 "{\"id\":"
expect 2 "the answer is no stream"

scenario ty: lines that begin too long to be held, in a format of their own
conf client = { hold_max = "4k"; };
post 1 /ollama/api/chat {"model":"llama","messages":[{"role":"user","content":"hi"}]}
answer 1 200 application/json -
bytes 1 "{\"model\":\"llama\",\"message\":{\"role\":\"assistant\",\"content\":\""
bytes 1 "x" * 5000
expect 1 "content-type: application/json\r\n"
bytes 1 "\"},\"done\":false}\n{\"model\":\"llama\",\"done\":true}\n"
end 1 ok
expect 1 "\"done\":true}\n\r\n0\r\n\r\n"
