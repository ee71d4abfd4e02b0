# Families and parts of the interface that are switched off.
config off
listen = ( { address = "127.0.0.1:8080"; } );
auth = { required = false; };
routes = { openai = "off"; anthropic = "off"; gemini = "off"; groq = "off"; mistral = "off"; azure = "off"; ollama = "off"; openrouter = "off"; unified = "off"; models = "off"; info = "off"; };
providers = (
{ id = "openai"; dialect = "openai"; base_url = "http://oai.test";
keys = ( "key-oai" ); models = ( "m" ); },
{ id = "anthropic"; dialect = "anthropic"; base_url = "http://ant.test";
keys = ( "key-ant" ); models = ( "m" ); },
{ id = "gemini"; dialect = "gemini"; base_url = "http://gem.test";
keys = ( "key-gem" ); models = ( "m" ); },
{ id = "groq"; dialect = "groq"; base_url = "http://gro.test";
keys = ( "key-gro" ); models = ( "m" ); },
{ id = "mistral"; dialect = "mistral"; base_url = "http://mis.test";
keys = ( "key-mis" ); models = ( "m" ); },
{ id = "ollama"; dialect = "ollama"; base_url = "http://oll.test";
keys = ( "key-oll" ); models = ( "m" ); },
{ id = "openrouter"; dialect = "openai"; base_url = "http://orr.test";
keys = ( "key-orr" ); models = ( "m" ); } );
end

config gone
listen = ( { address = "127.0.0.1:8080"; } );
auth = { required = false; };
routes = { openai = "off"; anthropic = "off"; gemini = "off"; groq = "off"; mistral = "off"; azure = "off"; ollama = "off"; openrouter = "off"; unified = "off"; models = "off"; info = "off"; platforms = "off"; };
providers = (
{ id = "other"; dialect = "openai"; base_url = "http://other.test";
keys = ( "key-oth" ); models = ( "m" ); } );
end

scenario off: the prefix of a family belongs to the provider of that name
post 1 /openai/v1/chat/completions {"model":"m!"}
upstream 1 openai
uptarget 1 /v1/chat/completions
upbody 1 {"model":"m!"}
post 2 /anthropic/v1/messages {"model":"m!"}
upstream 2 anthropic
uptarget 2 /v1/messages
upbody 2 {"model":"m!"}
post 3 /gemini/v1beta/models/m:generateContent {"model":"m!"}
upstream 3 gemini
uptarget 3 /v1beta/models/m:generateContent
upbody 3 {"model":"m!"}
post 4 /groq/openai/v1/chat/completions {"model":"m!"}
upstream 4 groq
uptarget 4 /openai/v1/chat/completions
upbody 4 {"model":"m!"}
post 5 /mistral/v1/chat/completions {"model":"m!"}
upstream 5 mistral
uptarget 5 /v1/chat/completions
upbody 5 {"model":"m!"}
post 6 /openai/deployments/m/chat/completions?api-version=1 {"model":"m!"}
upstream 6 openai
uptarget 6 /v1/deployments/m/chat/completions?api-version=1
upbody 6 {"model":"m!"}
post 7 /ollama/api/chat {"model":"m!"}
upstream 7 ollama
uptarget 7 /api/chat
upbody 7 {"model":"m!"}
post 8 /openrouter/v6/chat/completions {"model":"m!"}
upstream 8 openrouter
uptarget 8 /v1/v6/chat/completions
upbody 8 {"model":"m!"}
post 9 /openai/v1/models {"model":"m!"}
upstream 9 openai
uptarget 9 /v1/models
upbody 9 {"model":"m!"}

scenario off: paths without such a prefix are unknown
post 1 /v1/chat/completions {"model":"m"}
expect 1 "HTTP/1.1 404 "
post 1 /v1/messages {"model":"m"}
expect 1 "HTTP/1.1 404 "
post 1 /v1/responses {"model":"m"}
expect 1 "HTTP/1.1 404 "
post 1 /v1beta/models/m:generateContent {"model":"m"}
expect 1 "HTTP/1.1 404 "
post 1 /v1/models/m:generateContent {"model":"m"}
expect 1 "HTTP/1.1 404 "
post 1 /v1/deployments/m/chat/completions?api-version=1 {"model":"m"}
expect 1 "HTTP/1.1 404 "
post 1 /v1/chat {"model":"m"}
expect 1 "HTTP/1.1 404 "
get 1 /v1/models
expect 1 "HTTP/1.1 404 "
get 1 /info
expect 1 "HTTP/1.1 404 "
get 1 /routes
expect 1 "HTTP/1.1 404 "
attempts 0

scenario gone: without such a provider all of it is unknown
post 1 /openai/v1/chat/completions {"model":"m"}
expect 1 "HTTP/1.1 404 "
post 1 /anthropic/v1/messages {"model":"m"}
expect 1 "HTTP/1.1 404 "
post 1 /gemini/v1beta/models/m:generateContent {"model":"m"}
expect 1 "HTTP/1.1 404 "
post 1 /groq/openai/v1/chat/completions {"model":"m"}
expect 1 "HTTP/1.1 404 "
post 1 /mistral/v1/chat/completions {"model":"m"}
expect 1 "HTTP/1.1 404 "
post 1 /openai/deployments/m/chat/completions?api-version=1 {"model":"m"}
expect 1 "HTTP/1.1 404 "
post 1 /ollama/api/chat {"model":"m"}
expect 1 "HTTP/1.1 404 "
post 1 /openrouter/v6/chat/completions {"model":"m"}
expect 1 "HTTP/1.1 404 "
post 1 /openai/v1/models {"model":"m"}
expect 1 "HTTP/1.1 404 "
post 1 /other/v1/chat/completions {"model":"m"}
expect 1 "HTTP/1.1 404 "
get 1 /healthz
expect 1 "HTTP/1.1 200 OK"
get 1 /
expect 1 "HTTP/1.1 200 OK"
attempts 0
