# Tokens of a request, counted where the model is, in whatever format.
config c
listen = ( { address = "127.0.0.1:8080"; } );
auth = { required = false; };
keys = ( { name = "one"; secret = "sk-one"; }, { name = "two"; secret = "sk-two"; }, { name = "three"; secret = "sk-three"; } );
providers = (
{ id = "ant"; dialect = "anthropic"; base_url = "http://ant.test";
keys = ( "key-ant-1", "key-ant-2" ); models = ( "claude" ); price = { input = 5.0; unit = "per_call"; }; },
{ id = "gem"; dialect = "gemini"; base_url = "http://gem.test";
keys = ( "key-gem" ); models = ( "gemini-pro" ); },
{ id = "oai"; dialect = "openai"; base_url = "http://oai.test";
keys = ( "key-oai" ); models = ( "gpt" ); },
{ id = "chat"; dialect = "openai"; base_url = "http://chat.test";
keys = ( "key-chat" ); models = ( "plain" ); apis = ( "chat" ); },
{ id = "az"; dialect = "azure"; base_url = "http://az.test";
keys = ( "key-az" ); models = ( "dep" ); api_version = "2026-01-01"; },
{ id = "mis"; dialect = "mistral"; base_url = "http://mis.test";
keys = ( "key-mis" ); models = ( "large" ); } );
groups = ( { name = "all"; strategy = "priority"; targets = (
{ provider = "ant"; model = "claude"; priority = 1; },
{ provider = "gem"; model = "gemini-pro"; priority = 2; } ); },
{ name = "some"; strategy = "priority"; targets = (
{ provider = "mis"; model = "large"; priority = 1; },
{ provider = "ant"; model = "claude"; priority = 2; } ); },
{ name = "g"; targets = ( { provider = "gem"; model = "gemini-pro"; } ); },
{ name = "firm"; strict = true; targets = ( { provider = "ant"; model = "claude"; } ); } );
end

scenario c: a Responses client's request is counted by Anthropic, for nothing
post 1 /v1/responses/input_tokens {"model":"claude","instructions":"be kind","input":"hi"}
upstream 1 ant
uptarget 1 /v1/messages/count_tokens
upheader 1 "x-api-key: key-ant-1"
upheader 1 "anthropic-version: 2023-06-01"
upheader 1 "content-type: application/json"
upbody 1 {"model":"claude","system":[{"type":"text","text":"be kind"}],"messages":[{"role":"user","content":[{"type":"text","text":"hi"}]}]}
whole 1 200 {"input_tokens":14}
expect 1 "HTTP/1.1 200 OK"
expect 1 "x-aigw-provider: ant\r\n"
expect 1 "\r\n\r\n{\"object\":\"response.input_tokens\",\"input_tokens\":14}"
never 1 "x-aigw-estimated"
never 1 "x-aigw-dropped"
record status=200 provider=ant model=claude input=0 output=0 cost=0 flags=none

scenario c: a client of Anthropic's is counted by Google, in its words
post 1 /v1/messages/count_tokens {"model":"gemini-pro","stream":true,"system":"be kind","messages":[{"role":"user","content":"hi"}]}
upstream 1 gem
uptarget 1 /v1beta/models/gemini-pro:countTokens
upbody 1 {"generateContentRequest":{"model":"models/gemini-pro","contents":[{"role":"user","parts":[{"text":"hi"}]}],"systemInstruction":{"parts":[{"text":"be kind"}]},"generationConfig":{}}}
whole 1 200 {"totalTokens":31,"promptTokensDetails":[{"modality":"TEXT","tokenCount":31}]}
expect 1 "\r\n\r\n{\"input_tokens\":31}"
record status=200 provider=gem input=0 cost=0 flags=none

scenario c: a client of Google's is counted by OpenAI, in either of its forms
post 1 /v1beta/models/gpt:countTokens {"contents":[{"role":"user","parts":[{"text":"hi"}]}]}
upstream 1 oai
uptarget 1 /v1/responses/input_tokens
upheader 1 "Authorization: Bearer key-oai"
whole 1 200 {"object":"response.input_tokens","input_tokens":8}
expect 1 "\r\n\r\n{\"totalTokens\":8}"
post 2 /v1beta/models/gpt:countTokens {"generateContentRequest":{"model":"models/gpt","contents":[{"role":"user","parts":[{"text":"ho"}]}],"generationConfig":{"maxOutputTokens":5}}}
upbody 2 {"model":"gpt","input":[{"role":"user","content":"ho"}]}
whole 2 200 {"object":"response.input_tokens","input_tokens":9}
expect 2 "\r\n\r\n{\"totalTokens\":9}"

scenario c: as it is at a provider of the same format, for nothing too
post 1 /v1/messages/count_tokens {"model":"claude","messages":[],"unknown":1}
upbody 1 {"model":"claude","messages":[],"unknown":1}
whole 1 200 {"input_tokens":14,"more":1}
expect 1 "\r\n\r\n{\"input_tokens\":14,\"more\":1}"
record status=200 provider=ant input=0 output=0 cost=0 flags=none

scenario c: Google's client names the model twice, and a group's name is replaced in both
post 1 /v1beta/models/g:countTokens {"generateContentRequest":{"model":"models/g","contents":[]}}
uptarget 1 /v1beta/models/gemini-pro:countTokens
upbody 1 {"generateContentRequest":{"model":"models/gemini-pro","contents":[]}}
post 2 /v1beta/models/gemini-pro:countTokens {"generateContentRequest":{"model":"models/else","contents":[]}}
upbody 2 {"generateContentRequest":{"model":"models/else","contents":[]}}
post 3 /v1beta/models/g:generateContent {"model":"models/g","contents":[]}
upbody 3 {"model":"models/gemini-pro","contents":[]}
post 4 /v1beta/models/g:generateContent {"model":7,"contents":[]}
upbody 4 {"model":7,"contents":[]}

scenario c: the next key, the next provider
post 1 /v1/responses/input_tokens {"model":"all","input":"hi"}
upheader 1 "x-api-key: key-ant-1"
whole 1 401 {"type":"error","error":{"type":"authentication_error","message":"no"}}
upheader 2 "x-api-key: key-ant-2"
whole 2 529 {"type":"error","error":{"type":"overloaded_error","message":"no"}}
upstream 3 gem
uptarget 3 /v1beta/models/gemini-pro:countTokens
whole 3 200 {"totalTokens":3}
expect 1 "x-aigw-attempts: 3\r\n"
expect 1 "{\"object\":\"response.input_tokens\",\"input_tokens\":3}"
record status=200 provider=gem attempts=3 cost=0

scenario c: an answer that is none goes elsewhere
post 1 /v1/responses/input_tokens {"model":"all","input":"hi"}
whole 1 200 {"tokens":14}
upstream 2 gem
end 2 reset
expect 1 "HTTP/1.1 503 "
attempts 2

scenario c: what the provider refuses is told in the client's words
post 1 /v1/responses/input_tokens {"model":"claude","input":"hi"}
whole 1 400 {"type":"error","error":{"type":"invalid_request_error","message":"too odd"}}
expect 1 "HTTP/1.1 400 "
expect 1 "\"message\":\"too odd\""
expect 1 "\"type\":\"invalid_request_error\""

scenario c: what cannot be translated is refused, as the request itself would be
post 1 /v1/responses/input_tokens {"model":"claude","previous_response_id":"resp_1","input":"hi"}
expect 1 "HTTP/1.1 400 "
expect 1 "\"param\":\"previous_response_id\""
post 2 /v1/messages/count_tokens {"model":"gpt","messages":[{"role":"user","content":7}]}
expect 2 "HTTP/1.1 400 "
post 3 /v1/responses/input_tokens {"model":"firm","input":"hi"}
upstream 1 ant
attempts 1

scenario c: who has no such operation is not asked
post 1 /v1/messages/count_tokens {"model":"plain","messages":[{"role":"user","content":"hello world"}]}
expect 1 "HTTP/1.1 200 OK"
expect 1 "x-aigw-estimated: true\r\n"
expect 1 "{\"input_tokens\":"
post 2 /v1beta/models/dep:countTokens {"contents":[]}
expect 2 "x-aigw-estimated: true\r\n"
expect 2 "{\"totalTokens\":"
post 3 /v1/messages/count_tokens {"model":"large","messages":[]}
expect 3 "x-aigw-estimated: true\r\n"
attempts 0

scenario c: of a group that one can count for
post 1 /v1/messages/count_tokens {"model":"some","messages":[]}
upstream 1 ant
whole 1 500 {}
expect 1 "HTTP/1.1 200 OK"
expect 1 "x-aigw-estimated: true\r\n"
never 1 "x-aigw-provider"
record status=200 attempts=1 input=0 cost=0 flags=estimated

scenario c: a server without the operation, which is not asked again for a while
post 1 /v1/messages/count_tokens {"model":"gpt","messages":[{"role":"user","content":"hi"}]}
uptarget 1 /v1/responses/input_tokens
whole 1 404 "{\"detail\":\"Not Found\"}"
expect 1 "HTTP/1.1 200 OK"
expect 1 "x-aigw-estimated: true\r\n"
expect 1 "\r\n\r\n{\"input_tokens\":"
never 1 "x-aigw-dropped"
post 2 /v1/responses/input_tokens {"model":"gpt","input":"hi"}
expect 2 "x-aigw-estimated: true\r\n"
attempts 1
wait 301s
post 3 /v1/responses/input_tokens {"model":"gpt","input":"hi"}
whole 2 405 ""
expect 3 "x-aigw-estimated: true\r\n"
attempts 2
wait 301s
post 4 /v1/responses/input_tokens {"model":"gpt","input":"hi"}
whole 3 501 "no"
expect 4 "x-aigw-estimated: true\r\n"
attempts 3

scenario c: who has counted can, whatever is missing of one request
post 1 /v1/messages/count_tokens {"model":"claude","messages":[{"role":"user","content":"hi"}]}
whole 1 200 {"input_tokens":14}
post 2 /v1/messages/count_tokens {"model":"claude","messages":[{"role":"user","content":"a file"}]}
whole 2 404 {"type":"error","error":{"type":"not_found_error","message":"File not found"}}
expect 2 "x-aigw-estimated: true\r\n"
post 3 /v1/messages/count_tokens {"model":"claude","messages":[{"role":"user","content":"hi"}]}
whole 3 200 {"input_tokens":14}
expect 3 "\r\n\r\n{\"input_tokens\":14}"

scenario c: what one client was told holds for others when one of them has heard it too
header authorization: Bearer sk-one
post 1 /v1/messages/count_tokens {"model":"claude","messages":[{"role":"user","content":"a file"}]}
whole 1 404 {"type":"error","error":{"type":"not_found_error","message":"File not found"}}
expect 1 "x-aigw-estimated: true\r\n"
header authorization: Bearer sk-one
post 1 /v1/messages/count_tokens {"model":"claude","messages":[{"role":"user","content":"hi"}]}
expect 1 "x-aigw-estimated: true\r\n"
attempts 1
header authorization: Bearer sk-two
post 2 /v1/messages/count_tokens {"model":"claude","messages":[{"role":"user","content":"hi"}]}
whole 2 404 {"detail":"Not Found"}
expect 2 "x-aigw-estimated: true\r\n"
header authorization: Bearer sk-three
post 3 /v1/messages/count_tokens {"model":"claude","messages":[{"role":"user","content":"hi"}]}
expect 3 "x-aigw-estimated: true\r\n"
attempts 2

scenario c: who counts for one client counts for the one that was told otherwise
header authorization: Bearer sk-one
post 1 /v1/messages/count_tokens {"model":"claude","messages":[{"role":"user","content":"a file"}]}
whole 1 404 {"type":"error","error":{"type":"not_found_error","message":"File not found"}}
expect 1 "x-aigw-estimated: true\r\n"
header authorization: Bearer sk-two
post 2 /v1/messages/count_tokens {"model":"claude","messages":[{"role":"user","content":"hi"}]}
whole 2 200 {"input_tokens":14}
header authorization: Bearer sk-one
post 1 /v1/messages/count_tokens {"model":"claude","messages":[{"role":"user","content":"hi"}]}
whole 3 200 {"input_tokens":15}
expect 1 "\r\n\r\n{\"input_tokens\":15}"

scenario c: a model that is not there says nothing of the operation
post 1 /v1/messages/count_tokens {"model":"all","messages":[{"role":"user","content":"hi"}]}
whole 1 404 {"type":"error","error":{"type":"not_found_error","message":"model: claude"}}
upstream 2 gem
whole 2 404 {"error":{"code":404,"message":"models/gemini-pro is not found","status":"NOT_FOUND"}}
expect 1 "x-aigw-attempts: 2\r\n"
expect 1 "x-aigw-estimated: true\r\n"
post 2 /v1/messages/count_tokens {"model":"all","messages":[{"role":"user","content":"hi"}]}
upstream 3 ant
