# Bodies of other styles on the path of OpenAI's chat.
config s
listen = ( { address = "127.0.0.1:8080"; } );
auth = { required = false; };
providers = (
{ id = "ant"; dialect = "anthropic"; base_url = "http://ant.test";
keys = ( "key-ant" ); models = ( "claude" ); },
{ id = "gem"; dialect = "gemini"; base_url = "http://gem.test";
keys = ( "key-gem" ); models = ( "gemini-pro" ); },
{ id = "openai"; dialect = "openai"; base_url = "http://openai.test";
keys = ( "key-oai" ); models = ( "gpt", "my-GEMINI" ); } );
groups = ( { name = "a-group"; targets = ( { provider = "ant"; model = "claude"; } ); },
{ name = "gemini-group"; targets = ( { provider = "openai"; model = "gpt"; } ); } );
end

scenario s: a body of OpenAI's is not touched, whatever else it says
post 1 /v1/chat/completions {"model":"gpt", "input":[1],"prompt":2 ,"messages":[]}
upbody 1 {"model":"gpt", "input":[1],"prompt":2 ,"messages":[]}

scenario s: a model that is no Gemini keeps its input
post 1 /v1/chat/completions {"model":"gpt","input":[{"content":"hi"}]}
upbody 1 {"model":"gpt","input":[{"content":"hi"}]}

scenario s: Claude's style goes to Anthropic as a message, without what the API does not know
header anthropic-beta: tools-2026
post 1 /v1/chat/completions {"model":"claude","anthropic_version":"bedrock-2023-05-31","max_tokens_to_sample":77,"system":"be \u006bind","messages":[{"role":"user","content":"hi"}]}
upstream 1 ant
uptarget 1 /v1/messages
upheader 1 "x-api-key: key-ant"
upheader 1 "anthropic-version: 2023-06-01"
upheader 1 "anthropic-beta: tools-2026"
upbody 1 {"model":"claude","max_tokens":77,"system":"be \u006bind","messages":[{"role":"user","content":"hi"}]}
whole 1 200 {"type":"message","content":[],"unknown":1,"usage":{"input_tokens":3,"output_tokens":4}}
expect 1 "HTTP/1.1 200 OK"
expect 1 "\r\n\r\n"
exactly 1 {"type":"message","content":[],"unknown":1,"usage":{"input_tokens":3,"output_tokens":4}}
record status=200 provider=ant endpoint=/v1/chat/completions input=3 output=4

scenario s: max_tokens is the one that counts
post 1 /v1/chat/completions {"max_tokens":5,"model":"claude","max_tokens_to_sample":77,"messages":[]}
upbody 1 {"max_tokens":5,"model":"claude","messages":[]}

scenario s: Claude's style at another provider: translated, and the answer is a message
post 1 /v1/chat/completions {"model":"gpt","anthropic_version":"v","max_tokens":9,"system":"be kind","messages":[{"role":"user","content":"hi"}]}
upstream 1 openai
uptarget 1 /v1/chat/completions
upbody 1 {"model":"gpt","messages":[{"role":"system","content":"be kind"},{"role":"user","content":"hi"}],"max_tokens":9}
whole 1 200 {"id":"c1","object":"chat.completion","model":"gpt","choices":[{"index":0,"message":{"role":"assistant","content":"hello"},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}}
expect 1 "\"type\":\"message\""
expect 1 "\"stop_reason\":\"end_turn\""

scenario s: a stream of Claude's style, asked for by Accept, under the longer path
header accept: text/event-stream
post 1 /openai/v1/chat/completions {"model":"gpt","anthropic_version":"v","max_tokens":9,"messages":[{"role":"user","content":"hi"}]}
upstream 1 openai
answer 1 200 sse -
bytes 1 "data: {\"id\":\"c1\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"hello\"}}]}\n\n"
expect 1 "event: message_start\n"
bytes 1 "data: {\"id\":\"c1\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n"
end 1 ok
expect 1 "event: message_stop\n"

scenario s: the errors of Claude's style are Claude's
post 1 /v1/chat/completions {"model":"nobody","anthropic_version":"v","messages":[]}
expect 1 "HTTP/1.1 404 "
expect 1 "{\"type\":\"error\",\"error\":{\"type\":\"not_found_error\""

scenario s: Gemini's input becomes messages, the answer is a chat's
post 1 /v1/chat/completions {"model":"my-GEMINI","temperature":0.50,"input":[{"role":"model","content":"a\u00e9"},"dropped",{"content":[{"text":"b\n"},{"image":1},{"text":"c"}]},{"role":"user","content":{"x": 1}},{"parts":[{"text":"d"}]},{"content":null}],"top_p":1}
upstream 1 openai
upbody 1 {"model":"my-GEMINI","temperature":0.50,"messages":[{"role":"assistant","content":"a\u00e9"},{"role":"user","content":"b\nc"},{"role":"user","content":"{\"x\": 1}"},{"role":"user","content":"d"},{"role":"user","content":""}],"top_p":1}
whole 1 200 {"id":"c1","object":"chat.completion","choices":[]}
expect 1 "\r\n\r\n"
exactly 1 {"id":"c1","object":"chat.completion","choices":[]}

scenario s: Gemini's input at Gemini
post 1 /v1/chat/completions {"model":"gemini-pro","input":[{"role":"user","content":"hi"}],"stream":true}
upstream 1 gem
uptarget 1 /v1beta/models/gemini-pro:streamGenerateContent?alt=sse
answer 1 200 sse -
bytes 1 "data: {\"candidates\":[{\"content\":{\"role\":\"model\",\"parts\":[{\"text\":\"hello\"}]},\"finishReason\":\"STOP\",\"index\":0}],\"responseId\":\"r\"}\r\n\r\n"
end 1 ok
expect 1 "\"content\":\"hello\""
expect 1 "data: [DONE]\n\n"

scenario s: an input that says nothing stays
post 1 /v1/chat/completions {"model":"my-GEMINI","input":["a",1]}
upbody 1 {"model":"my-GEMINI","input":["a",1]}
post 2 /v1/chat/completions {"model":"my-GEMINI","input":"text"}
upbody 2 {"model":"my-GEMINI","input":"text"}

scenario s: other paths take their own style only
post 1 /v1/completions {"model":"gpt","anthropic_version":"v","prompt":"x"}
upbody 1 {"model":"gpt","anthropic_version":"v","prompt":"x"}

scenario s: an input that would grow beyond measure is refused
post 1 /v1/chat/completions {"model":"my-GEMINI","input":[{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}]}
expect 1 "HTTP/1.1 413 "
attempts 0

scenario s: what is put in the body later stands in the new one
post 1 /v1/chat/completions?stream=true {"anthropic_version":"vertex-2023-10-16","stream":false,"model":"a-group","max_tokens":1}
upstream 1 ant
upbody 1 {"stream":true,"model":"claude","max_tokens":1}
post 2 /v1/chat/completions?stream=true {"input":[{"content":"a long text, longer than what becomes of all the rest"}],"model":"gemini-group"}
upstream 2 openai
upbody 2 {"stream":true,"stream_options":{"include_usage":true},"messages":[{"role":"user","content":"a long text, longer than what becomes of all the rest"}],"model":"gpt"}
