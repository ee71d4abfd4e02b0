# Azure's forms and its Responses API, for its servers and for others.
config z
listen = ( { address = "127.0.0.1:8080"; } );
auth = { required = false; };
providers = (
{ id = "az"; dialect = "azure"; base_url = "http://az.test";
keys = ( "key-az" ); models = ( "dep", "hear" ); api_version = "2026-01-01"; },
{ id = "azv1"; dialect = "azure"; base_url = "http://azv1.test"; api_path = "/openai/v1";
keys = ( "key-az1" ); models = ( "dep1" ); },
{ id = "oai"; dialect = "openai"; base_url = "http://oai.test";
keys = ( "key-oai" ); models = ( "gpt", "whisper" ); },
{ id = "ant"; dialect = "anthropic"; base_url = "http://ant.test";
keys = ( "key-ant" ); models = ( "claude" ); } );
groups = ( { name = "listen"; targets = ( { provider = "az"; model = "hear"; } ); },
{ name = "other"; targets = ( { provider = "oai"; model = "whisper"; } ); },
{ name = "think"; targets = ( { provider = "az"; model = "dep"; } ); } );
end

scenario z: a form goes to Azure as it is, its model is in the path
header content-type: multipart/form-data; boundary=XX
post 1 /openai/deployments/listen/audio/transcriptions?api-version=2025-01-01 "--XX\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nRIFF\r\n--XX--\r\n"
upstream 1 az
uptarget 1 /openai/deployments/hear/audio/transcriptions?api-version=2025-01-01
upheader 1 "api-key: key-az"
upheader 1 "content-type: multipart/form-data; boundary=XX\n"
upbody 1 "--XX\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nRIFF\r\n--XX--\r\n"
whole 1 200 {"text":"hi"}
expect 1 "{\"text\":\"hi\"}"
record group=listen model=listen upstream_model=hear status=200
header content-type: multipart/form-data; boundary=XX
post 2 /v1/deployments/hear/images/edits?api-version=2025-01-01 "--XX\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nelse\r\n--XX--\r\n"
uptarget 2 /openai/deployments/hear/images/edits?api-version=2025-01-01
upbody 2 "--XX\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nelse\r\n--XX--\r\n"

scenario z: for another server the model becomes a field of the form
header content-type: multipart/form-data; boundary=XX
post 1 /openai/openai/deployments/other/audio/translations?api-version=1 "\r\n--XX\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nRIFF\r\n--XX--\r\n"
upstream 1 oai
uptarget 1 /v1/audio/translations
upbody 1 "\r\n--XX\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nwhisper\r\n--XX\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nRIFF\r\n--XX--\r\n"
whole 1 200 {"text":"hi"}
record group=other model=other upstream_model=whisper
header content-type: multipart/form-data; boundary=XX
post 2 /openai/deployments/other/images/edits?api-version=1 "--XX\r\nContent-Disposition: form-data; name=\"prompt\"\r\n\r\nx\r\n--XX\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nelse\r\n--XX--\r\n"
upstream 2 oai
uptarget 2 /v1/images/edits
upbody 2 "--XX\r\nContent-Disposition: form-data; name=\"prompt\"\r\n\r\nx\r\n--XX\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nwhisper\r\n--XX--\r\n"
header content-type: multipart/form-data; boundary=XX
post 3 /openai/deployments/other/audio/transcriptions?api-version=1 "--XX\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\n\r\n--XX--\r\n"
upbody 3 "--XX\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nwhisper\r\n--XX--\r\n"

scenario z: a form of OpenAI's client at Azure
header content-type: multipart/form-data; boundary=XX
post 1 /v1/audio/transcriptions "--XX\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nhear\r\n--XX--\r\n"
upstream 1 az
uptarget 1 /openai/deployments/hear/audio/transcriptions?api-version=2026-01-01

scenario z: a form without parts, or without a version
header content-type: multipart/form-data; boundary=XX
post 1 /openai/deployments/hear/audio/transcriptions?api-version=1 "RIFF"
expect 1 "HTTP/1.1 400 "
expect 1 "the form does not begin with its boundary"
header content-type: multipart/form-data; boundary=XX
post 2 /openai/deployments/hear/audio/transcriptions "--XX\r\n\r\n--XX--\r\n"
expect 2 "HTTP/1.1 400 "
expect 2 "api-version is missing"
attempts 0

scenario z: the Responses API as Azure's client asks for it
post 1 /openai/responses?api-version=2025-03-01-preview {"model":"think","input":"hi"}
upstream 1 az
uptarget 1 /openai/responses?api-version=2025-03-01-preview
upheader 1 "api-key: key-az"
upbody 1 {"model":"dep","input":"hi"}
whole 1 200 {"object":"response","usage":{"input_tokens":3,"output_tokens":4}}
record provider=az model=think upstream_model=dep input=3 output=4
post 2 /openai/openai/responses?api-version=1 {"model":"gpt","input":"hi"}
upstream 2 oai
uptarget 2 /v1/responses
upbody 2 {"model":"gpt","input":"hi"}
post 3 /openai/responses?api-version=1 {"model":"claude","input":"hi"}
upstream 3 ant
uptarget 3 /v1/messages
post 4 /openai/responses?api-version=1 {"model":"dep1","input":"hi"}
upstream 4 azv1
uptarget 4 /openai/v1/responses
post 5 /openai/v1/responses {"model":"dep1","input":"hi"}
uptarget 5 /openai/v1/responses
post 6 /openai/v1/responses?api-version=preview {"model":"dep","input":"hi"}
uptarget 6 /openai/responses?api-version=2026-01-01
attempts 6

scenario z: without the version it is refused
post 1 /openai/responses {"model":"gpt","input":"hi"}
expect 1 "HTTP/1.1 400 "
expect 1 "api-version is missing"
post 2 /openai/responses/input_tokens?api-version= {"model":"gpt","input":"hi"}
expect 2 "HTTP/1.1 400 "
get 3 /openai/responses?api-version=1
expect 3 "HTTP/1.1 405 "
header connection: Upgrade
header upgrade: websocket
get 4 /openai/responses?api-version=1
expect 4 "HTTP/1.1 426 "
expect 4 "upgrade: HTTP/1.1\r\nconnection: upgrade\r\n"
attempts 0

scenario z: tokens are counted by who can
post 1 /openai/responses/input_tokens?api-version=1 {"model":"claude","input":"hi"}
uptarget 1 /v1/messages/count_tokens
whole 1 200 {"input_tokens":7}
expect 1 "{\"object\":\"response.input_tokens\",\"input_tokens\":7}"
post 2 /openai/responses/input_tokens?api-version=1 {"model":"dep","input":"hi"}
uptarget 2 /openai/responses/input_tokens?api-version=1
whole 2 404 {"error":{"code":"404","message":"Resource not found"}}
expect 2 "x-aigw-estimated: true\r\n"

# A provider of that name keeps what the family does not want.
config zz
listen = ( { address = "127.0.0.1:8080"; } );
auth = { required = false; };
providers = ( { id = "openai"; dialect = "openai"; base_url = "http://openai.test";
keys = ( "key-oai" ); models = ( "gpt" ); } );
end

scenario zz: a provider named openai has its raw path, unless the query has a version
post 1 /openai/responses {"model":"any","input":"hi"}
upstream 1 openai
uptarget 1 /v1/responses
whole 1 200 {}
record endpoint=raw
post 2 /openai/responses?api-version=1 {"model":"gpt","input":"hi"}
upstream 2 openai
uptarget 2 /v1/responses
post 3 /openai/responses?api-version=1 {"model":"any","input":"hi"}
expect 3 "HTTP/1.1 404 "
