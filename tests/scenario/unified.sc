# POST /v1/chat: a provider by name, any model, messages of text.
config u
listen = ( { address = "127.0.0.1:8080"; } );
auth = { anonymous_unified_chat = true; };
providers = (
{ id = "ant"; dialect = "anthropic"; base_url = "http://ant.test";
keys = ( "key-ant" ); models = ( "claude" );
price = { input = 3.0; output = 15.0; unit = "per_million_tokens"; }; },
{ id = "gem"; dialect = "gemini"; base_url = "http://gem.test";
keys = ( "key-gem" ); models = ( "gemini-pro" );
price = { input = 0.0; output = 2.0; unit = "per_million_tokens"; }; },
{ id = "one"; dialect = "openai"; base_url = "http://one.test";
keys = ( "key-one" ); models = ( "gpt-4o" ); priority = 1;
price = { input = 2.5; output = 10.0; unit = "per_million_tokens"; }; },
{ id = "two"; dialect = "openai"; base_url = "http://two.test";
keys = ( "key-two" ); models = ( "other" ); priority = 2;
price = { input = 0.01; output = 0.01; unit = "per_call"; }; },
{ id = "off"; dialect = "mistral"; base_url = "http://off.test";
keys = ( "key-off" ); enabled = false; },
{ id = "resp"; dialect = "openai"; base_url = "http://resp.test";
keys = ( "key-resp" ); models = ( "only" ); apis = ( "responses" );
priority = 3; } );
default_strategy = "priority";
keys = (
{ name = "plain"; secret = "sk-plain-key-0001"; },
{ name = "bound"; secret = "sk-bound-key-0001"; groups = ( "g" ); },
{ name = "anton"; secret = "sk-anton-key-0001"; providers = ( "ant" ); models = ( "claude*" ); } );
groups = ( { name = "g"; targets = ( { provider = "ant"; model = "claude"; } ); } );
end

config closed
listen = ( { address = "127.0.0.1:8080"; } );
providers = (
{ id = "one"; dialect = "openai"; base_url = "http://one.test";
keys = ( "key-one" ); models = ( "gpt-4o" ); } );
end

config none
listen = ( { address = "127.0.0.1:8080"; } );
auth = { required = false; };
routes = { unified = "off"; };
providers = (
{ id = "one"; dialect = "openai"; base_url = "http://one.test";
keys = ( "key-one" ); models = ( "gpt-4o" ); } );
end

scenario u: a provider by its id, the model as given, what it used and cost
post 1 /v1/chat {"provider":"one","model":"never-heard-of","messages":[{"role":"system","content":"be kind"},{"role":"user","content":"hi \u00e9"}]}
upstream 1 one
uptarget 1 /v1/chat/completions
upheader 1 "Authorization: Bearer key-one"
upheader 1 "content-type: application/json"
upbody 1 {"model":"never-heard-of","messages":[{"role":"system","content":"be kind"},{"role":"user","content":"hi é"}]}
wait 1234ms
whole 1 200 {"id":"c1","object":"chat.completion","model":"gpt","choices":[{"index":0,"message":{"role":"assistant","content":"hello"},"finish_reason":"stop"}],"usage":{"prompt_tokens":10,"completion_tokens":25,"total_tokens":35}}
expect 1 "HTTP/1.1 200 OK"
expect 1 "content-type: application/json"
expect 1 "x-aigw-provider: one"
expect 1 "\r\n{\"provider\":\"one\",\"message\":{\"role\":\"assistant\",\"content\":\"hello\"},\"usage\":{\"prompt_tokens\":10,\"completion_tokens\":25,\"total_tokens\":35,\"input_tokens\":10,\"output_tokens\":25},\"cost\":{\"total_tokens\":35,\"input_tokens\":10,\"output_tokens\":25,\"estimated_cost_usd\":\"0.000275\",\"input_cost_usd\":\"0.000025\",\"output_cost_usd\":\"0.000250\"},\"latency_ms\":1234}"
record status=200 provider=one input=10 output=25 cost=275000000

scenario u: a format as provider is any that speaks it, who lists the model first
post 1 /v1/chat {"provider":"openai","model":"other","messages":[{"role":"user","content":"hi"}]}
upstream 1 two
whole 1 200 {"id":"c1","choices":[{"index":0,"message":{"role":"assistant","content":"hello"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}}
expect 1 "{\"provider\":\"openai\","
expect 1 "\"estimated_cost_usd\":\"0.020000\"}"
never 1 "input_cost_usd"

scenario u: a model that nobody lists goes to all of the format, one after the other
post 1 /v1/chat {"provider":"openai","model":"brand-new","messages":[{"role":"user","content":"hi"}]}
upstream 1 one
whole 1 503 {}
upstream 2 two
whole 2 404 {"error":{"message":"no such model","code":"model_not_found"}}
upstream 3 resp
uptarget 3 /v1/responses
whole 3 200 {"id":"resp_1","object":"response","status":"completed","output":[{"type":"message","content":[{"type":"output_text","text":"hello"}]}],"usage":{"input_tokens":4,"output_tokens":2}}
expect 1 "\"content\":\"hello\""
record status=200 provider=resp attempts=3 input=4 output=2

scenario u: Anthropic gets the system text where it wants it
post 1 /v1/chat {"provider":"anthropic","model":"claude-new","messages":[{"role":"system","content":"be kind"},{"role":"user","content":"hi"},{"role":"assistant","content":"yes?"},{"role":"user","content":"bye"}]}
upstream 1 ant
uptarget 1 /v1/messages
upheader 1 "x-api-key: key-ant"
whole 1 200 {"id":"msg_1","type":"message","role":"assistant","model":"claude","content":[{"type":"text","text":"hello"}],"stop_reason":"end_turn","usage":{"input_tokens":9,"output_tokens":3}}
expect 1 "\"content\":\"hello\""
expect 1 "\"input_tokens\":9,\"output_tokens\":3"
expect 1 "\"estimated_cost_usd\":\"0.000072\",\"input_cost_usd\":\"0.000027\",\"output_cost_usd\":\"0.000045\""

scenario u: a part that costs nothing is not named
post 1 /v1/chat {"provider":"gem","model":"g","messages":[{"role":"user","content":"hi"}]}
uptarget 1 /v1beta/models/g:generateContent
whole 1 200 {"candidates":[{"content":{"role":"model","parts":[{"text":"hello"}]},"finishReason":"STOP","index":0}],"usageMetadata":{"promptTokenCount":4,"candidatesTokenCount":2,"totalTokenCount":6}}
expect 1 "\"estimated_cost_usd\":\"0.000004\",\"output_cost_usd\":\"0.000004\"}"
never 1 "input_cost_usd"

scenario u: a stream: chunks, then done with usage, cost and latency
post 1 /v1/chat?stream=true {"provider":"one","model":"gpt-4o","stream":false,"messages":[{"role":"user","content":"hi"}]}
upbody 1 {"model":"gpt-4o","stream":true,"stream_options":{"include_usage":true},"messages":[{"role":"user","content":"hi"}]}
answer 1 200 sse -
bytes 1 "data: {\"id\":\"c1\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\ndata: {\"id\":\"c1\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"hel\"}}]}\n\n"
expect 1 "HTTP/1.1 200 OK"
expect 1 "content-type: text/event-stream"
expect 1 "cache-control: no-cache"
expect 1 "x-accel-buffering: no"
expect 1 "event: chunk\ndata: {\"content\":\"hel\",\"role\":\"assistant\"}\n\n"
wait 500ms
bytes 1 "data: {\"id\":\"c1\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"lo\\n\"}}]}\n\ndata: {\"id\":\"c1\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n"
expect 1 "event: chunk\ndata: {\"content\":\"lo\\n\",\"role\":\"assistant\"}\n\n"
bytes 1 "data: {\"id\":\"c1\",\"choices\":[],\"usage\":{\"prompt_tokens\":10,\"completion_tokens\":150,\"total_tokens\":160}}\n\ndata: [DONE]\n\n"
end 1 ok
expect 1 "event: done\ndata: {\"usage\":{\"prompt_tokens\":10,\"completion_tokens\":150,\"total_tokens\":160,\"input_tokens\":10,\"output_tokens\":150},\"cost\":{\"total_tokens\":160,\"input_tokens\":10,\"output_tokens\":150,\"estimated_cost_usd\":\"0.001525\",\"input_cost_usd\":\"0.000025\",\"output_cost_usd\":\"0.001500\"},\"latency_ms\":500}\n\n"
never 1 "[DONE]"
record status=200 input=10 output=150 flags=stream

scenario u: stream in the body does it too, Accept alone does not
post 1 /v1/chat {"provider":"ant","model":"claude","stream":true,"messages":[{"role":"user","content":"hi"}]}
answer 1 200 sse -
bytes 1 "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"claude\",\"content\":[],\"usage\":{\"input_tokens\":7,\"output_tokens\":1}}}\n\nevent: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\nevent: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"hel\"}}\n\n"
expect 1 "event: chunk\ndata: {\"content\":\"hel\",\"role\":\"assistant\"}\n\n"
bytes 1 "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\nevent: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\",\"stop_sequence\":null},\"usage\":{\"output_tokens\":5}}\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n"
end 1 ok
expect 1 "event: done\ndata: {\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":5,"
header accept: text/event-stream
post 2 /v1/chat {"provider":"ant","model":"claude","messages":[{"role":"user","content":"hi"}]}
whole 2 200 {"type":"message","content":[{"type":"text","text":"hello"}],"stop_reason":"end_turn","usage":{"input_tokens":9,"output_tokens":3}}
expect 2 "content-type: application/json"

scenario u: a stream that is cut ends with an error event
post 1 /v1/chat?stream=true {"provider":"one","model":"gpt-4o","messages":[{"role":"user","content":"hi"}]}
answer 1 200 sse -
bytes 1 "data: {\"id\":\"c1\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"hel\"}}]}\n\n"
expect 1 "event: chunk\n"
end 1 ok
expect 1 "event: error\ndata: {\"error\":\"Stream error\",\"detail\":\""
never 1 "event: done"
record status=200 flags=stream,estimated,truncated

scenario u: an error inside a stream, in the provider's words
post 1 /v1/chat?stream=true {"provider":"one","model":"gpt-4o","messages":[{"role":"user","content":"hi"}]}
answer 1 200 sse -
bytes 1 "data: {\"id\":\"c1\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"hel\"}}]}\n\ndata: {\"error\":{\"message\":\"out of luck\",\"type\":\"server_error\"}}\n\n"
end 1 ok
expect 1 "event: error\ndata: {\"error\":\"Provider request failed\",\"detail\":\"out of luck\"}\n\n"
never 1 "event: done"

scenario u: nobody counted: an estimate, the same as in the books
post 1 /v1/chat {"provider":"one","model":"gpt-4o","messages":[{"role":"user","content":"hi"}]}
whole 1 200 {"id":"c1","choices":[{"index":0,"message":{"role":"assistant","content":"hello world, and all in it"},"finish_reason":"stop"}]}
expect 1 "\"prompt_tokens\":20,\"completion_tokens\":32,"
record status=200 input=20 output=32 flags=estimated

scenario u: what a provider refuses comes with its words and its status
post 1 /v1/chat {"provider":"one","model":"gpt-4o","messages":[]}
whole 1 400 {"error":{"message":"messages is empty","type":"invalid_request_error"}}
expect 1 "HTTP/1.1 400 "
expect 1 "\r\n{\"error\":\"Provider request failed\",\"detail\":\"messages is empty\"}"

scenario u: a provider that fails
post 1 /v1/chat {"provider":"ant","model":"claude","messages":[{"role":"user","content":"hi"}]}
whole 1 500 {"type":"error","error":{"type":"api_error","message":"broken"}}
expect 1 "HTTP/1.1 502 "
expect 1 "{\"error\":\"Provider request failed\",\"detail\":\"provider ant failed: "

scenario u: a model that nobody knows is the client's mistake
post 1 /v1/chat {"provider":"ant","model":"typo","messages":[{"role":"user","content":"hi"}]}
whole 1 404 {"type":"error","error":{"type":"not_found_error","message":"model: typo"}}
expect 1 "HTTP/1.1 404 "
expect 1 "\r\n{\"error\":\"Provider request failed\",\"detail\":\"model: typo\"}"

scenario u: an empty object is taught all
post 1 /v1/chat {}
expect 1 "HTTP/1.1 400 "
expect 1 "\r\n{\"error\":\"Invalid request\",\"details\":{\"_errors\":[],\"provider\":{\"_errors\":[\"Required\"]},\"model\":{\"_errors\":[\"Required\"]},\"messages\":{\"_errors\":[\"Required\"]}},\"expectedSchema\":{\"structure\":{\"type\":\"object\",\"properties\":{\"provider\":{\"type\":\"enum\",\"options\":[\"ant\",\"gem\",\"one\",\"two\",\"resp\",\"anthropic\",\"gemini\",\"openai\"]},\"model\":{\"type\":\"string\"},\"messages\":{\"type\":\"array\",\"items\":{\"type\":\"object\",\"properties\":{\"role\":{\"type\":\"enum\",\"options\":[\"system\",\"user\",\"assistant\"]},\"content\":{\"type\":\"string\"}}}}}},\"description\":\"provider: one of ant | gem | one | two | resp | anthropic | gemini | openai\\nmodel: a name that the provider knows\\nmessages: a list of\\n  role: one of system | user | assistant\\n  content: a text\",\"example\":{\"provider\":\"ant\",\"model\":\"claude\",\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}]}}}"
attempts 0

scenario u: each fault of a body by its path
post 1 /v1/chat {"provider":"mistral","model":7,"stream":"yes","messages":[{"role":"user","content":"ok"},{"role":"tool"},"x"]}
expect 1 "\"provider\":{\"_errors\":[\"Invalid enum value. Expected 'ant' | 'gem' | 'one' | 'two' | 'resp' | 'anthropic' | 'gemini' | 'openai', received 'mistral'\"]}"
expect 1 "\"model\":{\"_errors\":[\"Expected string, received number\"]}"
expect 1 "\"messages\":{\"1\":{\"_errors\":[],\"role\":{\"_errors\":[\"Invalid enum value. Expected 'system' | 'user' | 'assistant', received 'tool'\"]},\"content\":{\"_errors\":[\"Required\"]}},\"2\":{\"_errors\":[\"Expected object, received string\"]},\"_errors\":[]}"
expect 1 "\"stream\":{\"_errors\":[\"Expected boolean, received string\"]}"
attempts 0

scenario u: a body that is no object, no body, no JSON, no word that it is JSON
post 1 /v1/chat null
expect 1 "\"details\":{\"_errors\":[\"Expected object, received null\"]},"
call 1 POST /v1/chat
expect 1 "\"details\":{\"_errors\":[\"Required\"]},"
post 1 /v1/chat {"provider":
expect 1 "HTTP/1.1 400 "
expect 1 "{\"statusCode\":400,\"code\":\"invalid_json\",\"error\":\"Bad Request\",\"message\":\"the body is not valid JSON: "
header content-type: text/plain;charset=UTF-8
post 1 /v1/chat {"provider":"one","model":"gpt-4o","messages":[]}
expect 1 "HTTP/1.1 415 "
expect 1 "{\"statusCode\":415,\"code\":\"unsupported_media_type\",\"error\":\"Unsupported Media Type\",\"message\":\""
header content-type: application/json; charset=utf-8
post 1 /v1/chat {}
expect 1 "HTTP/1.1 400 "
attempts 0

scenario u: members that the format does not have are left out, and told
post 1 /v1/chat {"provider":"one","model":"gpt-4o","temperature":1,"messages":[{"role":"user","content":"hi","name":"x"}]}
upbody 1 {"model":"gpt-4o","messages":[{"role":"user","content":"hi"}]}
whole 1 200 {"choices":[{"index":0,"message":{"role":"assistant","content":"hello"},"finish_reason":"stop"}]}
expect 1 "x-aigw-dropped: temperature,messages\r\n"

scenario u: the lists of a key hold
header authorization: Bearer sk-bound-key-0001
post 1 /v1/chat {"provider":"ant","model":"claude","messages":[]}
expect 1 "HTTP/1.1 403 "
expect 1 "{\"statusCode\":403,\"code\":\"permission_denied\",\"error\":\"Forbidden\",\"message\":\"this key may only use its groups"
header authorization: Bearer sk-anton-key-0001
post 1 /v1/chat {"provider":"one","model":"gpt-4o","messages":[]}
expect 1 "HTTP/1.1 403 "
expect 1 "this key may not use this provider"
header authorization: Bearer sk-anton-key-0001
post 1 /v1/chat {"provider":"ant","model":"gpt-4o","messages":[]}
expect 1 "HTTP/1.1 403 "
expect 1 "this key may not use this model"
header authorization: Bearer sk-anton-key-0001
post 1 /v1/chat {"provider":"x","model":"gpt-4o","messages":[]}
expect 1 "HTTP/1.1 400 "
expect 1 "\"options\":[\"ant\",\"anthropic\"]"
attempts 0

scenario u: a key is recognised where none is needed
header authorization: Bearer sk-anton-key-0001
post 1 /v1/chat {"provider":"anthropic","model":"claude-x","messages":[{"role":"user","content":"hi"}]}
upstream 1 ant
whole 1 200 {"type":"message","content":[{"type":"text","text":"hello"}],"stop_reason":"end_turn","usage":{"input_tokens":9,"output_tokens":3}}
expect 1 "HTTP/1.1 200 OK"
record status=200 key=anton

scenario u: nobody else is let in without a key
post 1 /v1/chat/completions {"model":"gpt-4o","messages":[]}
expect 1 "HTTP/1.1 401 "

scenario closed: without the switch a key is needed, and the answer names the switch
post 1 /v1/chat {"provider":"one","model":"gpt-4o","messages":[]}
expect 1 "HTTP/1.1 401 "
expect 1 "{\"statusCode\":401,\"code\":\"invalid_api_key\",\"error\":\"Unauthorized\",\"message\":\"no API key: "
expect 1 "auth.anonymous_unified_chat = true"
header authorization: Bearer sk-nobody-0123456789
post 1 /v1/chat {"provider":"one","model":"gpt-4o","messages":[]}
expect 1 "HTTP/1.1 401 "
expect 1 "\"message\":\"unknown API key; auth.anonymous_unified_chat = true"
attempts 0

scenario none: the path can be switched off
post 1 /v1/chat {"provider":"one","model":"gpt-4o","messages":[]}
expect 1 "HTTP/1.1 404 "
attempts 0

scenario u: a stream that stays silent is told of its failure inside
post 1 /v1/chat?stream=true {"provider":"one","model":"gpt-4o","messages":[{"role":"user","content":"hi"}]}
wait 15s
expect 1 "HTTP/1.1 200 OK"
expect 1 "content-type: text/event-stream"
whole 1 500 {}
expect 1 "event: error\ndata: {\"error\":\"Provider request failed\",\"detail\":\"provider one failed: "
