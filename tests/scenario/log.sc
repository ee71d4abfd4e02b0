# Logs: one line for each request, one object for each failure, no secrets.
config l
listen = ( { address = "127.0.0.1:8080"; } );
auth = { required = false; };
client = { trusted_proxies = ( "10.0.0.0/8" ); };
providers = (
{ id = "alpha"; dialect = "openai"; base_url = "http://alpha.test"; keys = ( "key-a1" ); models = ( "m" );
price = { input = 1.0; output = 2.0; unit = "per_million_tokens"; }; },
{ id = "beta"; dialect = "openai"; base_url = "http://beta.test"; keys = ( "key-b1" ); models = ( "b" ); } );
groups = ( { name = "g"; targets = ( { provider = "alpha"; model = "m"; }, { provider = "beta"; model = "n"; priority = 2; } ); } );
keys = ( { name = "team \"x\""; secret = "sk-team"; rpm = 9; max_tokens = 1000000L; } );
end

scenario l: a request is one line with all that is known of it
connect 1 from 10.1.1.1
header x-forwarded-for: 203.0.113.77
header x-request-id: id-1
header user-agent: sdk "2"/1
header authorization: Bearer sk-team
post 1 /v1/chat/completions?x=1 {"model":"g"}
end 1 connect
wait 250ms
whole 2 200 {"usage":{"prompt_tokens":5,"completion_tokens":2}}
logged "{\"time\":\"2027-01-15T08:16:40.000Z\",\"request_id\":\"id-1\",\"client\":\"203.0.113.77\",\"key\":\"team \\\"x\\\"\",\"method\":\"POST\",\"path\":\"/v1/chat/completions\",\"status\":200,\"model\":\"g\",\"group\":\"g\",\"provider\":\"beta\",\"upstream_model\":\"n\",\"stream\":false,\"attempts\":2,\"bytes_in\":13,"
logged "\"input_tokens\":5,\"output_tokens\":2,\"cached_tokens\":0,\"estimated\":false,\"cost\":0.000075000,\"duration_ms\":250.000,\"first_byte_ms\":250.000,\"error\":\"\",\"limit\":\"\",\"admit_us\":1000000000,\"user_agent\":\"sdk \\\"2\\\"/1\"}\n"
api_lines 0

scenario l: neither a query nor a key nor a prompt stands in a log
header authorization: Bearer sk-team
post 1 /v1/chat/completions?key=sk-team {"model":"m","prompt":"my own words"}
whole 1 500 {"error":{"message":"you said: my own words, with key-a1"}}
logged "\"path\":\"/v1/chat/completions\","
api_lines 1
unlogged sk-team
unlogged "my own words"
unlogged key-a1

scenario l: the combined form is what tools of web servers read
conf log_format = "combined";
header authorization: Bearer sk-team
header referer: http://page.test/
header user-agent: curl/8
get 1 /v1/models
logged "127.0.0.1 - team \\\"x\\\" [15/Jan/2027:08:16:40 +0000] \"GET /v1/models HTTP/1.1\" 200 "
logged " \"http://page.test/\" \"curl/8\"\n"
send 2 "GET /healthz HTTP/1.0\r\n\r\n"
logged "127.0.0.1 - - [15/Jan/2027:08:16:40 +0000] \"GET /healthz HTTP/1.0\" 200 15 \"-\" \"\"\n"

scenario l: what was refused names its error, and the limit if it was one
header authorization: Bearer sk-team
refuse rpm 2s
get 1 /v1/models
logged "\"status\":429,"
logged "\"error\":\"rate\",\"limit\":\"rpm\",\"admit_us\":1000000000,"
get 1 /nowhere
logged "\"status\":404,"
logged "\"error\":\"no_path\",\"limit\":\"\",\"admit_us\":0,"
post 1 /v1/chat/completions {"model":
logged "\"status\":400,"
logged "\"error\":\"bad_json\""
api_lines 0

scenario l: in shadow the limit that would have refused is named
conf limits = { shadow = true; };
header authorization: Bearer sk-team
refuse rpm 2s
get 1 /v1/models
logged "\"status\":200,"
logged "\"limit\":\"rpm\","

scenario l: what could not be read as a request is a line too
send 1 "NONSENSE\r\n\r\n"
logged "\"method\":\"-\",\"path\":\"-\",\"status\":400,"
logged "\"error\":\"bad_request\""

scenario l: a client that went away is a 499
post 1 /v1/chat/completions {"model":"m"}
fail 1
logged "\"status\":499,"
logged "\"error\":\"client_gone\""
api_lines 0

scenario l: a failure tells each attempt, its outcome and its time, but not the provider's words
post 1 /v1/chat/completions {"model":"g"}
wait 20ms
end 1 reset
wait 30ms
whole 2 500 {"error":{"type":"server_error","code":"boom","message":"secret words"}}
api_logged "\"errorMessage\":\"all 2 attempts failed, the last at provider beta: HTTP 500, type server_error, code boom\",\"requestMethod\":\"POST\",\"requestUrl\":\"/v1/chat/completions\",\"apiKey\":\"\""
api_logged "attempt 1: provider alpha, model m, key 0: reset, 20 ms\\n    attempt 2: provider beta, model n, key 0: ok, HTTP 500, 30 ms"
api_logged "\"errorDetails\":{\"kind\":\"no_upstream\",\"status\":503,\"requestId\":\"req_"
api_logged "\"attempts\":[{\"provider\":\"alpha\",\"key\":0,\"outcome\":\"reset\",\"status\":0,\"model\":\"m\",\"why\":\"connection broke before an answer came\"},{\"provider\":\"beta\","
api_lines 1
unlogged "secret words"

scenario l: a stream that broke is a failure, though its status was 200
post 1 /v1/chat/completions {"model":"alpha/m","stream":true}
answer 1 200 sse -
bytes 1 "data: {\"choices\":[{\"delta\":{\"content\":\"x\"}}]}\n\n"
end 1 idle_timeout
api_logged "\"errorMessage\":\"silence inside the answer\""
api_logged "\"kind\":\"truncated\",\"status\":200"
logged "\"status\":200,"
logged "\"stream\":true,"
logged "\"estimated\":true,"
logged "\"error\":\"truncated\""

scenario l: a long path and a long name are cut, never the line
send 1 "GET /"
send 1 "abcdefgh" *200
send 1 " HTTP/1.1\r\nhost: x\r\n\r\n"
logged "\"path\":\"/abcdefgh"
logged "\",\"status\":404,"
logged "\"user_agent\":\"\"}\n"

scenario l: what could not be settled is answered, and left to the recorder
full broken
post 1 /v1/chat/completions {"model":"m"}
whole 1 200 {"usage":{"prompt_tokens":5,"completion_tokens":2}}
expect 1 "HTTP/1.1 200 OK"
records 0
logged "\"input_tokens\":5,\"output_tokens\":2,"

scenario l: a client that is gone before it could be admitted is not asked for
rush 1 "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: 13\r\n\r\n{\"model\":\"m\"}"
attempts 0
records 0
logged "\"status\":499,"
cut 1

scenario l: the session that a program names is told, its agents too
header x-claude-code-session-id: 11-22
header x-claude-code-agent-id: a"1
header x-claude-code-parent-agent-id: a0
get 1 /healthz
logged "\"user_agent\":\"\",\"session\":\"11-22\",\"agent\":\"a\\\"1\",\"parent_agent\":\"a0\"}\n"

scenario l: the configuration's header for a session goes before a program's
conf session = { header = "X-Talk"; };
header session-id: codex
header x-talk: mine
get 1 /healthz
logged "\"user_agent\":\"\",\"session\":\"mine\"}\n"

scenario l: the session and its agents are accounted, as Claude Code names them
header x-claude-code-session-id: 0f1e2d3c-1111-2222-3333-444455556666
header X-Claude-Code-Agent-Id: a1b2
header x-claude-code-parent-agent-id: a0
post 1 /v1/chat/completions {"model":"m"}
whole 1 200 {}
record session=0f1e2d3c-1111-2222-3333-444455556666 agent=a1b2 parent=a0

scenario l: a session is accounted as Codex names it, new and old, and others do
header session-id: new
header session_id: old
header x-session-affinity: least
post 1 /v1/chat/completions {"model":"m"}
whole 1 200 {}
record session=new agent= parent=
header session_id: old
header conversation_id: talk
post 1 /v1/chat/completions {"model":"m"}
whole 2 200 {}
record session=old
header conversation_id: talk
post 1 /v1/chat/completions {"model":"m"}
whole 3 200 {}
record session=talk
header x-session-affinity: least
post 1 /v1/chat/completions {"model":"m"}
whole 4 200 {}
record session=least

scenario l: session.header goes before a program's, its default is x-session-id
header x-claude-code-session-id: theirs
header x-session-id: ours
post 1 /v1/chat/completions {"model":"m"}
whole 1 200 {}
record session=ours

scenario l: what names no session is of none: empty, near misses, an agent alone
header session-id:
header session_ids: a
header x-claude-code-agent-id: a1
post 1 /v1/chat/completions {"model":"m"}
whole 1 200 {}
record session=none
logged "\"agent\":\"a1\""

scenario l: odd ids are accounted by their hash, long ones too, never cut
header session-id: (other)
header x-claude-code-agent-id: a b
post 1 /v1/chat/completions {"model":"m"}
whole 1 200 {}
record session=sha256:fea5267d7f4b91b7c74d2e4abb947e0d agent=sha256:c8687a08aa5d6ed2044328fa6a697ab8
header session-id: 01234567890123456789012345678901234567890123456789012345678901234
post 1 /v1/chat/completions {"model":"m"}
whole 2 200 {}
record session=sha256:52774b57c10e45040a61c14d35c1c8eb
