# What one target's format cannot carry goes to the next that can.
config c
listen = ( { address = "127.0.0.1:8080"; } );
auth = { required = false; };
providers = (
{ id = "ant"; dialect = "anthropic"; base_url = "http://ant.test"; keys = ( "key-ant" ); models = ( "claude" ); },
{ id = "slow"; dialect = "anthropic"; base_url = "http://slow.test"; keys = ( "key-slow" ); models = ( "claude" ); max_qps = 2.0; },
{ id = "gem"; dialect = "gemini"; base_url = "http://gem.test"; keys = ( "key-gem" ); models = ( "gemini-pro" ); },
{ id = "oai"; dialect = "openai"; base_url = "http://oai.test"; keys = ( "key-oai" ); models = ( "gpt" ); } );
groups = (
{ name = "any"; strategy = "priority"; targets = ( { provider = "ant"; model = "claude"; priority = 1; },
{ provider = "gem"; model = "gemini-pro"; priority = 2; }, { provider = "oai"; model = "gpt"; priority = 3; } ); },
{ name = "none"; strategy = "priority"; targets = ( { provider = "ant"; model = "claude"; priority = 1; },
{ provider = "gem"; model = "gemini-pro"; priority = 2; } ); },
{ name = "whole"; strict = true; strategy = "priority"; targets = ( { provider = "ant"; model = "claude"; priority = 1; },
{ provider = "gem"; model = "gemini-pro"; priority = 2; } ); },
{ name = "paced"; strategy = "priority"; targets = ( { provider = "slow"; model = "claude"; priority = 1; },
{ provider = "ant"; model = "claude"; priority = 2; } ); } );
end

scenario c: a request that two formats cannot carry reaches the third target at the first attempt
conf failover = { max_attempts = 1; };
post 1 /v1/chat/completions {"model":"any","logit_bias":{"5":1},"messages":[{"role":"user","content":"hi"}]}
upstream 1 oai
upbody 1 {"model":"gpt","logit_bias":{"5":1},"messages":[{"role":"user","content":"hi"}]}
whole 1 200 {"choices":[{"index":0,"message":{"role":"assistant","content":"hello"},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":2}}
expect 1 "x-aigw-provider: oai\r\n"
expect 1 "x-aigw-attempts: 1\r\n"
expect 1 "\"content\":\"hello\""
never 1 "x-aigw-dropped"
attempts 1
record status=200 provider=oai attempts=1 input=3 output=2

scenario c: what the second can have is translated for it
post 1 /v1/chat/completions {"model":"any","n":2,"messages":[{"role":"user","content":"hi"}]}
upstream 1 gem
whole 1 200 {"candidates":[{"content":{"role":"model","parts":[{"text":"hello"}]},"finishReason":"STOP","index":0}],"usageMetadata":{"promptTokenCount":4,"candidatesTokenCount":2}}
expect 1 "x-aigw-provider: gem\r\n"
expect 1 "x-aigw-attempts: 1\r\n"
attempts 1

scenario c: as a stream too
post 1 /v1/chat/completions {"model":"any","stream":true,"logit_bias":{"5":1},"messages":[{"role":"user","content":"hi"}]}
upstream 1 oai
answer 1 200 sse -
bytes 1 "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"hello\"}}]}\n\ndata: [DONE]\n\n"
end 1 ok
expect 1 "x-aigw-attempts: 1\r\n"
expect 1 "\"content\":\"hello\""
record status=200 provider=oai attempts=1

scenario c: when none can the first refusal is the answer
post 1 /v1/chat/completions {"model":"none","logit_bias":{"5":1},"messages":[{"role":"user","content":"hi"}]}
expect 1 "HTTP/1.1 400 "
expect 1 "(the format of provider ant is anthropic)"
expect 1 "\"param\":\"logit_bias\""
attempts 0
records 0

scenario c: a strict group goes on to the target that has a place for the field
post 1 /v1/chat/completions {"model":"whole","max_tokens":9,"seed":7,"messages":[{"role":"user","content":"hi"}]}
upstream 1 gem
whole 1 200 {"candidates":[{"content":{"role":"model","parts":[{"text":"hello"}]},"finishReason":"STOP","index":0}],"usageMetadata":{"promptTokenCount":4,"candidatesTokenCount":2}}
expect 1 "x-aigw-attempts: 1\r\n"
never 1 "x-aigw-dropped"

scenario c: and refuses what none of its targets has one for
post 1 /v1/chat/completions {"model":"whole","max_tokens":9,"metadata":{"a":"b"},"messages":[{"role":"user","content":"hi"}]}
expect 1 "HTTP/1.1 400 "
expect 1 "\"param\":\"metadata\""
attempts 0

scenario c: a refusal is nothing against the provider, however many there are
post 1 /v1/chat/completions {"model":"none","logit_bias":{},"logprobs":true,"top_logprobs":2,"audio":{"voice":"x"},"messages":[{"role":"user","content":"hi"}]}
expect 1 "HTTP/1.1 400 "
post 2 /v1/chat/completions {"model":"none","logit_bias":{"5":1},"messages":[{"role":"user","content":"hi"}]}
expect 2 "HTTP/1.1 400 "
post 3 /v1/chat/completions {"model":"any","messages":[{"role":"user","content":"hi"}]}
upstream 1 ant
attempts 1

scenario c: a body that we cannot read may still be right for the provider of its format
post 1 /v1/chat/completions {"model":"any","messages":[{"role":"user","content":[{"type":"text","text":7}]}]}
upstream 1 oai
upbody 1 {"model":"gpt","messages":[{"role":"user","content":[{"type":"text","text":7}]}]}
whole 1 400 {"error":{"message":"no text","type":"invalid_request_error"}}
expect 1 "HTTP/1.1 400 "
expect 1 "no text"
attempts 1

scenario c: and is refused in our words when all have other formats
post 1 /v1/chat/completions {"model":"none","messages":[{"role":"user","content":7}]}
expect 1 "HTTP/1.1 400 "
expect 1 "messages[0].content"
never 1 "the format of provider"
attempts 0

scenario c: who was asked and failed counts more than who could not be asked
post 1 /v1/chat/completions {"model":"any","logit_bias":{"5":1},"messages":[{"role":"user","content":"hi"}]}
upstream 1 oai
whole 1 503 {}
expect 1 "HTTP/1.1 502 "
attempts 1

scenario c: the second look at a target with max_qps ends as the first
post 1 /v1/chat/completions {"model":"paced","messages":[{"role":"user","content":"hi"}]}
upstream 1 slow
post 2 /v1/chat/completions {"model":"paced","logit_bias":{"5":1},"messages":[{"role":"user","content":"hi"}]}
wait 1100ms
expect 2 "HTTP/1.1 400 "
expect 2 "\"param\":\"logit_bias\""
attempts 1
