# Streams: how they begin, what is asked of them, and every way to end.
config e
listen = ( { address = "127.0.0.1:8080"; } );
auth = { required = false; };
providers = (
{ id = "alpha"; dialect = "openai"; base_url = "http://alpha.test"; keys = ( "key-a1" ); models = ( "m" );
price = { input = 1.0; output = 2.0; reasoning = 3.0; unit = "per_million_tokens"; }; },
{ id = "beta"; dialect = "openai"; base_url = "http://beta.test"; keys = ( "key-b1" ); models = ( "b" ); },
{ id = "quiet"; dialect = "openai"; base_url = "http://quiet.test"; keys = ( "key-q1" ); models = ( "q" );
usage_in_streams = "leave"; },
{ id = "mist"; dialect = "mistral"; base_url = "http://mist.test"; keys = ( "key-m1" ); models = ( "mi" ); },
{ id = "drains"; dialect = "openai"; base_url = "http://drains.test"; keys = ( "key-d1" ); models = ( "d" );
on_disconnect = "drain"; } );
groups = ( { name = "g"; targets = (
{ provider = "alpha"; model = "m"; }, { provider = "beta"; model = "m"; priority = 2; } ); } );
end

scenario e: a stream is asked for by the body, the query, or the Accept of a chat
post 1 /v1/chat/completions?stream=true {"model":"q"}
upbody 1 {"stream":true,"model":"q"}
header accept: text/event-stream
post 2 /v1/chat/completions {"model":"q"}
upbody 2 {"stream":true,"model":"q"}
header accept: text/event-stream
post 3 /v1/chat/completions {"model":"q","stream":false}
upbody 3 {"model":"q","stream":false}
first 3 0s
post 4 /v1/chat/completions?stream=true {"model":"q","stream":false}
upbody 4 {"model":"q","stream":true}
header accept: text/event-stream
post 5 /v1/embeddings {"model":"q","input":"x"}
upbody 5 {"model":"q","input":"x"}

scenario e: usage is not asked for where that is switched off, and is estimated
post 1 /v1/chat/completions {"model":"q","stream":true}
upbody 1 {"model":"q","stream":true}
answer 1 200 sse -
bytes 1 "data: {\"choices\":[{\"delta\":{\"content\":\"12345678\"}}]}\n\ndata: [DONE]\n\n"
end 1 ok
record input=7 output=2 flags=stream,estimated,unpriced

scenario e: nor of a dialect that does not know the question
post 1 /mistral/v1/chat/completions {"model":"mi","stream":true}
upbody 1 {"model":"mi","stream":true}
answer 1 200 sse -
bytes 1 "data: {\"choices\":[{\"delta\":{\"content\":\"x\"}}],\"usage\":{\"prompt_tokens\":4,\"completion_tokens\":1}}\n\ndata: [DONE]\n\n"
end 1 ok
expect 1 "\"prompt_tokens\":4"
record input=4 output=1

scenario e: usage that comes with content is not withheld, but counted
post 1 /v1/chat/completions {"model":"m","stream":true}
answer 1 200 sse -
bytes 1 "data: {\"choices\":[{\"delta\":{\"content\":\"x\"}}],\"usage\":{\"prompt_tokens\":4,\"completion_tokens\":1}}\n\n"
bytes 1 "data: {\"choices\":[{\"delta\":{\"content\":\"y\"}}],\"usage\":{\"prompt_tokens\":4,\"completion_tokens\":2}}\n\ndata: [DONE]\n\n"
end 1 ok
expect 1 "\"completion_tokens\":1"
expect 1 "\"completion_tokens\":2"
record input=4 output=2

scenario e: thoughts have their price
post 1 /v1/chat/completions {"model":"alpha/m","stream":true}
answer 1 200 sse -
bytes 1 "data: {\"choices\":[{\"delta\":{\"content\":\"x\"}}]}\n\ndata: {\"choices\":[],\"usage\":{\"prompt_tokens\":10,\"completion_tokens\":9,\"completion_tokens_details\":{\"reasoning_tokens\":4}}}\n\ndata: [DONE]\n\n"
end 1 ok
record input=10 output=9 cost=32000000

scenario e: a call of a tool is content, and so are a refusal and a thought
post 1 /v1/chat/completions {"model":"m","stream":true}
answer 1 200 sse -
bytes 1 "data: {\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\n"
nothing 1
bytes 1 "data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,\"function\":{\"name\":\"f\",\"arguments\":\"\"}}]}}]}\n\n"
expect 1 "tool_calls"
post 2 /v1/chat/completions {"model":"m","stream":true}
answer 2 200 sse -
bytes 2 "data: {\"choices\":[{\"delta\":{\"refusal\":\"no\"}}]}\n\n"
expect 2 "refusal"
post 3 /v1/chat/completions {"model":"m","stream":true}
answer 3 200 sse -
bytes 3 "data: {\"choices\":[{\"delta\":{\"reasoning_content\":\"hm\"}}]}\n\n"
expect 3 "reasoning_content"

scenario e: a stream that says nothing but its reason to finish is an answer
post 1 /v1/chat/completions {"model":"g","stream":true}
answer 1 200 sse -
bytes 1 "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n"
end 1 ok
expect 1 "finish_reason"
expect 1 "[DONE]"
attempts 1

scenario e: so is one that is only its end mark
post 1 /v1/chat/completions {"model":"g","stream":true}
answer 1 200 sse -
bytes 1 "data: [DONE]\n\n"
end 1 ok
expect 1 "HTTP/1.1 200 OK\r\n"
expect 1 "data: [DONE]\n\n\r\n0\r\n\r\n"
attempts 1

scenario e: a provider that answers a stream's request with JSON is relayed as JSON
post 1 /v1/chat/completions {"model":"alpha/m","stream":true}
whole 1 200 {"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":1}}
expect 1 "content-type: application/json\r\n"
expect 1 "{\"choices\":[]"
open 1
record input=3 output=1 flags=none

scenario e: a stream that nobody asked for is relayed as one, with its usage
post 1 /v1/chat/completions {"model":"m"}
answer 1 200 sse -
bytes 1 "data: {\"choices\":[{\"delta\":{\"content\":\"x\"}}]}\n\ndata: {\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":1}}\n\ndata: [DONE]\n\n"
end 1 ok
expect 1 "content-type: text/event-stream\r\n"
expect 1 "prompt_tokens"
record input=3 output=1

scenario e: each way to break behind the first content is told in the stream
post 1 /v1/chat/completions {"model":"alpha/m","stream":true}
post 2 /v1/chat/completions {"model":"alpha/m","stream":true}
post 3 /v1/chat/completions {"model":"alpha/m","stream":true}
post 4 /v1/chat/completions {"model":"alpha/m","stream":true}
answer 1 200 sse -
answer 2 200 sse -
answer 3 200 sse -
answer 4 200 sse -
bytes 1 "data: {\"choices\":[{\"delta\":{\"content\":\"x\"}}]}\n\n"
bytes 2 "data: {\"choices\":[{\"delta\":{\"content\":\"x\"}}]}\n\n"
bytes 3 "data: {\"choices\":[{\"delta\":{\"content\":\"x\"}}]}\n\n"
bytes 4 "data: {\"choices\":[{\"delta\":{\"content\":\"x\"}}]}\n\n"
end 1 truncated
expect 1 "data: {\"error\":{\"message\":\"the answer was cut short\",\"type\":\"server_error\",\"param\":null,\"code\":\"upstream_truncated\"}}\n\n\r\n0\r\n\r\n"
end 2 bad_body
expect 2 "the answer's body is malformed"
end 3 total_timeout
expect 3 "the answer took too long"
end 4 nomem
expect 4 "out of memory"
open 1
open 2
open 3
open 4
records 4
record status=200 flags=stream,estimated,truncated
attempts 4

scenario e: each way to break before the first content goes to the next target
post 1 /v1/chat/completions {"model":"g","stream":true}
answer 1 200 sse -
bytes 1 "data: {\"choices\":[{\"delta\":{\"role\":\"assistant\"}}]}\n\n"
end 1 truncated
upstream 2 beta
post 2 /v1/chat/completions {"model":"g","stream":true}
answer 3 200 sse -
end 3 bad_body
upstream 4 beta
nothing 1
nothing 2
fail 1
fail 2
cancelled 2
cancelled 4

scenario e: an error event behind content is relayed in its own words, and the stream is not whole
post 1 /v1/chat/completions {"model":"g","stream":true}
answer 1 200 sse -
bytes 1 "data: {\"choices\":[{\"delta\":{\"content\":\"x\"}}]}\n\ndata: {\"error\":{\"message\":\"their words\",\"code\":500}}\n\n"
end 1 ok
expect 1 "their words"
never 1 [DONE]
attempts 1
record status=200 flags=stream,estimated
counter aigw_requests_ok_total 1

scenario e: the beginning of an event that was cut is not shown
post 1 /v1/chat/completions {"model":"g","stream":true}
answer 1 200 sse -
bytes 1 "data: {\"choices\":[{\"delta\":{\"content\":\"whole\"}}]}\n\ndata: {\"choices\":[{\"delta\":{\"content\":\"half"
end 1 reset
expect 1 "whole"
expect 1 "data: {\"error\":"
never 1 half

scenario e: once the client has its 200 a JSON answer is an error event
post 1 /v1/chat/completions {"model":"alpha/m","stream":true}
wait 15s
expect 1 "HTTP/1.1 200 OK\r\n"
whole 1 200 {"choices":[]}
expect 1 "data: {\"error\":"
expect 1 "the answer is no stream"
open 1
record status=200 flags=stream,truncated,failed

scenario e: once the client has its 200 a key's fault is an error event too
post 1 /v1/chat/completions {"model":"alpha/m","stream":true}
wait 16s
whole 1 401 {}
expect 1 "data: {\"error\":"
expect 1 "upstream_auth"
expect 1 "0\r\n\r\n"
keyfaults 1
record status=200 flags=stream,truncated,failed

scenario e: a client that goes away after its early 200 is accounted for
post 1 /v1/chat/completions {"model":"alpha/m","stream":true}
wait 16s
expect 1 "keepalive"
fail 1
cancelled 1
record status=499 flags=stream,estimated,aborted,failed attempts=1 input=9
counter aigw_requests_aborted_total 1

scenario e: other paths than chat get no early 200
post 1 /v1/audio/speech {"model":"m","stream":true,"input":"x"}
wait 50s
nothing 1
alive 1

scenario e: a silence behind the head does not count twice
conf client = { commit_after = "0s"; };
post 1 /v1/chat/completions {"model":"g","stream":true}
wait 50s
answer 1 200 sse -
wait 9s
alive 1
wait 1s
cancelled 1
upstream 2 beta
wait 59s
alive 2

scenario e: a raw stream is kept alive between its events
post 1 /alpha/v1/messages {"stream":true}
answer 1 200 sse -
bytes 1 "data: a\n\n"
expect 1 "data: a\n\n"
wait 15s
expect 1 ": keepalive\n\n"

scenario e: a client that goes away from a drained answer leaves it to its usage
post 1 /v1/chat/completions {"model":"d"}
answer 1 200 json -
bytes 1 "{\"choices\":[],"
fail 1
alive 1
bytes 1 "\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":2}}"
end 1 ok
record input=5 output=2 flags=aborted,unpriced
counter aigw_requests_aborted_total 1

scenario e: a drained answer that breaks is estimated
post 1 /v1/chat/completions {"model":"d","stream":true}
answer 1 200 sse -
bytes 1 "data: {\"choices\":[{\"delta\":{\"content\":\"12345678\"}}]}\n\n"
fail 1
end 1 reset
record status=200 output=2 flags=stream,estimated,aborted,truncated,unpriced

scenario e: a completion's text is content as a chat's is
post 1 /v1/completions {"model":"g","stream":true,"prompt":"p"}
uptarget 1 /v1/completions
answer 1 200 sse -
bytes 1 "data: {\"choices\":[{\"text\":\"\"}]}\n\n"
nothing 1
bytes 1 "data: {\"choices\":[{\"text\":\"hello\"}]}\n\n"
expect 1 "hello"

scenario e: comments and pings of the provider pass, and are no content
post 1 /v1/chat/completions {"model":"g","stream":true}
answer 1 200 sse -
bytes 1 ": processing\n\nevent: ping\ndata: {}\n\n"
nothing 1
bytes 1 "data: {\"choices\":[{\"delta\":{\"content\":\"x\"}}]}\n\n"
expect 1 ": processing\n\nevent: ping\ndata: {}\n\n"

scenario e: bytes behind the end mark change nothing
post 1 /v1/chat/completions {"model":"m","stream":true}
answer 1 200 sse -
bytes 1 "data: {\"choices\":[{\"delta\":{\"content\":\"x\"}}]}\n\ndata: [DONE]\n\n"
expect 1 "[DONE]"
end 1 truncated
expect 1 "the answer was cut short"
open 1
