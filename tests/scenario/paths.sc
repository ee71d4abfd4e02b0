# Paths of clients: lists in each format, Azure, OpenRouter, counting, upgrades.
config p
listen = ( { address = "127.0.0.1:8080"; } );
auth = { required = false; };
providers = (
{ id = "az"; dialect = "azure"; base_url = "http://az.test";
keys = ( "key-az" ); models = ( "dep", "my dep" ); },
{ id = "azv1"; dialect = "azure"; base_url = "http://azv1.test"; api_path = "/openai/v1";
keys = ( "key-az1" ); models = ( "dep1" ); },
{ id = "oai"; dialect = "openai"; base_url = "http://oai.test";
keys = ( "key-oai" ); models = ( "gpt", "vendor/gpt" ); apis = ( "chat", "embeddings" ); },
{ id = "ant"; dialect = "anthropic"; base_url = "http://ant.test";
keys = ( "key-ant" ); models = ( "claude" ); } );
groups = ( { name = "loose"; targets = ( { provider = "ant"; model = "claude"; } ); },
{ name = "firm"; strict = true; targets = ( { provider = "ant"; model = "claude"; } ); },
{ name = "same"; strict = true; targets = ( { provider = "oai"; model = "gpt"; } ); } );
end

scenario p: Azure's client and Azure: the deployment is the model, nothing is changed
header openai-beta: x=1
post 1 /openai/deployments/dep/chat/completions?api-version=2025-01-01&x=y {"messages":[],"n" : 1}
upstream 1 az
uptarget 1 /openai/deployments/dep/chat/completions?api-version=2025-01-01&x=y
upheader 1 "api-key: key-az"
upbody 1 {"messages":[],"n" : 1}
whole 1 200 {"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":2}}
record status=200 provider=az model=dep input=3 output=2

scenario p: Azure's client without the version of the interface
post 1 /v1/deployments/dep/chat/completions {"messages":[]}
expect 1 "HTTP/1.1 400 "
expect 1 "\"param\":\"api-version\""
post 2 /v1/deployments/dep/chat/completions?api-version= {"messages":[]}
expect 2 "HTTP/1.1 400 "
attempts 0

scenario p: Azure's client at a server of OpenAI's kind: the model goes into the body
post 1 /openai/openai/deployments/vendor%2Fgpt/chat/completions?api-version=1 {"messages":[]}
upstream 1 oai
uptarget 1 /v1/chat/completions
upbody 1 {"model":"vendor/gpt","messages":[]}
post 2 /openai/deployments/gpt/chat/completions?api-version=1 {"model":"else","messages":[]}
upbody 2 {"model":"gpt","messages":[]}
post 3 /openai/deployments/gpt/embeddings?api-version=1 {"model":null,"input":"x"}
uptarget 3 /v1/embeddings
upbody 3 {"model":"gpt","input":"x"}
post 4 /openai/deployments/gpt/chat/completions?api-version=1 {"stream":true}
upbody 4 {"model":"gpt","stream_options":{"include_usage":true},"stream":true}
post 5 /openai/deployments/gpt/chat/completions?api-version=1 {"model":7}
expect 5 "\"param\":\"model\""

scenario p: Azure's client and Anthropic
post 1 /openai/deployments/claude/chat/completions?api-version=1 {"max_tokens":9,"messages":[{"role":"user","content":"hi"}]}
upstream 1 ant
uptarget 1 /v1/messages
upbody 1 {"model":"claude","max_tokens":9,"messages":[{"role":"user","content":[{"type":"text","text":"hi"}]}]}

scenario p: Azure as a provider of OpenAI's clients gets path, version and key
post 1 /v1/chat/completions {"model":"dep","messages":[]}
upstream 1 az
uptarget 1 /openai/deployments/dep/chat/completions?api-version=2024-10-21
upheader 1 "api-key: key-az"
upnoheader 1 authorization
post 2 /v1/embeddings {"model":"my dep","input":"x"}
uptarget 2 /openai/deployments/my%20dep/embeddings?api-version=2024-10-21
post 3 /v1/responses {"model":"dep","input":"x"}
uptarget 3 /openai/responses?api-version=2024-10-21
post 4 /v1/chat/completions {"model":"dep1","messages":[]}
uptarget 4 /openai/v1/chat/completions
post 5 /openai/deployments/dep1/chat/completions?api-version=2025-01-01 {"messages":[]}
uptarget 5 /openai/v1/chat/completions

scenario p: Azure as a provider of another format's client
post 1 /v1/messages?beta=true {"model":"dep","max_tokens":9,"messages":[{"role":"user","content":"hi"}]}
upstream 1 az
uptarget 1 /openai/deployments/dep/chat/completions?api-version=2024-10-21

scenario p: OpenRouter's path: the vendor before the slash may be left out here
post 1 /openrouter/v6/chat/completions {"model":"openai/gpt","messages":[]}
upstream 1 oai
uptarget 1 /v1/chat/completions
upbody 1 {"model":"gpt","messages":[]}
post 2 /openrouter/v6/chat/completions {"model":"","messages":[]}
expect 2 "\"param\":\"model\""

scenario p: a model list as Anthropic's clients know it, page by page
header anthropic-version: 2023-06-01
get 1 /v1/models
expect 1 "HTTP/1.1 200 OK"
expect 1 "{\"data\":[{\"type\":\"model\",\"id\":\"loose\",\"display_name\":\"loose\",\"created_at\":\"2027-01-15T08:16:40.000Z\"},"
expect 1 "],\"has_more\":false,\"first_id\":\"loose\",\"last_id\":\"claude\"}"
header anthropic-version: 2023-06-01
get 2 /anthropic/v1/models?limit=2&beta=true
expect 2 "\"id\":\"firm\""
never 2 "\"id\":\"same\""
expect 2 "],\"has_more\":true,\"first_id\":\"loose\",\"last_id\":\"firm\"}"
header anthropic-version: 2023-06-01
get 3 /v1/models?limit=2&after_id=vendor%2Fgpt
expect 3 "],\"has_more\":false,\"first_id\":\"claude\",\"last_id\":\"claude\"}"
header anthropic-version: 2023-06-01
get 4 /v1/models/claude
expect 4 "\r\n\r\n{\"type\":\"model\",\"id\":\"claude\","
header anthropic-version: 2023-06-01
get 5 /v1/models/none
expect 5 "HTTP/1.1 404 "
expect 5 "{\"type\":\"error\",\"error\":{\"type\":\"not_found_error\""

scenario p: a model list as Google's clients know it
get 1 /v1beta/models
expect 1 "{\"models\":[{\"name\":\"models/loose\",\"version\":\"001\",\"displayName\":\"loose\",\"supportedGenerationMethods\":[\"generateContent\",\"countTokens\"]},"
get 2 /gemini/v1beta/models?pageSize=1&pageToken=gpt
expect 2 "{\"models\":[{\"name\":\"models/vendor/gpt\""
expect 2 "],\"nextPageToken\":\"vendor/gpt\"}"
get 3 /v1beta/models/claude
expect 3 "\r\n\r\n{\"name\":\"models/claude\""
header x-goog-api-key: sk-root-key-000000001
get 4 /v1/models
expect 4 "{\"models\":[{\"name\":\"models/loose\""

scenario p: a model with a colon in its name is reached in Gemini's path
post 1 /v1beta/models/az/dep:8b:generateContent {"contents":[{"parts":[{"text":"hi"}]}]}
upstream 1 az
post 2 /v1beta/models/m:noSuchThing {}
expect 2 "HTTP/1.1 404 "
get 4 /v1beta/models/none
expect 4 "\"status\":\"NOT_FOUND\""

scenario p: no lists, no family: no path
conf routes = { models = "off"; openrouter = "off"; azure = "off"; };
get 1 /v1/models
expect 1 "HTTP/1.1 404 "
get 2 /v1beta/models/claude
expect 2 "HTTP/1.1 404 "
post 3 /openrouter/v6/chat/completions {"model":"gpt"}
expect 3 "HTTP/1.1 404 "
post 4 /openai/deployments/dep/chat/completions?api-version=1 {}
expect 4 "HTTP/1.1 404 "
attempts 0

scenario p: a WebSocket for the Responses API: use HTTP
header connection: Upgrade
header upgrade: websocket
get 1 /v1/responses
expect 1 "HTTP/1.1 426 "
expect 1 "\r\nupgrade: HTTP/1.1\r\nconnection: upgrade\r\n"
expect 1 "\"code\":\"upgrade_required\""
header connection: Upgrade
header upgrade: websocket
get 2 /openai/v1/responses
expect 2 "HTTP/1.1 426 "

scenario p: without that it is a method that the path has not
get 1 /v1/responses
expect 1 "HTTP/1.1 405 "

scenario p: HEAD of the root
head 1 /
expect 1 "HTTP/1.1 200 OK"

scenario p: tokens are estimated where nobody can count them
post 1 /v1/messages/count_tokens {"model":"gpt","messages":[{"role":"user","content":"hello world"}]}
expect 1 "HTTP/1.1 200 OK"
expect 1 "x-aigw-estimated: true\r\n"
expect 1 "\r\n\r\n{\"input_tokens\":17}"
post 2 /v1/responses/input_tokens {"model":"gpt","input":"hello world"}
expect 2 "\r\n\r\n{\"object\":\"response.input_tokens\",\"input_tokens\":10}"
post 3 /v1beta/models/gpt:countTokens {"contents":[]}
expect 3 "\r\n\r\n{\"totalTokens\":4}"
post 4 /v1/messages/count_tokens {"model":"none","messages":[]}
expect 4 "HTTP/1.1 404 "
attempts 0

scenario p: Gemini's older spelling
post 1 /gemini/v2/models/gpt/generateContent {"contents":[{"role":"user","parts":[{"text":"hi"}]}]}
upstream 1 oai
uptarget 1 /v1/chat/completions

scenario p: what would be lost is told, or refused where the group is strict
post 1 /v1/chat/completions {"model":"loose","seed":7,"max_tokens":9,"messages":[{"role":"user","content":"hi"}]}
upstream 1 ant
post 2 /v1/chat/completions {"model":"firm","seed":7,"max_tokens":9,"messages":[{"role":"user","content":"hi"}]}
expect 2 "HTTP/1.1 400 "
expect 2 "its group is strict"
expect 2 "\"param\":\"seed\""
post 3 /v1/chat/completions {"model":"same","seed":7,"unknown":1,"messages":[]}
upstream 2 oai
attempts 2

config q
listen = ( { address = "127.0.0.1:8080"; } );
auth = { required = false; };
routes = { gemini = "off"; };
providers = ( { id = "mis"; dialect = "mistral"; base_url = "http://mis.test"; keys = ( "key-mis" ); models = ( "cod" ); },
{ id = "oai"; dialect = "openai"; base_url = "http://oai.test"; keys = ( "key-oai" ); models = ( "gpt" ); } );
end

scenario q: to fill in the middle is for Mistral's servers
post 1 /mistral/v1/fim/completions {"model":"cod","prompt":"x","suffix":"y"}
upstream 1 mis
uptarget 1 /v1/fim/completions
upbody 1 {"model":"cod","prompt":"x","suffix":"y"}
post 2 /mistral/v1/fim/completions {"model":"gpt","prompt":"x"}
expect 2 "HTTP/1.1 400 "
attempts 1

scenario q: a family that is off has no path, even below a list
post 1 /v1/models/gpt:generateContent {"contents":[]}
expect 1 "HTTP/1.1 404 "
post 2 /v1/models/gpt {}
expect 2 "HTTP/1.1 405 "
attempts 0

scenario q: what a model takes, told in slices
get 1 /v1/capabilities?limit=1
expect 1 "HTTP/1.1 200 OK"
expect 1 "{\"object\":\"list\",\"data\":[{\"id\":\"cod\",\"group\":false,\"strict\":false,\"targets\":[{\"provider\":\"mis\",\"model\":\"cod\",\"dialect\":\"mistral\""
expect 1 "\"tools\":true,\"images\":true,"
expect 1 "\"mistral\":{\"form\":\"native\"}"
expect 1 "],\"has_more\":true,\"last\":\"cod\"}"
attempts 0
